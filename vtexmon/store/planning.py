"""What an export needs to know and writes: which records changed since their last success, and new logs for them.

One open log per record is held by a unique index, so that two exports at once make one log (DESIGN.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update

from vtexmon.core.status import Phase, RecordState, ResendKind, Status, WaitReason
from vtexmon.store.engines import being_written, insert_new
from vtexmon.store.models import ExternalRecord
from vtexmon.store.rows import LOG
from vtexmon.store.sending import failure_columns, known_ids

EXTERNAL: Table = ExternalRecord.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class OpenLog:
    """The open log of a record, as far as an export looks at it."""

    id: int
    status: Status
    phase: Phase
    wait_reason: WaitReason | None
    source_hash: str
    source_changed: bool


@dataclass(frozen=True)
class Known:
    """What is known of one record before planning it; ``missing`` = the source was without it before, and noted so."""

    external_id: str | None
    success_hash: str | None
    open_log: OpenLog | None
    missing: bool = False


@dataclass(frozen=True)
class NewLog:
    """A log to be made. ``born`` set = it begins in that state, an Erro (the source's own row cannot be sent).

    ``parents`` are record keys in order; the log waits for the first that has no external id yet.
    """

    record_key: str
    serial_key: str
    module: str
    feature: str
    company: int
    branch: int
    education_level: str
    account: str
    channel: str
    environment: str
    key_fields: str
    key_values: str
    key_folded: str
    source_hash: str
    search_text: str
    external_id: str | None
    parents: tuple[str, ...] = ()
    born: RecordState | None = None


def known_records(connection: Connection, modules: Iterable[str]) -> dict[str, Known]:
    """All records of these modules that VTEX is known to hold or that have an open log, by record key."""
    names = list(modules)
    open_query = select(
        LOG.c.record_key,
        LOG.c.id,
        LOG.c.status,
        LOG.c.phase,
        LOG.c.wait_reason,
        LOG.c.source_hash,
        LOG.c.source_changed,
    ).where(LOG.c.is_open, LOG.c.module.in_(names))
    open_logs = {row[0]: OpenLog(*row[1:]) for row in connection.execute(open_query)}
    query = select(
        EXTERNAL.c.record_key, EXTERNAL.c.external_id, EXTERNAL.c.success_hash, EXTERNAL.c.missing_since
    ).where(EXTERNAL.c.module.in_(names))
    known = {
        key: Known(external_id, success, open_logs.get(key), missing_since is not None)
        for key, external_id, success, missing_since in connection.execute(query)
    }
    for key, log in open_logs.items():
        known.setdefault(key, Known(None, None, log))
    return known


def note_missing(connection: Connection, record_keys: Sequence[str], since: datetime | None) -> None:
    """Note that the source is without these records since then, or (None) that it has them again."""
    for start in range(0, len(record_keys), 500):
        keys = record_keys[start : start + 500]
        connection.execute(update(EXTERNAL).where(EXTERNAL.c.record_key.in_(keys)).values(missing_since=since))


def create_logs(connection: Connection, logs: Sequence[NewLog], now: datetime, who: str) -> list[int]:
    """Make the logs whose record has no open one; gives the open log's id of each, in order, made now or before."""
    parents = {parent for log in logs for parent in log.parents}
    unsettled = being_written(connection, parents)
    ready = known_ids(connection, sorted(parents)).keys() | unsettled  # a claim looks again at what is unsettled
    rows = [_row(log, ready, now, who) for log in logs]
    insert_new(connection, LOG, rows)
    keys = [log.record_key for log in logs]
    query = select(LOG.c.record_key, LOG.c.id).where(LOG.c.is_open, LOG.c.record_key.in_(keys))
    found = {row.record_key: row.id for row in connection.execute(query)}
    return [found[key] for key in keys if key in found]


def _row(log: NewLog, ready: Set[str], now: datetime, who: str) -> dict[str, Any]:
    missing = next((parent for parent in log.parents if parent not in ready), None)
    state = log.born or _first_send(missing, now)
    columns = {name: value for name, value in vars(log).items() if name not in ("parents", "born")}
    return {
        **columns,
        **failure_columns(state.failure),
        "status": state.status,
        "phase": state.phase,
        "wait_reason": state.wait_reason,
        "parent_key": missing if state.wait_reason is WaitReason.PARENT else None,
        "due_at": now if state.phase is Phase.QUEUED else None,
        "next_attempt_at": state.next_attempt_at,
        "attempts": state.attempts,
        "priority": 1,
        "source_changed": False,
        "is_open": True,
        "epoch": 0,
        "not_found": 0,
        "unreadable": 0,
        "repeated": False,
        "created_at": now,
        "updated_at": now,
        "created_by": who,
        "updated_by": who,
    }


def _first_send(missing_parent: str | None, now: datetime) -> RecordState:
    if missing_parent is not None:
        return RecordState(Status.PENDING, Phase.WAITING, wait_reason=WaitReason.PARENT)
    return RecordState(Status.PENDING, Phase.QUEUED, next_attempt_at=now)


def mark_source_changed(
    connection: Connection, log_id: int, source_hash: str, due_now: bool, now: datetime, who: str
) -> None:
    """The source changed under an open log that is at rest: *fonte alterada*; an Erro is due at once if ``due_now``.

    The automatic resend spends an attempt as any other (DESIGN.md section 4).
    """
    values: dict[str, Any] = {
        "source_changed": True,
        "source_hash": source_hash,
        "updated_at": now,
        "updated_by": who,
    }
    at_rest = LOG.c.phase.in_((Phase.IDLE, Phase.WAITING))
    connection.execute(update(LOG).where(LOG.c.id == log_id, LOG.c.is_open, at_rest).values(**values))
    if not due_now:
        return
    retrying = (LOG.c.wait_reason == WaitReason.RETRY) | (LOG.c.phase == Phase.IDLE)
    connection.execute(
        update(LOG)
        .where(LOG.c.id == log_id, LOG.c.status == Status.ERROR, at_rest, retrying)
        .values(
            phase=Phase.QUEUED,
            wait_reason=None,
            resend_kind=ResendKind.AUTOMATIC,
            next_attempt_at=now,
            due_at=now,
        )
    )
