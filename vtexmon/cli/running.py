"""Running an engine for the length of a command, and waiting until what the command is about has come to rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import OperationalError

from vtexmon import program
from vtexmon.cli.output import say
from vtexmon.cli.progress import Progress
from vtexmon.config import Config
from vtexmon.core.formats import thousands
from vtexmon.core.status import Status
from vtexmon.engine.facts import EngineFailed, Fact
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.i18n import _
from vtexmon.store import settling, targets
from vtexmon.store.database import Database
from vtexmon.store.settling import Tally

POLL_SECONDS = 0.1
DATABASE_PATIENCE = 60.0
NOT_ALL_SUCCEEDED = 3
UNREACHABLE = 5


@contextmanager
def running_engine(config: Config, database: Database, options: EngineOptions, owner: str = "") -> Iterator[Engine]:
    """An engine for the length of a block; stopping it lets requests in flight end."""
    engine = Engine(config, database, program.make_source(config), options, owner=owner)
    engine.facts.listen(_tell_failure)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def _tell_failure(fact: Fact) -> None:
    if isinstance(fact, EngineFailed):
        say(_("motor: {0}").format(fact.message))


def words(tally: Tally) -> str:
    """``Sucesso 10 · Erro 2``."""
    counted = [f"{status.value} {thousands(tally.by_status[status])}" for status in Status if tally.by_status[status]]
    return " · ".join(counted) or _("nenhum registro")


def wait_until_settled(database: Database, members: Select[Any], limit: timedelta, label: str) -> bool:
    """Wait until nothing of ``members`` moves by itself any more; False when ``limit`` passed before.

    A database that does not answer is waited for, too, as the engine does; for ``DATABASE_PATIENCE`` at most.
    """
    deadline, progress = time.monotonic() + limit.total_seconds(), Progress()
    answered = time.monotonic()
    try:
        while time.monotonic() < deadline:
            try:
                if not database.read(lambda c: settling.unsettled(c, members)):
                    return True
                progress.show(lambda: f"{label}: {words(database.read(lambda c: settling.tally(c, members)))}")
                answered = time.monotonic()
            except OperationalError:
                if time.monotonic() - answered > DATABASE_PATIENCE:
                    raise
            time.sleep(POLL_SECONDS)
        return not database.read(lambda c: settling.unsettled(c, members))
    finally:
        progress.end()


def exit_code(database: Database, tally: Tally, settled: bool) -> int:
    """0, 3 or 5 (DESIGN.md section 8). What did not settle while VTEX is closed to us counts as unreachable."""
    if tally.unreachable or (not settled and _is_closed(database)):
        return UNREACHABLE
    return NOT_ALL_SUCCEEDED if tally.not_successful else 0


def _is_closed(database: Database) -> bool:
    reasons = {reason.value for reason in settling.UNREACHABLE}
    return any(state.closed_reason in reasons for state in database.read(targets.closed))


def counted(tally: Tally) -> dict[str, Any]:
    """``by_status`` and ``by_module`` as they are printed."""
    return {
        "by_status": {status.value: number for status, number in tally.by_status.items()},
        "by_module": {
            module: {status.value: number for status, number in counts.items()}
            for module, counts in tally.by_module.items()
        },
    }
