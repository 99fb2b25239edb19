"""Fresh rows laid over those on the screen: what changed, came, or no longer passes the filter. Values, no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from screens.widgets.row_window import RowWindow
from screens.widgets.rows import Line
from vtexmon.core.records import LogRecord

AROUND: Final = 2
"""How many views above and below what is seen are looked at again with it."""

ENTERED: Final = 300
"""How many rows that came into the filter one look can take in."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of the list that is to be looked at again: its ids on the screen, and down to where (0: the end).

    ``newest``: rows above this id are looked for too; None when the list's start is not loaded.
    """

    ids: tuple[int, ...]
    down_to: int
    newest: int | None

    @property
    def high(self) -> int:
        """The newest id of the stretch."""
        return self.ids[0]


@dataclass(frozen=True)
class Look:
    """What a look at a stretch found: rows above it, those in it that pass now, and what became of those that do not.

    ``newer_complete`` False: there are more rows above. ``down_to`` is how far the look reached.
    """

    newer: Sequence[LogRecord]
    newer_complete: bool
    passing: Sequence[LogRecord]
    gone: Sequence[LogRecord]
    down_to: int


def stretch(window: RowWindow) -> Stretch | None:
    """What is to be looked at again: what is seen, and some views around it."""
    if not window.rows:
        return None
    first = max(0, window.top - AROUND * window.height)
    last = min(len(window.rows), window.top + (AROUND + 1) * window.height)
    at_end = window.at_end and last == len(window.rows)
    ids = tuple(row.id for row in window.rows[first:last])
    return Stretch(ids, 0 if at_end else ids[-1], window.rows[0].id if window.at_start else None)


def merged(
    window: RowWindow, asked: Stretch, look: Look, as_line: Callable[[LogRecord], Line], cursor: int | None
) -> list[Line] | None:
    """The window's rows with the look laid over them; None when nothing differs.

    A row that no longer passes stays, greyed, while the cursor or a mark is on it, and until the next full reading.
    """
    rows = window.rows
    if not rows:
        return None
    low = max(look.down_to, 0 if window.at_end else rows[-1].id)
    high = min(asked.high, rows[0].id)
    passing = {record.id: as_line(record) for record in look.passing if low <= record.id <= high}
    gone = {record.id: as_line(record) for record in look.gone}
    kept = [row for row in rows if not low <= row.id <= high]
    inside = [*passing.values(), *_staying(rows, passing, gone, cursor, range(low, high + 1))]
    result = sorted([*kept, *inside], key=lambda row: -row.id)
    return None if result == rows else result


def _staying(
    rows: Sequence[Line], passing: Mapping[int, Line], gone: Mapping[int, Line], cursor: int | None, reach: range
) -> list[Line]:
    return [
        replace(gone.get(row.id, row), marked=row.marked, stale=True)
        for row in rows
        if row.id in reach and row.id not in passing and (row.marked or row.stale or row.id == cursor)
    ]
