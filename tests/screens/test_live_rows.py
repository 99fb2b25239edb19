"""Fresh rows laid over those on the screen, as values."""

from __future__ import annotations

from typing import Any, cast

from screens.live_rows import Laying, Look, Stretch, merged, stretch
from screens.view import NO_ROW, View, both
from screens.widgets.row_window import RowWindow
from screens.widgets.rows import Line
from vtexmon.core.filters import Filter
from vtexmon.core.ordering import NEWEST_FIRST, Edge, Order, SortColumn
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Explicit, Nothing
from vtexmon.core.status import Status


class Row:
    """As much of a record as the merge looks at."""

    def __init__(self, row_id: int, attempts: int = 0) -> None:
        self.id = row_id
        self.attempts = attempts


def records(*ids: int) -> list[LogRecord]:
    return cast(list[LogRecord], [Row(row_id) for row_id in ids])


def at(row_id: int) -> Edge:
    return Edge.at(row_id)


def fresh(record: LogRecord) -> Line:
    return Line(record.id, ("novo",))


def window(*ids: int, at_end: bool = True, marked: tuple[int, ...] = (), height: int = 3) -> RowWindow:
    made = RowWindow(height)
    made.reset([Line(row_id, ("velho",), marked=row_id in marked) for row_id in ids], True, at_end)
    return made


def lay(
    over: RowWindow,
    look: Look,
    asked: Stretch | None = None,
    order: Order = NEWEST_FIRST,
    places: dict[int, Edge] | None = None,
) -> list[tuple[int, str, bool]] | None:
    known = {row.id: at(row.id) for row in over.rows} | (places or {})
    wanted = asked or stretch(over, known)
    assert wanted is not None
    rows = merged(over, wanted, look, Laying(order, known, fresh), over.cursor)
    return None if rows is None else [(row.id, row.cells[0], row.stale) for row in rows]


def test_changed_rows_are_exchanged_and_new_ones_come_in_between() -> None:
    found = Look((), True, records(9, 8, 7, 5), (), None)
    assert lay(window(9, 7, 5), found) == [(row_id, "novo", False) for row_id in (9, 8, 7, 5)]


def test_a_row_that_left_the_filter_goes_unless_cursor_or_mark_holds_it() -> None:
    found = Look((), True, records(6), records(9, 8, 7), None)
    held = window(9, 8, 7, 6, marked=(7,))
    assert lay(held, found) == [(9, "novo", True), (7, "novo", True), (6, "novo", False)]


def test_rows_outside_the_stretch_are_left_alone() -> None:
    asked = Stretch((9, 8), at(9), at(8), at(9))
    found = Look((), True, records(9, 8), (), at(8))
    assert lay(window(9, 8, 3, 2), found, asked) == [
        (9, "novo", False),
        (8, "novo", False),
        (3, "velho", False),
        (2, "velho", False),
    ]


def test_a_look_that_did_not_reach_the_end_says_nothing_of_what_is_below() -> None:
    found = Look((), True, records(9, 8), (), at(8))
    rows = lay(window(9, 8, 3, 2), found)
    assert rows is not None
    assert [row[0] for row in rows] == [9, 8, 3, 2]


def test_a_look_at_rows_that_were_scrolled_away_changes_nothing() -> None:
    asked = Stretch((900, 899), at(900), at(899), at(900))
    found = Look((), True, records(900, 899), (), at(899))
    assert lay(window(9, 8, at_end=False), found, asked) is None


def test_nothing_is_drawn_when_nothing_differs() -> None:
    same = window(9, 8)
    same.replace_rows([Line(9, ("novo",)), Line(8, ("novo",))])
    assert lay(same, Look((), True, records(9, 8), (), None)) is None


BY_ATTEMPTS = Order(SortColumn.ATTEMPTS)


def test_a_row_that_moves_in_its_order_stays_where_it_was_listed_while_the_cursor_is_on_it() -> None:
    over = window(5, 4, 3)
    places = {5: Edge(7, 5), 4: Edge(2, 4), 3: Edge(1, 3)}
    over.go_to(4)
    passing = cast(list[LogRecord], [Row(5, 7), Row(3, 1)])
    found = Look((), True, passing, (), None, moved=cast(list[LogRecord], [Row(4, 9)]))
    assert lay(over, found, None, BY_ATTEMPTS, places) == [(5, "novo", False), (4, "novo", False), (3, "novo", False)]
    over.go_to(5)
    assert lay(over, found, None, BY_ATTEMPTS, places) == [(5, "novo", False), (3, "novo", False)]


def test_rows_that_change_places_are_put_in_their_new_order() -> None:
    over = window(5, 4, 3)
    places = {5: Edge(3, 5), 4: Edge(2, 4), 3: Edge(1, 3)}
    passing = cast(list[LogRecord], [Row(5, 3), Row(3, 2), Row(4, 1)])
    rows = lay(over, Look((), True, passing, (), None), None, BY_ATTEMPTS, places)
    assert rows is not None
    assert [row[0] for row in rows] == [5, 3, 4]


def test_scope_and_filter_restrict_together() -> None:
    scope = Filter(branches=frozenset({12}))
    erro: frozenset[Any] = frozenset({Status.ERROR})
    assert both(scope, Filter(statuses=erro)) == Filter(statuses=erro, branches=frozenset({12}))
    assert both(scope, Filter(branches=frozenset({13}))) == NO_ROW
    assert View(Filter(statuses=erro), scope, Explicit(frozenset({3}))).filter == Filter(ids=frozenset({3}))
    assert View(marked=Nothing()).filter == NO_ROW
