"""Taking records to work on, so that no two workers ever hold the same one (DESIGN.md section 4, steps 1, 3 and 7).

A claim is a lease with a fencing epoch. Every later write names ``id, owner, epoch`` and must change exactly one row;
otherwise somebody else has taken over and ``LostClaim`` says: stop, write nothing, send nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, select, update

from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.core.status import Phase
from vtexmon.store.engines import insert_new, skipping_locked, without_rivals
from vtexmon.store.models import WorkScope
from vtexmon.store.rows import ITEM_COLUMNS, LOG, LOG_COLUMNS, LOG_ITEM, as_item, as_log

SCOPE: Table = WorkScope.__table__  # type: ignore[attr-defined]

PRIORITIES = (0, 1)
"""0 = a person waits for it, 1 = bulk work."""


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
    resend_id: int | None
    not_found: int
    unreadable: int
    repeated: bool
    intent: OpenIntent | None

    @property
    def fence(self) -> ColumnElement[bool]:
        """The condition that every write of this claim carries."""
        return and_(LOG.c.id == self.log.id, LOG.c.lease_owner == self.owner, LOG.c.epoch == self.epoch)


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
    connection: Connection, owner: str, now: datetime, lease_until: datetime, limit: int, scope: ClaimScope = EVERYTHING
) -> list[Claim]:
    """Take up to ``limit`` records that are due, at most one of each serial key, people's orders first."""
    running = LOG.alias("running")
    busy = exists().where(
        running.c.serial_key == LOG.c.serial_key, running.c.phase == Phase.SENDING, running.c.id != LOG.c.id
    )
    chosen: dict[str, int] = {}
    for priority in PRIORITIES:  # one after the other, so that the index gives each in order
        if len(chosen) == limit:
            break
        candidates = (
            select(LOG.c.id, LOG.c.serial_key)
            .where(LOG.c.priority == priority, LOG.c.due_at <= now, ~busy, *_inside(scope))
            .order_by(LOG.c.due_at, LOG.c.id)
            .limit(limit * 4)
        )
        for log_id, serial_key in connection.execute(skipping_locked(connection, candidates)):
            if len(chosen) < limit:
                chosen.setdefault(serial_key, log_id)
    free = without_rivals(connection, chosen)
    return [_take(connection, log_id, owner, now, lease_until) for log_id in free.values()]


def _inside(scope: ClaimScope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.command is not None:
        conditions.append(LOG.c.id.in_(select(SCOPE.c.log_id).where(SCOPE.c.owner == scope.command)))
    if scope.resend_id is not None:
        conditions.append(LOG.c.resend_id == scope.resend_id)
    if not scope.resends:
        conditions.append(LOG.c.resend_kind.is_(None))
    return conditions


def _take(connection: Connection, log_id: int, owner: str, now: datetime, lease_until: datetime) -> Claim:
    statement = (
        update(LOG)
        .where(LOG.c.id == log_id)
        .values(
            phase=Phase.SENDING,
            wait_reason=None,
            lease_owner=owner,
            lease_until=lease_until,
            due_at=lease_until,
            epoch=LOG.c.epoch + 1,
        )
        .returning(
            *LOG_COLUMNS,
            LOG.c.record_key,
            LOG.c.epoch,
            LOG.c.resend_id,
            LOG.c.not_found,
            LOG.c.unreadable,
            LOG.c.repeated,
        )
    )
    row = connection.execute(statement).one()
    record_key, epoch, resend_id, not_found, unreadable, repeated = row[len(LOG_COLUMNS) :]
    return Claim(
        as_log(row),
        record_key,
        owner,
        epoch,
        resend_id,
        not_found,
        unreadable,
        repeated,
        open_intent(connection, log_id),
    )


def open_intent(connection: Connection, log_id: int) -> OpenIntent | None:
    """The request of this log whose outcome is not known, if there is one."""
    query = select(*ITEM_COLUMNS, LOG_ITEM.c.answered, LOG_ITEM.c.deadline_at).where(
        LOG_ITEM.c.log_id == log_id, LOG_ITEM.c.completed_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
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
    if connection.execute(update(LOG).where(claim.fence).values(**values)).rowcount != 1:
        raise LostClaim(claim.log.id)


def still_ours(connection: Connection, claim: Claim) -> None:
    """Check the fence without changing anything that people see; raises ``LostClaim``."""
    change(connection, claim, {"epoch": claim.epoch})


def give_back(connection: Connection, claim: Claim, now: datetime) -> None:
    """Return a claim unsent, exactly as it was, due at once: being stopped is not a failed attempt."""
    phase = Phase.VERIFYING if claim.intent else Phase.QUEUED
    change(connection, claim, {"phase": phase, "lease_owner": None, "lease_until": None, "due_at": now})


def next_due(connection: Connection, scope: ClaimScope = EVERYTHING) -> datetime | None:
    """When the next record of the scope is due; None when nothing is."""
    query = select(func.min(LOG.c.due_at)).where(LOG.c.due_at.is_not(None), *_inside(scope))
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment
