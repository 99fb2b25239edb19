"""What a person does with the rows of the Monitor de Log: open, mark, resend, copy, save.

The part of the screen that is about rows and the selection; what is listed and how it stays live is ``log_monitor.py``.
"""

from __future__ import annotations

import os
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from screens import log_lines
from screens.log_feed import LogFeed
from screens.log_marks import LogMarks
from screens.still import StillScreen
from screens.view import View
from screens.widgets.line_table import LineTable
from vtexmon.i18n import _

if TYPE_CHECKING:
    from screens.session import Session
    from vtexmon.core.records import ResendProgress


class LogList(StillScreen[None]):
    """A screen with one list of logs; ``filter_text`` is the filter as it was typed."""

    marks: LogMarks
    feed: LogFeed
    _session: Session | None = None
    filter_text = ""

    @property
    def session(self) -> Session:
        """The session; there is one once ``begin`` was called."""
        assert self._session is not None, "no key does anything before"
        return self._session

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

    # the row under the cursor, and what is selected

    def on_line_table_opened(self, message: LineTable.Opened) -> None:
        """Enter on a row: the record with its items."""
        from screens.log_detail import LogDetailScreen

        self.app.push_screen(LogDetailScreen(self.session, message.id))

    def action_resend(self) -> None:
        """The plan of a resend of what is marked, or of all Erro that the filter finds."""
        from screens.resend import ResendScreen

        plan = ResendScreen(self.session, self.marks.selection, self.feed.view.query, self.filter_text)
        self.app.push_screen(plan, self._ordered)

    def _ordered(self, progress: ResendProgress | None) -> None:
        from screens.progress import ProgressStrip

        if progress is not None:
            self.query_one(ProgressStrip).follow(progress)

    def action_stop_resend(self) -> None:
        """Stop the bulk resend that is followed, or take its summary away."""
        from screens.progress import ProgressStrip

        self.query_one(ProgressStrip).stop_or_dismiss()

    def action_copy(self) -> None:
        """The row's id."""
        if self.table.cursor is not None:
            self._copy(str(self.table.cursor))

    def action_copy_all(self) -> None:
        """The whole row."""
        record = self.feed.records.get(self.table.cursor or 0)
        if record is not None:
            self._copy(log_lines.as_text(record, self.feed.context))

    def _copy(self, text: str) -> None:
        from screens import clipboard

        self.say(clipboard.copy(self.app, text, os.environ))

    def action_save(self) -> None:
        """What the filter shows, into a CSV file."""
        from screens.log_export import save_view

        async def save() -> None:
            self.say(await save_view(self.session, self.feed.view))

        self.say(_("salvando…"))
        self.do(save())
