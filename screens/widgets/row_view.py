"""Rows of a list of any length on the screen: feeding and drawing; the line table adds keys and marks.

It is fed by pages by key (``PageWanted`` asks, ``feed`` answers) and knows no record. Every change goes one way: the
window changes, then ``paint`` compares what is drawn with what should be and repaints only that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.message import Message

from screens.theme import Palette
from screens.widgets.columns import Column, Fitted, fit
from screens.widgets.line_view import LineView
from screens.widgets.row_drawing import GUTTER, Drawn, changed_cells, row_runs, title_line
from screens.widgets.row_window import RowWindow
from screens.widgets.rows import Direction, Line, PageRequest, Position


class RowView(LineView[Drawn], inherit_bindings=False):
    """The window of rows, fed and drawn."""

    @dataclass
    class CursorMoved(Message, namespace="line_table"):
        """The cursor stands on another row (None: no rows). Only the last of a burst is told."""

        table: RowView
        id: int | None

    @dataclass
    class PositionChanged(Message, namespace="line_table"):
        """Rank, loaded rows or rows that arrived above changed."""

        table: RowView
        position: Position

    @dataclass
    class PageWanted(Message, namespace="line_table"):
        """A page is needed: answer with ``feed(request, …)``. Never asked twice while unanswered."""

        table: RowView
        request: PageRequest

        @property
        def direction(self) -> Direction:
            """Which page: of the list's ends, or before or after ``key``."""
            return self.request.direction

        @property
        def key(self) -> int | None:
            """The id that the page lies before or after; None for the list's ends."""
            return self.request.key

    def __init__(
        self,
        columns: Sequence[Column],
        palette: Palette | None = None,
        *,
        follow: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``follow``: a view at the very top shows newer rows as they come."""
        super().__init__(id=id, classes=classes)
        self.window = RowWindow()
        self._columns = tuple(columns)
        self._palette = palette or Palette()
        self._follow = follow
        self._fitted: tuple[Fitted, ...] = ()
        self._asked: set[PageRequest] = set()
        self._generation = 0
        self._jump: Direction | None = None
        self._anchor: int | None = None
        self._told: Position | None = None
        self._cursor_told: int | None = None
        self._empty: tuple[str, ...] = ()

    # what the screen does with it

    @property
    def cursor(self) -> int | None:
        """The id of the cursor's row."""
        return self.window.cursor

    @property
    def cursor_row(self) -> Line | None:
        """The cursor's row."""
        line = self.window.cursor_line
        return None if line is None else self.window.line(line)

    @property
    def position(self) -> Position:
        """Where the cursor is, for the status line."""
        return self.window.position

    @property
    def in_range(self) -> bool:
        """Whether a range was begun and waits for its end."""
        return self._anchor is not None

    @property
    def visible_ids(self) -> tuple[int, ...]:
        """The ids of the rows in view."""
        return tuple(row.id for row in self.window.visible)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns; rows must be fed again if their cells differ."""
        self._columns = tuple(columns)
        self._layout()

    def set_empty(self, text: str) -> None:
        """What to say where there are no rows: why, and what to press."""
        self._empty = tuple(text.splitlines())
        self.paint()

    def reload(self) -> None:
        """Forget every row and ask for the first page (another filter or order)."""
        self.reset((), at_start=False, at_end=False)

    def reset(self, rows: Iterable[Line], *, at_start: bool, at_end: bool, cursor: int | None = None) -> None:
        """Show these rows instead, the cursor on ``cursor`` if it is among them; a begun range is given up."""
        self._anchor = None
        self._start(rows, at_start, at_end, cursor)

    def feed(self, request: PageRequest, rows: Sequence[Line], *, complete: bool) -> bool:
        """Answer a ``PageWanted``, rows in the list's order; ``complete``: the list goes no further in that direction.

        For ``FIRST`` and ``LAST``, ``complete`` means that these are all rows. False: the answer came too late and was
        dropped.
        """
        if request not in self._asked:
            return False
        self._asked.discard(request)
        edge = self.window.rows
        match request.direction:
            case Direction.FIRST | Direction.LAST:
                if edge and self._jump is not request.direction:
                    return False
                first = request.direction is Direction.FIRST
                self._start(rows, first or complete, complete or not first)
                return True
            case Direction.AFTER if edge and edge[-1].id == request.key:
                self.window.extend_after(rows, complete)
            case Direction.BEFORE if edge and edge[0].id == request.key:
                self.window.extend_before(rows, complete)
            case _:
                return False
        self._fed()
        return True

    def feed_failed(self, request: PageRequest) -> None:
        """The page could not be read: it may be asked for again, at the next key."""
        self._asked.discard(request)
        self._jump = None

    def ask_again(self) -> None:
        """Ask anew for what was asked while there was nobody to answer."""
        self._asked.clear()
        self._want()

    def insert_newer(self, rows: Sequence[Line], *, complete: bool = True) -> None:
        """Newer rows exist above the list's start; cursor and scroll stay. ``complete`` False: these are the oldest of
        them, and the others are to be asked for by pages."""
        self.window.insert_newer(rows, self._follow)
        self.window.at_start = self.window.at_start and complete
        self._fed()

    def exchange(self, rows: Sequence[Line]) -> None:
        """The loaded rows as they are now, in the list's order: some changed, came or went; cursor and scroll stay."""
        self.window.exchange(rows)
        self._fed()

    def update_rows(self, rows: Iterable[Line]) -> None:
        """Rows changed; those not loaded are passed over."""
        self.window.replace_rows(rows)
        self.paint()

    def drop_rows(self, ids: Iterable[int]) -> None:
        """Rows no longer match the filter: greyed under the cursor or a mark, else taken out."""
        self.window.leave(ids)
        self._fed()

    def remark(self, marked: Callable[[int], bool]) -> None:
        """Ask for every loaded row whether it is marked."""
        self.window.remark(marked)
        self.paint()

    def go_to(self, row_id: int) -> bool:
        """Put the cursor on a loaded row. False when it is not loaded: ``reset`` with a page around it."""
        found = self.window.place(row_id) is not None
        self._after_key(self.window.go_to(row_id))
        return found

    # drawing

    def state_of(self, y: int) -> Drawn:
        """The titles, a row, or what stands where there is none."""
        if y == 0:
            return Drawn(None, title_line(self._fitted, self._palette), "header")
        window, line = self.window, y - 1
        row = window.line(line)
        if row is None:
            return Drawn(None, self._instead_of_row(line), "quiet")
        on_cursor = line == window.cursor_line
        return Drawn(row, "", "", on_cursor, self._in_range(window.top + line), on_cursor and self.has_focus)

    def segments_of(self, state: Drawn) -> list[tuple[str, Style]]:
        """The line's runs of text."""
        return row_runs(state, self._fitted, self._palette)

    def changed_span(self, old: Drawn, new: Drawn) -> tuple[int, int]:
        """The cells that differ."""
        return changed_cells(old, new, self._fitted, self.size.width)

    def painted(self) -> None:
        """Tell of the cursor and the position, once for all that was painted."""
        if self.cursor != self._cursor_told:
            self._cursor_told = self.cursor
            self.post_message(self.CursorMoved(self, self.cursor))
        if self.position != self._told:
            self._told = self.position
            self.post_message(self.PositionChanged(self, self.position))

    def on_mount(self) -> None:
        """Ask for the first page."""
        self._want()

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit, and other rows."""
        self._layout()

    # inside

    def _start(self, rows: Iterable[Line], at_start: bool, at_end: bool, cursor: int | None = None) -> None:
        self._asked.clear()
        self._generation += 1
        self._jump = None
        self.window.reset(rows, at_start, at_end, cursor)
        self._fed()

    def _layout(self) -> None:
        self._fitted = fit(self._columns, max(1, self.size.width - GUTTER))
        self.window.resize(self.size.height - 1)
        self._want()
        self.redraw()

    def _fed(self) -> None:
        self._want()
        self.paint()

    def _after_key(self, _moved: bool) -> None:
        self._want()
        self.paint_after_key()

    def _want(self) -> None:
        wanted = self.window.wants()
        if wanted is not None:
            self._ask(*wanted)

    def _ask(self, direction: Direction, key: int | None) -> None:
        request = PageRequest(direction, key, self._generation)
        if request not in self._asked and self.is_attached:
            self._asked.add(request)
            self.post_message(self.PageWanted(self, request))

    def _to_end_of_list(self, direction: Direction) -> None:
        first = direction is Direction.FIRST
        if self.window.at_start if first else self.window.at_end:
            self._jump = None
            self._after_key(self.window.home() if first else self.window.end())
        else:
            self._jump = direction
            self._ask(direction, None)

    def _in_range(self, index: int) -> bool:
        if self._anchor is None:
            return False
        anchor, line = self.window.place(self._anchor), self.window.cursor_line
        if anchor is None or line is None:
            return False
        cursor = self.window.top + line
        return min(anchor, cursor) <= index <= max(anchor, cursor)

    def _instead_of_row(self, line: int) -> str:
        if self.window.missing(line):
            return " " * GUTTER + self._palette.glyphs.ellipsis
        if not self.window.rows and line < len(self._empty):
            return " " * GUTTER + self._empty[line]
        return ""
