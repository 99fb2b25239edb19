"""Taking records to work on, so that no two workers ever hold the same one (DESIGN.md section 4, steps 1, 3 and 7).

A claim is a lease with a fencing epoch. Every later write names ``id, owner, epoch`` and must change exactly one row;
otherwise somebody else has taken over and ``LostClaim`` says: stop, write nothing, send nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    update,
)

from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.core.status import Phase
from vtexmon.store.engines import insert_new, skipping_locked, without_rivals
from vtexmon.store.models import WorkScope
from vtexmon.store.rows import ITEM_COLUMNS, LOG, LOG_COLUMNS, LOG_ITEM, as_item, as_log
from vtexmon.store.types import UtcTime

SCOPE: Table = WorkScope.__table__  # type: ignore[attr-defined]

PRIORITIES = PEOPLE, BULK = (0, 1)
"""What a person waits for, and what nobody does."""


FENCED = (
    LOG.c.id == bindparam("fence_id"),
    LOG.c.lease_owner == bindparam("fence_owner"),
    LOG.c.epoch == bindparam("fence_epoch"),
)

# Statements of every attempt are built once: building them costs more than running them.
_CHANGE = update(LOG).where(*FENCED)
_HOLD = select(LOG.c.id).where(*FENCED).with_for_update()
_TAKE = (
    update(LOG)
    .where(LOG.c.id == bindparam("taken_id"))
    .values(
        phase=Phase.SENDING,
        wait_reason=None,
        lease_owner=bindparam("new_owner"),
        lease_until=bindparam("new_until", type_=UtcTime),
        due_at=bindparam("new_until", type_=UtcTime),
        epoch=LOG.c.epoch + 1,
    )
    .returning(
        *LOG_COLUMNS,
        LOG.c.record_key,
        LOG.c.epoch,
        LOG.c.priority,
        LOG.c.resend_id,
        LOG.c.not_found,
        LOG.c.unreadable,
        LOG.c.repeated,
    )
)
_OPEN_INTENT = select(*ITEM_COLUMNS, LOG_ITEM.c.answered, LOG_ITEM.c.deadline_at).where(
    LOG_ITEM.c.log_id == bindparam("of_log"), LOG_ITEM.c.completed_at.is_(None)
)

_DUE = [(LOG.c.priority == priority, LOG.c.due_at <= bindparam("now")) for priority in PRIORITIES]
_LATER = [(LOG.c.priority == priority, LOG.c.due_at > bindparam("now")) for priority in PRIORITIES]
_OUTLOOK = select(
    *(select(LOG.c.id).where(*due).exists() for due in _DUE),
    *(select(func.min(LOG.c.due_at)).where(*later).scalar_subquery() for later in _LATER),
)


class LostClaim(Exception):  # noqa: N818 - a fact the dispatcher acts on
    """The lease was taken over: nothing of this attempt may be written or sent any more."""


@dataclass(frozen=True)
class OpenIntent:
    """A request that was stored as sent and whose outcome is not known."""

    item: LogItemRecord
    answered: bool
    deadline_at: datetime


@dataclass(frozen=True)
class Claim:
    """One record, ours until the lease ends. The counters tell how far finding out about ``intent`` has come."""

    log: LogRecord
    record_key: str
    owner: str
    epoch: int
    priority: int
    resend_id: int | None
    not_found: int
    unreadable: int
    repeated: bool
    intent: OpenIntent | None

    @property
    def fence(self) -> dict[str, Any]:
        """The parameters of ``FENCED``, the condition that every write of this claim carries."""
        return {"fence_id": self.log.id, "fence_owner": self.owner, "fence_epoch": self.epoch}


@dataclass(frozen=True)
class ClaimScope:
    """What a process takes: everything, what one command took upon itself, or the members of one bulk resend.

    ``resends`` False leaves resends alone (an export sends only what changed at the source).
    """

    command: str | None = None
    resend_id: int | None = None
    resends: bool = True


EVERYTHING = ClaimScope()


def add_to_scope(connection: Connection, owner: str, log_ids: list[int]) -> None:
    """Let the command ``owner`` take these logs upon itself."""
    insert_new(connection, SCOPE, [{"owner": owner, "log_id": log_id} for log_id in log_ids])


def drop_scope(connection: Connection, owner: str) -> None:
    """The command has ended."""
    connection.execute(SCOPE.delete().where(SCOPE.c.owner == owner))


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    lease_until: datetime,
    limit: int,
    scope: ClaimScope = EVERYTHING,
    kept: int = 0,
) -> list[Claim]:
    """Take up to ``limit`` records that are due, at most one of each serial key, people's orders first.

    So many as ``kept`` of the limit are for people's orders alone.

    A record whose serial key has a request that may still be on its way (in doubt, its quarantine not over) waits.
    """
    chosen: dict[str, int] = {}
    candidates = skipping_locked(connection, _candidates(scope))
    asked = {"now": now, "most": limit * 4, "command": scope.command, "resend_id": scope.resend_id}
    for priority in PRIORITIES:  # one after the other, so that the index gives each in order
        most = limit if priority == PEOPLE else limit - kept
        if len(chosen) >= most:
            break
        for log_id, serial_key in connection.execute(candidates, {**asked, "priority": priority}):
            if len(chosen) < most:
                chosen.setdefault(serial_key, log_id)
    free = without_rivals(connection, chosen)
    return [_take(connection, log_id, owner, now, lease_until) for log_id in free.values()]


@lru_cache(maxsize=16)
def _candidates(scope: ClaimScope) -> Select[Any]:
    running = LOG.alias("running")
    busy = exists().where(
        running.c.serial_key == LOG.c.serial_key, running.c.phase == Phase.SENDING, running.c.id != LOG.c.id
    )
    doubtful = LOG.alias("doubtful")
    on_its_way = exists().where(
        doubtful.c.serial_key == LOG.c.serial_key,
        doubtful.c.phase == literal_column("'verifying'"),
        doubtful.c.id != LOG.c.id,
        LOG_ITEM.c.log_id == doubtful.c.id,
        LOG_ITEM.c.completed_at.is_(None),
        LOG_ITEM.c.deadline_at > bindparam("now"),
    )
    due = (LOG.c.priority == bindparam("priority"), LOG.c.due_at <= bindparam("now"), ~busy, ~on_its_way)
    query = select(LOG.c.id, LOG.c.serial_key).where(*due, *_inside(scope))
    return query.order_by(LOG.c.due_at, LOG.c.id).limit(bindparam("most", type_=Integer))


@dataclass(frozen=True)
class Outlook:
    """What a claim left: ``held_back`` = something is due that may not be taken yet; ``next_due`` is still to come."""

    held_back: bool
    next_due: datetime | None


def outlook(connection: Connection, now: datetime) -> Outlook:
    """What there will be to claim, and when; asked in the claim's own transaction. Four searches of ``ix_log_due``."""
    *held_back, urgent, bulk = connection.execute(_OUTLOOK, {"now": now}).one()
    return Outlook(any(held_back), min((due for due in (urgent, bulk) if due is not None), default=None))


def _inside(scope: ClaimScope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.command is not None:
        conditions.append(LOG.c.id.in_(select(SCOPE.c.log_id).where(SCOPE.c.owner == bindparam("command"))))
    if scope.resend_id is not None:
        conditions.append(LOG.c.resend_id == bindparam("resend_id"))
    if not scope.resends:
        conditions.append(LOG.c.resend_kind.is_(None))
    return conditions


def _take(connection: Connection, log_id: int, owner: str, now: datetime, lease_until: datetime) -> Claim:
    parameters = {"taken_id": log_id, "new_owner": owner, "new_until": lease_until}
    row = connection.execute(_TAKE, parameters).one()
    record_key, epoch, priority, resend_id, not_found, unreadable, repeated = row[len(LOG_COLUMNS) :]
    return Claim(
        as_log(row),
        record_key,
        owner,
        epoch,
        priority,
        resend_id,
        not_found,
        unreadable,
        repeated,
        open_intent(connection, log_id),
    )


def open_intent(connection: Connection, log_id: int) -> OpenIntent | None:
    """The request of this log whose outcome is not known, if there is one."""
    row = connection.execute(_OPEN_INTENT, {"of_log": log_id}).one_or_none()
    return None if row is None else OpenIntent(as_item(row), row.answered, row.deadline_at)


def renew(connection: Connection, owner: str, log_ids: list[int], lease_until: datetime) -> set[int]:
    """Lengthen the leases that are still ours; gives the ids that were (the others are lost)."""
    statement = (
        update(LOG)
        .where(LOG.c.id.in_(log_ids), LOG.c.lease_owner == owner, LOG.c.phase == Phase.SENDING)
        .values(lease_until=lease_until, due_at=lease_until)
        .returning(LOG.c.id)
    )
    return set(connection.execute(statement).scalars())


def change(connection: Connection, claim: Claim, values: dict[str, Any]) -> None:
    """One fenced write to the claimed log; raises ``LostClaim`` when it is no longer ours."""
    if connection.execute(_CHANGE, {**values, **claim.fence}).rowcount != 1:
        raise LostClaim(claim.log.id)


def still_ours(connection: Connection, claim: Claim) -> None:
    """Check the fence, and keep others from taking over until this transaction ends; raises ``LostClaim``."""
    if connection.execute(_HOLD, claim.fence).one_or_none() is None:
        raise LostClaim(claim.log.id)


def give_back(connection: Connection, claim: Claim, now: datetime) -> None:
    """Return a claim unsent, exactly as it was, due at once: being stopped is not a failed attempt."""
    phase = Phase.VERIFYING if claim.intent else Phase.QUEUED
    change(connection, claim, {"phase": phase, "lease_owner": None, "lease_until": None, "due_at": now})
