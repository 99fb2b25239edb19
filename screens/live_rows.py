"""Fresh rows laid over those on the screen: what changed, came, or no longer passes the filter. Values, no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from screens.widgets.row_window import RowWindow
from screens.widgets.rows import Line
from vtexmon.core.ordering import Edge, Order
from vtexmon.core.records import LogRecord

AROUND: Final = 2
"""How many views above and below what is seen are looked at again with it."""

ENTERED: Final = 300
"""How many rows that came into the filter one look can take in."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of the list that is to be looked at again: its ids on the screen, its places, first and last.

    ``down_to`` None: to the list's end. ``newest``: rows before this place are looked for too; None when the list's
    start is not loaded.
    """

    ids: tuple[int, ...]
    high: Edge
    down_to: Edge | None
    newest: Edge | None


@dataclass(frozen=True)
class Look:
    """What a look at a stretch found: rows above it, those in it that pass now, and what became of those that do not.

    ``newer_complete`` False: there are more rows above. ``down_to`` is how far the look reached; None: to the end.
    ``moved`` are those that pass, but stand elsewhere in the list now.
    """

    newer: Sequence[LogRecord]
    newer_complete: bool
    passing: Sequence[LogRecord]
    gone: Sequence[LogRecord]
    down_to: Edge | None
    moved: Sequence[LogRecord] = ()


def stretch(window: RowWindow, places: Mapping[int, Edge]) -> Stretch | None:
    """What is to be looked at again: what is seen, and some views around it."""
    if not window.rows:
        return None
    first = max(0, window.top - AROUND * window.height)
    last = min(len(window.rows), window.top + (AROUND + 1) * window.height)
    at_end = window.at_end and last == len(window.rows)
    ids = tuple(row.id for row in window.rows[first:last])
    return Stretch(
        ids,
        places[ids[0]],
        None if at_end else places[ids[-1]],
        places[window.rows[0].id] if window.at_start else None,
    )


@dataclass(frozen=True)
class Laying:
    """What it takes to lay a look over rows: the list's order, where each row stands in it, and how a row is drawn.

    A row keeps the place at which it was listed until it is listed anew, so that the rows on the screen stay in order
    although what they are ordered by changes.
    """

    order: Order
    places: Mapping[int, Edge]
    as_line: Callable[[LogRecord], Line]


def merged(window: RowWindow, asked: Stretch, look: Look, laying: Laying, cursor: int | None) -> list[Line] | None:
    """The window's rows with the look laid over them; None when nothing differs.

    A row that is no longer listed here stays while the cursor or a mark is on it, and until the next full reading:
    greyed where it no longer passes the filter.
    """
    rows, order = window.rows, laying.order
    if not rows:
        return None
    places = dict(laying.places) | {record.id: Edge.of(record, order) for record in look.passing}
    first, last = laying.places[rows[0].id], None if window.at_end else laying.places[rows[-1].id]
    low = look.down_to if last is None or (look.down_to and order.precedes(look.down_to, last)) else last

    def looked_at(place: Edge) -> bool:
        high = first if order.precedes(asked.high, first) else asked.high
        return not order.precedes(place, high) and (low is None or not order.precedes(low, place))

    passing = {record.id: laying.as_line(record) for record in look.passing if looked_at(places[record.id])}
    gone = {record.id: laying.as_line(record) for record in (*look.gone, *look.moved)}
    moved = {record.id for record in look.moved}
    kept = [row for row in rows if not looked_at(laying.places[row.id]) and row.id not in passing]
    inside = [row for row in rows if looked_at(laying.places[row.id]) and row.id not in passing]
    result = [*kept, *passing.values(), *_staying(inside, gone, moved, cursor)]
    result.sort(key=lambda row: places[row.id], reverse=order.descending)
    return None if result == rows else result


def _staying(inside: Sequence[Line], gone: Mapping[int, Line], moved: Set[int], cursor: int | None) -> list[Line]:
    return [
        replace(gone.get(row.id, row), marked=row.marked, stale=row.id not in moved)
        for row in inside
        if row.marked or row.stale or row.id == cursor
    ]
