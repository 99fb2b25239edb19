"""Readings that repeat: never two at once, and never more often than their own cost allows.

Ten million rows make a count slow; the list must stay as live as it can without reading all the time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from textual.screen import Screen
from textual.timer import Timer

SHARE: Final = 10
"""A reading that took t seconds is not repeated before ten times t."""


class Paced:
    """One kind of reading of one screen; ``failed`` is told what a reading raised."""

    def __init__(
        self,
        screen: Screen[None],
        work: Callable[[], Awaitable[None]],
        least_seconds: float,
        failed: Callable[[Exception], None],
        share: int = SHARE,
    ) -> None:
        self._screen = screen
        self._work = work
        self._least = least_seconds
        self._failed = failed
        self._share = share
        self._running = self._again = self._at_once = False
        self._timer: Timer | None = None
        self._not_before = 0.0

    def ask(self, *, at_once: bool = False) -> None:
        """Read, as soon as that is decent; ``at_once``: a person asked for something else, so the pace begins anew."""
        if at_once:
            self._not_before = 0.0
            if self._timer is not None:
                self._timer.stop()
                self._timer = None
        if self._running:
            self._again, self._at_once = True, self._at_once or at_once
        elif self._timer is None:
            wait = self._not_before - monotonic()
            if wait > 0:
                self._timer = self._screen.set_timer(wait, self._start)
            else:
                self._start()

    def _start(self) -> None:
        self._timer = None
        self._running, self._at_once = True, False
        self._screen.run_worker(self._run(), exit_on_error=False)

    async def _run(self) -> None:
        began = monotonic()
        try:
            await self._work()
        except Exception as error:
            self._failed(error)
        finally:
            took = monotonic() - began
            self._not_before = monotonic() + max(self._least, self._share * took)
            self._running = False
        if self._again:
            self._again = False
            self.ask(at_once=self._at_once)
