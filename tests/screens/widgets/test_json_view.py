"""The payload viewer: folds, raw, search, path, differences; only what is in view is looked at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.theme import ASCII_GLYPHS, THEME, Palette
from screens.widgets.json_view import JsonView
from screens.widgets.text_window import TextWindow
from screens.widgets.texts import Mode
from vtexmon.core.payload import Payload, diff

BODY = {"Message": "The request is invalid", "ModelState": {"Name": ["O nome é longo", "outro"], "Id": 7}, "fim": None}
DOCUMENT = Payload.from_text(json.dumps(BODY, ensure_ascii=False))


class Counting(Payload):
    """A payload that counts how many lines were coloured."""

    looked_at = 0

    def spans(self, line: int) -> list[tuple[int, int, str]]:
        Counting.looked_at += 1
        return super().spans(line)


def window(text: str | None = None, width: int = 40, height: int = 5) -> TextWindow:
    one = TextWindow(DOCUMENT if text is None else Payload.from_text(text))
    one.resize(width, height)
    return one


def seen(one: TextWindow) -> list[str]:
    lines = (one.line(y) for y in range(one.height))
    return [line.text for line in lines if line is not None]


def test_a_fold_hides_what_it_holds_and_says_how_much() -> None:
    one = window(height=20)
    one.go_to(2)

    assert one.toggle_fold()

    line = one.line(2)
    assert line is not None
    assert (line.text, line.hidden) == ('  "ModelState": {', 6)
    assert seen(one)[3].strip() == '"fim": null'
    assert one.toggle_fold()
    assert len(seen(one)) == len(DOCUMENT.lines)


def test_a_fold_inside_folds_what_encloses_the_cursor() -> None:
    one = window(height=20)
    one.go_to(4)

    one.toggle_fold()

    assert one.place.path == "$.ModelState.Name"
    assert one.place.line == 4


def test_everything_folded_and_unfolded_keeps_the_outermost_open() -> None:
    one = window(height=20)

    one.fold_all()
    assert len(seen(one)) == 5

    one.unfold_all()
    assert len(seen(one)) == len(DOCUMENT.lines)


def test_a_hit_inside_a_fold_is_unfolded_and_the_hits_go_round() -> None:
    one = window()
    one.fold_all()

    assert one.search("É Longo") == 1
    assert one.next_hit()

    assert "longo" in one.cursor_text
    assert one.place.hit == 1
    assert one.next_hit()
    assert one.place.hit == 1


def test_the_first_hit_is_the_one_at_the_cursor_or_after_it_and_the_previous_one_before_it() -> None:
    one = window()
    one.search("o")
    one.go_to(4)

    one.next_hit()
    assert (one.cursor, one.place.path) == (4, "$.ModelState.Name[0]")

    one.search("request")
    one.go_to(4)
    one.next_hit(-1)
    assert one.cursor == 1


def test_raw_lines_are_wrapped_and_nothing_of_them_is_lost() -> None:
    raw = json.dumps({"texto": "ação 日本 " * 20}, ensure_ascii=False)
    one = window(raw, width=17, height=60)

    one.show(Mode.RAW)

    assert "".join(seen(one)) == raw
    assert one.search("日本") == 20


def test_the_view_goes_sideways_as_far_as_the_longest_line_in_view() -> None:
    one = window(json.dumps({"a": "x" * 100}), width=40)
    one.scroll(500)

    assert seen(one)[1].endswith('"')
    one.scroll(-500)
    assert one.left == 0


def test_only_the_differences_are_shown_with_their_sign() -> None:
    other = Payload.from_text(json.dumps({**BODY, "fim": 1}, ensure_ascii=False))
    one = window()

    one.show(Mode.DIFF, diff(DOCUMENT, other))

    markers = [(line.marker, line.text.strip()) for line in (one.line(0), one.line(1)) if line]
    assert markers == [("-", '"fim": null'), ("+", '"fim": 1')]
    assert one.place.path == ""


@pytest.mark.parametrize("text", [None, "", "só texto", "<a><b/></a>", '{"quebrado": ', "\x1b[2J\x1b]52;c;x\x07"])
def test_whatever_it_is_it_can_be_read_and_obeys_nothing(text: str | None) -> None:
    one = window(text or "")
    for mode in (Mode.PRETTY, Mode.RAW):
        one.show(mode)
        one.move(3)
        one.toggle_fold()
        one.next_hit()
        assert not any(char < " " or char == "\x7f" for line in seen(one) for char in line)
        assert one.place.lines >= one.place.line


def test_a_megabyte_is_coloured_only_where_it_is_seen() -> None:
    big = Counting.from_text(json.dumps([{"id": number, "nome": "x" * 40} for number in range(10_000)]))
    one = TextWindow(big)
    one.resize(80, 24)
    Counting.looked_at = 0

    one.go_to(one.count - 1)
    lines = seen(one)

    assert len(lines) == 24
    assert Counting.looked_at == 24


class ViewApp(App[None]):
    def __init__(self, palette: Palette) -> None:
        super().__init__(ansi_color=True)
        self.register_theme(THEME)
        self.theme = THEME.name
        self.palette = palette

    def compose(self) -> ComposeResult:
        yield JsonView(self.palette)

    def on_mount(self) -> None:
        self.view.show(DOCUMENT)
        self.view.focus()

    @property
    def view(self) -> JsonView:
        return self.query_one(JsonView)


def drive(steps: Callable[[ViewApp, Pilot[None]], Awaitable[None]], palette: Palette | None = None) -> None:
    async def main() -> None:
        app = ViewApp(palette or Palette())
        async with app.run_test() as pilot:
            await pilot.pause()
            await steps(app, pilot)

    asyncio.run(main())


def shown(view: JsonView) -> list[str]:
    return [
        "".join(text for text, _style in view.segments_of(view.state_of(y))).rstrip() for y in range(view.size.height)
    ]


def test_the_path_follows_the_cursor() -> None:
    async def steps(app: ViewApp, pilot: Pilot[None]) -> None:
        await pilot.press("down", "j", "j", "down")
        await pilot.pause(0.1)
        assert app.view.path == "$.ModelState.Name[0]"
        await pilot.press("k", "space")
        await pilot.pause(0.1)
        assert shown(app.view)[3] == '▌▸    "Name": [ … 3 linhas'

    drive(steps)


def test_keys_search_switch_and_go_to_the_ends() -> None:
    async def steps(app: ViewApp, pilot: Pilot[None]) -> None:
        assert app.view.search("nome") == 1
        await pilot.press("n", "N", "t")
        await pilot.pause(0.1)
        assert app.view.mode is Mode.RAW
        assert shown(app.view)[0].startswith('▌ {"Message": "The request')
        await pilot.press("t", "G")
        await pilot.pause(0.1)
        assert app.view.place.line == len(DOCUMENT.lines)
        await pilot.press("g", "minus")
        await pilot.pause(0.1)
        assert len([line for line in shown(app.view) if line.strip()]) == 5

    drive(steps)


def test_in_ascii_the_signs_are_ascii() -> None:
    async def steps(app: ViewApp, pilot: Pilot[None]) -> None:
        assert shown(app.view)[0] == ">v{"

    drive(steps, Palette(ASCII_GLYPHS))
