"""Where requests wait for their turn under VTEX's limits: those a person waits for, then first come, first served.

All that wait at one moment are asked for in one transaction, so that many requests cost one commit. What may leave is
decided by the gate, over rows that all processes share.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from vtexmon.core.exchange import Api

LONGEST_SLEEP = timedelta(seconds=1)
"""How soon those that wait are looked at again: the target may be closed, or a limit be freed, meanwhile."""


@dataclass(frozen=True)
class Entry:
    """One request before it leaves. ``buckets`` are the limits it counts against; ``lane`` 0 = a person waits for it.

    A public one can tell nothing about credentials, so it never is the one that finds out.
    """

    account: str
    api: Api
    buckets: tuple[str, ...]
    lane: int
    is_public: bool = False


@dataclass(frozen=True)
class Pass:
    """It may leave now."""


@dataclass(frozen=True)
class Later:
    """It may leave in ``wait`` at the earliest."""

    wait: timedelta


Decision = Pass | Later | Exception
"""An exception is raised to whoever waits."""

Decide = Callable[[Sequence[Entry]], Awaitable[Sequence[Decision]]]


class _Waiter:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def hear(self, decision: Pass | Exception) -> None:
        if self.turn.done():
            return
        if isinstance(decision, Exception):
            self.turn.set_exception(decision)
        else:
            self.turn.set_result(None)


class Turnstile:
    """One for all requests of a process; lives on the engine's loop."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._waiting: list[_Waiter] = []
        self._serving: asyncio.Task[None] | None = None
        self._arrival = asyncio.Event()

    async def pass_through(self, entry: Entry) -> None:
        """Wait for the turn; raises what was decided against it, or what deciding raised."""
        waiter = _Waiter(entry)
        self._waiting.append(waiter)
        self._arrival.set()
        if self._serving is None or self._serving.done():
            self._serving = asyncio.get_running_loop().create_task(self._serve())
        try:
            await waiter.turn
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def _serve(self) -> None:
        while self._waiting:
            self._arrival.clear()
            batch = sorted(self._waiting, key=lambda waiter: waiter.entry.lane)
            try:
                decisions = await self._decide([waiter.entry for waiter in batch])
            except Exception as error:
                decisions = [error] * len(batch)
            waits = [self._tell(waiter, decision) for waiter, decision in zip(batch, decisions, strict=True)]
            if not self._arrival.is_set() and all(waits):
                await self._sleep(min(LONGEST_SLEEP, *waits))

    def _tell(self, waiter: _Waiter, decision: Decision) -> timedelta:
        """How long it has still to wait; zero when its turn has come."""
        if isinstance(decision, Later):
            return max(decision.wait, timedelta(milliseconds=1))
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        waiter.hear(decision)
        return timedelta(0)

    async def _sleep(self, pause: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._arrival.wait()
