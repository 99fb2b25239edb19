"""The end of the terminal and of the program: what Textual leaves out (``reference/terminal-ui.md`` 3.10).

Textual ignores SIGTERM and SIGHUP, and a closed terminal whose SIGHUP is ignored leaves a spinning process behind.
"""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Callable
from typing import Final

ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


def end_on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[int], None]) -> None:
    """Call ``end`` with the exit code when the program is told to end."""
    for number in ENDING:
        loop.add_signal_handler(number, end, 128 + number)


def is_hung_up(descriptor: int) -> bool:
    """Whether the other side of the terminal is gone."""
    poll = select.poll()
    poll.register(descriptor, select.POLLHUP)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _fd, event in poll.poll(0))


def stdin_is_hung_up() -> bool:
    """``is_hung_up`` for the program's own terminal."""
    try:
        return is_hung_up(sys.__stdin__.fileno() if sys.__stdin__ else 0)
    except (OSError, ValueError):
        return False
