"""Starts processes of the program at once: everything is imported in one process, and each start is a fork of that.

Run as a script (``python nursery.py FD``) with the program's packages on ``PYTHONPATH``. ``Nursery`` is the other end:
it asks over a socket for a process with these arguments and is told how each ended. On two cores the imports of a
process that is killed twice a second would leave nothing for sending.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

MESSAGE_BYTES = 65_536


class Nursery:
    """Processes of one program in one folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._exit_codes: dict[int, int] = {}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=folder,
            env=dict(environment),
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def start(self, arguments: Sequence[str]) -> tuple[int, int]:
        """A new process; gives its id and where its stderr can be read."""
        reading, writing = os.pipe()
        socket.send_fds(self._channel, [json.dumps(list(arguments)).encode()], [writing])
        os.close(writing)
        while (told := self._hear(None)) is None or "started" not in told:
            assert self._process.poll() is None, "the program could not be imported"
        return told["started"], reading

    def exit_code(self, pid: int) -> int | None:
        """How a process ended; None while it runs."""
        while pid not in self._exit_codes and self._hear(0.0) is not None:
            pass
        return self._exit_codes.get(pid)

    def wait(self, pid: int, seconds: float) -> int:
        """Its exit code, once it has ended."""
        deadline = time.monotonic() + seconds
        while (code := self.exit_code(pid)) is None:
            assert time.monotonic() < deadline, f"process {pid} does not end"
            self._hear(0.1)
        return code

    def close(self) -> None:
        """No more processes; those that run are the caller's to end."""
        self._channel.close()
        self._process.wait(10)

    def _hear(self, seconds: float | None) -> dict[str, int] | None:
        if not select.select([self._channel.fileno()], [], [], seconds)[0]:
            return None
        told: dict[str, int] = json.loads(self._channel.recv(MESSAGE_BYTES) or b"{}")
        if "ended" in told:
            self._exit_codes[told["ended"]] = told["code"]
        return told or None


def main() -> None:
    """The script: fork on request until nobody asks any more."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    _import_everything()
    children, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        ready, _, _ = select.select([channel.fileno(), children], [], [])
        if children in ready:
            os.read(children, MESSAGE_BYTES)
            _tell_of_the_dead(channel)
        if channel.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, 1)
            if not message:
                channel.close()
                return
            pid = os.fork()
            if pid == 0:
                channel.close()
                _become(json.loads(message), descriptors[0])
                return
            os.close(descriptors[0])
            channel.send(json.dumps({"started": pid}).encode())


def _import_everything() -> None:
    """What a process would import on its way, the parts that are imported late among them."""
    import psycopg  # noqa: F401

    import vtexmon.cli.main
    import vtexmon.cli.worker
    import vtexmon.engine.scheduler
    import vtexmon.vtex.client  # noqa: F401

    gc.collect()
    gc.freeze()


def _tell_of_the_dead(channel: socket.socket) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            pid, status = ended
            channel.send(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


def _become(arguments: list[str], stderr: int) -> None:
    """From here on a process of the program like any other; returns or raises as its command line does."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor, number in ((nowhere, 0), (nowhere, 1), (stderr, 2)):
        os.dup2(descriptor, number)
    os.close(stderr)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    random.seed()
    sys.argv = ["vtexmon", *arguments]
    from vtexmon.cli.main import run

    run()


if __name__ == "__main__":
    main()
