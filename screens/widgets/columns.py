"""Which columns fit and how wide, decided from the available width alone, and text cut to cells.

Rows are never measured: ten million of them would have to be. Nothing here knows of Textual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, set_cell_size

Align = Literal["left", "right"]
GAP = 1


@dataclass(frozen=True)
class Column:
    """One column: the width it likes and the least it is of use at; the higher ``priority``, the longer it stays.

    ``tinted``: the row's style colours this column only (no column tinted: the whole row).
    """

    id: str
    title: str
    width: int
    min_width: int
    align: Align = "left"
    priority: int = 0
    tinted: bool = False


@dataclass(frozen=True)
class Fitted:
    """A column that is shown: its place among a row's cells, its first cell on the line, its width."""

    column: Column
    index: int
    x: int
    width: int


def fit(columns: Sequence[Column], available: int) -> tuple[Fitted, ...]:
    """The columns that fit in ``available`` cells: the least wanted drop out, the last one takes what is left."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(columns[i].min_width for i in kept) + GAP * (len(kept) - 1) > available:
        kept.remove(min(kept, key=lambda i: (columns[i].priority, -i)))
    widths = {i: columns[i].min_width for i in kept}
    spare = available - sum(widths.values()) - GAP * (len(kept) - 1)
    for i in sorted(kept, key=lambda i: (-columns[i].priority, i)):
        more = max(0, min(columns[i].width - widths[i], spare))
        widths[i] += more
        spare -= more
    if kept:
        widths[kept[-1]] = max(1, widths[kept[-1]] + spare)
    fitted, x = [], 0
    for i in kept:
        fitted.append(Fitted(columns[i], i, x, widths[i]))
        x += widths[i] + GAP
    return tuple(fitted)


@lru_cache(maxsize=8192)
def cut(text: str, width: int, align: Align = "left", ellipsis: str = "…") -> str:
    """The text in exactly ``width`` cells, wide characters counted as the terminal does; cut ends in ``…``."""
    cells = cell_len(text)
    if cells > width:
        text = set_cell_size(text, max(0, width - len(ellipsis))).rstrip() + ellipsis
        cells = cell_len(text)
        if cells > width:
            return set_cell_size(text, width)
    padding = " " * (width - cells)
    return padding + text if align == "right" else text + padding
