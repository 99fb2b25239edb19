"""Orders to resend: a person's bulk with its members, and the schedules' turn (DESIGN.md section 4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal, not_, or_, select, update

from vtexmon.core.failures import FailureClass
from vtexmon.core.records import LogRecord, ResendProgress
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import (
    Phase,
    RecordState,
    ResendKind,
    RetryPolicy,
    Status,
    WaitReason,
    over_the_maximum,
)
from vtexmon.store import audit
from vtexmon.store.engines import skipping_locked
from vtexmon.store.filtering import where_selection
from vtexmon.store.models import BulkResend, BulkResendMember
from vtexmon.store.rows import LOG, as_log, select_logs

BULK: Table = BulkResend.__table__  # type: ignore[attr-defined]
MEMBER: Table = BulkResendMember.__table__  # type: ignore[attr-defined]

SKIPPED = "ignorado"

_SENDABLE = and_(LOG.c.status != Status.SUCCESS, LOG.c.phase.in_((Phase.IDLE, Phase.WAITING)))
"""``core/resend_plan.eligibility`` as a condition: held Erro, Cancelado and Pendente."""


def order(
    connection: Connection, selection: Explicit | Matching, described: str, note: str, now: datetime, who: str
) -> ResendProgress:
    """Order the resend of what is selected and may be sent: queued at once, before bulk work, under the person's name.

    Rows that are not eligible at this moment are not members. One statement each, so any number of rows is one order.
    """
    bulk_id = connection.execute(
        BULK.insert()
        .values(created_at=now, created_by=who, selection=described, note=note, stopped=False)
        .returning(BULK.c.id)
    ).scalar_one()
    chosen = select(literal(bulk_id), LOG.c.id).where(where_selection(connection, selection), _SENDABLE)
    # PostgreSQL: nobody may claim a member between this statement and the next ones, or it would be sent twice
    connection.execute(MEMBER.insert().from_select(["resend_id", "log_id"], chosen.with_for_update(of=LOG)))
    members = select(MEMBER.c.log_id).where(MEMBER.c.resend_id == bulk_id)
    queued: dict[str, Any] = {
        "phase": Phase.QUEUED,
        "wait_reason": None,
        "parent_key": None,
        "next_attempt_at": now,
        "due_at": now,
        "priority": 0,
        "resend_id": bulk_id,
        "updated_at": now,
        "updated_by": who,
    }
    mine = LOG.c.id.in_(members)
    resent = LOG.c.status.in_((Status.ERROR, Status.CANCELLED))
    connection.execute(update(LOG).where(mine, resent).values(**queued, resend_kind=ResendKind.MANUAL))
    connection.execute(update(LOG).where(mine, LOG.c.status == Status.PENDING).values(**queued))
    audit.write(connection, who, "resend", f"{bulk_id}: {described}" + (f" — {note}" if note else ""), now)
    return progress(connection, bulk_id)


def listed(connection: Connection, selection: Explicit | Matching, sent: bool, limit: int) -> list[LogRecord]:
    """The selected logs that ``order`` would take (``sent``), or those it would leave out; newest first."""
    wanted = _SENDABLE if sent else not_(_SENDABLE)
    statement = select_logs().where(where_selection(connection, selection), wanted)
    return [as_log(row) for row in connection.execute(statement.order_by(LOG.c.id.desc()).limit(limit))]


def progress(connection: Connection, bulk_id: int) -> ResendProgress:
    """How far a bulk resend is; raises ``LookupError`` for an unknown one."""
    bulk = connection.execute(select(BULK).where(BULK.c.id == bulk_id)).one_or_none()
    if bulk is None:
        raise LookupError(bulk_id)
    query = select(MEMBER.c.result, func.count()).where(MEMBER.c.resend_id == bulk_id).group_by(MEMBER.c.result)
    counts = {result: number for result, number in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy
    held = select(func.count()).where(
        LOG.c.resend_id == bulk_id,
        LOG.c.phase == Phase.WAITING,
        LOG.c.wait_reason.not_in((WaitReason.RETRY, WaitReason.LIMIT)),
        LOG.c.id.in_(select(MEMBER.c.log_id).where(MEMBER.c.resend_id == bulk_id, MEMBER.c.result.is_(None))),
    )
    return ResendProgress(
        id=bulk_id,
        total=sum(counts.values()),
        succeeded=counts.get(Status.SUCCESS.value, 0),
        failed=counts.get(Status.ERROR.value, 0),
        cancelled=counts.get(Status.CANCELLED.value, 0),
        skipped=counts.get(SKIPPED, 0),
        waiting=int(connection.execute(held).scalar_one()),
        note=bulk.note,
        created_at=bulk.created_at,
        created_by=bulk.created_by,
        stopped=bulk.stopped,
    )


def latest_unfinished(connection: Connection) -> int | None:
    """The newest bulk resend that still has members to be decided."""
    open_member = select(MEMBER.c.log_id).where(MEMBER.c.resend_id == BULK.c.id, MEMBER.c.result.is_(None)).exists()
    query = select(BULK.c.id).where(open_member).order_by(BULK.c.id.desc()).limit(1)
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def stop(connection: Connection, bulk_id: int, policy: RetryPolicy, now: datetime, who: str) -> int:
    """Take back what has not been claimed yet: those rows stay as they were, attempts unchanged.

    An Erro goes back to its automatic resends, where there are any; a Pendente stays due as its first send.
    """
    connection.execute(update(BULK).where(BULK.c.id == bulk_id).values(stopped=True))
    still_queued = and_(LOG.c.resend_id == bulk_id, LOG.c.phase.in_((Phase.QUEUED, Phase.WAITING)))
    undecided = select(MEMBER.c.log_id).where(MEMBER.c.resend_id == bulk_id, MEMBER.c.result.is_(None))
    resent = update(LOG).where(still_queued, LOG.c.id.in_(undecided), LOG.c.status != Status.PENDING)
    values = {"phase": Phase.IDLE, "wait_reason": None, "due_at": None, "next_attempt_at": None, "resend_kind": None}
    stopped = list(connection.execute(resent.values(**values).returning(LOG.c.id)).scalars())
    if policy.max_attempts is not None:
        retried = {"phase": Phase.WAITING, "wait_reason": WaitReason.RETRY, "next_attempt_at": now}
        errors = update(LOG).where(LOG.c.id.in_(stopped), LOG.c.status == Status.ERROR)
        connection.execute(errors.values(**retried))
    connection.execute(
        update(MEMBER).where(MEMBER.c.resend_id == bulk_id, MEMBER.c.log_id.in_(stopped)).values(result=SKIPPED)
    )
    audit.write(connection, who, "resend_stopped", f"{bulk_id}: {len(stopped)}", now)
    return len(stopped)


def take_automatic_turn(
    connection: Connection, policy: RetryPolicy, now: datetime, who: str, due_only: bool, limit: int = 5_000
) -> tuple[int, int]:
    """Queue the Erro whose automatic resend is due (all of them when ``due_only`` is False); gives (queued, cancelled).

    Nothing at all while the maximum is empty. An Erro at or above a lowered maximum becomes Cancelado here. The
    conditions say what ``core/status.may_resend_automatically`` decides, and a test compares the two.
    """
    if policy.max_attempts is None:
        return 0, 0
    resting = or_(LOG.c.phase == Phase.IDLE, and_(LOG.c.phase == Phase.WAITING, LOG.c.wait_reason == WaitReason.RETRY))
    errors = and_(LOG.c.is_open, LOG.c.status == Status.ERROR, resting)
    due = and_(errors, LOG.c.attempts < policy.max_attempts)
    if due_only:
        due = and_(due, LOG.c.next_attempt_at <= now)
    if policy.leave_data_errors:
        due = and_(due, func.coalesce(LOG.c.failure_class, "") != FailureClass.DATA.value)
    spent_ids = _first(connection, and_(errors, LOG.c.attempts >= policy.max_attempts), limit)
    due_ids = _first(connection, due, limit)
    over = over_the_maximum(RecordState(Status.ERROR, Phase.IDLE))
    turned = {"updated_at": now, "updated_by": who}
    at_rest = {"wait_reason": None, "next_attempt_at": None, "due_at": None, "resend_kind": None}
    _set(connection, spent_ids, status=over.status, phase=over.phase, **at_rest, **turned)
    queued = {"phase": Phase.QUEUED, "wait_reason": None, "next_attempt_at": now, "due_at": now, "priority": 1}
    _set(connection, due_ids, resend_kind=ResendKind.AUTOMATIC, resend_id=None, **queued, **turned)
    return len(due_ids), len(spent_ids)


def _first(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[int]:
    query = select(LOG.c.id).where(condition).order_by(LOG.c.id).limit(limit)
    return list(connection.execute(skipping_locked(connection, query)).scalars())


def _set(connection: Connection, ids: list[int], **values: Any) -> None:
    for start in range(0, len(ids), 500):
        connection.execute(update(LOG).where(LOG.c.id.in_(ids[start : start + 500])).values(**values))
