"""What one engine does for all of them every few minutes: tidy up, in pieces small enough to be in nobody's way.

Whichever engine is awake when a duty is due takes its lease, does it and lets go; between two turns nobody holds
anything and nothing is written. Where the holder dies, the lease ends by itself and the next one begins again: every
duty may be cut off anywhere, and two at once do no harm (``store/leases.py`` says why that can happen).
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from vtexmon.engine.context import Context
from vtexmon.engine.facts import EngineFailed
from vtexmon.store import leases, maintenance, unused
from vtexmon.store.leases import LeaseRecord
from vtexmon.store.maintenance import LEFTOVERS

T = TypeVar("T")
Piecework = Callable[[Connection, Sequence[T], datetime], int]

FIRST_LOOK = timedelta(seconds=45)
"""Starting comes first; and a program that runs for a moment leaves it to those that stay."""

LEASE = timedelta(seconds=15)
RENEW_EVERY = timedelta(seconds=5)
MARGIN = timedelta(seconds=2)
LOOK_AGAIN = timedelta(seconds=3)
"""After a turn, and where somebody else was quicker. With ``LEASE``, a dead holder is replaced within 20 seconds."""

PIECE = 200
BREATH = timedelta(milliseconds=20)
MOST = 5_000
MOST_PAYLOADS = 100_000


class Overtaken(Exception):  # noqa: N818 - a fact that ends a turn
    """The lease is no longer ours, or may not be."""


@dataclass
class Turn:
    """One run of a duty: what it has removed so far, by name, and until when its lease is trusted (monotonic)."""

    context: Context
    trusted_until: float
    removed: Counter[str] = field(default_factory=Counter)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Look without being in anybody's way."""
        return await asyncio.to_thread(self.context.database.read, work)

    async def in_pieces(self, name: str, keys: Sequence[T], work: Piecework[T]) -> None:
        """Do ``work`` for all ``keys``, a few at a time in the one writer. Raises ``Overtaken``."""
        for start in range(0, len(keys), PIECE):
            if self.context.clock.monotonic() >= self.trusted_until:
                raise Overtaken
            piece, now = keys[start : start + PIECE], self.context.clock.now()
            self.removed[name] += await asyncio.wrap_future(self.context.database.write(_bound(work, piece, now)))
            await asyncio.sleep(BREATH.total_seconds())


def _bound(work: Piecework[T], piece: Sequence[T], now: datetime) -> Callable[[Connection], int]:
    return lambda connection: work(connection, piece, now)


async def _tidy(turn: Turn) -> None:
    """Old logs would go here, before what they leave behind."""
    for leftover in LEFTOVERS:
        found = partial(maintenance.find, leftover=leftover, now=turn.context.clock.now(), most=MOST)
        await turn.in_pieces(leftover.name, await turn.read(found), partial(maintenance.remove, leftover))
    if await asyncio.to_thread(maintenance.shrink_wal, turn.context.database):
        turn.removed["wal"] += 1


async def _sweep_payloads(turn: Turn) -> None:
    found = await turn.read(partial(unused.search, now=turn.context.clock.now(), most=MOST_PAYLOADS))
    await turn.in_pieces("marked", found.unmarked, unused.mark)
    await turn.in_pieces("payloads", found.removable, unused.remove)


@dataclass(frozen=True)
class Duty:
    """Something to be done every so often, by whoever holds the lease of that name."""

    name: str
    every: timedelta
    work: Callable[[Turn], Awaitable[None]]

    def due_at(self, lease: LeaseRecord | None, now: datetime) -> datetime:
        """When to take it on: not while somebody is at it, and some time after it was last done to its end."""
        if lease is None:
            return now
        return max(self._next_turn(lease, now), lease.until if lease.until <= now + leases.FOREIGN_CLOCK else now)

    def take(self, connection: Connection, owner: str, now: datetime) -> bool:
        """Take its lease; given back at once where another engine was quicker and has done it meanwhile."""
        if not leases.acquire(connection, self.name, owner, now, now + LEASE):
            return False
        lease = leases.find(connection, self.name)
        if lease is None or self._next_turn(lease, now) <= now:
            return True
        leases.release(connection, self.name, owner, now)
        return False

    def _next_turn(self, lease: LeaseRecord, now: datetime) -> datetime:
        """A last time that is still to come was written by a clock that was wrong, and is not waited for."""
        return now if lease.ran_at is None or lease.ran_at > now + LEASE else lease.ran_at + self.every


MAINTENANCE = Duty("maintenance", timedelta(minutes=5), _tidy)
SWEEP = Duty("payloads", timedelta(days=1), _sweep_payloads)
DUTIES = (MAINTENANCE, SWEEP)


@dataclass
class Maintenance:
    """The duties, as far as the engine of this process does them."""

    context: Context

    async def run(self) -> None:
        """Do what is due, for ever; ends only by being cancelled."""
        await asyncio.sleep(FIRST_LOOK.total_seconds() * random.uniform(1, 1.5))
        async with asyncio.TaskGroup() as group:
            for duty in DUTIES:
                group.create_task(self._keep(duty))

    async def _keep(self, duty: Duty) -> None:
        while True:
            try:
                wait = await self.look(duty)
            except Exception as error:
                self.context.facts.tell(EngineFailed(f"{duty.name}: {type(error).__name__}: {error}"))
                wait = duty.every
            await asyncio.sleep(max(wait, LOOK_AGAIN).total_seconds())

    async def look(self, duty: Duty) -> timedelta:
        """Do a duty if it is due and nobody is at it; gives how long until it may be due again."""
        database, owner, now = self.context.database, self.context.owner, self.context.clock.now()
        due = duty.due_at(await asyncio.to_thread(database.read, lambda c: leases.find(c, duty.name)), now)
        if due > now:
            return min(due - now, duty.every)
        started = self.context.clock.monotonic()
        if await asyncio.wrap_future(database.write_apart(lambda c: duty.take(c, owner, now))):
            await self._turn(duty, Turn(self.context, _trusted_until(started)))
        return LOOK_AGAIN

    async def _turn(self, duty: Duty, turn: Turn) -> None:
        """Work while the lease is renewed; whatever ends first ends both."""
        working = asyncio.ensure_future(duty.work(turn))
        holding = asyncio.ensure_future(self._hold(duty, turn))
        try:
            await asyncio.wait((working, holding), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
                result = ",".join(f"{name}={count}" for name, count in turn.removed.items() if count)
                await asyncio.wrap_future(self._let_go(duty, result))
        except Overtaken:
            return
        except BaseException:
            self._let_go(duty)
            raise
        finally:
            for task in (working, holding):
                task.cancel()
            await asyncio.gather(working, holding, return_exceptions=True)

    async def _hold(self, duty: Duty, turn: Turn) -> None:
        """Lengthen the lease for as long as it is ours."""
        database, clock, owner = self.context.database, self.context.clock, self.context.owner
        while True:
            await asyncio.sleep(RENEW_EVERY.total_seconds())
            started, until = clock.monotonic(), clock.now() + LEASE
            renewing = database.write_apart(partial(leases.renew, name=duty.name, owner=owner, until=until))
            if not await asyncio.wrap_future(renewing):
                return
            turn.trusted_until = _trusted_until(started)

    def _let_go(self, duty: Duty, result: str | None = None) -> Future[bool]:
        """Release the lease; with a ``result`` the duty is done. Where that is lost, the lease ends by itself."""
        database, owner, now = self.context.database, self.context.owner, self.context.clock.now()
        if result is None:
            return database.write_apart(lambda c: leases.release(c, duty.name, owner, now))
        return database.write_apart(lambda c: leases.finish(c, duty.name, owner, now, result))


def _trusted_until(started: float) -> float:
    return started + (LEASE - MARGIN).total_seconds()
