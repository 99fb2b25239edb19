"""How one row of the line table looks: gutter, cells, cursor, marks. Functions over values, no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.style import Style

from screens.theme import Palette
from screens.widgets.columns import Fitted, cut
from screens.widgets.plain import shown
from screens.widgets.rows import Line

GUTTER: Final = 3
Run = tuple[str, Style]


@dataclass(frozen=True)
class Drawn:
    """What one line of the table shows: a row, or a text (title, placeholder, reason of emptiness)."""

    row: Line | None
    text: str = ""
    style: str = ""
    cursor: bool = False
    in_range: bool = False
    focused: bool = False


def title_line(fitted: Sequence[Fitted], palette: Palette) -> str:
    """The columns' titles over their cells."""
    titles = (cut(one.column.title, one.width, one.column.align, palette.glyphs.ellipsis) for one in fitted)
    return " " * GUTTER + " ".join(titles)


def row_runs(drawn: Drawn, fitted: Sequence[Fitted], palette: Palette) -> list[Run]:
    """The row as runs of one style each: one for the cursor's row, else the tinted columns in the row's style."""
    row = drawn.row
    if row is None:
        return [(drawn.text, palette.style(drawn.style))]
    texts = [(one, _cell(row, one, palette)) for one in fitted]
    gutter = _gutter(drawn, row, palette)
    tinted = any(one.column.tinted for one in fitted)
    if drawn.cursor or row.stale or not tinted:
        return [(gutter + " ".join(text for _one, text in texts), _whole(drawn, row, palette))]
    runs: list[Run] = [(gutter, Style.null())]
    for one, text in texts:
        style = palette.style(row.style) if one.column.tinted else Style.null()
        gap = "" if one is fitted[-1] else " "
        last_text, last_style = runs[-1]
        if last_style == style:
            runs[-1] = (last_text + text + gap, style)
        else:
            runs.append((text + gap, style))
    return runs


def changed_cells(old: Drawn, new: Drawn, fitted: Sequence[Fitted], width: int) -> tuple[int, int]:
    """First cell and number of cells that differ; everything when the rows are two different ones."""
    if old.row is None or new.row is None or _frame(old) != _frame(new):
        return 0, width
    if old.row.style != new.row.style and not any(one.column.tinted for one in fitted):
        return 0, width
    changed = [one for one in fitted if _differs(old.row, new.row, one)]
    first = 0 if old.row.marked != new.row.marked or not changed else GUTTER + changed[0].x
    last = GUTTER + changed[-1].x + changed[-1].width if changed else GUTTER
    return first, last - first


def _frame(drawn: Drawn) -> tuple[object, ...]:
    row = drawn.row
    identity = (row.id, row.stale) if row else ()
    return (*identity, drawn.cursor, drawn.in_range, drawn.focused)


def _differs(old: Line, new: Line, one: Fitted) -> bool:
    return _text(old, one) != _text(new, one) or (one.column.tinted and old.style != new.style)


def _text(row: Line, one: Fitted) -> str:
    return row.cells[one.index] if one.index < len(row.cells) else ""


def _cell(row: Line, one: Fitted, palette: Palette) -> str:
    return cut(shown(_text(row, one), palette.ascii_only), one.width, one.column.align, palette.glyphs.ellipsis)


def _gutter(drawn: Drawn, row: Line, palette: Palette) -> str:
    glyphs = palette.glyphs
    mark = glyphs.mark if row.marked else glyphs.in_range if drawn.in_range else " "
    return f"{glyphs.cursor if drawn.cursor else ' '}{mark} "


def _whole(drawn: Drawn, row: Line, palette: Palette) -> Style:
    style = palette.style("stale") if row.stale else Style.null()
    if drawn.cursor:
        return style + palette.style("cursor" if drawn.focused else "cursor-blurred")
    return style if row.stale else palette.style(row.style)
