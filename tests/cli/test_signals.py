"""Being told to stop, while an event loop runs in the main thread."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from vtexmon.cli.signals import Interrupted, until_told


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The signals as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_runs_is_ended_in_order_and_said_how(number: signal.Signals) -> None:
    done: list[str] = []

    async def work() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            done.append("let go")

    with pytest.raises(Interrupted) as told:
        asyncio.run(until_told(work()))

    assert (told.value.signal_number, done) == (number, ["let go"])


def test_what_ends_by_itself_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert asyncio.run(until_told(work())) == 7


def test_being_cancelled_otherwise_is_not_a_signal() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(until_told(work()))
