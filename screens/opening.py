"""From a configuration to a working session, and its end: what is slow and comes after the first frame.

Everything here runs outside the interface's loop. Storage, engine and source are imported inside the functions: they
take twice as long as the screen does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING, Final

from screens.view import View
from screens.widgets.rows import Direction
from vtexmon.clock import SystemClock
from vtexmon.config import Config
from vtexmon.engine.facts import Facts
from vtexmon.store.sqlite_library import file_of

if TYPE_CHECKING:
    from screens.list_reads import Page
    from screens.session import Session
    from vtexmon.store.sql import SqlConnection

PLAIN_TERMS = ("linux", "vt100")

FIRST_PAGE: Final = 60
"""Rows of the first page: more than any terminal shows."""


@dataclass(frozen=True)
class FirstRows:
    """The view that the monitor begins with, and its first page: None where only a session can tell what to show."""

    view: View
    page: Future[Page | None]


def read_first_rows(config: Config, view: View) -> FirstRows:
    """Begin to read the first page with the database's driver alone, beside the start of the screen."""
    from screens import list_reads
    from vtexmon.store import plain

    stage = next((account.stage for account in config.accounts.values()), None)
    found: Future[Page | None] = Future()

    def read() -> None:
        found.set_result(plain.read_if_ours(config.database_url, stage, page_of))

    def page_of(connection: SqlConnection) -> Page:
        return list_reads.page(connection, view, Direction.FIRST, None, FIRST_PAGE)

    Thread(target=read, name="vtexmon-first-rows", daemon=True).start()
    return FirstRows(view, found)


def open_session(config: Config, read_only: bool = False) -> Session:
    """Open the database at this program's schema; raises ``VtexmonError`` where that cannot be."""
    from screens.session import Session
    from vtexmon.engine.commands import Commands
    from vtexmon.program import open_database, operator

    clock = SystemClock()
    database = open_database(config, clock)
    commands = Commands(config, database, clock, operator(config, read_only))
    return Session(config, database, clock, commands, Facts(), ascii_only=ascii_only(os.environ))


def make_database_if_new(config: Config) -> None:
    """Make a database that does not exist before there is a screen: the line that names it belongs on stderr."""
    path = file_of(config.database_url)
    if path is not None and not os.path.exists(path):
        from vtexmon.program import open_database

        open_database(config, SystemClock()).close()


def ascii_only(environment: Mapping[str, str]) -> bool:
    """Whether the terminal's font is known to lack the signs."""
    return environment.get("TERM") in PLAIN_TERMS


def start_engine(session: Session) -> None:
    """Start the engine of this process; raises what keeps it from starting."""
    from vtexmon.engine.runtime import Engine, EngineOptions
    from vtexmon.program import make_source

    source = make_source(session.config)
    options = EngineOptions("monitor")
    engine = Engine(session.config, session.database, source, options, session.clock, session.facts)
    engine.start()
    session.engine = engine
    session.commands = replace(session.commands, engine=engine)


def close_session(session: Session) -> None:
    """Let the engine write down what is in flight, then let go of the database."""
    if session.engine is not None:
        session.engine.stop()
    session.database.close()
