"""What an attempt writes down: the intent before a request, its answer, and the state the attempt leaves behind.

Each function is one part of a fenced transaction (``store/claims.py``); the dispatcher decides what goes together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, literal_column, select, update

from vtexmon.core.exchange import Answer, Request
from vtexmon.core.failures import Failure
from vtexmon.core.status import Phase, RecordState, ResendKind, Status, WaitReason
from vtexmon.store import claims, payloads, targets
from vtexmon.store.claims import Claim, LostClaim
from vtexmon.store.engines import being_written, put
from vtexmon.store.models import BulkResendMember, ExternalRecord
from vtexmon.store.rows import LOG, LOG_ITEM
from vtexmon.store.types import UtcTime

EXTERNAL: Table = ExternalRecord.__table__  # type: ignore[attr-defined]
MEMBER: Table = BulkResendMember.__table__  # type: ignore[attr-defined]

# Statements of every attempt are built once: building them costs more than running them.
_NEW_ITEM = LOG_ITEM.insert().returning(LOG_ITEM.c.id)
_COMPLETE = update(LOG_ITEM).where(LOG_ITEM.c.id == bindparam("item_id"), LOG_ITEM.c.completed_at.is_(None))
_WAKE = (
    update(LOG)
    .where(LOG.c.parent_key == bindparam("of_parent"), LOG.c.wait_reason == literal_column("'parent'"))
    .values(
        phase=Phase.QUEUED,
        wait_reason=None,
        parent_key=None,
        next_attempt_at=bindparam("at", type_=UtcTime),
        due_at=bindparam("at", type_=UtcTime),
    )
)
_KNOWN = select(EXTERNAL.c.record_key, EXTERNAL.c.external_id).where(
    EXTERNAL.c.record_key.in_(bindparam("record_keys", expanding=True)), EXTERNAL.c.external_id.is_not(None)
)


@dataclass(frozen=True)
class ItemResult:
    """What is known about a stored request: in words, and as VTEX answered. ``done`` False leaves the intent open.

    ``quiet`` is how long from now an open one may still be on its way; None = as long as was said when it was stored.
    """

    answer: Answer | None
    status: Status
    message: str
    done: bool = True
    quiet: timedelta | None = None


def record_intent(
    connection: Connection,
    claim: Claim,
    step: str,
    request: Request,
    sent: str | None,
    now: datetime,
    deadline: datetime,
) -> int:
    """Store a request as about to be sent; gives the item's id. Raises ``LostClaim`` when the log is no longer ours."""
    claims.still_ours(connection, claim)
    values = {
        **_item_values(connection, claim, step, request, sent, now),
        "status": Status.PENDING,
        "deadline_at": deadline,
    }
    return _insert_item(connection, values)


def record_read(
    connection: Connection, claim: Claim, step: str, request: Request, result: ItemResult, now: datetime
) -> int:
    """Store a read that decided something (a read-back, or the read that found all as it should be)."""
    claims.still_ours(connection, claim)
    values = {
        **_item_values(connection, claim, step, request, None, now),
        **_result_values(connection, result, now),
        "completed_at": now,
    }
    return _insert_item(connection, values)


def complete_item(connection: Connection, claim: Claim, item_id: int, result: ItemResult, now: datetime) -> None:
    """Write what became of a stored request; with ``result.done`` False it stays an open intent."""
    claims.still_ours(connection, claim)
    values = _result_values(connection, result, now)
    if result.done:
        values["completed_at"] = now
    elif result.quiet is not None:
        values["deadline_at"] = now + result.quiet
    if connection.execute(_COMPLETE, {**values, "item_id": item_id}).rowcount != 1:
        raise LostClaim(claim.log.id)


def _item_values(
    connection: Connection, claim: Claim, step: str, request: Request, sent: str | None, now: datetime
) -> dict[str, Any]:
    log = claim.log
    attempt = log.attempts + (0 if log.status is Status.PENDING else 1)
    return {
        "log_id": log.id,
        "attempt": attempt,
        "epoch": claim.epoch,
        "step": step,
        "method": request.method,
        "endpoint": request.target,
        "message": "",
        "sent_hash": payloads.store(connection, sent),
        "answered": False,
        "created_at": now,
        "updated_at": now,
    }


def _result_values(connection: Connection, result: ItemResult, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"status": result.status, "message": result.message, "updated_at": now}
    answer = result.answer
    if answer is not None:
        values |= {
            "http_status": answer.status,
            "duration_ms": answer.duration_ms,
            "request_id": answer.request_id,
            "failure_class": answer.failure.failure_class.value if answer.failure else None,
            "received_hash": payloads.store(connection, answer.text),
            "answered": answer.answered,
        }
    return values


def _insert_item(connection: Connection, values: dict[str, Any]) -> int:
    item_id: int = connection.execute(_NEW_ITEM, values).scalar_one()
    return item_id


def learn_external_id(connection: Connection, claim: Claim, external_id: str, now: datetime) -> None:
    """VTEX's id of the record became known: keep it and wake the children that wait for it."""
    claims.change(connection, claim, {"external_id": external_id})
    row = {
        "record_key": claim.record_key,
        "module": claim.log.module,
        "account": claim.log.account,
        "external_id": external_id,
        "updated_at": now,
    }
    put(connection, EXTERNAL, row, key=("record_key",))
    wake_children(connection, claim.record_key, now)


def wake_children(connection: Connection, record_key: str, now: datetime) -> None:
    """Logs that wait for this record are due now."""
    connection.execute(_WAKE, {"of_parent": record_key, "at": now})


def known_ids(connection: Connection, record_keys: list[str]) -> dict[str, str]:
    """External ids of the records that have one."""
    found = connection.execute(_KNOWN, {"record_keys": record_keys})
    return {row.record_key: row.external_id for row in found}


@dataclass(frozen=True)
class Aftermath:
    """What an attempt leaves behind: the state, the hash of what was wanted, and for a wait, the missing parent.

    ``external_id`` is VTEX's id where this attempt made it known. ``not_found``, ``unreadable`` and ``repeated`` carry
    the finding-out of an unknown outcome over to the next claim. ``keeps_failure``: nothing was tried, what is told of
    the last failure stands.
    """

    state: RecordState
    wanted_hash: str | None = None
    external_id: str | None = None
    parent_key: str | None = None
    not_found: int = 0
    unreadable: int = 0
    repeated: bool = False
    search_text: str | None = None
    keeps_failure: bool = False


def leave(connection: Connection, claim: Claim, after: Aftermath, now: datetime) -> None:
    """Write the state an attempt ends in and let go of the claim: log, what VTEX holds, bulk resend, children."""
    after = _unless_it_came_meanwhile(connection, claim, after, now)
    state = after.state
    failure = state.failure
    values: dict[str, Any] = {
        "status": state.status,
        "phase": state.phase,
        "wait_reason": state.wait_reason,
        "attempts": state.attempts,
        "next_attempt_at": state.next_attempt_at,
        "due_at": _due_at(state, after),
        "resend_kind": state.resend_kind,
        "parent_key": after.parent_key,
        "is_open": state.status is not Status.SUCCESS,
        "lease_owner": None,
        "lease_until": None,
        "not_found": after.not_found,
        "unreadable": after.unreadable,
        "repeated": after.repeated,
        "updated_at": now,
        "priority": 1,
    }
    # a wait leaves the words of the last failure standing
    if not after.keeps_failure and (failure is not None or state.phase is Phase.IDLE):
        values |= failure_columns(failure)
    if after.wanted_hash is not None:
        values |= {"source_hash": after.wanted_hash, "source_changed": False}
    if after.search_text is not None:
        values["search_text"] = after.search_text
    if after.external_id is not None:
        values["external_id"] = after.external_id
    claims.change(connection, claim, values)
    if state.status is Status.SUCCESS:
        _remember_success(connection, claim, after, now)
    if state.phase is Phase.IDLE or state.wait_reason is WaitReason.RETRY:
        _settle_member(connection, claim, state.status)


def _unless_it_came_meanwhile(connection: Connection, claim: Claim, after: Aftermath, now: datetime) -> Aftermath:
    """What the record is to wait for may have come since it was looked for; then nobody would wake it any more."""
    state, parent = after.state, after.parent_key
    if parent is not None:
        if being_written(connection, [parent]) or known_ids(connection, [parent]):
            queued = replace(state, phase=Phase.QUEUED, wait_reason=None, next_attempt_at=now)
            return replace(after, state=queued, parent_key=None)
    elif state.wait_reason is WaitReason.PAUSED and not targets.pause_stands(connection, claim.log.account, now):
        return replace(after, state=replace(state, next_attempt_at=now))
    return after


def failure_columns(failure: Failure | None) -> dict[str, Any]:
    """The columns that tell of a failure, or of none."""
    return {
        "failure_class": failure.failure_class.value if failure else None,
        "fingerprint": failure.fingerprint if failure else None,
        "message": failure.message if failure else "",
        "advice": failure.advice if failure else "",
    }


def _due_at(state: RecordState, after: Aftermath) -> datetime | None:
    """When a claim should look at it: never by itself while idle, waiting for the retry schedule or for a parent."""
    if state.phase is Phase.IDLE or state.wait_reason in (WaitReason.RETRY, WaitReason.PARENT):
        return None
    return state.next_attempt_at


def _remember_success(connection: Connection, claim: Claim, after: Aftermath, now: datetime) -> None:
    row = {
        "record_key": claim.record_key,
        "module": claim.log.module,
        "account": claim.log.account,
        "success_hash": after.wanted_hash,
        "updated_at": now,
    }
    if after.external_id is not None:
        row["external_id"] = after.external_id
    put(connection, EXTERNAL, row, key=("record_key",))
    if after.external_id is not None:
        wake_children(connection, claim.record_key, now)


def _settle_member(connection: Connection, claim: Claim, status: Status) -> None:
    if claim.resend_id is None:
        return
    connection.execute(
        update(MEMBER)
        .where(and_(MEMBER.c.resend_id == claim.resend_id, MEMBER.c.log_id == claim.log.id, MEMBER.c.result.is_(None)))
        .values(result=status.value)
    )


def state_of(claim: Claim) -> RecordState:
    """The claimed record as the state machine sees it."""
    log = claim.log
    kind: ResendKind | None = log.resend_kind
    return RecordState(log.status, Phase.SENDING, log.attempts, None, None, kind, None)
