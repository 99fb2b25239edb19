"""The gate before every request: pauses, ``Retry-After``, breaker, refused credentials, and the pace of each API.

What closes a target is shared with all processes through ``store/targets.py`` and read again every second; the pace
(token buckets at VTEX's published limits or below) is kept in this process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.records import TargetState
from vtexmon.core.status import WaitReason
from vtexmon.engine.facts import Facts, TargetChanged
from vtexmon.store import targets
from vtexmon.store.database import Database
from vtexmon.vtex.limits import PUBLISHED_LIMITS, Bucket, bucket_of, endpoint_bucket_of

TRIPS_AFTER = 5
"""Failures in a row that open the breaker (``domain/vtex.md`` 9)."""

LONGEST_BREAK = timedelta(seconds=60)
CREDENTIAL_BREAK = timedelta(seconds=60)
SHORTEST_WAIT = timedelta(seconds=1)

TargetKey = tuple[str, str]


class HeldBack(Exception):  # noqa: N818 - a fact the dispatcher acts on
    """The request may not leave now; ``until`` None = until somebody acts."""

    def __init__(self, reason: WaitReason, until: datetime | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


@dataclass
class _Health:
    """Failures in a row of one target, and until when (monotonic) its one probe is waited for."""

    failures: int = 0
    probe_until: float = 0.0


@dataclass
class Gate:
    """Asked before and told after every request. Lives on the engine's loop; ``who`` signs what it closes."""

    database: Database
    config: Config
    clock: Clock
    facts: Facts
    who: str
    _closed: dict[TargetKey, TargetState] = field(default_factory=dict)
    _health: dict[TargetKey, _Health] = field(default_factory=dict)
    _buckets: dict[TargetKey, Bucket] = field(default_factory=dict)
    _changes: int = 0

    async def look(self) -> None:
        """Take over what all processes have closed; a reading that our own changes have overtaken is dropped."""
        changes = self._changes
        closed = await asyncio.to_thread(self.database.read, targets.closed)
        if changes == self._changes:
            self.refresh(closed)

    def refresh(self, closed: list[TargetState]) -> None:
        """This is what is closed."""
        self._closed = {(state.account, state.api): state for state in closed}

    def hold(self, account: str, api: str) -> None:
        """Raise ``HeldBack`` when a request to this API may not leave now. A due breaker lets one probe through."""
        now = self.clock.now()
        pause = self._closed.get((account, targets.WHOLE_ACCOUNT))
        if pause is not None and (pause.closed_until is None or pause.closed_until > now):
            raise HeldBack(WaitReason.PAUSED, pause.closed_until)
        state = self._closed.get((account, api))
        if state is None or state.closed_reason is None:
            return
        reason = WaitReason(state.closed_reason)
        if state.closed_until is not None and state.closed_until > now:
            raise HeldBack(reason, state.closed_until)
        if reason is WaitReason.LIMIT:
            return
        health = self._health.setdefault((account, api), _Health(state.failures))
        monotonic = self.clock.monotonic()
        if monotonic < health.probe_until:
            raise HeldBack(reason, now + SHORTEST_WAIT)
        health.probe_until = monotonic + self.config.engine.request_deadline.total_seconds()

    async def pass_through(self, account: str, request: Request) -> None:
        """Wait for this request's turn under the API's limit; raises ``HeldBack`` when the target is closed."""
        self.hold(account, request.api.value)
        endpoint = endpoint_bucket_of(request)
        if endpoint is not None:
            await self._take(account, "catalog_endpoint", endpoint)
        await self._take(account, bucket_of(request))

    async def _take(self, account: str, name: str, endpoint: str = "") -> None:
        bucket = self._buckets.get((account, name + endpoint)) or self._new_bucket(account, name, endpoint)
        while wait := bucket.take(time.monotonic()):
            await asyncio.sleep(wait)

    def _new_bucket(self, account: str, name: str, endpoint: str) -> Bucket:
        published = PUBLISHED_LIMITS[name]
        limit = self.config.limits.get(name)
        rate, burst = (limit.rate, limit.burst) if limit else (published.rate, published.burst)
        return self._buckets.setdefault((account, name + endpoint), Bucket(rate, burst, time.monotonic()))

    async def tell(self, account: str, answer: Answer) -> None:
        """Learn from an answer: opens or closes the target, for all processes."""
        key = (account, answer.request.api.value)
        health = self._health.setdefault(key, _Health())
        health.probe_until = 0.0
        match answer.verdict:
            case Verdict.NOT_PROCESSED if answer.status != _LOCKED:
                wait = answer.retry_after or SHORTEST_WAIT
                await self._close(key, WaitReason.LIMIT, wait, answer)
            case Verdict.CREDENTIAL:
                await self._close(key, WaitReason.CREDENTIAL, CREDENTIAL_BREAK, answer)
            case Verdict.NOT_SENT | Verdict.UNKNOWN:
                health.failures += 1
                if health.failures >= TRIPS_AFTER or key in self._closed:
                    await self._close(key, WaitReason.TARGET, self.break_for(health.failures), answer)
            case _:
                health.failures = 0
                if self._may_open(key):
                    await self._open(key)

    def _may_open(self, key: TargetKey) -> bool:
        """An answer to a request that left before the target was closed says nothing about a wait or a credential."""
        held = self._closed.get(key)
        if held is None:
            return False
        is_over = held.closed_until is None or held.closed_until <= self.clock.now()
        return is_over or held.closed_reason == WaitReason.TARGET

    def break_for(self, failures: int) -> timedelta:
        """How long the breaker stays open: doubling from a twelfth of the grace, a minute at most."""
        first = max(self.config.engine.verify_grace / 12, timedelta(milliseconds=200))
        growth: int = 2 ** min(max(failures - TRIPS_AFTER, 0), 10)
        return min(first * growth, LONGEST_BREAK)

    async def _close(self, key: TargetKey, reason: WaitReason, wait: timedelta, answer: Answer) -> None:
        now = self.clock.now()
        held = self._closed.get(key)
        if held is not None and held.closed_until is not None and held.closed_until >= now + wait:
            return
        failures = self._health[key].failures
        message = answer.failure.message if answer.failure else ""
        state = TargetState(key[0], key[1], reason.value, now + wait, failures, message)
        self._closed[key] = state
        await self._write(lambda c: targets.close(c, state, now, self.who))
        self.facts.tell(TargetChanged(*key))

    async def _open(self, key: TargetKey) -> None:
        now = self.clock.now()
        self._closed.pop(key, None)
        await self._write(lambda c: targets.reopen(c, key[0], key[1], now))
        self.facts.tell(TargetChanged(*key))

    async def _write(self, work: Callable[[Connection], None]) -> None:
        """Readings that began before the commit must not undo what is written."""
        self._changes += 1
        await asyncio.wrap_future(self.database.write(work))
        self._changes += 1

    @property
    def closed(self) -> Mapping[TargetKey, TargetState]:
        """What is closed, as last heard."""
        return self._closed


_LOCKED = 423
"""A lock on one SKU's stock says nothing about the target."""
