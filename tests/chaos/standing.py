"""Points at which a process may come to stand still: before and after each commit, and behind each exchange.

Out of allowed points it stands there, in the middle of what it does, until it is let go on or dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import OperationalError

from tests.chaos.virtual_time import VirtualLoop
from tests.engine.bench import Killed
from vtexmon.store.database import Database


@dataclass
class Brake:
    """``left`` is how many points may still be passed; None = any number."""

    left: int | None = None
    dead: bool = False
    parked: list[asyncio.Future[None]] = field(default_factory=list)

    async def point(self) -> None:
        """Pass, stand still, or die."""
        if not self.dead and self.left == 0:
            waiting = asyncio.get_running_loop().create_future()
            self.parked.append(waiting)
            await waiting
        elif self.left is not None:
            self.left = max(self.left - 1, 0)
        if self.dead:
            raise Killed

    def go(self, points: int | None) -> None:
        """Go on past so many points, those first at which it stands still."""
        self.left = points
        while self.parked and self.left != 0:
            self.left = None if self.left is None else self.left - 1
            self._wake(self.parked.pop(0))

    def die(self) -> None:
        self.dead = True
        while self.parked:
            self._wake(self.parked.pop(0))

    def _wake(self, waiting: asyncio.Future[None]) -> None:
        if not waiting.done():
            waiting.set_result(None)


class ParkingDatabase(Database):
    """Commits one after the other, as the writer does, each with a point on either side; ``fails`` at the next one."""

    def __init__(self, url: str, loop: VirtualLoop, brake: Brake, look: Callable[[], None]) -> None:
        super().__init__(url)
        self._loop, self._brake, self._look, self._order = loop, brake, look, asyncio.Lock()
        self.fails: str | None = None

    def read(self, work: Callable[[Any], Any]) -> Any:
        if self._brake.dead:
            raise Killed
        return super().read(work)

    def write(self, work: Callable[[Any], Any]) -> Future[Any]:
        told: Future[Any] = Future()
        self._loop.create_task(self._pass(work, told))
        return told

    async def _pass(self, work: Callable[[Any], Any], told: Future[Any]) -> None:
        try:
            async with self._order:
                result = await self._commit(work)
        except BaseException as error:
            if told.set_running_or_notify_cancel():
                told.set_exception(error)
        else:
            if told.set_running_or_notify_cancel():
                told.set_result(result)

    async def _commit(self, work: Callable[[Any], Any]) -> Any:
        await self._brake.point()
        self._fail("before")
        try:
            result = super().write(work).result()
        finally:
            self._look()
        await self._brake.point()
        self._fail("after")
        return result

    def _fail(self, moment: str) -> None:
        if self.fails == moment:
            self.fails = None
            raise OperationalError("COMMIT", {}, Exception("disk full"))

    def write_apart(self, work: Callable[[Any], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            if self._brake.dead:
                raise RuntimeError("a dead process")
            future.set_result(super().write_apart(work).result())
        except Exception as error:
            future.set_exception(error)
        return future
