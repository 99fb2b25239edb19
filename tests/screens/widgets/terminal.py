"""A real terminal for a program: a pty that answers Textual's question and keeps what was written."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[3]
SYNC_QUESTION = b"\x1b[?2026$p"
SYNC_ANSWER = b"\x1b[?2026;2$y"


class Terminal:
    """A program in a terminal of 80×24 with 256 colours."""

    def __init__(self, script: Path, columns: int = 80, lines: int = 24, **environment: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        settings = {
            **kept,
            "TERM": "xterm-256color",
            "TEXTUAL_ANIMATIONS": "none",
            "TEXTUAL_FPS": "10",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=settings,
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(theirs)
        self._file = ours

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._file)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The program."""
        return self._process

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._file)
        self._file = os.open(os.devnull, os.O_RDWR)

    def read(self, quiet_seconds: float = 0.35, at_most_seconds: float = 15) -> bytes:
        """What the program writes until it has been quiet for a while."""
        written = b""
        ends = time.monotonic() + at_most_seconds
        while time.monotonic() < ends:
            ready, _, _ = select.select([self._file], [], [], quiet_seconds)
            if not ready:
                break
            try:
                chunk = os.read(self._file, 65536)
            except OSError:
                break
            written += chunk
            if SYNC_QUESTION in chunk:
                os.write(self._file, SYNC_ANSWER)
        return written

    def read_until(self, text: bytes, at_most_seconds: float = 20) -> bytes:
        """What the program writes until ``text`` came and it is quiet."""
        written, ends = b"", time.monotonic() + at_most_seconds
        while text not in written and time.monotonic() < ends:
            written += self.read(0.2)
        return written + self.read()

    def send(self, keys: bytes) -> bytes:
        """Type, in one write, and return what the program writes in answer."""
        os.write(self._file, keys)
        return self.read()
