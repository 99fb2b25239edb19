"""One log: the Registro, its Itens de Log, and what the item under the cursor sent and received.

It follows the log while it changes, without moving the cursor. Reading is done in threads; resending is asked for in
``screens/resend.py`` and a text is looked at closely in ``screens/payload.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import ClassVar, Final

from sqlalchemy import Connection
from textual.app import ComposeResult
from textual.binding import BindingType

from screens import theme
from screens.background import problem_words, start
from screens.bridge import DataChanged, hear
from screens.commands import Scope, bindings_for, may_run
from screens.log_facts import LogFacts, Setting, facts, title_pieces
from screens.log_items import item_columns, item_line
from screens.log_preview import Pane, Preview
from screens.pace import Paced
from screens.payload import PayloadScreen
from screens.payload_reading import Both, Side, file_name, read_both
from screens.progress import ProgressStrip
from screens.resend import ResendScreen
from screens.session import Session
from screens.still import StillScreen
from screens.take_away import TakeAway
from screens.widgets.key_line import KeyLine
from screens.widgets.line_table import LineTable
from screens.widgets.status_line import StatusLine
from vtexmon.core.filters import Filter
from vtexmon.core.records import LogItemRecord, LogRecord, ResendProgress
from vtexmon.core.selection import Explicit
from vtexmon.i18n import _
from vtexmon.store import logs

LOOK_EVERY_SECONDS: Final = 2.0
LEAST_SECONDS: Final = 0.3
Found = tuple[LogRecord | None, list[LogItemRecord]]


class LogDetailScreen(StillScreen[None]):
    """The Registro with its Itens de Log."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for(Scope.DETAIL),
        *(binding for binding in bindings_for(Scope.GLOBAL) if binding.action == "back"),
    ]
    CSS = """
    LogDetailScreen { layout: vertical; }
    LogDetailScreen LineTable { height: 5; }
    LogDetailScreen.-tall LineTable { height: 12; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - Textual's own name
    AUTO_FOCUS = "LineTable"

    def __init__(self, session: Session, log_id: int) -> None:
        super().__init__()
        self._session = session
        self._log_id = log_id
        self._palette = theme.palette(os.environ, session.ascii_only)
        self._record: LogRecord | None = None
        self._items: dict[int, LogItemRecord] = {}
        self._look = Paced(self, self._read, LEAST_SECONDS, self._read_failed)
        self._stop_hearing: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        """Title, Registro, items, preview, strip, keys."""
        yield StatusLine(self._palette, id="title")
        yield LogFacts(self._palette, id="facts")
        yield LineTable(item_columns(), self._palette, markable=False, id="items")
        yield Preview(self._session, self._palette)
        yield ProgressStrip(self._session)
        yield TakeAway(self._session, self._palette)
        yield KeyLine(Scope.DETAIL, self._palette, read_only=self._session.read_only)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Read-only hides what writes."""
        return may_run(Scope.DETAIL, action, self._session.read_only)

    def on_mount(self) -> None:
        """Read, and go on looking."""
        self._stop_hearing = hear(self._session.facts, self.post_message)
        self.set_interval(LOOK_EVERY_SECONDS, self.look)
        self.look()

    def on_unmount(self) -> None:
        """The engine's facts are no longer for this screen."""
        self._stop_hearing()

    def on_data_changed(self, message: DataChanged) -> None:
        """Something was written: look again."""
        message.stop()
        self.look()

    def look(self) -> None:
        """Read the log again, in a thread; one reading at a time, and not more often than is decent."""
        self._look.ask()

    async def _read(self) -> None:
        record, items = await self._session.read(self._find)
        first = self._record is None
        self._record = record
        if record is None:
            self._table.reset((), at_start=True, at_end=True)
            self._table.set_empty(_("Este registro não existe mais.  esc volta"))
            return
        now, zone = self._session.now(), self._session.timezone
        maximum = self._session.config.resend.max_attempts
        left, right = title_pieces(record, self._palette)
        self.query_one("#title", StatusLine).say(left, right)
        self.query_one(LogFacts).show(facts(record, Setting(zone, now, maximum, self._palette)))
        self._show_items(items, first)

    def _find(self, connection: Connection) -> Found:
        return logs.find(connection, self._log_id), logs.items(connection, self._log_id)

    def _show_items(self, items: list[LogItemRecord], first: bool) -> None:
        table, known = self._table, self._items
        now, zone = self._session.now(), self._session.timezone
        self._items = {item.id: item for item in items}
        rows = [item_line(item, self._palette, zone, now) for item in items]
        if not items:
            table.set_empty(_("Ainda não há Itens de Log: nada foi enviado deste registro.  esc volta"))
        if first or not known:
            table.reset(rows, at_start=True, at_end=True)
            self._show_preview(table.cursor)
            return
        table.update_rows(rows)
        table.insert_newer([row for row in rows if row.id not in known])
        cursor = table.cursor
        if cursor is not None and known.get(cursor) != self._items.get(cursor):
            self._show_preview(cursor)

    # the preview

    def on_line_table_cursor_moved(self, message: LineTable.CursorMoved) -> None:
        """Another item: show what it sent and received."""
        both = self._preview.both
        if message.id is not None and (both is None or both.item.id != message.id):
            self._show_preview(message.id)

    def _show_preview(self, item_id: int | None) -> None:
        item = self._items.get(item_id) if item_id is not None else None
        if item is None:
            self._preview.show(None)
        else:
            start(self, self._read_preview, item, group="preview", failed=self._failed)

    async def _read_preview(self, item: LogItemRecord) -> None:
        self._preview.show(await self._session.read(lambda connection: read_both(connection, item)))

    # keys

    def on_line_table_opened(self, message: LineTable.Opened) -> None:
        """Enter on an item: what was received, on the whole screen."""
        message.stop()
        self._open(message.id, Side.RECEIVED)

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """Enter in a pane: that side, on the whole screen."""
        message.stop()
        if self._table.cursor is not None:
            self._open(self._table.cursor, message.side)

    def _open(self, item_id: int, side: Side) -> None:
        item = self._items.get(item_id)
        if item is not None:
            self.app.push_screen(PayloadScreen(self._session, item, side))

    def action_back(self) -> None:
        """To the list; from a pane, to the items first."""
        if isinstance(self.focused, Pane):
            self._table.focus()
        else:
            self.dismiss()

    def action_next_pane(self) -> None:
        """Items, sent, received, items."""
        self.focus_next()

    def action_refresh(self) -> None:
        """Look now."""
        self.look()

    def action_resend(self) -> None:
        """Resend this one log: the plan first."""
        plan = ResendScreen(self._session, Explicit(frozenset({self._log_id})), Filter(), "")
        self.app.push_screen(plan, self._ordered)

    def _ordered(self, progress: ResendProgress | None) -> None:
        if progress is not None:
            self.query_one(ProgressStrip).follow(progress)
            self.look()

    def action_stop_resend(self) -> None:
        """Stop the bulk resend that is followed, or take its summary away."""
        self.query_one(ProgressStrip).stop_or_dismiss()

    def action_copy(self) -> None:
        """The log's id."""
        self.query_one(TakeAway).copy(str(self._log_id))

    def action_copy_all(self) -> None:
        """The text in the focused pane, or what was received."""
        both, side = self._preview.both, self._preview.focused_side
        if both is not None:
            name = file_name(both.item, side, both.side(side).payload.kind)
            self.query_one(TakeAway).copy(both.side(side).text or "", name)

    def action_save(self) -> None:
        """The same, into a file."""
        both, side = self._preview.both, self._preview.focused_side
        if both is not None:
            name = file_name(both.item, side, both.side(side).payload.kind)
            self.query_one(TakeAway).save(both.side(side).text, name)

    def _failed(self, words: str) -> None:
        self.query_one(TakeAway).tell(words, "alert")

    def _read_failed(self, error: Exception) -> None:
        self._failed(problem_words(error))

    @property
    def _table(self) -> LineTable:
        return self.query_one("#items", LineTable)

    @property
    def _preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def shown(self) -> Both | None:
        """What the preview shows."""
        return self._preview.both
