"""How the question box looks: a frame, the lines, the note, what is typed. Functions over values, no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len

from screens.theme import Palette
from screens.widgets.columns import cut
from screens.widgets.plain import one_line, shown
from vtexmon.i18n import _

Piece = tuple[str, str]
"""A text and the name of its style in the palette."""


@dataclass
class DialogState:
    """What was typed so far."""

    note: str = ""
    typed: str = ""
    writing: bool = False
    problem: str = ""


class Asked(Protocol):
    """The part of a question that is drawn."""

    @property
    def title(self) -> str:
        """The title in the frame."""

    @property
    def lines(self) -> tuple[tuple[Piece, ...], ...]:
        """The lines of the question."""

    @property
    def answers(self) -> str:
        """What can be pressed."""

    @property
    def note_key(self) -> str:
        """The key that goes to the note; empty: no note."""


def dialog_lines(
    asked: Asked, state: DialogState, number: str, width: int, palette: Palette
) -> list[tuple[Piece, ...]]:
    """All lines of the box, each exactly ``width`` cells; ``number`` is what has to be typed (empty: nothing)."""
    rows: list[Sequence[Piece]] = [*asked.lines]
    if asked.note_key:
        rows.append(_note(asked.note_key, state, width - 4))
    if number:
        blanks = "_" * max(0, len(number) - len(state.typed))
        question = _("digite {number} para confirmar: ").format(number=number)
        rows.append(((question, ""), (state.typed + blanks, "key"), (f"   {asked.answers}", "")))
    else:
        rows.append(((asked.answers, ""),))
    if state.problem:
        rows.append(((state.problem, "alert"),))
    top_left, line, top_right, side, bottom_left, bottom_right = tuple(palette.glyphs.box)
    title = cut(
        f" {one_line(asked.title)} ", min(cell_len(asked.title) + 2, width - 4), "left", palette.glyphs.ellipsis
    )
    top = f"{top_left}{line}"
    rest = line * (width - 3 - cell_len(title))
    framed: list[tuple[Piece, ...]] = [((top, ""), (title, "header"), (f"{rest}{top_right}", ""))]
    framed += [_inside(row, side, width, palette) for row in rows]
    return [*framed, ((bottom_left + line * (width - 2) + bottom_right, ""),)]


def _note(key: str, state: DialogState, room: int) -> tuple[Piece, ...]:
    label = _("Nota (opcional): ") if state.writing else _("Nota (opcional, {key}): ").format(key=key)
    left = max(1, room - cell_len(label) - 1)
    shown = one_line(state.note)
    while cell_len(shown) > left:
        shown = shown[1:]
    return ((label, ""), (shown, "key"), (" ", "cursor") if state.writing else ("", ""))


def _inside(row: Sequence[Piece], side: str, width: int, palette: Palette) -> tuple[Piece, ...]:
    room = width - 4
    pieces: list[Piece] = [(f"{side} ", "")]
    for text, name in row:
        text = shown(text, palette.ascii_only)
        if cell_len(text) > room:
            text = cut(text, room, "left", palette.glyphs.ellipsis) if room else ""
        room -= cell_len(text)
        if text:
            pieces.append((text, name))
    pieces.append((" " * room + f" {side}", ""))
    return tuple(pieces)
