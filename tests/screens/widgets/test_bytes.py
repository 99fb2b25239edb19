"""What goes over the wire at 80×24 with 256 colours, counted in a real pty (``UX.md``, wire budgets)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.widgets.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")]

SCRIPT = Path(__file__).with_name("everything.py")
LAST_ROW_OF_THE_FIRST_PAGE = b"9999981"
DOWN, PAGE_DOWN, HOME, END, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\x1b[H", b"\x1b[F", b"\x1b"


@pytest.fixture(params=["colour", "monochrome"])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    environment = {"NO_COLOR": "1"} if request.param == "monochrome" else {}
    with Terminal(SCRIPT, **environment) as one:
        first = one.read_until(LAST_ROW_OF_THE_FIRST_PAGE)
        assert LAST_ROW_OF_THE_FIRST_PAGE in first
        assert len(first) <= 35_000
        yield one


def test_what_each_action_costs(terminal: Terminal) -> None:
    costs = {
        "cursor move": (600, terminal.send(DOWN)),
        "changed row": (250, terminal.send(b"x")),
        "status line": (250, terminal.send(b"s")),
        "newer row above": (0, terminal.send(b"i")),
        "page": (9_000, terminal.send(PAGE_DOWN)),
        "plan": (12_000, terminal.send(b"R")),
        "digit typed": (250, terminal.send(b"2")),
        "plan closed": (12_000, terminal.send(ESCAPE)),
        "end": (9_000, terminal.send(END)),
        "home": (9_000, terminal.send(HOME)),
        "payload": (25_000, terminal.send(b"d")),
        "payload line": (600, terminal.send(DOWN)),
        "payload page": (9_000, terminal.send(PAGE_DOWN)),
    }

    silent = [name for name, (budget, written) in costs.items() if budget and not written]
    dear = {name: len(written) for name, (budget, written) in costs.items() if len(written) > budget}

    assert silent == []
    assert dear == {}


@pytest.mark.parametrize("frames", ["10", "60"])
def test_sixty_keys_in_one_write_cost_one_page(frames: str) -> None:
    with Terminal(SCRIPT, TEXTUAL_FPS=frames) as terminal:
        terminal.read_until(LAST_ROW_OF_THE_FIRST_PAGE)
        page = len(terminal.send(PAGE_DOWN))

        burst = terminal.send(DOWN * 60)

    assert b"9999920" in burst  # twenty rows of the page, then sixty
    assert len(burst) <= 1.3 * page


def test_an_idle_screen_sends_nothing(terminal: Terminal) -> None:
    assert terminal.read(quiet_seconds=2, at_most_seconds=3) == b""
