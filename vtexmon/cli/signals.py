"""Being told to stop: the first signal ends the command cleanly, a second Ctrl-C does not wait for that.

SIGINT, SIGTERM and SIGHUP (a closed terminal) all raise ``Interrupted`` in the main thread, so that ``with`` blocks let
go of the engine and the database. Being stopped is not a failed attempt (DESIGN.md section 6).
"""

from __future__ import annotations

import signal
from types import FrameType


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


_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def _stop(number: int, _frame: FrameType | None) -> None:
    for ending in _ENDING:
        signal.signal(ending, signal.default_int_handler if ending == signal.SIGINT else signal.SIG_IGN)
    raise Interrupted(number)
