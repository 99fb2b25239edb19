"""The monitor as a program: it wires the screens, the session and the engine together, and decides nothing.

The first rows are read with the driver alone, beside the start of the screen; then the database is opened, and last,
once there are counts, the engine starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from screens import active, opening, terminal, theme
from screens.bridge import DataChanged, EngineTrouble, hear
from screens.command_prompt import CommandPrompt
from screens.commands import Scope, bindings_for
from screens.help import HelpScreen
from screens.log_monitor import LogMonitor
from screens.quitting import question
from screens.view import View
from screens.widgets.dialog import Dialog
from screens.widgets.prompt import History
from vtexmon.config import Config
from vtexmon.errors import VtexmonError

if TYPE_CHECKING:
    from screens.opening import FirstRows
    from screens.session import Session

HANG_UP_SECONDS: Final = 2.0
ROWS_FIRST_SECONDS: Final = 5.0


class MonitorApp(App[int]):
    """The terminal front end over one configuration; ``failure`` is what kept it from opening."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.GLOBAL)]

    def __init__(
        self,
        config: Config,
        *,
        read_only: bool = False,
        with_engine: bool = True,
        open_session: Callable[[Config, bool], Session] = opening.open_session,
        first: FirstRows | None = None,
    ) -> None:
        super().__init__(ansi_color=True)
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name
        self.session: Session | None = None
        self.failure: VtexmonError | None = None
        self._config = config
        self._only_read = read_only
        self._with_engine = with_engine
        self._open_session = open_session
        self._first = first
        self._palette = theme.palette(os.environ)
        self._history = History()
        self.monitor = LogMonitor(
            config, self._palette, read_only=self._only_read, with_engine=with_engine, first=first
        )

    def get_default_screen(self) -> Screen[None]:
        """The Monitor de Log lies under every other screen."""
        return self.monitor

    def on_mount(self) -> None:
        """Listen for the end; open once the frame is painted."""
        terminal.end_on_signals(asyncio.get_running_loop(), self.end)
        self.set_interval(HANG_UP_SECONDS, self._end_when_hung_up)
        self.call_after_refresh(lambda: self.run_worker(self._open(), exit_on_error=True))

    async def _open(self) -> None:
        if self._first is not None:
            await asyncio.wrap_future(self._first.page)
            self.monitor.show_first(self._first)
        try:
            self.session = await asyncio.to_thread(self._open_session, self._config, self._only_read)
        except VtexmonError as error:
            self.failure = error
            self.exit(error.exit_code)
            return
        self._only_read = self.session.read_only
        hear(self.session.facts, self.post_message)
        self.monitor.begin(self.session)
        if self._with_engine and not self.session.read_only:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROWS_FIRST_SECONDS):
                    await self.monitor.surveyed.wait()
            await self._start_engine(self.session)

    async def _start_engine(self, session: Session) -> None:
        try:
            await asyncio.to_thread(opening.start_engine, session)
        except Exception as error:
            self.monitor.post_message(EngineTrouble(str(error)))

    def on_data_changed(self, message: DataChanged) -> None:
        """What the engine told goes to the list; it looks if it is seen."""
        self.monitor.post_message(message)

    def on_engine_trouble(self, message: EngineTrouble) -> None:
        """What the engine could not do is said on the list."""
        self.monitor.post_message(message)

    # keys that work everywhere

    async def action_back(self) -> None:
        """Each screen knows what back means on it."""
        await self.run_action("back", self.screen)

    def action_help(self) -> None:
        """The keys of the screen that is seen."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(active.scopes(self.screen), self._palette, self._only_read))

    async def action_command(self) -> None:
        """The ``:`` prompt of the screen that is seen."""
        screen = self.screen
        found = screen.query(CommandPrompt)
        prompt = found.first() if found else CommandPrompt(self._history, self._only_read, self.run_action)
        if not found:
            await screen.mount(prompt)
        prompt.open(screen)

    def action_go_logs(self) -> None:
        """Back to the list, where it was left."""
        while self.screen is not self.monitor:
            self.pop_screen()

    def action_go_schedules(self) -> None:
        """The schedules."""
        from screens.schedules import SchedulesScreen

        if self.session is not None and not isinstance(self.screen, SchedulesScreen):
            self.action_go_logs()
            self.push_screen(SchedulesScreen(self.session))

    async def action_quit(self) -> None:
        """End; asks only while a bulk resend of this session is running."""
        asked = question(self.session)
        if asked is None:
            self.exit(0)
        else:
            self.action_go_logs()
            self.monitor.query_one(Dialog).ask(asked)

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        """The only question that reaches the program is whether to end."""
        self.exit(0)

    def on_dialog_dismissed(self, message: Dialog.Dismissed) -> None:
        """Stay."""
        self.monitor.table.focus()

    # the end

    def end(self, exit_code: int) -> None:
        """A signal, or the terminal is gone."""
        self.exit(exit_code)

    def _end_when_hung_up(self) -> None:
        if not self.is_headless and terminal.stdin_is_hung_up():
            self.end(129)


def run_monitor(config: Config, *, read_only: bool = False, with_engine: bool = True) -> int:
    """Run the monitor until it ends; gives the exit code. Raises ``VtexmonError`` where it cannot open."""
    opening.make_database_if_new(config)
    first = opening.read_first_rows(config, View())
    app = MonitorApp(config, read_only=read_only, with_engine=with_engine, first=first)
    try:
        code = app.run(mouse=False)
    finally:
        if app.session is not None:
            opening.close_session(app.session)
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0 if code is None else code
