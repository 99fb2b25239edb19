"""The gate before every request: pauses, ``Retry-After``, breaker, refused credentials, and the pace of each API.

All processes share one gate, because they share its rows (``store/targets.py``, ``store/pacing.py``): each turn is
given in a transaction that reads what is closed, so nothing leaves to a target that another process has just closed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.exchange import Answer, Api, Request, Verdict
from vtexmon.core.records import TargetState
from vtexmon.core.status import WaitReason
from vtexmon.engine.facts import Facts, TargetChanged
from vtexmon.engine.turnstile import Decision, Entry, Later, Pass, Turnstile
from vtexmon.store import pacing, targets
from vtexmon.store.claims import BULK
from vtexmon.store.database import Database
from vtexmon.store.pacing import PaceKey
from vtexmon.vtex.limits import PUBLISHED_LIMITS, Pace, bucket_of, endpoint_bucket_of

TRIPS_AFTER = 5
"""Failures in a row that open the breaker (``domain/vtex.md`` 9)."""

LONGEST_BREAK = timedelta(seconds=60)
CREDENTIAL_BREAK = timedelta(seconds=60)
SHORTEST_WAIT = timedelta(seconds=1)
FIRST_ANSWER = timedelta(seconds=5)
"""How long others wait for the first answer of a target that was never heard: a wrong credential costs one request."""

TargetKey = tuple[str, str]


class HeldBack(Exception):  # noqa: N818 - a fact the dispatcher acts on
    """The request may not leave now; ``until`` None = until somebody acts."""

    def __init__(self, reason: WaitReason, until: datetime | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


@dataclass
class Gate:
    """Asked before and told after every request. Lives on the engine's loop; ``who`` signs what it closes."""

    database: Database
    config: Config
    clock: Clock
    facts: Facts
    who: str
    _closed: dict[TargetKey, TargetState] = field(default_factory=dict)
    _failures: dict[TargetKey, int] = field(default_factory=dict)
    _first: dict[TargetKey, asyncio.Event] = field(default_factory=dict)
    _turnstile: Turnstile | None = None
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

    async def pass_through(self, account: str, request: Request, lane: int = BULK) -> None:
        """Wait for this request's turn; raises ``HeldBack`` when the target is closed. ``lane`` 0 goes first."""
        if not request.is_public:
            await self._hear_first(account, request.api)
        now = self.clock.now()
        for key in ((account, targets.WHOLE_ACCOUNT), (account, request.api.value)):
            state = self._closed.get(key)
            if state is not None and (refusal := refused(state, now)):
                raise refusal
        endpoint = endpoint_bucket_of(request)
        buckets = (bucket_of(request), *((f"catalog_endpoint {endpoint}",) if endpoint else ()))
        if self._turnstile is None:
            self._turnstile = Turnstile(self.decide)
        await self._turnstile.pass_through(Entry(account, request.api, buckets, lane, request.is_public))

    async def _hear_first(self, account: str, api: Api) -> None:
        """Let one request find out about a target that has not answered us; the others wait for what it hears."""
        heard = self._first.get((account, api.value))
        if heard is None:
            self._first[account, api.value] = asyncio.Event()
            return
        if not heard.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_ANSWER.total_seconds()):
                    await heard.wait()
            heard.set()

    def heard(self, account: str, api: str) -> None:
        """The target has answered: nobody waits for its first answer any more."""
        self._first.setdefault((account, api), asyncio.Event()).set()

    async def decide(self, entries: Sequence[Entry]) -> Sequence[Decision]:
        """Who may leave, decided for all that wait in one transaction."""
        now, changes = self.clock.now(), self._changes

        def work(connection: Connection) -> tuple[list[Decision], list[TargetState]]:
            keys = {(entry.account, bucket) for entry in entries for bucket in entry.buckets}
            spent = pacing.hold(connection, keys, now)
            before, closed = dict(spent), targets.closed(connection)
            decisions = [self._admit(connection, entry, closed, spent, now) for entry in entries]
            pacing.spend(connection, {key: until for key, until in spent.items() if until != before[key]})
            return decisions, closed

        decisions, closed = await asyncio.wrap_future(self.database.write_apart(work))
        if changes == self._changes:
            self.refresh(closed)
        return decisions

    def _admit(
        self,
        connection: Connection,
        entry: Entry,
        closed: Sequence[TargetState],
        spent: dict[PaceKey, datetime],
        now: datetime,
    ) -> Decision:
        of_entry = {state.api: state for state in closed if state.account == entry.account}
        states = (of_entry.get(targets.WHOLE_ACCOUNT), of_entry.get(entry.api.value))
        for state in states:
            if state is not None and (refusal := refused(state, now)):
                return refusal
        keys = [(entry.account, bucket) for bucket in entry.buckets]
        paces = [self.pace_of(bucket) for bucket in entry.buckets]
        left = [0 if entry.lane < BULK else pace.reserve for pace in paces]
        wait = max(pace.wait(spent[key], now, some) for key, pace, some in zip(keys, paces, left, strict=True))
        if wait:
            return Later(wait)
        if states[1] is not None and states[1].closed_reason in PROBED and not entry.is_public:
            until = now + self.config.engine.request_deadline
            if not targets.take_probe(connection, entry.account, entry.api.value, now, until):
                return HeldBack(WaitReason(states[1].closed_reason), now + SHORTEST_WAIT)
        for key, pace in zip(keys, paces, strict=True):
            spent[key] = pace.spend(spent[key], now)
        return Pass()

    def pace_of(self, bucket: str) -> Pace:
        """VTEX's published limit of this name, or the configured one below it."""
        name = bucket.partition(" ")[0]
        limit = self.config.limits.get(name)
        return Pace(limit.rate, limit.burst) if limit else PUBLISHED_LIMITS[name]

    async def tell(self, account: str, answer: Answer) -> None:
        """Learn from an answer: opens or closes the target, for all processes."""
        await self._learn((account, answer.request.api.value), answer)
        if answer.verdict is not Verdict.NOT_SENT and not answer.request.is_public:
            self.heard(account, answer.request.api.value)

    async def _learn(self, key: TargetKey, answer: Answer) -> None:
        match answer.verdict:
            case Verdict.NOT_PROCESSED if answer.status != _LOCKED:
                wait = answer.retry_after or SHORTEST_WAIT
                await self._close(key, WaitReason.LIMIT, wait, answer)
            case Verdict.CREDENTIAL:
                wait = min(CREDENTIAL_BREAK, self.config.engine.verify_grace)
                await self._close(key, WaitReason.CREDENTIAL, wait, answer)
            case Verdict.NOT_SENT | Verdict.UNKNOWN:
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                if failures >= TRIPS_AFTER or key in self._closed:
                    await self._close(key, WaitReason.TARGET, self.break_for(failures), answer)
            case _:
                self._failures[key] = 0
                if self._may_open(key, answer.request):
                    await self._open(key)

    def _may_open(self, key: TargetKey, request: Request) -> bool:
        """An answer to a request that left before the target was closed says nothing about a wait or a credential."""
        held = self._closed.get(key)
        if held is None or (request.is_public and held.closed_reason == WaitReason.CREDENTIAL):
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
        failures = self._failures.get(key, 0)
        message = answer.failure.message if answer.failure else ""
        state = TargetState(key[0], key[1], reason.value, now + wait, failures, message)
        self._closed[key] = state
        await self._write(lambda c: targets.keep_closed(c, state, now, self.who))
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


def refused(state: TargetState, now: datetime) -> HeldBack | None:
    """What a closed target says to a request now; None when it may be tried."""
    if state.closed_reason is None:
        return None
    if state.closed_until is not None:
        return HeldBack(WaitReason(state.closed_reason), state.closed_until) if state.closed_until > now else None
    return HeldBack(WaitReason.PAUSED, None) if state.api == targets.WHOLE_ACCOUNT else None


PROBED = frozenset({WaitReason.TARGET.value, WaitReason.CREDENTIAL.value})
"""What one request must find out about before the others follow; a limit's time simply passes."""

_LOCKED = 423
"""A lock on one SKU's stock says nothing about the target."""
