"""How far a command is, on stderr: one line that is rewritten on a terminal, else a line every few seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from vtexmon.cli.output import say

LOUD_EVERY = 0.5
QUIET_EVERY = 5.0


@dataclass
class Progress:
    """The line of one command. ``end`` takes it away."""

    _next: float = field(default=0.0, init=False)
    _width: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._loud = sys.stderr.isatty()
        self._next = time.monotonic() + (0.0 if self._loud else QUIET_EVERY)

    def show(self, words: Callable[[], str]) -> None:
        """Tell how it stands, if it is time to; ``words`` are only then asked for."""
        if time.monotonic() < self._next:
            return
        line = words()
        if self._loud:
            sys.stderr.write("\r" + line.ljust(self._width))
            sys.stderr.flush()
            self._width = len(line)
        else:
            say(line)
        self._next = time.monotonic() + (LOUD_EVERY if self._loud else QUIET_EVERY)

    def end(self) -> None:
        """Take the rewritten line away."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
