"""The window of rows: a contiguous part of a list, whatever is pressed and whatever arrives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.widgets.row_window import RowWindow
from screens.widgets.rows import Direction, Line

HEIGHT = 5


def lines(first: int, last: int) -> list[Line]:
    """Ids from ``first`` down to ``last``."""
    return [Line(row_id, (str(row_id),)) for row_id in range(first, last - 1, -1)]


def window(first: int = 100, last: int = 81, *, at_start: bool = True, at_end: bool = False) -> RowWindow:
    made = RowWindow(HEIGHT, capacity=40)
    made.reset(lines(first, last), at_start, at_end)
    return made


def seen(one: RowWindow) -> list[int]:
    return [row.id for row in one.visible]


@pytest.mark.parametrize(
    ("moves", "cursor", "first_seen"),
    [
        ([1], 99, 100),
        ([1] * 4, 96, 100),
        ([1] * 5, 95, 98),  # at the edge it scrolls by half a page
        ([1] * 5 + [-1] * 4, 99, 99 + 1),
        ([-1], 100, 100),
        ([60], 81, 85),
    ],
)
def test_the_cursor_moves_and_the_edge_scrolls_half_a_page(moves: list[int], cursor: int, first_seen: int) -> None:
    one = window()

    for lines_ in moves:
        one.move(lines_)

    assert (one.cursor, seen(one)[0]) == (cursor, first_seen)


def test_a_page_keeps_one_line_in_sight_and_the_cursor_on_its_line() -> None:
    one = window()
    one.move(2)

    one.page(1)

    assert seen(one) == [96, 95, 94, 93, 92]
    assert one.cursor_line == 2


def test_home_and_end_need_their_page() -> None:
    one = window(at_start=False)

    assert not one.home()
    assert not one.end()
    assert one.cursor == 100


@pytest.mark.parametrize(
    ("at_start", "at_end", "moves", "wanted"),
    [
        (True, False, 0, None),
        (True, False, 10, (Direction.AFTER, 81)),
        (False, False, 0, (Direction.BEFORE, 100)),
        (False, True, 19, None),
        (True, True, 0, None),
    ],
)
def test_a_page_is_wanted_two_views_before_it_is_missed(
    at_start: bool, at_end: bool, moves: int, wanted: tuple[Direction, int] | None
) -> None:
    one = window(at_start=at_start, at_end=at_end)
    one.move(moves)

    assert one.wants() == wanted


def test_an_empty_window_wants_the_first_page_until_it_knows_that_there_is_none() -> None:
    one = RowWindow(HEIGHT)
    assert one.wants() == (Direction.FIRST, None)

    one.reset([], at_start=True, at_end=True)

    assert one.wants() is None
    assert one.cursor is None


def test_what_could_not_be_moved_is_moved_when_the_page_arrives() -> None:
    one = window()
    one.move(25)
    assert one.cursor == 81

    one.extend_after(lines(80, 61), at_end=False)

    assert one.cursor == 75
    assert one.debt == 0


def test_turning_round_cancels_what_could_not_be_moved() -> None:
    one = window()
    one.move(25)

    one.move(-1)
    one.extend_after(lines(80, 61), at_end=False)

    assert one.cursor == 82


def test_the_window_stays_at_its_capacity_and_knows_that_it_lost_the_start() -> None:
    one = window()
    one.move(19)

    one.extend_after(lines(80, 41), at_end=True)

    assert len(one.rows) <= 60 - 5
    assert not one.at_start
    assert one.position.rank == 20
    assert one.position.from_end == 41


def test_newer_rows_move_neither_cursor_nor_scroll() -> None:
    one = window()
    one.move(3)
    before = (one.cursor, seen(one))

    one.insert_newer(lines(103, 101))

    assert (one.cursor, seen(one)) == before
    assert one.position.newer == 3
    assert one.home()
    assert one.cursor == 103
    assert one.position.newer == 0


def test_newer_rows_are_seen_when_the_view_is_not_full() -> None:
    one = window(100, 99, at_end=True)

    one.insert_newer(lines(101, 101))

    assert seen(one) == [101, 100, 99]
    assert one.cursor == 100


def test_a_following_view_at_the_top_shows_newer_rows_and_keeps_the_cursor_on_its_row() -> None:
    one = window()

    one.insert_newer(lines(102, 101), follow=True)

    assert seen(one)[0] == 102
    assert one.cursor == 100


def test_newer_rows_above_a_part_that_is_not_loaded_are_only_counted() -> None:
    one = window(at_start=False)

    one.insert_newer(lines(103, 101))

    assert one.rows[0].id == 100
    assert one.position.newer == 3


def test_a_changed_row_is_replaced_in_place() -> None:
    one = window()
    changed = Line(98, ("other",))

    assert one.replace_rows([changed, Line(5, ("not loaded",)), Line(97, ("97",))]) == [(Line(98, ("98",)), changed)]
    assert one.line(2) == changed


def test_rows_that_leave_the_filter_stay_greyed_under_the_cursor_or_a_mark() -> None:
    one = window()
    one.replace_rows([replace(Line(98, ("98",)), marked=True)])

    one.leave([100, 98, 97])

    assert [(row.id, row.stale) for row in one.visible[:3]] == [(100, True), (99, False), (98, True)]
    assert 97 not in seen(one)


def test_rows_that_leave_above_the_view_do_not_scroll_it() -> None:
    one = window()
    one.page(2)
    before = seen(one)

    one.leave([100, 99])

    assert seen(one) == before


def test_marks_are_asked_for_every_loaded_row() -> None:
    one = window()

    changed = one.remark({99, 3}.__contains__)

    assert [after.id for _before, after in changed] == [99]


TOTAL = 90
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["move"]), st.integers(-70, 70)),
        st.tuples(st.sampled_from(["page"]), st.integers(-6, 6)),
        st.tuples(st.sampled_from(["home", "end", "feed", "newer", "refeed"]), st.just(0)),
        st.tuples(st.just("leave"), st.integers(1, TOTAL)),
        st.tuples(st.just("resize"), st.integers(1, 12)),
    ),
    max_size=60,
)


@given(OPERATIONS)
def test_whatever_happens_the_window_is_contiguous_and_the_cursor_in_view(operations: list[tuple[str, int]]) -> None:
    one = RowWindow(HEIGHT, capacity=40)
    everything = lines(TOTAL, 1)

    for name, amount in operations:
        everything = _apply(one, everything, name, amount)
        _holds(one, everything)


@given(st.integers(1, 300), st.integers(1, 12))
def test_pages_down_reach_the_true_end_and_pages_up_the_true_start(total: int, height: int) -> None:
    one = RowWindow(height, capacity=40)
    everything = lines(total, 1)
    _feed(one, everything)
    for _ in range(total):
        one.page(1)
        _feed(one, everything)

    assert (one.cursor, one.at_end, one.position.from_end) == (1, True, 1)

    for _ in range(total):
        one.page(-1)
        _feed(one, everything)

    assert (one.cursor, one.at_start, one.position.rank) == (total, True, 1)


def _apply(one: RowWindow, everything: list[Line], name: str, amount: int) -> list[Line]:
    match name:
        case "move":
            one.move(amount)
        case "page":
            one.page(amount)
        case "home":
            one.home()
        case "end":
            one.end()
        case "resize":
            one.resize(amount)
        case "feed":
            _feed(one, everything)
        case "refeed":
            one.reset(everything[:15], at_start=True, at_end=len(everything) <= 15, cursor=one.cursor)
        case "newer":
            newest = [Line(max(row.id for row in everything) + 1, ())]
            one.insert_newer(newest)
            return newest + everything
        case "leave" if one.place(amount) is not None:
            kept = amount == one.cursor
            one.leave([amount])
            return everything if kept else [row for row in everything if row.id != amount]
    return everything


def _feed(one: RowWindow, everything: list[Line]) -> None:
    """Answer what is wanted, as a store would: pages of 15 by key."""
    for _ in range(20):
        wanted = one.wants()
        if wanted is None:
            return
        direction, key = wanted
        ids = [row.id for row in everything]
        match direction:
            case Direction.AFTER:
                rest = [row for row in everything if row.id < (key or 0)]
                one.extend_after(rest[:15], at_end=len(rest) <= 15)
            case Direction.BEFORE:
                rest = [row for row in everything if row.id > (key or 0)]
                one.extend_before(rest[-15:], at_start=len(rest) <= 15)
            case _:
                one.reset(everything[:15], at_start=True, at_end=len(ids) <= 15)
    raise AssertionError("the window never has enough")


def _holds(one: RowWindow, everything: list[Line]) -> None:
    ids = [row.id for row in one.rows]
    known = [row.id for row in everything]
    if not ids:
        return
    start = known.index(ids[0])
    assert ids == known[start : start + len(ids)]
    assert one.cursor in seen(one)
    assert 0 <= one.top <= max(0, len(ids) - one.height)
    assert len(seen(one)) == min(one.height, len(ids))
    if one.at_start:
        assert ids[0] == known[0]
    if one.at_end:
        assert ids[-1] == known[-1]
    rank, from_end = one.position.rank, one.position.from_end
    assert rank is None or rank == known.index(one.cursor or 0) + 1
    assert from_end is None or from_end == len(known) - known.index(one.cursor or 0)
