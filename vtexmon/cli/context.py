"""What every verb needs: how it was called, the configuration, the database, and who is asking.

``program`` and the store are imported inside the functions, because ``config`` and ``init`` work without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vtexmon.errors import Refused, Unreachable
from vtexmon.i18n import _, use_language

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from vtexmon.clock import Clock
    from vtexmon.config import Config
    from vtexmon.core.filters import Filter
    from vtexmon.engine.commands import Commands, Operator
    from vtexmon.store.database import Database


@dataclass(frozen=True)
class Invocation:
    """The global options of this call. ``config_path`` None = search, ``language`` empty = the configuration's."""

    config_path: Path | None = None
    json: bool = False
    language: str = ""
    read_only: bool = False


_current = Invocation()
_loaded: Config | None = None


def begin(invocation: Invocation) -> None:
    """Remember how the program was called."""
    global _current, _loaded
    _current, _loaded = invocation, None


def current() -> Invocation:
    """How the program was called."""
    return _current


def loaded_config() -> Config | None:
    """The configuration that this call has loaded, if it has (for the report of an unexpected failure)."""
    return _loaded


def load_config() -> Config:
    """The configuration in force, in the language asked for. Raises ``UsageError`` and ``ConfigurationError``."""
    global _loaded
    from vtexmon import config as configuration

    config = configuration.load(_current.config_path)
    if _current.language:
        config = replace(config, language=_current.language)
    use_language(config.language)
    _loaded = config
    return config


def clock() -> Clock:
    """The clock of the commands."""
    from vtexmon.clock import SystemClock

    return SystemClock()


@contextmanager
def database_of(config: Config) -> Iterator[Database]:
    """The configured database, open for the length of a block. Raises ``Unreachable`` when it cannot be, or is lost."""
    from sqlalchemy.exc import DBAPIError

    from vtexmon import program

    try:
        database = program.open_database(config, clock())
    except DBAPIError as error:
        raise Unreachable(_("o banco de dados não pôde ser aberto: {0}").format(_first_line(error))) from error
    try:
        yield database
    except DBAPIError as error:
        if not _is_lost(error):
            raise
        raise Unreachable(_("o banco de dados deixou de responder: {0}").format(_first_line(error))) from error
    finally:
        database.close()


def _is_lost(error: DBAPIError) -> bool:
    """Whether the server or the disk failed, and not a statement of ours: SQLite names both alike."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    environment = isinstance(error, InterfaceError | OperationalError)
    return environment and not _first_line(error).startswith(("no such ", "near "))


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else ""


def operator_of(config: Config) -> Operator:
    """Who is asking, with the rights that the configuration and ``--read-only`` leave."""
    from vtexmon import program

    return program.operator(config, _current.read_only)


def writer_of(config: Config) -> str:
    """The name of who is asking; raises ``Refused`` when they may only read."""
    operator = operator_of(config)
    if not operator.may_write:
        raise Refused(_("somente leitura: {0} não pode enviar nem alterar").format(operator.name))
    return operator.name


def commands_of(config: Config, database: Database) -> Commands:
    """The orders of who is asking, over this database, without an engine."""
    from vtexmon.engine.commands import Commands

    return Commands(config, database, clock(), operator_of(config))


def read_filter(text: str, config: Config) -> Filter:
    """A filter of the query language; raises ``UsageError`` naming what is wrong and what would be right."""
    from vtexmon.core.filter_syntax import FilterError, parse
    from vtexmon.errors import UsageError

    try:
        return parse(text, clock().now(), ZoneInfo(config.timezone))
    except FilterError as error:
        raise UsageError(_("filtro: {0}").format(error)) from None
