"""Putting the parts together: from a configuration to a database at this program's schema, a source, and an operator.

The only module that knows which adapter a configuration means. Used by the command line and by the monitor's start.
"""

from __future__ import annotations

import grp
import os
import sys
from pathlib import Path

from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.config.access import role_of
from vtexmon.engine.commands import Operator
from vtexmon.errors import Refused, UsageError
from vtexmon.i18n import _
from vtexmon.sge.files import FilesSource
from vtexmon.sge.source import SgeSource
from vtexmon.store import migrate, workers
from vtexmon.store.database import Database, sqlite_path


def open_database(config: Config, clock: Clock) -> Database:
    """The configured database at this program's schema; made, with a line on stderr, where it does not exist.

    Raises ``UsageError`` for a newer schema and ``Refused`` when the database belongs to another stage.
    """
    path = sqlite_path(config.database_url)
    if path is not None and not path.exists():
        print(_("criando o banco de dados {0}").format(path), file=sys.stderr)  # noqa: T201
        _make_private(path)
    database = Database(config.database_url)
    try:
        migrate.upgrade(database, clock.now())
        _same_stage(config, database)
    except BaseException:
        database.close()
        raise
    return database


def _make_private(path: Path) -> None:
    """An empty file that only its owner reads: SQLite gives its journal the same mode. What was sent is in there."""
    if path.parent.is_dir():
        path.touch(mode=0o600)


def _same_stage(config: Config, database: Database) -> None:
    stages = {account.stage for account in config.accounts.values()}
    if len(stages) > 1:
        raise UsageError(
            _("as contas misturam ambientes ({0}); use um banco de dados e uma configuração por ambiente").format(
                ", ".join(sorted(stages))
            )
        )
    if not stages:
        return
    wanted = stages.pop()
    held = database.read(workers.stage) or database.write_now(lambda c: workers.claim_stage(c, wanted))
    if held != wanted:
        raise Refused(
            _("este banco de dados é de «{0}» e a configuração é de «{1}»; use outro banco de dados").format(
                held, wanted
            )
        )


def make_source(config: Config) -> SgeSource:
    """The source adapter of a configuration; raises ``UsageError`` for one that this version does not have."""
    if config.source_type != "files":
        raise UsageError(_("a origem «{0}» ainda não existe nesta versão; use «files»").format(config.source_type))
    return FilesSource(Path(config.source["path"]))


def operator(config: Config, read_only: bool = False) -> Operator:
    """The operating-system user with the rights that ``[access]`` gives them."""
    user = Operator.current()
    groups = [name for group in os.getgroups() if (name := _group_name(group))]
    return Operator(user.name, not read_only and role_of(config, user.name, groups) != "leitura")


def _group_name(group: int) -> str:
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return ""
