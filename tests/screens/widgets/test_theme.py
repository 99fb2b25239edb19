"""Nothing is told by colour alone."""

from __future__ import annotations

import pytest

from screens.theme import ASCII_GLYPHS, STATUS_STYLES, Palette, Stage, palette
from vtexmon.core.status import Status

PALETTES = [Palette(), Palette(monochrome=True), Palette(ASCII_GLYPHS, monochrome=True)]


@pytest.mark.parametrize("one", PALETTES)
def test_every_status_has_a_sign_and_its_word(one: Palette) -> None:
    shown = [one.status(status) for status in Status]

    assert len({text[0] for text in shown}) == len(Status)
    assert [text[2:] for text in shown] == [status.value for status in Status]
    assert set(STATUS_STYLES) == set(Status)


@pytest.mark.parametrize("one", PALETTES)
def test_the_stages_look_different_also_without_colour(one: Palette) -> None:
    looks = {(style.reverse, style.underline, style.bold) for _label, style in map(one.stage, Stage)}

    assert len(looks) == len(Stage)


def test_monochrome_has_no_colour_at_all() -> None:
    one = Palette(monochrome=True)

    assert all(one.style(name).color is None for name in ("error", "success", "producao", "json-key", "added", "key"))


@pytest.mark.parametrize(
    ("environment", "monochrome", "ascii_only"),
    [
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "linux"}, False, True),
        ({"NO_COLOR": ""}, False, False),
    ],
)
def test_the_terminal_decides(environment: dict[str, str], monochrome: bool, ascii_only: bool) -> None:
    one = palette(environment)

    assert (one.monochrome, one.ascii_only) == (monochrome, ascii_only)


def test_the_ascii_signs_are_ascii() -> None:
    assert "".join(vars(ASCII_GLYPHS).values()).isascii()
