"""Asking: the prompt's completion and history, the dialog's safe answers, the lines that must not be cut."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from screens.theme import ASCII_GLYPHS, Palette
from screens.widgets.dialog import Dialog
from screens.widgets.key_line import KeyLine
from screens.widgets.prompt import History, Prompt
from screens.widgets.status_line import StatusLine, status_text
from tests.screens.widgets.everything import Everything

Steps = Callable[[Everything, Pilot[None]], Awaitable[None]]


def drive(steps: Steps, size: tuple[int, int] = (80, 24)) -> None:
    async def main() -> None:
        app = Everything()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            app.told.clear()
            await steps(app, pilot)

    asyncio.run(main())


def box(app: Everything) -> str:
    dialog = app.query_one(Dialog)
    return "\n".join("".join(text for text, _style in dialog.state_of(y)) for y in range(dialog.size.height))


def test_tab_cycles_completions_and_typing_ends_the_cycle() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        prompt = app.query_one(Prompt)
        await pilot.press("slash", "tab")
        assert prompt.text == "status:erro"
        await pilot.press("tab")
        assert prompt.text == "status:cancelado"
        await pilot.press("shift+tab")
        assert prompt.text == "status:erro"
        await pilot.press("x", "tab")
        assert prompt.text == "status:errox" + "erro"

    drive(steps)


def test_typing_is_told_and_enter_submits() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("slash", "o", "k", "enter")
        await pilot.pause()
        assert ("changed", "status:ok") in app.told
        assert app.told[-1] == ("submitted", "status:ok")
        assert not app.query_one(Prompt).asking
        assert app.table.has_focus

    drive(steps)


def test_escape_gives_back_what_was_there_and_keys_of_the_table_are_text() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        before = app.table.cursor
        await pilot.press("slash", "j", "q", "R", "space", "escape")
        await pilot.pause()
        assert app.told[-1] == ("cancelled", "status:")
        assert app.table.cursor == before

    drive(steps)


def test_pasted_control_characters_are_made_harmless() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        prompt = app.query_one(Prompt)
        prompt.ask("/", "a\x1b[2Jb")
        await pilot.pause()
        assert "\x1b" not in prompt.text

    drive(steps)


def test_history_walks_back_and_forth_and_keeps_what_was_being_typed() -> None:
    history = History(["um", "dois"])
    history.add("um")

    assert history.texts == ["dois", "um"]
    assert [history.older("rascunho"), history.older(""), history.older("")] == ["um", "dois", "dois"]
    assert [history.newer(""), history.newer(""), history.newer("rascunho")] == ["um", "rascunho", "rascunho"]


@pytest.mark.parametrize("keys", [["enter"], ["escape"]])
def test_the_easy_answer_is_no(keys: list[str]) -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("m", *keys)
        await pilot.pause()
        assert app.told == [("dismissed",)]

    drive(steps)


def test_a_letter_confirms_once() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("m", "s", "s")
        await pilot.pause()
        assert app.told == [("confirmed", "")]

    drive(steps)


def test_many_rows_need_their_number_typed() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("R", "s", "2", "0", "enter")
        await pilot.pause()
        assert app.told == []
        assert "o número não confere: digite 201" in box(app)
        await pilot.press("2", "0", "9", "backspace", "1", "enter")
        await pilot.pause()
        assert app.told == [("confirmed", "")]

    drive(steps)


def test_a_note_takes_every_letter_and_goes_with_the_answer() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("R", "n", *"sv 47", "x", "backspace", "enter", "2", "0", "1", "enter")
        await pilot.pause()
        assert app.told == [("confirmed", "sv 47")]

    drive(steps)


def test_other_keys_of_the_question_leave_it_open_and_nothing_below_hears() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        before = app.table.cursor
        await pilot.press("R", "v", "down", "q", "slash")
        await pilot.pause()
        assert app.told == [("chosen", "list")]
        assert app.query_one(Dialog).question is not None
        assert app.table.cursor == before
        assert app.is_running

    drive(steps)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 40)])
def test_the_box_is_closed_on_every_side(size: tuple[int, int]) -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        await pilot.press("R")
        await pilot.pause()
        lines = box(app).splitlines()
        assert len({len(line) for line in lines}) == 1
        assert lines[0].startswith("┌─ Reenviar ─")
        assert lines[0].endswith("┐")
        assert lines[-1].startswith("└")

    drive(steps, size)


def test_a_status_line_cuts_the_left_and_keeps_the_right() -> None:
    text = status_text((("vtexmon ", ""), ("PRODUÇÃO muito longa", "producao")), (("linha 3", ""),), 22, Palette())

    assert text.plain == "vtexmon PRODU… linha 3"
    ascii_text = status_text((("texto muito longo", ""),), (), 8, Palette(ASCII_GLYPHS))
    assert ascii_text.plain == "texto m~"


def test_brackets_and_escapes_are_text_on_a_status_line() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        line = app.query_one("#status", StatusLine)
        line.say("[/b] erro [red] \x1b[2J")
        await pilot.pause()
        assert line.text.startswith("[/b] erro [red] ␛[2J")

    drive(steps)


def test_the_key_line_of_the_logs_fits_at_eighty_columns() -> None:
    async def steps(app: Everything, pilot: Pilot[None]) -> None:
        text = app.query_one(KeyLine).text
        assert text.startswith(" R reenvia  ␣ marca  A todos  / filtra  ⏎ abre")
        assert text.rstrip().endswith("? ajuda")

    drive(steps)
