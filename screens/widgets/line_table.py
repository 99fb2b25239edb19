"""The line table: a list of any length with a cursor, marks and keys.

The rows come by pages by key and are drawn by ``RowView``; this module is what a person does to them. Marks belong to
the screen's selection: the table asks for a change, the screen answers with ``remark``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from screens.commands import MARKING, Scope, bindings_for
from screens.theme import Palette
from screens.widgets.columns import Column
from screens.widgets.row_view import RowView
from screens.widgets.rows import Direction


class LineTable(RowView, inherit_bindings=False):
    """A table of rows; see the messages for what it asks and tells."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.TABLE)]

    @dataclass
    class Opened(Message):
        """Enter on a row."""

        table: LineTable
        id: int

    @dataclass
    class MarkToggled(Message):
        """The row is to be marked, or unmarked if it is: change the selection, then call ``remark``."""

        table: LineTable
        id: int

    @dataclass
    class MarksAdded(Message):
        """These rows are to be marked (never unmarked)."""

        table: LineTable
        ids: tuple[int, ...]

    @dataclass
    class RangeMarked(Message):
        """All rows from ``anchor`` to ``cursor`` (either may be the upper one) are to be marked.

        ``ids`` holds them when the whole range is loaded; None: ask the store for what lies between the two keys.
        """

        table: LineTable
        anchor: int
        cursor: int
        ids: tuple[int, ...] | None

    def __init__(
        self,
        columns: Sequence[Column],
        palette: Palette | None = None,
        *,
        markable: bool = True,
        follow: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``markable`` False: no marks. ``follow``: a view at the very top shows newer rows as they come."""
        super().__init__(columns, palette, follow=follow, id=id, classes=classes)
        self._markable = markable
        self.only_moves = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marks are hidden where rows cannot be marked; while ``only_moves``, nothing but the cursor moves."""
        if action in MARKING:
            return self._markable and not self.only_moves
        return not (self.only_moves and action == "open")

    def action_cursor_down(self) -> None:
        """One row down."""
        self._after_key(self.window.move(1))

    def action_cursor_up(self) -> None:
        """One row up."""
        self._after_key(self.window.move(-1))

    def action_page_down(self) -> None:
        """One page down."""
        self._after_key(self.window.page(1))

    def action_page_up(self) -> None:
        """One page up."""
        self._after_key(self.window.page(-1))

    def action_first(self) -> None:
        """To the true first row."""
        self._to_end_of_list(Direction.FIRST)

    def action_last(self) -> None:
        """To the true last row."""
        self._to_end_of_list(Direction.LAST)

    def action_open(self) -> None:
        """Open the cursor's row."""
        if self.cursor is not None:
            self.post_message(self.Opened(self, self.cursor))

    def action_mark(self) -> None:
        """Toggle the cursor's mark and go down; with a range begun, mark the range."""
        if self._anchor is not None:
            self.action_mark_range()
        elif self.cursor is not None:
            self.post_message(self.MarkToggled(self, self.cursor))
            self.action_cursor_down()

    def action_mark_range(self) -> None:
        """Begin a range at the cursor; the second time, mark it."""
        anchor, cursor = self._anchor, self.cursor
        self._anchor = cursor if anchor is None else None
        if anchor is not None and cursor is not None:
            self.post_message(self.RangeMarked(self, anchor, cursor, self._between(anchor, cursor)))
        self.paint()

    def action_extend_down(self) -> None:
        """Mark the cursor's row and go down."""
        self._extend(1)

    def action_extend_up(self) -> None:
        """Mark the cursor's row and go up."""
        self._extend(-1)

    def action_mark_page(self) -> None:
        """Mark the rows in view."""
        if self.visible_ids:
            self.post_message(self.MarksAdded(self, self.visible_ids))

    def end_range(self) -> bool:
        """Give up a begun range (escape). False when there was none."""
        begun, self._anchor = self._anchor is not None, None
        self.paint()
        return begun

    def _extend(self, lines: int) -> None:
        if self.cursor is not None:
            self.post_message(self.MarksAdded(self, (self.cursor,)))
            self._after_key(self.window.move(lines))

    def _between(self, anchor: int, cursor: int) -> tuple[int, ...] | None:
        places = self.window.place(anchor), self.window.place(cursor)
        if places[0] is None or places[1] is None:
            return None
        low, high = sorted((places[0], places[1]))
        return tuple(row.id for row in self.window.rows[low : high + 1])
