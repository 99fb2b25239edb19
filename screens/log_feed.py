"""Between the store and the table: pages that the table asks for, and looks at what is seen when something changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from screens import list_reads, live_rows, log_lines
from screens.list_reads import Page
from screens.live_rows import Laying
from screens.log_lines import LineContext
from screens.theme import Palette
from screens.view import View
from screens.widgets.line_table import LineTable
from screens.widgets.row_window import CAPACITY
from screens.widgets.rows import Direction, Line, PageRequest
from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.ordering import Edge
from vtexmon.core.records import LogRecord
from vtexmon.store.sql import SqlConnection

if TYPE_CHECKING:
    from screens.session import Session

T = TypeVar("T")

PAGE: Final = 150


class LogFeed:
    """Feeds one table with the logs of one view; ``marked`` tells whether a record carries a mark.

    The first rows may be shown before there is a session; everything else begins with it.
    """

    def __init__(
        self, config: Config, clock: Clock, table: LineTable, palette: Palette, marked: Callable[[LogRecord], bool]
    ) -> None:
        self.view = View()
        self.records: dict[int, LogRecord] = {}
        self._places: dict[int, Edge] = {}
        self._session: Session | None = None
        self._clock = clock
        self._timezone = ZoneInfo(config.timezone)
        self._max_attempts = config.retry_policy.max_attempts
        self._table = table
        self._palette = palette
        self._marked = marked
        self._width, self._id_digits = 80, 0
        self._columns = log_lines.columns(self._width)
        self._not_looked: frozenset[int] = frozenset()

    def show_first(self, view: View, page: Page) -> None:
        """The first rows, before there is a session."""
        self.view = view
        self._table.reset(self._listed(page.rows), at_start=True, at_end=page.complete)

    def begin(self, session: Session) -> None:
        """There is a session to read with: go on with the rows that are shown, or show the view's first ones."""
        self._session, self._clock = session, session.clock
        if self._table.window.rows:
            self._table.ask_again()
        else:
            self.show(self.view)

    @property
    def context(self) -> LineContext:
        """What cells depend on now."""
        return LineContext(self._clock.now(), self._timezone, self._max_attempts, self._palette)

    @property
    def is_behind(self) -> bool:
        """Whether something in view was not looked at when the list last changed."""
        return not self._not_looked.isdisjoint(self._table.visible_ids)

    def fit(self, width: int) -> None:
        """The terminal has another width: other columns, perhaps."""
        self._width = width
        self._choose_columns()
        self.tell_again()

    def show(self, view: View) -> None:
        """List another view, from its first row."""
        self.view = view
        self._table.reload()

    async def show_around(self, view: View, row_id: int) -> None:
        """List a view with the cursor on a row, where that is in it; else from its first row."""
        self.view = view
        below, above = await self._read(lambda c: list_reads.around(c, view, row_id, PAGE))
        if view is not self.view:
            return
        rows = self._listed([*above.rows, *below.rows])
        if any(row.id == row_id for row in rows):
            self._not_looked = frozenset()
            self._table.reset(rows, at_start=above.complete, at_end=below.complete, cursor=row_id)
        else:
            self._table.reload()

    async def answer(self, request: PageRequest) -> None:
        """Give the table the page it asked for."""
        view = self.view
        edge = None if request.key is None else self._places.get(request.key, Edge.at(request.key))
        try:
            page = await self._read(lambda c: list_reads.page(c, view, request.direction, edge, PAGE))
        except Exception:
            self._table.feed_failed(request)
            raise
        if view is self.view:
            self._table.feed(request, self._listed(page.rows), complete=page.complete)

    async def look(self) -> None:
        """Look again at what is seen, and at what came above the list."""
        view, window = self.view, self._table.window
        asked = live_rows.stretch(window, self._places)
        if asked is None:
            await self._look_at_nothing(view)
            return
        found = await self._read(lambda c: list_reads.look(c, view, asked))
        if view is not self.view:
            return
        laying = Laying(view.order_in_force, self._places, self._line)
        rows = live_rows.merged(window, asked, found, laying, self._table.cursor)
        if rows is not None:
            listed = {row.id for row in rows}
            self._places |= {one.id: Edge.of(one, laying.order) for one in found.passing if one.id in listed}
            self._table.exchange(rows)
        self._not_looked = frozenset(row.id for row in window.rows) - frozenset(asked.ids)
        first = self._places[window.rows[0].id] if window.rows else None
        unmoved = first is None or asked.newest is None or not laying.order.precedes(first, asked.newest)
        if found.newer and window.at_start and asked.newest is not None and unmoved:
            new = [record for record in found.newer if window.place(record.id) is None]
            self._table.insert_newer(self._listed(new), complete=found.newer_complete)

    def tell_again(self) -> None:
        """Write the cells anew: time went by, or there are other columns."""
        rows = self._table.window.rows
        fresh = ((row, self.records.get(row.id)) for row in rows)
        self._table.update_rows(
            [replace(self._line(record), stale=row.stale, marked=row.marked) for row, record in fresh if record]
        )

    async def _look_at_nothing(self, view: View) -> None:
        page = await self._read(lambda c: list_reads.page(c, view, Direction.FIRST, None, PAGE))
        window = self._table.window
        if page.rows and view is self.view and window.at_start and not window.rows:
            self._table.reset(self._listed(page.rows), at_start=True, at_end=page.complete)

    async def _read(self, work: Callable[[SqlConnection], T]) -> T:
        assert self._session is not None, "nothing is asked for before"
        return await self._session.read(work)

    def _choose_columns(self) -> None:
        chosen = log_lines.columns(self._width, self._id_digits)
        if chosen != self._columns:
            self._columns = chosen
            self._table.set_columns(chosen)

    def _listed(self, records: Iterable[LogRecord]) -> list[Line]:
        """Rows that come into the list, each at its place in the view's order."""
        context, kept, order = self.context, list(records), self.view.order_in_force
        if len(self.records) > 4 * CAPACITY:
            held = {row.id for row in self._table.window.rows}
            self.records = {row_id: record for row_id, record in self.records.items() if row_id in held}
            self._places = {row_id: place for row_id, place in self._places.items() if row_id in held}
        self.records |= {record.id: record for record in kept}
        self._places |= {record.id: Edge.of(record, order) for record in kept}
        digits = max((len(str(record.id)) for record in kept), default=0)
        if digits > self._id_digits:
            self._id_digits = digits
            self._choose_columns()
        return [log_lines.line(record, self._columns, context, self._marked(record)) for record in kept]

    def _line(self, record: LogRecord) -> Line:
        self.records[record.id] = record
        return log_lines.line(record, self._columns, self.context, self._marked(record))
