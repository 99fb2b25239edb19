"""Whether what a command is about has come to rest (DESIGN.md section 8, *Settled*), and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.store.claims import SCOPE
from vtexmon.store.resends import MEMBER
from vtexmon.store.rows import LOG

GENERATIONS = 3
"""How far up a wait can go: price or stock, SKU, product, category or brand."""

UNREACHABLE = (WaitReason.TARGET, WaitReason.CREDENTIAL)
"""Waits that end a command with exit code 5."""


def command_members(owner: str) -> Select[Any]:
    """The logs a command took upon itself."""
    return select(SCOPE.c.log_id).where(SCOPE.c.owner == owner)


def resend_members(resend_id: int) -> Select[Any]:
    """The logs of a bulk resend."""
    return select(MEMBER.c.log_id).where(MEMBER.c.resend_id == resend_id)


def unsettled(connection: Connection, members: Select[Any]) -> bool:
    """Whether any of these logs is still going to move by itself within a command."""
    waits_for_it = and_(LOG.c.wait_reason == WaitReason.PARENT, _has_moving_ancestor(LOG.c.parent_key, GENERATIONS))
    query = select(LOG.c.id).where(LOG.c.id.in_(members), or_(_moving(LOG.c.phase, LOG.c.wait_reason), waits_for_it))
    return connection.execute(query.limit(1)).first() is not None


def _has_moving_ancestor(parent_key: ColumnElement[Any], generations: int) -> ColumnElement[bool]:
    """Whether the open log of that record moves, or waits for one that does."""
    parent = LOG.alias(f"parent_{generations}")
    moves = _moving(parent.c.phase, parent.c.wait_reason)
    if generations > 1:
        above = _has_moving_ancestor(parent.c.parent_key, generations - 1)
        moves = or_(moves, and_(parent.c.wait_reason == WaitReason.PARENT, above))
    return exists().where(parent.c.record_key == parent_key, parent.c.is_open, moves)


def _moving(phase: ColumnElement[Any], reason: ColumnElement[Any]) -> ColumnElement[bool]:
    acting = phase.in_((Phase.QUEUED, Phase.SENDING, Phase.VERIFYING))
    return or_(acting, and_(phase == Phase.WAITING, reason == WaitReason.LIMIT))


@dataclass
class Tally:
    """What became of a command's logs: by status, by module and status; ``unreachable`` = some wait for VTEX itself."""

    by_status: Counter[Status] = field(default_factory=Counter)
    by_module: dict[str, Counter[Status]] = field(default_factory=dict)
    unreachable: int = 0

    @property
    def not_successful(self) -> int:
        """How many are not in Sucesso."""
        return sum(self.by_status.values()) - self.by_status[Status.SUCCESS]


def tally(connection: Connection, members: Select[Any]) -> Tally:
    """Count the logs of a command as they are now."""
    found = Tally()
    query = select(LOG.c.module, LOG.c.status, LOG.c.phase, LOG.c.wait_reason).where(LOG.c.id.in_(members))
    for module, status, phase, reason in connection.execute(query):
        found.by_status[status] += 1
        found.by_module.setdefault(module, Counter())[status] += 1
        found.unreachable += phase is Phase.WAITING and reason in UNREACHABLE
    return found
