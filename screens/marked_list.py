"""Marking in the list of logs: what a person does with space, ranges, pages and everything that matches.

The part of the Monitor de Log that changes its selection; the list and its lines belong to ``log_monitor.py``.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from screens.log_feed import LogFeed
from screens.log_marks import LogMarks
from screens.still import StillScreen
from screens.view import View
from screens.widgets.line_table import LineTable
from vtexmon.i18n import _


class MarkedList(StillScreen[None]):
    """A screen with one list of logs that can be marked."""

    marks: LogMarks
    feed: LogFeed

    @property
    def table(self) -> LineTable:
        """The list."""
        return self.query_one("#logs", LineTable)

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something that reads, in the background; what goes wrong is said."""
        raise NotImplementedError

    def say(self, words: str, style: str = "") -> None:
        """Tell the person something, for a while."""
        raise NotImplementedError

    def marks_changed(self) -> None:
        """The selection is another one: show it."""
        raise NotImplementedError

    async def change_view(self, view: View, cursor: int | None) -> None:
        """List another view, the cursor on this row where it is in it."""
        raise NotImplementedError

    def on_line_table_mark_toggled(self, message: LineTable.MarkToggled) -> None:
        """Space."""
        record = self.feed.records.get(message.id)
        if record is not None:
            self.marks.toggle(record)
            self.marks_changed()

    def on_line_table_marks_added(self, message: LineTable.MarksAdded) -> None:
        """A page, or a row passed with shift."""
        self._add(message.ids)

    def on_line_table_range_marked(self, message: LineTable.RangeMarked) -> None:
        """A range; what is not loaded of it is read."""
        if message.ids is not None:
            self._add(message.ids)
        else:
            self.do(self._add_between(message.anchor, message.cursor))

    def action_mark_all(self) -> None:
        """Mark everything the filter finds now; what comes later is not swept in."""
        if self.feed.view.marked is None:
            self.do(self._mark_all())

    def action_unmark(self) -> None:
        """Take every mark away."""
        self.marks.clear()
        self.marks_changed()

    def action_only_marked(self) -> None:
        """See only the marked, or all again."""
        view = self.feed.view
        marked = self.marks.selection if view.marked is None else None
        self.do(self.change_view(View(view.query, view.scope, marked), self.table.cursor))

    def is_marked(self, row_id: int) -> bool:
        """Whether the row carries a mark."""
        record = self.feed.records.get(row_id)
        return record is not None and self.marks.holds(record)

    def _add(self, ids: tuple[int, ...]) -> None:
        known = (self.feed.records.get(row_id) for row_id in ids)
        self.marks.add([record for record in known if record is not None])
        self.marks_changed()

    async def _add_between(self, one: int, other: int) -> None:
        if await self.marks.add_between(self.feed.view, one, other):
            self.marks_changed()
        else:
            self.say(_("faixa longa demais para marcar linha a linha: filtre e use A"), "warning")

    async def _mark_all(self) -> None:
        replaced = await self.marks.add_all(self.feed.view)
        self.marks_changed()
        if replaced:
            self.say(_("a marca de todos do filtro anterior foi trocada por esta"), "warning")
