"""Agendamentos: what runs by itself, what was missed, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import MonitorApp
from screens.schedule_lines import rule_words
from screens.session import Session
from tests.screens.world import NOW, monitor, on_screen, run, session, settled
from vtexmon.config import Schedule
from vtexmon.engine.commands import Commands
from vtexmon.store import schedules, targets, workers
from vtexmon.store.workers import WorkerRecord

MINUTE = timedelta(minutes=1)
Use = Callable[[MonitorApp, Pilot[Any], Session], Awaitable[None]]


def fill(world: Session) -> None:
    """A good run, a failed one, two missed ticks, two engines of which one has another configuration."""

    def work(connection: Any) -> None:
        done = schedules.begin(connection, "catalog_export", NOW - 17 * MINUTE, NOW - 17 * MINUTE, "agendador")
        assert done is not None
        schedules.finish(connection, done, schedules.DONE, "3 registros novos, 955 inalterados", NOW - 16 * MINUTE)
        failed = schedules.begin(connection, "catalog_export", NOW - 2 * MINUTE, NOW - 2 * MINUTE, "agendador")
        assert failed is not None
        schedules.finish(connection, failed, schedules.FAILED, "pasta da origem não existe", NOW - 2 * MINUTE)
        for minutes in (5, 6):
            due = NOW - minutes * MINUTE
            schedules.note(connection, "resend", due, schedules.MISSED, "o programa estava parado", "agendador")
        for number, fingerprint in enumerate(("a" * 8, "b" * 8)):
            worker = WorkerRecord(f"vm:{number}", "vm", 100 + number, "worker", "1", fingerprint, NOW, NOW)
            workers.hello(connection, worker)
        targets.pause(connection, "sp", NOW + 60 * MINUTE, NOW, "ana")

    world.database.write_now(work)


def using(folder: Path, use: Use, size: tuple[int, int] = (80, 24), **changes: Any) -> None:
    """Open the schedules over a filled world."""

    async def work(world: Session) -> None:
        app = monitor(world)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await pilot.press("5")
            await settled(pilot)
            await use(app, pilot, world)

    with session(folder, **changes) as world:
        fill(world)
        run(work(world))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


def test_each_schedule_tells_rule_next_and_last_run(tmp_path: Path) -> None:
    async def use(app: MonitorApp, _pilot: Pilot[Any], _world: Session) -> None:
        lines = on_screen(app)
        export = next(line for line in lines if "Exportação do catálogo" in line)
        assert "a cada 15min" in export
        assert "14:45 (em 13min)" in export
        assert "falhou 14:30" in export
        assert next(line for line in lines if "Reenvio do que" in line).rstrip().endswith("2")
        assert any("desligado" in line for line in lines)

    using(tmp_path, use)


def test_the_runs_of_the_chosen_schedule_are_below_it(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        assert "pasta da origem" in "\n".join(on_screen(app))
        await press(pilot, "down")
        shown = "\n".join(on_screen(app))
        assert "perdida" in shown
        assert "pasta da origem" not in shown

    using(tmp_path, use)


def test_engines_with_different_configurations_and_paused_accounts_are_told(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        lines = on_screen(app)
        assert "configurações diferentes" in lines[1]
        assert "contas em pausa: sp até 15:32" in lines[2]
        await press(pilot, "1")
        above = "\n".join(on_screen(app)[:4])
        assert "sp em pausa até 15:32" in above
        assert "Exportação do catálogo: falhou às 14:30" in above

    using(tmp_path, use)


def test_a_schedule_is_paused_and_resumed(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        await press(pilot, "p")
        assert "catalog_export" in world.database.read(lambda c: schedules.paused(c, NOW))
        assert "em pausa" in next(line for line in on_screen(app) if "Exportação do catálogo" in line)
        await press(pilot, "p")
        assert world.database.read(lambda c: schedules.paused(c, NOW)) == {}

    using(tmp_path, use)


def test_running_without_an_engine_is_refused_in_words(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await press(pilot, "x")
        assert "sem motor" in on_screen(app)[-2]

    using(tmp_path, use)


def test_read_only_may_look_and_nothing_else(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        assert "executa" not in on_screen(app)[-1]
        await press(pilot, "p", "x", "enter")
        assert world.database.read(lambda c: schedules.paused(c, NOW)) == {}

    using(tmp_path, use, may_write=False)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Schedule("a", every=15 * MINUTE), "a cada 15min"),
        (Schedule("a", every=timedelta(seconds=30)), "a cada 30s"),
        (Schedule("a", cron="5 9 * * *"), "diário 09:05"),
        (Schedule("a", cron="0 22 * * 1-5"), "0 22 * * 1-5"),
        (None, ""),
    ],
)
def test_rules_are_told_in_words_where_that_is_short(rule: Schedule | None, words: str) -> None:
    assert rule_words(rule) == words


HELD = "0 registros novos, 5 inalterados · Preço retido: 4 de 9 sumiram da origem ou ficaram inativos de uma vez"


def hold(world: Session) -> None:
    def work(connection: Any) -> None:
        run_id = schedules.begin(connection, "catalog_export", NOW - MINUTE, NOW - MINUTE, "agendador")
        assert run_id is not None
        schedules.finish(connection, run_id, schedules.HELD, HELD, NOW - MINUTE)

    world.database.write_now(work)


def test_what_is_held_is_told_and_confirmed_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(Commands, "confirm_vanished", lambda commands: given.append(commands.operator.name))

    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        hold(world)
        await press(pilot, "r")
        assert any("retido" in line and "Exportação" in line for line in on_screen(app))

        await press(pilot, "c")
        assert any("Preço retido: 4 de 9" in line for line in on_screen(app))
        await press(pilot, "enter")
        assert given == []

        await press(pilot, "c")
        await press(pilot, "s")
        assert given == [world.commands.operator.name]
        assert any("a exportação começou" in line for line in on_screen(app))

    using(tmp_path, use)


def test_without_anything_held_there_is_nothing_to_confirm(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await press(pilot, "c")
        assert any("nada retido" in line for line in on_screen(app))

    using(tmp_path, use)
