"""The Monitor de Log as a person uses it: filter, marks, live changes, and back to where one was."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import MonitorApp
from screens.session import Session
from tests.screens.world import NOW, change, insert, log_row, monitor, on_screen, run, session, settled
from vtexmon.core.selection import Explicit, Matching, Nothing
from vtexmon.core.status import Phase, Status

Use = Callable[[MonitorApp, Pilot[Any], Session], Coroutine[Any, Any, None]]


def using(folder: Path, use: Use, size: tuple[int, int] = (80, 24), **world: Any) -> None:
    """Open the monitor over a world, and use it."""

    async def work(opened: Session) -> None:
        app = monitor(opened)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await use(app, pilot, opened)

    with session(folder, **world) as opened:
        run(work(opened))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


async def filter_by(pilot: Pilot[Any], text: str) -> None:
    await press(pilot, "slash")
    pilot.app.screen.query_one("FilterPrompt Input").value = text  # type: ignore[attr-defined]
    await press(pilot, "enter")


def below(app: MonitorApp) -> str:
    return on_screen(app)[-2]


def rows(app: MonitorApp) -> list[int]:
    return [row.id for row in app.monitor.table.window.rows]


def test_the_first_screen_answers_whether_all_is_well(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        lines = on_screen(app)

        assert lines[0] == " vtexmon  SANDBOX  SENAI-SP · Filial 12                   ● VTEX ok  ⟳ 10:37:07"
        assert lines[1].startswith(" ✗ 10 Erro  ⊘ 10 Cancelado  … 10 Pendente  ✓ 30 Sucesso hoje  mais antigo 4h57")
        assert lines[2].endswith("60 registros")
        assert lines[-2].startswith(" Campo Title recusado pela VTEX: texto acima de 150 letras")
        assert lines[-2].endswith("linha 1 de 60 · 2 %")
        assert "R reenvia" in lines[-1]

    using(tmp_path, use)


def test_marks_by_one_by_range_and_all_survive_filters_and_are_counted(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await filter_by(pilot, "status:erro")
        assert rows(app) == [60, 54, 48, 42, 36, 30, 24, 18, 12, 6]
        assert on_screen(app)[2].endswith("10 de 60")

        await press(pilot, "space", "space", "space")
        assert app.monitor.marks.selection == Explicit(frozenset({60, 54, 48}))

        await press(pilot, "v", "down", "down", "v")
        assert app.monitor.marks.selection == Explicit(frozenset({60, 54, 48, 42, 36, 30}))
        assert below(app).startswith(" 6 marcados · 0 ocultos")

        await filter_by(pilot, "status:erro modulo:produto")
        assert rows(app) == [60, 48, 36, 24, 12]
        assert below(app).startswith(" 6 marcados · 3 ocultos")

        await press(pilot, "A")
        selection = app.monitor.marks.selection
        assert isinstance(selection, Matching)
        assert selection.as_of == 60
        assert selection.plus == {54, 42, 30}
        assert below(app).startswith(" 8 marcados · 3 ocultos")

        await press(pilot, "V")
        assert rows(app) == [60, 54, 48, 42, 36, 30, 24, 12]

        await press(pilot, "V", "u")
        assert app.monitor.marks.selection == Nothing()
        assert "marcado" not in below(app)

    using(tmp_path, use)


def test_a_row_opened_and_left_is_where_it_was(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await filter_by(pilot, "status:erro,cancelado")
        await press(pilot, "down", "space", "down", "down")
        before = on_screen(app)
        await press(pilot, "enter")
        assert app.screen is not app.monitor
        await press(pilot, "escape")

        assert app.screen is app.monitor
        assert on_screen(app) == before

    using(tmp_path, use)


def test_changes_and_new_rows_leave_the_cursor_where_it_is(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        await press(pilot, *["down"] * 20)
        cursor, top = app.monitor.table.cursor, app.monitor.table.visible_ids[0]
        assert cursor == 40
        insert(world.database, [log_row(61), log_row(62)])
        change(world.database, 39, status=Status.SUCCESS, phase=Phase.IDLE, message="", is_open=False, updated_at=NOW)
        await pilot.pause(1.2)
        await settled(pilot)

        assert (app.monitor.table.cursor, app.monitor.table.visible_ids[0]) == (cursor, top)
        assert rows(app)[:2] == [62, 61]
        changed = next(row for row in app.monitor.table.window.rows if row.id == 39)
        assert "✓ Sucesso" in changed.cells
        assert "2 novos acima" in below(app)
        assert on_screen(app)[0].endswith("⟳ 14:32:07")

    using(tmp_path, use)


def test_a_row_that_enters_the_filter_appears_and_one_that_leaves_it_goes_unless_held(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        await filter_by(pilot, "status:erro")
        await press(pilot, "space")  # 60 is marked, the cursor stands on 54
        for log_id in (60, 54, 48):
            change(world.database, log_id, status=Status.SUCCESS, phase=Phase.IDLE, is_open=False)
        change(world.database, 41, status=Status.ERROR)
        await pilot.pause(1.2)
        await settled(pilot)

        assert rows(app) == [60, 54, 42, 41, 36, 30, 24, 18, 12, 6]
        assert [row.id for row in app.monitor.table.window.rows if row.stale] == [60, 54]
        assert app.monitor.table.cursor == 54

        await press(pilot, "r")
        assert rows(app) == [42, 41, 36, 30, 24, 18, 12, 6]

    using(tmp_path, use)


def test_a_paused_screen_stands_still_until_it_is_resumed(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        await press(pilot, "p")
        insert(world.database, [log_row(61)])
        await pilot.pause(1.2)
        await settled(pilot)
        assert rows(app)[0] == 60
        assert "tela parada" in "\n".join(on_screen(app))

        await press(pilot, "p")
        assert rows(app)[0] == 61

    using(tmp_path, use)


def test_the_true_ends_are_one_key_away(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await press(pilot, "end")
        assert app.monitor.table.cursor == 1
        await press(pilot, "home")
        assert app.monitor.table.cursor == 900

    using(tmp_path, use, logs=900)


def test_rows_far_from_the_first_page_are_live_too(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        await press(pilot, "end")
        change(world.database, 3, message="outra")
        await pilot.pause(1.2)
        await settled(pilot)
        assert "outra" in next(row for row in app.monitor.table.window.rows if row.id == 3).cells

    using(tmp_path, use, logs=900)


def test_what_is_typed_is_counted_and_completed_and_errors_are_told_in_words(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await press(pilot, "slash", *"status:er", "tab")
        await pilot.pause(0.3)
        await settled(pilot)
        assert on_screen(app)[2].startswith(" / status:erro")
        assert on_screen(app)[2].endswith("10 registros")

        await press(pilot, *" cor:x", "enter")
        assert "campo desconhecido: “cor”" in below(app)

        await press(pilot, "escape")
        assert "sem filtro" in on_screen(app)[2]
        assert app.focused is app.monitor.table

    using(tmp_path, use)


def test_escape_takes_the_filter_and_then_the_marks_and_never_ends(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await filter_by(pilot, "status:erro")
        await press(pilot, "down", "space")
        cursor = app.monitor.table.cursor
        await press(pilot, "escape")
        assert len(rows(app)) == 60
        assert app.monitor.table.cursor == cursor
        assert app.monitor.marks.selection != Nothing()
        await press(pilot, "escape")
        assert app.monitor.marks.selection == Nothing()
        await press(pilot, "escape", "escape")
        assert app.is_running

    using(tmp_path, use)


def test_an_empty_parameter_is_said_loudly(tmp_path: Path) -> None:
    from vtexmon.config import Resend

    async def use(app: MonitorApp, _pilot: Pilot[Any], _world: Session) -> None:
        assert "SEM REENVIO AUTOMÁTICO" in on_screen(app)[2]

    using(tmp_path, use, resend=Resend(None))


def test_read_only_hides_and_refuses_what_writes(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        assert "reenvia" not in on_screen(app)[-1]
        await press(pilot, "R")
        assert app.screen is app.monitor
        await press(pilot, "question_mark")
        assert "Reenviar" not in "\n".join(on_screen(app))

    using(tmp_path, use, may_write=False)


@pytest.mark.parametrize(("world", "words"), [({"logs": 0}, "Nenhum registro ainda"), ({}, "Nenhum registro passa")])
def test_an_empty_list_says_why_and_what_to_press(tmp_path: Path, world: dict[str, Any], words: str) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], _world: Session) -> None:
        await filter_by(pilot, "" if world else "chave:NADA")
        assert words in "\n".join(on_screen(app))

    using(tmp_path, use, **world)


def test_what_comes_from_outside_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    async def use(app: MonitorApp, pilot: Pilot[Any], world: Session) -> None:
        insert(
            world.database, [log_row(61, Status.ERROR, message="\x1b]0;oi\x07 [/b] [red]\u202e", key_values="1;\x9b2J")]
        )
        await pilot.pause(1.2)
        await settled(pilot)
        shown = "\n".join(on_screen(app))
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}

    using(tmp_path, use)
