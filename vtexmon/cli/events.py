"""What an engine does, as lines on stderr: one for each record that came to a result, each schedule, each target."""

from __future__ import annotations

import queue
import time
from contextlib import suppress
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from vtexmon.cli.context import clock
from vtexmon.cli.output import say
from vtexmon.config import Config
from vtexmon.core import formats, modules
from vtexmon.core.records import LogRecord, ScheduleRunRecord
from vtexmon.core.status import Phase
from vtexmon.engine.facts import EngineFailed, Fact, LogsChanged, ScheduleChanged, TargetChanged
from vtexmon.engine.schedules import ACTIONS
from vtexmon.i18n import _
from vtexmon.store import log_pages, schedules, targets
from vtexmon.store.database import Database

MANY = 200


class Events:
    """Collects facts on the engine's thread and writes them on the thread that calls ``tell``."""

    def __init__(self, config: Config, database: Database) -> None:
        self._zone = ZoneInfo(config.timezone)
        self._database = database
        self._facts: queue.SimpleQueue[Fact] = queue.SimpleQueue()
        self._told: set[tuple[int, str]] = set()
        self._closed: dict[tuple[str, str], str | None] = {}

    def hear(self, fact: Fact) -> None:
        """A listener for ``Engine.facts``."""
        self._facts.put(fact)

    def tell(self, wait_seconds: float = 0.0) -> None:
        """Write what has been heard; wait at most so long for the first fact."""
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fact = self._facts.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            with suppress(DBAPIError):  # whoever runs the engine says that the database fails; it goes on without us
                self._tell(fact)

    def line(self, text: str) -> None:
        """One event with its time."""
        say(f"{clock().now().astimezone(self._zone):%Y-%m-%d %H:%M:%S} {text}")

    def _tell(self, fact: Fact) -> None:
        match fact:
            case LogsChanged(ids):
                for start in range(0, len(ids), MANY):
                    self._tell_logs(ids[start : start + MANY])
            case TargetChanged(account, api):
                self._tell_target(account, api)
            case ScheduleChanged(name):
                self._tell_schedule(name)
            case EngineFailed():
                return  # said by who runs the engine

    def _tell_logs(self, ids: tuple[int, ...]) -> None:
        for log in reversed(self._database.read(lambda c: log_pages.by_ids(c, ids))):
            if log.phase is not Phase.SENDING:
                self.line(self._words(log))

    def _words(self, log: LogRecord) -> str:
        parts = [f"log {log.id}", f"{modules.label(log.module)} {log.key_values}", log.account, log.status.value]
        if log.phase is not Phase.IDLE:
            parts.append(formats.phase_words(log, self._zone, clock().now()))
        return " · ".join([*parts, log.message] if log.message else parts)

    def _tell_target(self, account: str, api: str) -> None:
        """One line when it closes, one when it opens; not one for each try that finds it as it was."""
        closed = {(state.account, state.api): state for state in self._database.read(targets.closed)}
        state = closed.get((account, api))
        reason = state.closed_reason if state else None
        before, self._closed[account, api] = self._closed.get((account, api)), reason
        if reason is not None and reason == before:
            return
        if state is None:
            self.line(_("conta {0} · {1}: aberta de novo").format(account, api))
            return
        until = formats.clock(state.closed_until, self._zone, clock().now()) if state.closed_until else formats.NOTHING
        words = _("conta {0} · {1}: fechada ({2}) até {3}").format(account, api, state.closed_reason, until)
        self.line(f"{words} · {state.message}" if state.message else words)

    def _tell_schedule(self, name: str) -> None:
        run = self._database.read(lambda c: schedules.last_run(c, name))
        if run is None or (run.id, run.outcome) in self._told:
            return
        self._told.add((run.id, run.outcome))
        label = ACTIONS[name].label() if name in ACTIONS else name
        self.line(_("agendamento {0}: {1}").format(label, outcome_words(run)))


def outcome_words(run: ScheduleRunRecord) -> str:
    """What became of a run of a schedule, with its summary."""
    words = {
        schedules.RUNNING: _("em execução"),
        schedules.DONE: _("concluído"),
        schedules.HELD: _("retido"),
        schedules.FAILED: _("falhou"),
        schedules.MISSED: _("perdido"),
        schedules.SKIPPED: _("pulado"),
    }
    outcome = words.get(run.outcome, run.outcome)
    return f"{outcome} · {run.summary}" if run.summary else outcome
