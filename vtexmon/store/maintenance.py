"""What is left behind and nobody needs: found by reading, removed in small transactions that check again.

Each ``Leftover`` is one table, its key and the condition. Logs that are old enough to go would be one more, with their
items and audit lines; payloads are swept by ``unused.py``. Finished bulk resends stay: they tell who resent what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, not_, or_, select, tuple_

from vtexmon.store.claims import SCOPE
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.rows import SCHEDULE_RUN
from vtexmon.store.sqlite_library import sqlite_driver, sqlite_warning
from vtexmon.store.workers import WORKER

DEAD_AFTER = timedelta(days=1)
"""An engine that was not seen for so long is gone; one that was only asleep says hello again."""

KEEP_RUNS = timedelta(days=90)
"""How long the runs of schedules are kept; the newest of each always is."""

LARGE_WAL_BYTES = 64 * 2**20
"""SQLite moves the log's pages every 4 MB; a larger log was held up by a long reader and stays as large as it got."""


@dataclass(frozen=True)
class Leftover:
    """Rows to be removed: what names one row, and the condition over the time.

    ``kept`` are those that stay all the same: asked when they are found, because it does not come back.
    """

    name: str
    table: Table
    key: tuple[ColumnElement[Any], ...]
    condition: Callable[[datetime], ColumnElement[bool]]
    kept: ColumnElement[bool] | None = None


def _dead_workers(now: datetime) -> ColumnElement[bool]:
    return WORKER.c.last_seen < now - DEAD_AFTER


def _scopes_of_nobody(_now: datetime) -> ColumnElement[bool]:
    """A command is a worker under the same name before it takes anything upon itself, and until it has let go."""
    return SCOPE.c.owner.not_in(select(WORKER.c.owner))


def _old_runs(now: datetime) -> ColumnElement[bool]:
    return SCHEDULE_RUN.c.due_at < now - KEEP_RUNS


def _newest_runs() -> ColumnElement[bool]:
    """The newest tick of each schedule, and the newest that really ran: the screen shows both."""
    newest = select(SCHEDULE_RUN.c.schedule, func.max(SCHEDULE_RUN.c.due_at)).group_by(SCHEDULE_RUN.c.schedule)
    tick = tuple_(SCHEDULE_RUN.c.schedule, SCHEDULE_RUN.c.due_at)
    return or_(tick.in_(newest), tick.in_(newest.where(SCHEDULE_RUN.c.started_at.is_not(None))))


LEFTOVERS = (
    Leftover("workers", WORKER, (WORKER.c.owner,), _dead_workers),
    Leftover("scopes", SCOPE, (SCOPE.c.owner, SCOPE.c.log_id), _scopes_of_nobody),
    Leftover("runs", SCHEDULE_RUN, (SCHEDULE_RUN.c.id,), _old_runs, kept=_newest_runs()),
)
"""In this order: the scopes of a worker go after it."""


def find(connection: Connection, leftover: Leftover, now: datetime, most: int) -> list[tuple[Any, ...]]:
    """The keys of rows to be removed, ``most`` at once."""
    query = select(*leftover.key).where(leftover.condition(now))
    if leftover.kept is not None:
        query = query.where(not_(leftover.kept))
    return [tuple(row) for row in connection.execute(query.limit(most))]


def remove(leftover: Leftover, connection: Connection, keys: Sequence[tuple[Any, ...]], now: datetime) -> int:
    """Remove those of them that are still to be removed; gives how many."""
    named = tuple_(*leftover.key).in_(keys)
    return connection.execute(leftover.table.delete().where(named, leftover.condition(now))).rowcount


def shrink_wal(database: Database, larger_than: int = LARGE_WAL_BYTES) -> bool:
    """Give SQLite's write-ahead log back to the disk where it has grown large; False when there was no need, or no way.

    Waits for nobody: while somebody reads an old state it is left for the next time. Not with a SQLite that can
    corrupt the file when a checkpoint meets a write (``sqlite_warning``).
    """
    path = sqlite_path(database.url.render_as_string(hide_password=False))
    wal = path.with_name(path.name + "-wal") if path else None
    if wal is None or not wal.exists() or wal.stat().st_size <= larger_than or sqlite_warning():
        return False
    with closing(sqlite_driver().connect(str(path), timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # nearly all of the work, in nobody's way
        busy, _pages, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
