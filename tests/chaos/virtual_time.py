"""An event loop whose time is a ``FakeClock`` and in which nothing waits: a run is the same each time it is made.

What the engine hands to threads is done on the spot. When nothing is left to do at this moment the loop goes to its
next timer by moving the clock, or hands back to whoever asked it only ``until`` some moment.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any

from tests.engine.bench import FakeClock


class NothingCanHappen(BaseException):
    """Somebody waits for ever: no timer is set, and nothing comes from outside."""


class _Selector(selectors.DefaultSelector):
    """Asked to wait, it moves the clock."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.until: float | None = None
        self.hand_back: Callable[[], None] = lambda: None

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if events or timeout == 0:
            return events
        if self.until is not None and (timeout is None or self.clock.seconds + timeout > self.until):
            self.clock.advance(max(self.until - self.clock.seconds, 0))
            self.hand_back()
        elif timeout is None:
            raise NothingCanHappen
        else:
            self.clock.advance(timeout)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time`` is the clock's; everything else is asyncio's own."""

    def __init__(self, clock: FakeClock) -> None:
        self._virtual = _Selector(clock)
        super().__init__(self._virtual)
        self._virtual.hand_back = self.stop

    def time(self) -> float:
        return self._virtual.clock.monotonic()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:
            future.set_exception(error)
        return future

    def pass_time(self, seconds: float = 0) -> None:
        """Do all that there is to do until then, and no more; the clock stands there afterwards."""
        self._virtual.until = self._virtual.clock.seconds + seconds
        try:
            self.run_forever()
        finally:
            self._virtual.until = None
