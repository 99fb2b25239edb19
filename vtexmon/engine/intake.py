"""What this engine has in hand: it takes what is due while there is room, keeps the leases, and lets go in the end.

When to look again, and who says so, is ``waking.py``; what is done with one claim is ``dispatcher.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from vtexmon.engine.context import Context
from vtexmon.engine.dispatcher import Dispatcher
from vtexmon.engine.facts import EngineFailed, LogsChanged
from vtexmon.engine.step import Lease
from vtexmon.engine.waking import Waker, pause
from vtexmon.store import claims
from vtexmon.store.claims import BULK, EVERYTHING, Claim, ClaimScope, LostClaim, Outlook
from vtexmon.store.database import Work

T = TypeVar("T")
Claimed = tuple[list[Claim], Outlook | None]

CONNECTIONS_PER_CLIENT = 8
ROOM_FOR_PEOPLE = 8
"""One hand more for each so many: bulk work never takes it, so that what a person waits for can begin at once."""


@dataclass
class Intake:
    """The claims of one engine; lives on its loop. ``scope`` says what it takes."""

    context: Context
    scope: ClaimScope = EVERYTHING

    def __post_init__(self) -> None:
        self.waker = None if self.context.database.is_sqlite else Waker(self.context.database, self.call)
        self._wake = asyncio.Event()
        self._called = False
        self._leases: dict[int, Lease] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bulk: set[int] = set()
        self._most_bulk = max(1, self.context.config.engine.clients) * CONNECTIONS_PER_CLIENT
        self._most = self._most_bulk + self._most_bulk // ROOM_FOR_PEOPLE

    def call(self) -> None:
        """Look at once: somebody made logs due, perhaps by ending a pause."""
        self._called = True
        self._wake.set()

    async def run(self) -> None:
        """Claim and start what is due, for ever; ends only by being cancelled."""
        while True:
            self._wake.clear()
            free = self._most - len(self._tasks)
            outlook = await self._claim(free) if free else None
            if outlook is not None or not free:
                await self._rest(outlook)

    async def _rest(self, outlook: Outlook | None) -> None:
        told = self.waker is not None and self.waker.told
        rest = pause(outlook, self.context.clock.now(), self.context.config.engine.verify_grace, told)
        # Not wait_for: in Python 3.11 it swallows a cancellation that meets the wake-up, and the engine never ends.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest.total_seconds()):
                await self._wake.wait()
        if self._called and not self._tasks:
            await self.context.gate.look()
        self._called = False

    async def _claim(self, free: int) -> Outlook | None:
        """Take what is due and start on it; None = all that was free is taken, and there may be more."""
        started = self.context.clock.monotonic()
        claiming = asyncio.ensure_future(self._write(self._claiming(free)))
        try:
            taken, outlook = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            await self._return(claiming)
            raise
        dispatcher = Dispatcher(self.context)
        for claim in taken:
            lease = Lease(started)
            self._leases[claim.log.id] = lease
            if claim.priority == BULK:
                self._bulk.add(claim.log.id)
            task = asyncio.create_task(dispatcher.run(claim, lease))
            self._tasks.add(task)
            task.add_done_callback(partial(self._ended, claim.log.id))
        if taken:
            self.context.facts.tell(LogsChanged(tuple(claim.log.id for claim in taken)))
        return outlook

    def _claiming(self, free: int) -> Work[Claimed]:
        now, owner, scope = self.context.clock.now(), self.context.owner, self.scope
        until = now + self.context.config.engine.lease
        kept = max(0, free - (self._most_bulk - len(self._bulk)))

        def work(connection: Connection) -> Claimed:
            taken = claims.claim(connection, owner, now, until, free, scope, kept)
            return taken, claims.outlook(connection, now) if len(taken) < free else None

        return work

    async def _return(self, claiming: asyncio.Future[Claimed]) -> None:
        """The engine was stopped while it claimed: what it got all the same goes back before its lease ends."""
        taken, _outlook = await claiming
        for claim in taken:
            now = self.context.clock.now()
            with contextlib.suppress(LostClaim):
                await self._write(partial(claims.give_back, claim=claim, now=now))

    def _ended(self, log_id: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._leases.pop(log_id, None)
        self._bulk.discard(log_id)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.context.facts.tell(EngineFailed(f"{type(error).__name__}: {error}"))

    async def renew(self) -> None:
        """Lengthen the leases of what runs; those that are lost are no longer trusted after a while."""
        started, until = self.context.clock.monotonic(), self.context.clock.now() + self.context.config.engine.lease
        leases, owner = dict(self._leases), self.context.owner
        if leases:
            for log_id in await self._write(lambda c: claims.renew(c, owner, list(leases), until)):
                leases[log_id].confirmed_at = started

    async def drain(self, patience: timedelta, beat: Callable[[], Awaitable[None]]) -> None:
        """Let what runs end by itself for a moment, its leases kept, and write down what is left in doubt."""
        if not self._tasks:
            return
        beating = asyncio.ensure_future(beat())
        await asyncio.wait(self._tasks, timeout=patience.total_seconds())
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)

    async def _write(self, work: Work[T]) -> T:
        return await asyncio.wrap_future(self.context.database.write(work))
