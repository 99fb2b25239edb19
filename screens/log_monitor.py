"""The Monitor de Log, the first screen: how things stand, the list of logs, marks, and the way to everything else.

It is composed before there is a database, so that the frame is on the screen at once; ``begin`` gives it the session.
What is done with rows is in ``log_list``, reading in ``log_feed``, the lines around the list in ``log_status``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from screens import log_lines, status_text
from screens.bridge import CommitWatch, DataChanged, EngineTrouble
from screens.commands import Scope, bindings_for, may_run
from screens.filter_prompt import FilterPrompt
from screens.log_feed import LogFeed
from screens.log_list import LogList
from screens.log_marks import LogMarks
from screens.log_status import LogStatus
from screens.pace import Paced
from screens.theme import Palette
from screens.view import View
from screens.widgets.dialog import Dialog
from screens.widgets.key_line import KeyLine
from screens.widgets.line_table import LineTable
from screens.widgets.status_line import StatusLine
from vtexmon.clock import SystemClock
from vtexmon.config import Config
from vtexmon.core.filters import Filter
from vtexmon.core.records import LogRecord
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _

if TYPE_CHECKING:
    from screens.opening import FirstRows
    from screens.session import Session

POLL_SECONDS: Final = 1.0
MINUTE_SECONDS: Final = 60.0


class LogMonitor(LogList):
    """The list of logs with everything around it; ``surveyed`` is set once rows and counts are there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.LOGS)]
    AUTO_FOCUS = "LineTable"
    DEFAULT_CSS = """
    LogMonitor .-empty { display: none; }
    LogMonitor.-filtering #filter { display: none; }
    """

    def __init__(
        self,
        config: Config,
        palette: Palette,
        *,
        read_only: bool = False,
        with_engine: bool = True,
        first: FirstRows | None = None,
    ) -> None:
        super().__init__()
        self._first = first
        self._palette = palette
        self._config = config
        self._only_read = read_only
        self._with_engine = with_engine
        self.surveyed = asyncio.Event()
        self._commits = CommitWatch()
        self._status = LogStatus(self, config, palette)
        self._look = Paced(self, self._look_again, 0.3, self._failed)
        self._survey = Paced(self, self._survey_again, 1.0, self._failed)
        self._count = Paced(self, self._count_again, 0.0, self._failed, share=1)

    def compose(self) -> ComposeResult:
        """Context, counts, warnings, filter, list, marks, keys."""
        yield StatusLine(self._palette, id="context")
        yield StatusLine(self._palette, id="counts")
        yield StatusLine(self._palette, id="retry", classes="-empty")
        yield StatusLine(self._palette, id="warnings", classes="-empty")
        yield StatusLine(self._palette, id="filter")
        yield FilterPrompt(id="filter-prompt")
        yield LineTable(log_lines.columns(80), self._palette, follow=True, id="logs")
        yield StatusLine(self._palette, id="marks")
        yield KeyLine(Scope.LOGS, self._palette, read_only=self._only_read)
        yield Dialog(self._palette)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing before there is a session; read-only hides what writes."""
        return self._session is not None and may_run(Scope.LOGS, action, self._only_read)

    def on_mount(self) -> None:
        """Show the frame, with the first rows if they were quicker."""
        self._status.frame()
        self.table.only_moves = True
        self.feed = LogFeed(self._config, SystemClock(), self.table, self._palette, self._holds)
        self.feed.fit(self.size.width)
        if self._first is not None:
            self.show_first(self._first)

    def show_first(self, first: FirstRows) -> None:
        """The first rows, once they are read, before there is a session; the cursor moves, and no more yet."""
        page = first.page.result() if first.page.done() else None
        if page is not None and not self.table.window.rows:
            self.feed.show_first(first.view, page)

    def begin(self, session: Session) -> None:
        """There is a database: read it, and go on watching it."""
        from screens.progress import ProgressStrip

        self._session = session
        if session.read_only:
            self._only_read = True
            self.query_one(KeyLine).hide_writing()
        self._status.begin(session)
        self.marks = LogMarks(session)
        self.mount(ProgressStrip(session), before="#marks")
        self.table.only_moves = False
        self.feed.begin(session)
        self._catch_up(at_once=True)
        self.set_interval(POLL_SECONDS, self._poll)
        self.set_interval(MINUTE_SECONDS, self._minute)
        self.refresh_bindings()

    def _holds(self, record: LogRecord) -> bool:
        return self._session is not None and self.marks.holds(record)

    # what arrives

    def on_line_table_page_wanted(self, message: LineTable.PageWanted) -> None:
        """The list needs a page."""
        if self._session is not None:
            self.do(self._answer(message))

    def on_line_table_position_changed(self, message: LineTable.PositionChanged) -> None:
        """The cursor moved, or rows came: say where it is, and look at rows that were not looked at lately."""
        if self._session is not None:
            self._show_below()
            if self.feed.is_behind:
                self._look.ask()

    def on_data_changed(self, message: DataChanged) -> None:
        """Something was committed."""
        self._catch_up(at_once=False)

    def on_engine_trouble(self, message: EngineTrouble) -> None:
        """The engine met an error of its own."""
        self._status.trouble = _("motor: {error}").format(error=message.text)
        self._status.show_warnings()

    def on_screen_resume(self) -> None:
        """Back from another screen: the list goes on where it was."""
        self._catch_up(at_once=True)

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit."""
        if self._session is not None:
            self.feed.fit(event.size.width)

    # the filter

    def action_filter(self) -> None:
        """Edit the filter, in the place where it stands."""
        self.add_class("-filtering")
        self.query_one(FilterPrompt).open(self.session, self.filter_text)
        self.query_one(KeyLine).show_scope(Scope.PROMPT)

    def on_filter_prompt_chosen(self, message: FilterPrompt.Chosen) -> None:
        """List what the filter finds, from the top; without a filter, around the row where the cursor is."""
        self._leave_prompt()
        self.filter_text = message.text
        view = View(message.query, self.session.scope)
        self.do(self.change_view(view, self.table.cursor if message.query.is_empty else None))

    def on_filter_prompt_left(self, message: FilterPrompt.Left) -> None:
        """The filter stays."""
        self._leave_prompt()

    def on_filter_prompt_problem(self, message: FilterPrompt.Problem) -> None:
        """What is wrong with it, while it is typed."""
        self.say(message.words, "warning")

    def _leave_prompt(self) -> None:
        self.say("")
        self.remove_class("-filtering")
        self.query_one(KeyLine).show_scope(Scope.LOGS)
        self.table.focus()

    async def change_view(self, view: View, cursor: int | None) -> None:
        """List another view, the cursor on this row where it is in it."""
        self.table.set_empty("")
        if cursor is None:
            self.feed.show(view)
        else:
            await self.feed.show_around(view, cursor)
        self._status.forget_matching()
        self._status.show(view, self.filter_text)
        self._survey.ask(at_once=True)

    # other keys

    def action_back(self) -> None:
        """Escape: a begun range, then the view of the marked, then the filter, then the marks; never out."""
        if self._session is None or self.table.end_range():
            return
        if self.feed.view.marked is not None:
            self.action_only_marked()
        elif not self.feed.view.query.is_empty:
            self.filter_text = ""
            self.do(self.change_view(View(Filter(), self.session.scope), self.table.cursor))
        else:
            self.action_unmark()

    def action_pause(self) -> None:
        """Stop or resume following what happens; the engine goes on."""
        self._status.paused = not self._status.paused
        self._status.show_warnings()
        self._catch_up(at_once=True)

    def action_refresh(self) -> None:
        """Read everything again, around the cursor."""
        self.do(self.change_view(replace(self.feed.view), self.table.cursor))

    # reading and showing

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something that reads, in the background; what goes wrong is said."""
        self.run_worker(self._guarded(work), exit_on_error=False)

    def say(self, words: str, style: str = "") -> None:
        """Tell the person something, for a while."""
        self._status.say(words, style)

    def marks_changed(self) -> None:
        """Show the marks, and count them."""
        self.table.remark(self.is_marked)
        self._show_below()
        self._count.ask()

    async def _answer(self, message: LineTable.PageWanted) -> None:
        await self.feed.answer(message.request)
        self._say_why_empty()
        if self._status.overview is None:  # the rows come first, the counts after them
            self._survey.ask()

    async def _look_again(self) -> None:
        await self.feed.look()
        self._say_why_empty()

    async def _survey_again(self) -> None:
        from screens import reads

        session, view = self.session, self.feed.view
        now = session.now()
        today = now.astimezone(session.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
        found = await session.read(lambda c: reads.overview(c, session.config, view, now, today))
        if view is self.feed.view:
            self._status.heard(found)
            self._status.show(view, self.filter_text)
            self._show_below()
            self._count.ask()
            self.surveyed.set()

    async def _count_again(self) -> None:
        await self.marks.count(self.feed.view)
        self._show_below()

    def _show_below(self) -> None:
        table = self.table
        record = self.feed.records.get(table.cursor or 0)
        message = record.message if record is not None else ""
        self._status.show_below(self.marks.counts, table.in_range, table.position, self.feed.view, message)

    def _say_why_empty(self) -> None:
        view, window = self.feed.view, self.table.window
        if not window.rows:
            why = status_text.why_empty(view.marked is not None, not view.query.is_empty, self._with_engine)
            self.table.set_empty(why)

    def _poll(self) -> None:
        if self.is_current and not self._status.paused:
            self.do(self._look_for_commits())

    async def _look_for_commits(self) -> None:
        if await self.session.read(self._commits.look):
            self._catch_up(at_once=False)

    def _catch_up(self, *, at_once: bool) -> None:
        if self._session is not None and not self._status.paused and self.is_current:
            self._look.ask(at_once=at_once)
            self._survey.ask(at_once=at_once)

    def _minute(self) -> None:
        """Relative times are written anew once a minute."""
        if self.is_current and not self._status.paused:
            self.feed.tell_again()
            self._status.show(self.feed.view, self.filter_text)
            self._survey.ask()

    async def _guarded(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        words = str(error) if isinstance(error, VtexmonError) else f"{type(error).__name__}: {error}"
        self.say(_("não foi possível ler: {error}").format(error=words), "alert")
