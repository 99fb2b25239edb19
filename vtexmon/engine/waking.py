"""When an engine with nothing to do looks again: told by another process, or when it knows that something is due.

Polling stays the truth. A notice that was lost, or a listening connection that broke, costs one poll and nothing else.
SQLite has no notices: its ``data_version`` would have to be polled as well, many times a second to be worth anything,
and there the other process is as a rule a command that has an engine of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vtexmon.store import waking
from vtexmon.store.claims import Outlook
from vtexmon.store.database import Database
from vtexmon.store.waking import Listener, Lost

POLL = timedelta(seconds=1)
QUIET_POLL = timedelta(seconds=5)
"""How often it looks while it is told of what becomes due."""

RECONNECT = timedelta(seconds=2)
_SHORTEST = timedelta(milliseconds=20)


def pause(outlook: Outlook | None, now: datetime, grace: timedelta, told: bool) -> timedelta:
    """How long to rest after a look. ``outlook`` None = all hands are full, and whichever ends will say so.

    What is due but held back by another record, perhaps of another process, tells nobody when it is free.
    """
    poll = min(POLL, grace / 4)
    if outlook is None:
        return max(poll, _SHORTEST)
    longest = QUIET_POLL if told and not outlook.held_back else poll
    if outlook.next_due is not None:
        longest = min(longest, outlook.next_due - now)
    return max(longest, _SHORTEST)


@dataclass
class Waker:
    """Calls ``wake`` for notices of other processes; ``told`` says whether they can be counted on at the moment."""

    database: Database
    wake: Callable[[], None]
    told: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Listen for ever, over as many connections as it takes; ends only by being cancelled."""
        while True:
            with contextlib.suppress(Lost):
                await self._listen()
            await asyncio.sleep(RECONNECT.total_seconds())

    async def _listen(self) -> None:
        listener = await self._connected()
        try:
            await self._hear(listener)
        finally:
            self.told = False
            listener.close()
            self.wake()

    async def _connected(self) -> Listener:
        connecting = asyncio.ensure_future(asyncio.to_thread(waking.listen, self.database))
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with contextlib.suppress(Lost):
                (await connecting).close()
            raise

    async def _hear(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        lost: asyncio.Future[None] = loop.create_future()

        def readable() -> None:
            try:
                if listener.heard():
                    self.wake()
            except Lost as error:
                loop.remove_reader(descriptor)  # a broken connection is readable for ever
                if not lost.done():
                    lost.set_exception(error)

        descriptor = listener.fileno()
        loop.add_reader(descriptor, readable)
        try:
            self.told = True
            self.wake()  # what was said before we listened
            await lost
        finally:
            loop.remove_reader(descriptor)
