"""The program in a real terminal: what it costs on the wire, and that it ends cleanly however it is ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screens.app import MonitorApp
from tests.screens.widgets.terminal import Terminal
from tests.screens.world import monitor, on_screen, run, session, settled
from vtexmon.config import Config
from vtexmon.core.records import ResendProgress
from vtexmon.errors import Unreachable

PROGRAM = Path(__file__).with_name("monitor_program.py")
READY = b"linha 1 de 60"
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
DOWN, PAGE_DOWN, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\x1b"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(PROGRAM, WORLD=str(tmp_path)) as one:
        first = one.read_until(READY)
        assert READY in first
        assert len(first) <= 35_000
        one.read(1.2)
        yield one


@pytest.mark.terminal
def test_what_each_action_costs_on_the_wire(terminal: Terminal) -> None:
    costs = {
        "cursor move": (600, terminal.send(DOWN)),
        "page": (9_000, terminal.send(PAGE_DOWN)),
        "mark": (700, terminal.send(b" ")),
        "filter prompt": (9_000, terminal.send(b"/")),
        "left": (9_000, terminal.send(ESCAPE)),
        "schedules": (25_000, terminal.send(b"5")),
        "back": (25_000, terminal.send(b"1")),
        "help": (25_000, terminal.send(b"?")),
    }

    assert {name: len(written) for name, (budget, written) in costs.items() if not 0 < len(written) <= budget} == {}


@pytest.mark.terminal
def test_an_idle_screen_writes_nothing(terminal: Terminal) -> None:
    assert terminal.read(4, 4) == b""


@pytest.mark.terminal
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("engine", ["", "1"])
def test_a_signal_ends_the_program_and_gives_the_terminal_back(
    tmp_path: Path, number: int, code: int, engine: str
) -> None:
    with Terminal(PROGRAM, WORLD=str(tmp_path), ENGINE=engine) as terminal:
        terminal.read_until(READY)
        os.kill(terminal.process.pid, number)
        written = terminal.read(2)
        assert LEFT_ALTERNATE_SCREEN in written
        assert terminal.process.wait(10) == code


@pytest.mark.terminal
@pytest.mark.parametrize("ignored", ["", "1"])
def test_a_closed_terminal_ends_the_program(tmp_path: Path, ignored: str) -> None:
    with Terminal(PROGRAM, WORLD=str(tmp_path), ENGINE="1", IGNORE_SIGHUP=ignored) as terminal:
        terminal.read_until(READY)
        terminal.hang_up()
        assert terminal.process.wait(10) is not None


@pytest.mark.terminal
def test_q_ends_with_zero(terminal: Terminal) -> None:
    terminal.send(b"q")
    assert terminal.process.wait(10) == 0


def test_quitting_asks_only_while_a_bulk_resend_runs(tmp_path: Path) -> None:
    from screens.progress import follow

    async def use(app: MonitorApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert app.session is not None
            follow(app.session, ResendProgress(7, 10, 2, 1, 0, 0, 0, "", app.session.now(), "ana", False))
            await pilot.press("q")
            await settled(pilot)
            assert "7 registros ainda não foram reenviados" in "\n".join(on_screen(app))
            await pilot.press("enter")
            await settled(pilot)
            assert app.is_running
            await pilot.press("q", "s")
        assert app.return_value == 0

    with session(tmp_path) as world:
        run(use(monitor(world)))


def test_a_database_that_cannot_be_opened_ends_the_program_with_its_reason(tmp_path: Path) -> None:
    def refuse(_config: Config, _read_only: bool) -> Any:
        raise Unreachable("sem banco")

    async def use(app: MonitorApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
        assert app.return_value == 5
        assert str(app.failure) == "sem banco"

    run(use(MonitorApp(Config(), open_session=refuse)))


def test_the_command_prompt_does_what_a_key_does(tmp_path: Path) -> None:
    async def use(app: MonitorApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await pilot.press("colon", *"agend", "tab")
            await settled(pilot)
            assert on_screen(app)[-1].startswith(" : agendamentos")
            await pilot.press("enter")
            await settled(pilot)
            assert "Agendamentos" in on_screen(app)[0]
            await pilot.press("colon", *"logs", "enter")
            await settled(pilot)
            assert app.screen is app.monitor
            await pilot.press("colon", *"nada disso", "enter")
            await settled(pilot)
            assert "não há esse comando" in on_screen(app)[-1]

    with session(tmp_path) as world:
        run(use(monitor(world)))


def test_an_account_without_credentials_does_not_stop_the_monitor(tmp_path: Path) -> None:
    from dataclasses import replace

    from tests.screens.world import config
    from vtexmon.config import Secret

    accounts = {name: replace(one, app_key=Secret("env:X")) for name, one in config().accounts.items()}

    async def use(app: MonitorApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert "conta nacional sem credencial" in "\n".join(on_screen(app))
            assert app.monitor.table.cursor == 60

    with session(tmp_path, accounts=accounts) as world:
        run(use(monitor(world)))
