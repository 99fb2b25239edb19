"""What the list of logs reads from the store: pages in any order, and another look at what is seen.

Functions over a connection, run in a thread; they give frozen values. The first rows come through here before there is
a session (``opening.py``), so nothing heavy is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from screens.live_rows import ENTERED, Look, Stretch
from screens.view import View
from screens.widgets.rows import Direction
from vtexmon.core.filters import matches
from vtexmon.core.ordering import Edge, Order
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Matching, contains
from vtexmon.store import log_pages
from vtexmon.store.log_pages import Span
from vtexmon.store.sql import SqlConnection

NEWER = 400
"""How many rows above the list's start one look takes in; the rest come by pages."""


@dataclass(frozen=True)
class Page:
    """One page: the rows, and whether the list goes no further in that direction."""

    rows: Sequence[LogRecord] = field(default_factory=tuple)
    complete: bool = True


def page(connection: SqlConnection, view: View, direction: Direction, edge: Edge | None, limit: int) -> Page:
    """One page of the list, in its order."""
    order = view.order_in_force
    match direction:
        case Direction.FIRST:
            rows = log_pages.page(connection, view.filter, limit, order=order)
        case Direction.LAST:
            rows = log_pages.last_page(connection, view.filter, limit, order)
        case Direction.AFTER:
            rows = log_pages.page(connection, view.filter, limit, Span(after=edge), order)
        case Direction.BEFORE:
            rows = log_pages.page(connection, view.filter, limit, Span(before=edge), order)
    complete = len(rows) < limit
    if not isinstance(view.marked, Matching):
        return Page(rows, complete)
    upwards = direction in (Direction.BEFORE, Direction.LAST)
    marked = _only_marked(connection, view, rows, complete, upwards, edge)
    if marked or complete:
        return Page(marked, complete)
    further, row = (Direction.BEFORE, rows[0]) if upwards else (Direction.AFTER, rows[-1])
    return page(connection, view, further, Edge.of(row, order), limit)  # every row of this page was unmarked again


def around(connection: SqlConnection, view: View, row_id: int, limit: int) -> tuple[Page, Page]:
    """The rows from ``row_id`` down, itself included, and those above it."""
    order = view.order_in_force
    edge = _place(connection, row_id, order)
    below = page(connection, view, Direction.AFTER, order.just_before(edge), limit)
    return below, page(connection, view, Direction.BEFORE, edge, limit)


def at_fraction(connection: SqlConnection, view: View, fraction: float) -> int | None:
    """The id of the row at about this part of the list; None where that cannot be told."""
    found = log_pages.at_fraction(connection, view.filter, view.order_in_force, fraction)
    return None if found is None else found.id


def look(connection: SqlConnection, view: View, asked: Stretch) -> Look:
    """How a stretch of the list is now."""
    order = view.order_in_force
    newer = page(connection, view, Direction.BEFORE, asked.newest, NEWER) if asked.newest is not None else Page()
    limit = len(asked.ids) + ENTERED
    span = Span(after=order.just_before(asked.high), down_to=asked.down_to)
    rows = log_pages.page(connection, view.filter, limit, span, order)
    down_to = asked.down_to if len(rows) < limit else Edge.of(rows[-1], order)
    if view.marked is not None:
        rows = [row for row in rows if contains(view.marked, row)]
    missing = set(asked.ids) - {row.id for row in rows}
    left = log_pages.by_ids(connection, missing) if missing else []
    gone = [row for row in left if order.by_id or not matches(view.filter, row)]
    moved = [row for row in left if row not in gone]
    return Look(newer.rows, newer.complete, rows, gone, down_to, moved)


def between(connection: SqlConnection, view: View, one: int, other: int, limit: int) -> Page:
    """The rows between two ids, both included; ``complete`` False when there are more than ``limit``."""
    order = view.order_in_force
    places = (_place(connection, row_id, order) for row_id in (one, other))
    first, last = sorted(places, reverse=order.descending)
    span = Span(after=order.just_before(first), down_to=last)
    rows = log_pages.page(connection, view.filter, limit + 1, span, order)
    return Page(rows[:limit], len(rows) <= limit)


def _place(connection: SqlConnection, row_id: int, order: Order) -> Edge:
    """Where a row stands now; an id that is no log stands where it would in order of ids."""
    found = [] if order.by_id else log_pages.by_ids(connection, (row_id,))
    return Edge.of(found[0], order) if found else Edge.at(row_id)


def _only_marked(
    connection: SqlConnection,
    view: View,
    rows: Sequence[LogRecord],
    complete: bool,
    upwards: bool,
    edge: Edge | None,
) -> list[LogRecord]:
    """A page of the predicate's rows without the unmarked ones, and with those marked one by one that belong there."""
    marked, order = view.marked, view.order_in_force
    assert isinstance(marked, Matching)
    far = None if complete or not rows else Edge.of(rows[0] if upwards else rows[-1], order)

    def belongs(place: Edge) -> bool:
        if upwards:
            return (edge is None or order.precedes(place, edge)) and (far is None or not order.precedes(place, far))
        return (edge is None or order.precedes(edge, place)) and (far is None or not order.precedes(far, place))

    extra = [one for one in log_pages.by_ids(connection, marked.plus) if belongs(Edge.of(one, order))]
    found = {row.id: row for row in (*rows, *extra) if contains(marked, row)}
    return sorted(found.values(), key=lambda row: Edge.of(row, order), reverse=order.descending)
