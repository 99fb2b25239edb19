"""The part of a list that is in memory: a contiguous run of rows around what is seen, with cursor and top line.

The list itself may have ten million rows and is never held: the feeder hands pages over by key, in the order it wants,
and the window keeps at most ``capacity`` of them. The cursor belongs to a row's id, not to a line number, so that rows
arriving, changing or leaving do not move it. Nothing here knows of Textual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from screens.widgets.rows import Direction, Line, Position

CAPACITY: Final = 1200
MAX_DEBT: Final = 400


class RowWindow:
    """Rows in memory, the cursor (an id) and the top line, for a view of ``height`` lines."""

    def __init__(self, height: int = 1, capacity: int = CAPACITY) -> None:
        self.rows: list[Line] = []
        self.at_start = False
        self.at_end = False
        self.height = max(1, height)
        self.top = 0
        self.newer = 0
        self._capacity = capacity
        self._index = 0
        self._debt = 0
        self._before: int | None = None
        self._after: int | None = None
        self._places: dict[int, int] | None = None

    # what is there

    @property
    def cursor(self) -> int | None:
        """The id of the cursor's row; None in an empty window."""
        return self.rows[self._index].id if self.rows else None

    @property
    def cursor_line(self) -> int | None:
        """The cursor's line in the view, from 0."""
        return self._index - self.top if self.rows else None

    @property
    def debt(self) -> int:
        """Rows the cursor still has to move when the page it waits for arrives (negative: upwards)."""
        return self._debt

    @property
    def visible(self) -> Sequence[Line]:
        """The rows in view, from the top line down."""
        return self.rows[self.top : self.top + self.height]

    @property
    def position(self) -> Position:
        """Where the cursor is, for the status line."""
        rank = None if self._before is None or not self.rows else self._before + self._index + 1
        from_end = None if self._after is None or not self.rows else self._after + len(self.rows) - self._index
        return Position(self.cursor, rank, from_end, len(self.rows), self.at_start, self.at_end, self.newer)

    def line(self, y: int) -> Line | None:
        """The row on line ``y`` of the view; None where nothing is loaded."""
        index = self.top + y
        return self.rows[index] if 0 <= index < len(self.rows) else None

    def missing(self, y: int) -> bool:
        """Whether line ``y`` belongs to a row that exists but is not loaded yet."""
        return self.top + y >= len(self.rows) and not self.at_end

    def place(self, row_id: int) -> int | None:
        """The row's index in the window; None when it is not loaded."""
        if self._places is None:
            self._places = {row.id: index for index, row in enumerate(self.rows)}
        return self._places.get(row_id)

    def wants(self) -> tuple[Direction, int | None] | None:
        """The page to ask for now, if any: the window keeps two views of rows loaded on each side of what is seen."""
        if not self.rows:
            return None if self.at_start and self.at_end else (Direction.FIRST, None)
        margin = 2 * self.height
        if not self.at_end and (self._debt > 0 or self.top + self.height + margin > len(self.rows)):
            return Direction.AFTER, self.rows[-1].id
        if not self.at_start and (self._debt < 0 or self.top < margin):
            return Direction.BEFORE, self.rows[0].id
        return None

    # moving

    def move(self, lines: int) -> bool:
        """Move the cursor; at the edge of the view it scrolls by half a page. True when cursor or top changed."""
        return self._step(lines, self._scroll_half)

    def page(self, pages: int) -> bool:
        """Move view and cursor by whole pages, the cursor staying on its line of the view."""
        return self._shift(pages * max(1, self.height - 1))

    def home(self) -> bool:
        """To the first row. False when its page is not loaded: then ``Direction.FIRST`` is to be asked for."""
        return self.at_start and self._jump(0)

    def end(self) -> bool:
        """To the last row. False when its page is not loaded: then ``Direction.LAST`` is to be asked for."""
        return self.at_end and self._jump(len(self.rows) - 1)

    def go_to(self, row_id: int) -> bool:
        """Put the cursor on a row. False when it is not loaded."""
        index = self.place(row_id)
        return index is not None and self._jump(index)

    def resize(self, height: int) -> None:
        """The view has another number of lines."""
        self.height = max(1, height)
        self._settle()

    # rows arriving

    def reset(self, rows: Iterable[Line], at_start: bool, at_end: bool, cursor: int | None = None) -> None:
        """Start again with these rows: the cursor on ``cursor`` if it is there, else on the first row (from a list's
        end: the last)."""
        self.rows = list(rows)
        self.at_start, self.at_end = at_start, at_end
        self._places = None
        self._debt = self.newer = 0
        self._before = 0 if at_start else None
        self._after = 0 if at_end else None
        fallback = len(self.rows) - 1 if at_end and not at_start else 0
        found = None if cursor is None else self.place(cursor)
        self._index = max(0, fallback if found is None else found)
        self.top = max(0, self._index - self.height + 1) if found is None else self._index - self.height // 2
        self._settle()

    def extend_after(self, rows: Sequence[Line], at_end: bool) -> None:
        """The page after the last row has arrived."""
        fresh = [row for row in rows if self.place(row.id) is None]
        self.rows.extend(fresh)
        self._places = None
        self.at_end = at_end or not fresh
        self._after = 0 if self.at_end else self._less(self._after, len(fresh))
        self._pay_debt()
        self._trim(from_start=True)

    def extend_before(self, rows: Sequence[Line], at_start: bool) -> None:
        """The page before the first row has arrived, in the list's order."""
        fresh = [row for row in rows if self.place(row.id) is None]
        self.rows[:0] = fresh
        self._places = None
        self._index += len(fresh)
        self.top += len(fresh)
        self.at_start = at_start or not fresh
        self._before = 0 if self.at_start else self._less(self._before, len(fresh))
        self._pay_debt()
        self._trim(from_start=False)

    def insert_newer(self, rows: Sequence[Line], follow: bool = False) -> None:
        """Rows that came into being above the list's start: cursor and scroll stay.

        With ``follow`` a view at the very top shows them; when the start is not loaded they are only counted.
        """
        fresh = [row for row in rows if self.place(row.id) is None]
        if not self.at_start:
            self.newer += len(fresh)
            self._before = None if self._before is None else self._before + len(fresh)
            return
        following = follow and self.top == 0 and self._index + len(fresh) < self.height
        self.rows[:0] = fresh
        self._places = None
        self._index += len(fresh) if len(self.rows) > len(fresh) else 0
        self.top = 0 if following else self.top + len(fresh)
        self.newer += len(fresh)
        self._settle()
        self._trim(from_start=False)
        self._trim(from_start=True)

    def replace_rows(self, rows: Iterable[Line]) -> list[tuple[Line, Line]]:
        """Put changed rows in place by id; unknown ids are passed over. Returns (before, after) of what changed."""
        changed = []
        for row in rows:
            index = self.place(row.id)
            if index is not None and self.rows[index] != row:
                changed.append((self.rows[index], row))
                self.rows[index] = row
        return changed

    def exchange(self, rows: Sequence[Line]) -> None:
        """The same part of the list as it is now, rows come and gone: the cursor and the top row stay put."""
        cursor, seen = self.cursor, self.rows[self.top :]
        above = self.top
        self.rows, self._places = list(rows), None
        found = None if cursor is None else self.place(cursor)
        self._index = min(above, len(self.rows) - 1) if found is None else found
        self.top = next((place for row in seen if (place := self.place(row.id)) is not None), self._index)
        self._settle()

    def leave(self, ids: Iterable[int]) -> None:
        """These rows no longer match: greyed where the cursor or a mark is on them, else taken out."""
        going = {row_id for row_id in ids if self.place(row_id) is not None}
        cursor = self.cursor
        kept: list[Line] = []
        top = self.top
        for index, row in enumerate(self.rows):
            if row.id not in going:
                kept.append(row)
            elif row.marked or row.id == cursor:
                kept.append(replace(row, stale=True))
            elif index < self.top:
                top -= 1
        self.rows, self.top, self._places = kept, top, None
        self._index = 0 if cursor is None else self.place(cursor) or 0
        self._settle()

    def remark(self, marked: Callable[[int], bool]) -> list[tuple[Line, Line]]:
        """Ask for every loaded row whether it is marked; (before, after) of those that changed."""
        return self.replace_rows([replace(row, marked=marked(row.id)) for row in self.rows])

    # inside

    def _step(self, lines: int, scroll: Callable[[], None]) -> bool:
        before = (self._index, self.top)
        if self._debt and (self._debt > 0) != (lines > 0):
            self._debt = 0
        wanted = self._index + lines + self._debt
        last = len(self.rows) - 1
        self._index = max(0, min(wanted, last))
        self._debt = 0
        if (wanted > last and not self.at_end) or (wanted < 0 and not self.at_start):
            self._debt = max(-MAX_DEBT, min(wanted - self._index, MAX_DEBT))
        scroll()
        self._settle()
        return before != (self._index, self.top)

    def _scroll_half(self) -> None:
        half = max(1, self.height // 2)
        if self._index >= self.top + self.height:
            self.top = max(self.top + half, self._index - self.height + 1)
        elif self._index < self.top:
            self.top = min(self.top - half, self._index)

    def _jump(self, index: int) -> bool:
        before = (self._index, self.top)
        self._debt = 0
        self._index = max(0, index)
        if not self.top <= self._index < self.top + self.height:
            self.top = self._index - self.height // 2
        self._settle()
        return before != (self._index, self.top)

    def _pay_debt(self) -> None:
        debt, self._debt = self._debt, 0
        if debt:
            self._shift(debt)
        self._settle()

    def _shift(self, lines: int) -> bool:
        """Move view and cursor by ``lines``, the cursor staying on its line of the view."""
        line = self._index - self.top

        def scroll() -> None:
            self.top = self._index - line

        return self._step(lines, scroll)

    def _settle(self) -> None:
        """Keep cursor and top inside the rows and the cursor inside the view."""
        self._index = max(0, min(self._index, len(self.rows) - 1))
        self.top = max(self._index - self.height + 1, min(self.top, self._index))
        self.top = max(0, min(self.top, len(self.rows) - self.height))
        if self.at_start and self.top == 0:
            self.newer = 0

    def _trim(self, from_start: bool) -> None:
        """Drop what is above capacity on one side, but never what is in view or just beside it."""
        margin = 2 * self.height
        surplus = len(self.rows) - self._capacity
        room = self.top - margin if from_start else len(self.rows) - self.top - self.height - margin
        count = min(surplus, room)
        if count <= 0:
            return
        self._places = None
        if from_start:
            del self.rows[:count]
            self._index -= count
            self.top -= count
            self.at_start = False
            self._before = None if self._before is None else self._before + count
        else:
            del self.rows[-count:]
            self.at_end = False
            self._after = None if self._after is None else self._after + count

    @staticmethod
    def _less(known: int | None, count: int) -> int | None:
        return None if known is None else max(0, known - count)
