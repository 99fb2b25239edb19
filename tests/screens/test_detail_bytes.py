"""What detail, payload and plan cost on the wire at 80×24 with 256 colours (``UX.md``, wire budgets)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.widgets.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")]

SCRIPT = Path(__file__).with_name("detail_terminal.py")
DOWN, ESCAPE = b"\x1b[B", b"\x1b"


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(SCRIPT) as one:
        first = one.read_until(b"The request is invalid")
        assert len(first) <= 35_000
        yield one


def test_what_each_step_costs(terminal: Terminal) -> None:
    costs = {
        "another item, its preview": (4_000, terminal.send(DOWN)),
        "payload": (25_000, terminal.send(b"\r")),
        "line": (600, terminal.send(DOWN)),
        "difference": (9_000, terminal.send(b"d")),
        "copied": (9_000, terminal.send(b"y")),
        "text again": (9_000, terminal.send(ESCAPE)),
        "back": (25_000, terminal.send(ESCAPE)),
        "plan": (12_000, terminal.send(b"R")),
        "list": (25_000, terminal.send(b"v")),
        "question again": (25_000, terminal.send(ESCAPE)),
        "plan closed": (12_000, terminal.send(ESCAPE)),
    }

    silent = [name for name, (_budget, written) in costs.items() if not written]
    dear = {name: len(written) for name, (budget, written) in costs.items() if len(written) > budget}

    assert silent == []
    assert dear == {}


def test_looking_at_a_log_that_does_not_change_sends_nothing(terminal: Terminal) -> None:
    assert terminal.read(quiet_seconds=3, at_most_seconds=5) == b""


@pytest.mark.parametrize("key", [b"\r", b"R"], ids=["payload", "plan"])
def test_the_screen_below_is_silent(terminal: Terminal, key: bytes) -> None:
    terminal.send(key)

    assert terminal.read(quiet_seconds=3, at_most_seconds=5) == b""
