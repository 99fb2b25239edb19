"""Runs of the schedules: each tick once over all processes, and what became of it (DESIGN.md section 6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, func, select, update

from vtexmon.core.records import ScheduleRunRecord
from vtexmon.store import audit
from vtexmon.store.engines import insert_new, insert_once, put
from vtexmon.store.models import ScheduleControl
from vtexmon.store.rows import RUN_COLUMNS, SCHEDULE_RUN, as_run

CONTROL: Table = ScheduleControl.__table__  # type: ignore[attr-defined]

RUNNING, DONE, FAILED, MISSED, SKIPPED = "running", "done", "failed", "missed", "skipped"
HELD = "held"
"""It ran, and left something for a person to confirm."""


def begin(connection: Connection, schedule: str, due_at: datetime, now: datetime, who: str) -> int | None:
    """Take a tick: the run's id for the one process that inserted it, None for all others."""
    row = {
        "schedule": schedule,
        "due_at": due_at,
        "started_at": now,
        "finished_at": None,
        "outcome": RUNNING,
        "summary": "",
        "started_by": who,
    }
    return insert_once(connection, SCHEDULE_RUN, row)


def note(connection: Connection, schedule: str, due_at: datetime, outcome: str, summary: str, who: str) -> None:
    """Write down a tick that did not run (missed, skipped), unless somebody ran it."""
    row = {
        "schedule": schedule,
        "due_at": due_at,
        "started_at": None,
        "finished_at": None,
        "outcome": outcome,
        "summary": summary,
        "started_by": who,
    }
    insert_new(connection, SCHEDULE_RUN, [row])


def finish(connection: Connection, run_id: int, outcome: str, summary: str, now: datetime) -> None:
    """Write what became of a run."""
    values = {"outcome": outcome, "summary": summary, "finished_at": now}
    connection.execute(update(SCHEDULE_RUN).where(SCHEDULE_RUN.c.id == run_id).values(**values))


def last_run(connection: Connection, schedule: str) -> ScheduleRunRecord | None:
    """The newest run that really ran."""
    query = (
        select(*RUN_COLUMNS)
        .where(SCHEDULE_RUN.c.schedule == schedule, SCHEDULE_RUN.c.started_at.is_not(None))
        .order_by(SCHEDULE_RUN.c.due_at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else as_run(row)


def last_due(connection: Connection, schedule: str) -> datetime | None:
    """The newest tick that anybody wrote down."""
    query = select(func.max(SCHEDULE_RUN.c.due_at)).where(SCHEDULE_RUN.c.schedule == schedule)
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment


def recent(connection: Connection, schedule: str, limit: int = 20) -> list[ScheduleRunRecord]:
    """The newest runs and missed ticks."""
    query = (
        select(*RUN_COLUMNS)
        .where(SCHEDULE_RUN.c.schedule == schedule)
        .order_by(SCHEDULE_RUN.c.due_at.desc())
        .limit(limit)
    )
    return [as_run(row) for row in connection.execute(query)]


def count_not_run(connection: Connection, schedule: str, since: datetime) -> int:
    """How many ticks since a moment were missed or failed.

    One that was skipped, because the run before it was still at work, lost nothing; it is only listed.
    """
    query = select(func.count()).where(
        SCHEDULE_RUN.c.schedule == schedule,
        SCHEDULE_RUN.c.due_at >= since,
        SCHEDULE_RUN.c.outcome.in_((MISSED, FAILED)),
    )
    return int(connection.execute(query).scalar_one())


def pause(connection: Connection, name: str, until: datetime | None, now: datetime, who: str) -> None:
    """Stop a schedule until a time, or until somebody resumes it."""
    row = {"name": name, "paused_until": until, "paused_by": who, "paused_at": now}
    put(connection, CONTROL, row, key=("name",))
    audit.write(connection, who, "schedule_paused", name, now)


def resume(connection: Connection, name: str, now: datetime, who: str) -> bool:
    """Let a schedule run again; False when it was not paused."""
    gone = connection.execute(CONTROL.delete().where(CONTROL.c.name == name))
    audit.write(connection, who, "schedule_resumed", name, now)
    return gone.rowcount > 0


def paused(connection: Connection, now: datetime) -> dict[str, datetime | None]:
    """The schedules that are paused now, with the end of the pause (None = until somebody resumes it)."""
    query = select(CONTROL.c.name, CONTROL.c.paused_until)
    return {name: until for name, until in connection.execute(query) if until is None or until > now}
