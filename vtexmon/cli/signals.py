"""Being told to stop: the first signal ends the command cleanly, a second Ctrl-C does not wait for that.

SIGINT, SIGTERM and SIGHUP (a closed terminal) all raise ``Interrupted`` in the main thread, so that ``with`` blocks let
go of the engine and the database. Being stopped is not a failed attempt (DESIGN.md section 6).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


class Interrupted(KeyboardInterrupt):
    """The process was told to end; ``signal_number`` says how."""

    def __init__(self, signal_number: int) -> None:
        super().__init__()
        self.signal_number = signal_number

    @property
    def by_user(self) -> bool:
        """Whether it was Ctrl-C."""
        return self.signal_number == signal.SIGINT


def install() -> None:
    """Raise ``Interrupted`` for the signals that end a program. Main thread only."""
    for number in _ENDING:
        signal.signal(number, _stop)


async def until_told(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, or until the process is told to stop: cancelled then, with ``Interrupted`` raised.

    For what runs in the main thread's loop. An exception raised by a handler may come up in a finaliser, which swallows
    it, and no second signal would be heard.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    told: list[int] = []

    def tell(number: int) -> None:
        told.append(number)
        task.cancel()

    for number in _ENDING:
        with contextlib.suppress(NotImplementedError):  # where loops know no signals
            loop.add_signal_handler(number, tell, number)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise Interrupted(told[0]) from None
        raise


_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def _stop(number: int, _frame: FrameType | None) -> None:
    for ending in _ENDING:
        signal.signal(ending, signal.default_int_handler if ending == signal.SIGINT else signal.SIG_IGN)
    raise Interrupted(number)
