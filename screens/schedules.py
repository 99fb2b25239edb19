"""Agendamentos: what runs by itself, when next, how the last runs went; which engines are alive and what is paused."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from sqlalchemy import Connection
from textual.app import ComposeResult
from textual.binding import BindingType

from screens import theme
from screens.bridge import DataChanged, hear
from screens.commands import Scope, bindings_for, may_run
from screens.pace import Paced
from screens.schedule_lines import run_columns, run_line, schedule_columns, schedule_line, vanished_question
from screens.session import Session
from screens.status_text import context, engine_words, pause_words
from screens.still import StillScreen
from screens.widgets.dialog import Dialog
from screens.widgets.key_line import KeyLine
from screens.widgets.line_table import LineTable
from screens.widgets.rows import Line
from screens.widgets.status_line import StatusLine
from vtexmon.config import Config
from vtexmon.core.records import ScheduleRunRecord, ScheduleState, TargetState
from vtexmon.engine import schedules as actions
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _
from vtexmon.store import schedules, targets, workers
from vtexmon.store.workers import WorkerRecord

LOOK_EVERY_SECONDS: Final = 2.0
ALIVE: Final = timedelta(minutes=2)
RUNS: Final = 50


@dataclass(frozen=True)
class Reading:
    """All that the screen shows."""

    states: tuple[ScheduleState, ...]
    runs: tuple[tuple[ScheduleRunRecord, ...], ...]
    workers: tuple[WorkerRecord, ...]
    targets: tuple[TargetState, ...]


def read(connection: Connection, config: Config, now: datetime) -> Reading:
    """The schedules with their recent runs, the engines, what is closed."""
    states = actions.states(connection, config, now)
    runs = (tuple(schedules.recent(connection, state.name, RUNS)) for state in states)
    alive = workers.alive(connection, now, ALIVE)
    return Reading(tuple(states), tuple(runs), tuple(alive), tuple(targets.closed(connection)))


class SchedulesScreen(StillScreen[None]):
    """The schedules above, the runs of the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for(Scope.SCHEDULES),
        *(binding for binding in bindings_for(Scope.GLOBAL) if binding.action == "back"),
    ]
    AUTO_FOCUS = "#schedules"
    DEFAULT_CSS = """
    SchedulesScreen #schedules { height: 5; }
    SchedulesScreen .-empty { display: none; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._palette = theme.palette(os.environ, session.ascii_only)
        self._reading: Reading | None = None
        self._shown: str = ""
        self._stop_hearing: Callable[[], None] = lambda: None
        self._look = Paced(self, self._read, 0.3, self._failed)

    def compose(self) -> ComposeResult:
        """Title, engines, schedules, runs, keys."""
        yield StatusLine(self._palette, id="title")
        yield StatusLine(self._palette, id="engines")
        yield StatusLine(self._palette, id="paused", classes="-empty")
        yield LineTable(schedule_columns(), self._palette, markable=False, id="schedules")
        yield StatusLine(self._palette, id="chosen")
        yield LineTable(run_columns(), self._palette, markable=False, id="runs")
        yield StatusLine(self._palette, id="said")
        yield KeyLine(Scope.SCHEDULES, self._palette, read_only=self._session.read_only)
        yield Dialog(self._palette)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Read-only hides what writes."""
        return may_run(Scope.SCHEDULES, action, self._session.read_only)

    def on_mount(self) -> None:
        """Read, and go on looking."""
        session, back = self._session, f" {self._palette.glyphs.back} {_('Logs')} {self._palette.glyphs.back} "
        left = [(back, ""), (_("Agendamentos"), "header")]
        where = context(session.config, session.scope, session.timezone, self._palette)[1:]
        self.query_one("#title", StatusLine).say(left, [*where, (" ", "")])
        for table in self.query(LineTable):
            table.reset((), at_start=True, at_end=True)
        self._stop_hearing = hear(session.facts, self.post_message)
        self.set_interval(LOOK_EVERY_SECONDS, self._look.ask)
        self._look.ask()

    def on_unmount(self) -> None:
        """The engine's facts are no longer for this screen."""
        self._stop_hearing()

    def on_data_changed(self, message: DataChanged) -> None:
        """Something was written: look again."""
        message.stop()
        self._look.ask()

    def on_line_table_cursor_moved(self, message: LineTable.CursorMoved) -> None:
        """Another schedule: its runs; another run: its whole summary."""
        if message.table.id == "schedules":
            self._show_runs()
        elif message.table.has_focus and message.table.cursor_row is not None:
            self._say(message.table.cursor_row.cells[-1])

    def on_line_table_opened(self, message: LineTable.Opened) -> None:
        """Enter does what ``x`` does."""
        if message.table.id == "schedules" and not self._session.read_only:
            self.action_run()

    # keys

    def action_back(self) -> None:
        """To the list of logs."""
        self.dismiss()

    def action_refresh(self) -> None:
        """Look now."""
        self._look.ask(at_once=True)

    def action_run(self) -> None:
        """Run the schedule under the cursor now, in the engine of this process."""
        chosen = self._chosen
        if chosen is not None:
            command = partial(self._session.commands.run_schedule, chosen.name)
            self._order(command, _("{name}: começou").format(name=chosen.label))

    def action_confirm(self) -> None:
        """Ask whether what the last export holds back because it vanished is meant to be gone."""
        run = self._chosen.last_run if self._chosen is not None else None
        if run is None or run.outcome != schedules.HELD:
            self._say(_("nada retido: a última execução deste agendamento não espera por confirmação"))
        else:
            self.query_one(Dialog).ask(vanished_question(run))

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        """The person is sure: export, with that said."""
        message.stop()
        self.query_one("#schedules").focus()
        self._order(self._session.commands.confirm_vanished, _("confirmado: a exportação começou"))

    def on_dialog_dismissed(self, message: Dialog.Dismissed) -> None:
        """It stays held."""
        message.stop()
        self.query_one("#schedules").focus()

    def action_pause(self) -> None:
        """Pause the schedule under the cursor until somebody resumes it, or resume it."""
        chosen, commands = self._chosen, self._session.commands
        if chosen is None:
            return
        if chosen.paused:
            words = _("{name}: retomado").format(name=chosen.label)
            self._order(partial(commands.resume_schedule, chosen.name), words)
        else:
            words = _("{name}: em pausa até que alguém retome (p); até uma hora: vtexmon schedules pause --until")
            words = words.format(name=chosen.label)
            self._order(partial(commands.pause_schedule, chosen.name), words)

    def _order(self, command: Callable[[], object], done: str) -> None:
        async def give() -> None:
            try:
                await self._session.order(command)
            except VtexmonError as error:
                self._say(str(error), "alert")
            else:
                self._say(done)
                self._look.ask(at_once=True)

        self.run_worker(give(), exit_on_error=False)

    # reading and showing

    async def _read(self) -> None:
        session, now = self._session, self._session.now()
        self._reading = await session.read(lambda c: read(c, session.config, now))
        self._show()

    def _show(self) -> None:
        reading = self._reading
        if reading is None:
            return
        now, zone, count = self._session.now(), self._session.timezone, len(reading.states)
        rules = self._session.config.schedules
        lines = [
            schedule_line(count - place, state, rules.get(state.name), now, zone, self._palette)
            for place, state in enumerate(reading.states)
        ]
        _put(self.query_one("#schedules", LineTable), lines)
        self.query_one("#engines", StatusLine).say(engine_words(reading.workers, self._palette))
        paused = pause_words(reading.targets, now, zone)
        self.query_one("#paused").set_class(not paused, "-empty")
        self.query_one("#paused", StatusLine).say(paused)
        self._show_runs()

    def _show_runs(self) -> None:
        chosen, reading = self._chosen, self._reading
        if chosen is None or reading is None:
            return
        runs = reading.runs[reading.states.index(chosen)]
        table = self.query_one("#runs", LineTable)
        self.query_one("#chosen", StatusLine).say(_(" Últimas execuções de {name} (Tab)").format(name=chosen.label))
        table.set_empty(_("Nunca executado."))
        lines = sorted((run_line(run, self._session.timezone, self._palette) for run in runs), key=lambda row: -row.id)
        if self._shown != chosen.name:
            self._shown = chosen.name
            table.reset(lines, at_start=True, at_end=True)
        else:
            _put(table, lines)

    @property
    def _chosen(self) -> ScheduleState | None:
        cursor, reading = self.query_one("#schedules", LineTable).cursor, self._reading
        if cursor is None or reading is None:
            return None
        return reading.states[len(reading.states) - cursor]

    def _say(self, words: str, style: str = "") -> None:
        self.query_one("#said", StatusLine).say([(f" {words}", style)])

    def _failed(self, error: Exception) -> None:
        self._say(_("não foi possível ler: {error}").format(error=error), "alert")


def _put(table: LineTable, lines: list[Line]) -> None:
    """The lines as they are now, cursor and scroll where they were."""
    if table.window.rows:
        if list(table.window.rows) != lines:
            table.exchange(lines)
    elif lines:
        table.reset(lines, at_start=True, at_end=True)
