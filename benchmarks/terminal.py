"""A program in a pseudo-terminal of 80 × 24: what it writes, when, and how much for each key."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass

COLUMNS, LINES = 80, 24
QUIET_SECONDS = 0.35


@dataclass
class Terminal:
    """One running program; everything it wrote is counted."""

    pid: int
    descriptor: int
    started: float

    @classmethod
    def start(cls, command: list[str], environment: dict[str, str], folder: str | None = None) -> Terminal:
        """Start a program on a terminal of its own."""
        started = time.perf_counter()
        pid, descriptor = pty.fork()
        if pid == 0:
            if folder:
                os.chdir(folder)
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        return cls(pid, descriptor, started)

    def until(self, text: str, limit: float = 60) -> tuple[float, int]:
        """Seconds since the start and bytes written until ``text`` was on the wire."""
        wanted, seen, count = text.encode(), b"", 0
        while time.perf_counter() - self.started < limit:
            chunk = self._read(0.2)
            count += len(chunk)
            seen = (seen + chunk)[-20_000:]
            if wanted in seen:
                return time.perf_counter() - self.started, count
        raise TimeoutError(f"{text!r} did not appear; last: {seen[-300:]!r}")

    def press(self, keys: str) -> tuple[float, int]:
        """Send keys; seconds to the last byte they caused and how many bytes, once it is quiet again."""
        begun = last = time.perf_counter()
        os.write(self.descriptor, keys.encode())
        count = 0
        while time.perf_counter() - last < QUIET_SECONDS:
            chunk = self._read(0.05)
            if chunk:
                count += len(chunk)
                last = time.perf_counter()
        return last - begun, count

    def settle(self, seconds: float = 1.5) -> int:
        """Bytes written while nobody does anything."""
        end, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            count += len(self._read(0.1))
        return count

    def stop(self) -> None:
        """End the program."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            end = time.perf_counter() + 8
            while time.perf_counter() < end:
                self._read(0.05)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.descriptor)
                    return

    def _read(self, wait: float) -> bytes:
        if not select.select([self.descriptor], [], [], wait)[0]:
            return b""
        try:
            return os.read(self.descriptor, 65536)
        except OSError:
            return b""


def environment(**extra: str) -> dict[str, str]:
    """The environment of a support desk's terminal over SSH: 256 colours, no true colour."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLORTERM", "NO_COLOR")}
    return {**kept, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **extra}
