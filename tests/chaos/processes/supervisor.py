"""Four processes of the real program on one database: started, killed, frozen, and started again until all rests.

What they print on stderr is read as it comes, so that none ever waits for a full pipe, and kept for whoever asks why.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.chaos.processes.nursery import Nursery

KEPT_LINES = 2_000
LAST_WORDS = 400
_LIMIT = resource.RLIMIT_FSIZE
_NO_ROOM = 16_384
"""Writing any further into a file fails: less than the tables already take."""


class Child:
    """One running process of the program."""

    def __init__(self, nursery: Nursery, command: Sequence[str]) -> None:
        self.command = " ".join(command)
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._nursery = nursery
        self.pid, stderr = nursery.start(command)
        self._reader = threading.Thread(target=self._read, args=(stderr,), daemon=True)
        self._reader.start()

    def _read(self, stderr: int) -> None:
        with open(stderr, encoding="utf-8", errors="replace") as lines:
            self.lines.extend(line.rstrip() for line in lines)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._nursery.exit_code(self.pid)

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """Its exit code; what it printed is then complete."""
        code = self._nursery.wait(self.pid, seconds)
        self._reader.join(5)
        return code

    def without_disk(self) -> None:
        """No file of this process can grow any more: its writes to the database fail."""
        with suppress(ProcessLookupError):
            resource.prlimit(self.pid, _LIMIT, (_NO_ROOM, resource.RLIM_INFINITY))

    def with_disk(self) -> None:
        """There is room again."""
        with suppress(ProcessLookupError):
            resource.prlimit(self.pid, _LIMIT, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@dataclass
class Slot:
    """One of the processes that should always run. ``command`` says what to start next."""

    nursery: Nursery
    command: Callable[[], Sequence[str]]
    child: Child | None = None
    thaw_at: float | None = None
    start_at: float = 0.0


@dataclass
class Supervisor:
    """Keeps the slots filled. ``heard`` is what all processes said.

    ``ended`` counts how they ended by themselves, ``last_words`` is what those said that should not have.
    """

    slots: list[Slot]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    last_words: list[str] = field(default_factory=list)
    heard: deque[str] = field(default_factory=lambda: deque(maxlen=20_000))

    def keep_up(self) -> None:
        """Start what has ended, wake what has slept long enough. To be called again and again."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.thaw_at is not None and now >= slot.thaw_at:
                self._thaw(slot)
            if slot.child is not None and slot.child.exit_code is not None:
                self._bury(slot)
            if slot.child is None and now >= slot.start_at:
                slot.child = Child(slot.nursery, slot.command())

    def kill(self) -> None:
        """``kill -9`` of one that runs, frozen or not."""
        slot = self._any()
        if slot is not None and slot.child is not None:
            slot.child.signal(signal.SIGKILL)
            self._let_go(slot, 10)
            self.done["kills"] += 1

    def freeze(self, seconds: float) -> None:
        """``SIGSTOP`` of one that runs, for so long."""
        slot = self._any()
        if slot is not None and slot.child is not None and slot.thaw_at is None:
            slot.child.signal(signal.SIGSTOP)
            slot.thaw_at = time.monotonic() + seconds
            self.done["stops"] += 1

    def fill_disk(self) -> None:
        """One process finds no room in any file."""
        slot = self._any()
        if slot is not None and slot.child is not None:
            slot.child.without_disk()
            self.done["full disks"] += 1

    def empty_disk(self) -> None:
        """Every process has room."""
        for slot in self.slots:
            if slot.child is not None:
                slot.child.with_disk()

    def calm_down(self) -> None:
        """No trouble is left over."""
        self.empty_disk()
        for slot in self.slots:
            self._thaw(slot)

    def stop(self, seconds: float = 30) -> None:
        """End all in order."""
        for slot in self.slots:
            if slot.child is not None:
                slot.child.signal(signal.SIGTERM)
        for slot in self.slots:
            self._let_go(slot, seconds)

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        for slot in self.slots:
            if slot.child is not None:
                slot.child.signal(signal.SIGKILL)
                self._let_go(slot, 10)

    def _any(self) -> Slot | None:
        running = [slot for slot in self.slots if slot.child is not None and slot.child.exit_code is None]
        return self.chance.choice(running) if running else None

    def _thaw(self, slot: Slot) -> None:
        if slot.thaw_at is not None and slot.child is not None:
            slot.child.signal(signal.SIGCONT)
        slot.thaw_at = None

    def _let_go(self, slot: Slot, seconds: float) -> int | None:
        child, slot.child, slot.thaw_at = slot.child, None, None
        if child is None:
            return None
        code = child.wait(seconds)
        self.heard.extend(child.lines)
        return code

    def _bury(self, slot: Slot) -> None:
        child = slot.child
        assert child is not None
        code = self._let_go(slot, 10)
        self.ended[f"{child.command.split()[0]} {code}"] += 1
        if code not in _ORDINARY and len(self.last_words) < LAST_WORDS:
            self.last_words += [f"{child.command} ended with {code}:", *list(child.lines)[-40:]]
        slot.start_at = time.monotonic() + self.chance.uniform(0.1, 0.5)


_ORDINARY = (0, 3, 5, -signal.SIGKILL)
