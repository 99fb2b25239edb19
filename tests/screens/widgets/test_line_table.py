"""The line table in an app at 80×24, fed from ten million rows that do not exist."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from screens.widgets.rows import Direction, Line
from tests.screens.widgets.virtual_list import PAGE, SIZE, ListApp, row, shown

Steps = Callable[[ListApp, Pilot[None]], Awaitable[None]]


def drive(app: ListApp, steps: Steps, size: tuple[int, int] = (80, 24)) -> None:
    async def main() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(app, pilot)

    asyncio.run(main())


async def settle(pilot: Pilot[None]) -> None:
    await pilot.pause(0.1)


def test_the_first_page_is_asked_for_once_and_shown() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        assert app.asked == [(Direction.FIRST, None)]
        assert shown(app)[0].split() == [
            "Id",
            "Log",
            "Status",
            "Módulo",
            "Valores",
            "Chave",
            "Tent.",
            "Próxima",
            "Mensagem",
        ]
        assert shown(app)[1].startswith("▌  10000000 ✗ Erro")
        assert all(len(line) == 80 for line in shown(app))

    drive(ListApp(), steps)


def test_keys_move_the_cursor_and_tell_it() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("down", "j", "up", "pagedown", "enter")
        await settle(pilot)
        assert app.table.cursor == SIZE - 1 - 22
        assert ("opened", SIZE - 23) in app.told
        assert SIZE - 23 in app.told

    drive(ListApp(), steps)


def test_the_end_is_the_true_end_and_home_the_true_start() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await settle(pilot)
        assert app.table.cursor == 1
        assert app.table.position.from_end == 1
        assert shown(app)[-1].startswith("▌         1 ")
        await pilot.press("pagedown", "down")
        assert app.table.cursor == 1
        await pilot.press("home")
        await settle(pilot)
        assert app.table.position.rank == 1
        assert app.asked == [(Direction.FIRST, None), (Direction.LAST, None), (Direction.FIRST, None)]

    drive(ListApp(), steps)


def test_pages_down_walk_the_whole_list_without_a_gap() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        met: list[int] = []
        for _ in range(30):
            met += [one for one in app.table.visible_ids if one not in met[-60:]]
            app.table.action_page_down()
            await pilot.pause()
        met += [one for one in app.table.visible_ids if one not in met[-60:]]
        assert met == list(range(600, 0, -1))
        assert app.table.position.at_end

    drive(ListApp(size=600), steps)


def test_sixty_keys_ask_for_no_page_that_is_loaded() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        for _ in range(60):
            app.table.action_cursor_down()
        await settle(pilot)
        assert app.table.cursor == SIZE - 60
        assert len(app.asked) == 1

    drive(ListApp(), steps)


def test_a_page_that_does_not_come_is_asked_for_once_and_shown_as_missing() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("down", "pagedown", "down")
        await settle(pilot)
        assert app.asked == [(Direction.FIRST, None)]
        assert shown(app)[1].strip() == "…"
        app.answer(app.requests[0])
        await pilot.press("end", "end", "pagedown")
        assert app.asked == [(Direction.FIRST, None), (Direction.LAST, None)]

    drive(ListApp(answers=False), steps)


def test_an_answer_that_comes_too_late_is_dropped() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        app.answer(app.requests[0])
        await pilot.press(*["pagedown"] * 8)
        assert app.asked[-1] == (Direction.AFTER, SIZE - PAGE + 1)
        app.table.reset([row(5), row(4)], at_start=True, at_end=True)
        assert not app.answer(app.requests[-1])
        assert app.table.visible_ids == (5, 4)

    drive(ListApp(answers=False), steps)


def test_the_first_page_of_an_earlier_filter_does_not_take_the_place_of_the_new_one() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        app.table.reload()
        await pilot.pause()
        before, after = app.requests
        assert not app.answer(before)
        assert app.answer(after)

    drive(ListApp(answers=False), steps)


def test_a_page_that_failed_is_asked_for_again_at_the_next_key() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        app.table.feed_failed(app.requests[0])
        await pilot.press("down")
        assert app.asked == [(Direction.FIRST, None)] * 2

    drive(ListApp(answers=False), steps)


def test_newer_rows_keep_cursor_and_scroll() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("down", "down")
        await settle(pilot)
        before = shown(app)
        app.table.insert_newer([row(SIZE + 2), row(SIZE + 1)])
        await settle(pilot)
        assert shown(app) == before
        assert app.table.position.newer == 2

    drive(ListApp(), steps)


def test_space_marks_and_goes_down_and_marks_survive_paging() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("space", "space")
        await settle(pilot)
        assert app.marks == {SIZE, SIZE - 1}
        assert [line[:3] for line in shown(app)[1:4]] == [" ● ", " ● ", "▌  "]
        await pilot.press("up", "space")
        await settle(pilot)
        assert app.marks == {SIZE}

    drive(ListApp(), steps)


def test_a_range_is_shown_while_it_grows_and_then_marked() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("v", "down", "down")
        await settle(pilot)
        assert [line[1] for line in shown(app)[1:5]] == ["○", "○", "○", " "]
        await pilot.press("v")
        await settle(pilot)
        assert app.marks == {SIZE, SIZE - 1, SIZE - 2}

    drive(ListApp(), steps)


def test_a_range_longer_than_what_is_loaded_is_told_by_its_two_keys() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("down", "v", "end")
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert ("range", SIZE - 1, 1, False) in app.told

    drive(ListApp(), steps)


def test_a_range_can_be_given_up() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("v", "down")
        assert app.table.end_range()
        assert not app.table.end_range()
        assert app.marks == set()

    drive(ListApp(), steps)


def test_shift_and_arrows_and_the_page_add_marks() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.press("shift+down", "shift+down", "shift+up")
        await settle(pilot)
        assert app.marks == {SIZE, SIZE - 1, SIZE - 2}
        await pilot.press("a")
        await settle(pilot)
        assert set(app.table.visible_ids) <= app.marks

    drive(ListApp(), steps)


def test_a_row_that_left_the_filter_stays_under_the_cursor() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        app.table.drop_rows([SIZE, SIZE - 1])
        await settle(pilot)
        assert app.table.cursor_row == Line(SIZE, row(SIZE).cells, "error", stale=True)
        assert app.table.visible_ids[:2] == (SIZE, SIZE - 2)

    drive(ListApp(), steps)


def test_nothing_to_show_says_why() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        app.table.set_empty("Nenhum registro com este filtro.\nesc limpa o filtro")
        app.table.reset([], at_start=True, at_end=True)
        await settle(pilot)
        assert [line.strip() for line in shown(app)[1:4]] == [
            "Nenhum registro com este filtro.",
            "esc limpa o filtro",
            "",
        ]

    drive(ListApp(answers=False), steps)


def test_what_a_terminal_would_obey_never_reaches_a_line() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        hostile = Line(7, ("7", "\x1b]0;x\x07", "[/b] [red]", "\x9b31m", "a\nb", "\u202e", "\x1b[2J"))
        app.table.reset([hostile], at_start=True, at_end=True)
        await settle(pilot)
        line = shown(app)[1]
        assert not any(char in line for char in "\x1b\x07\x9b\n\u202e")
        assert "[/b]" in line

    drive(ListApp(answers=False), steps)


def test_a_narrow_terminal_drops_columns_and_a_wide_one_shows_them_all() -> None:
    async def steps(app: ListApp, pilot: Pilot[None]) -> None:
        assert "Próxima" not in shown(app)[0]
        assert "Mensagem" in shown(app)[0]
        await pilot.resize_terminal(120, 24)
        await settle(pilot)
        assert "Próxima" in shown(app)[0]
        assert all(len(line) == 120 for line in shown(app))

    drive(ListApp(), steps, size=(60, 24))
