"""Timers: APScheduler in memory, on the engine's loop; each tick goes to ``schedules.run_tick``.

APScheduler's own defaults lose runs in silence (a grace of one second), so they are all said here; what it skips and
what was missed while no process ran become rows that the screen shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from vtexmon.config import Schedule
from vtexmon.engine import schedules as actions
from vtexmon.engine import ticks
from vtexmon.engine.context import Context
from vtexmon.engine.facts import ScheduleChanged
from vtexmon.i18n import _
from vtexmon.store import schedules

LONGEST_LOOK_BACK = timedelta(days=7)
"""How far back missed ticks are looked for; older ones are history."""


class Scheduler:
    """The schedules of one process. Start and stop it on the engine's loop."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._running: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Set a timer for each schedule that is on, and catch up what was missed lately."""
        for name, schedule in self.context.config.schedules.items():
            if name in actions.ACTIONS and schedule.enabled:
                trigger = ticks.trigger(schedule, self.context.config.timezone)
                self._timers.add_job(self._tick, trigger, args=(schedule,), id=name)
                self._begin(self._catch_up(schedule))
        self._timers.start()

    async def stop(self) -> None:
        """No more ticks; what runs is cancelled and says so in its row."""
        if self._timers.running:
            self._timers.shutdown(wait=False)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, coroutine: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick(self, schedule: Schedule) -> None:
        """Timers only say when; the run is a task of ours, because APScheduler cancels its own at shutdown."""
        self._begin(self._run(schedule))

    async def _run(self, schedule: Schedule) -> None:
        context, now = self.context, self.context.clock.now()
        due = ticks.latest_due(schedule, context.config.timezone, now, now - ticks.CATCH_UP)
        if due is None or await self._is_paused(schedule.name):
            return
        if schedule.name in self._running:
            await self._note(schedule.name, due, schedules.SKIPPED, _("a execução anterior ainda não terminou"))
            return
        await self._exclusively(schedule.name, due)

    async def _exclusively(self, name: str, due: datetime) -> None:
        self._running.add(name)
        try:
            await actions.run_tick(self.context, name, due, actions.SCHEDULER)
        finally:
            self._running.discard(name)

    async def _is_paused(self, name: str) -> bool:
        now = self.context.clock.now()
        return name in await asyncio.to_thread(self.context.database.read, lambda c: schedules.paused(c, now))

    async def _catch_up(self, schedule: Schedule) -> None:
        """Run the newest tick of the last minutes that nobody ran; older ones become one row that says so.

        A schedule that has never run here has missed nothing.
        """
        context, name, now = self.context, schedule.name, self.context.clock.now()
        last = await asyncio.to_thread(context.database.read, lambda c: schedules.last_due(c, name))
        if last is None:
            return
        missed = ticks.latest_due(schedule, context.config.timezone, now, max(last, now - LONGEST_LOOK_BACK))
        if missed is None or await self._is_paused(name):
            return
        if now - missed <= ticks.CATCH_UP:
            await self._exclusively(name, missed)
        else:
            await self._note(name, missed, schedules.MISSED, _("nenhum processo estava em execução"))

    async def _note(self, name: str, due: datetime, outcome: str, words: str) -> None:
        noted = self.context.database.write(lambda c: schedules.note(c, name, due, outcome, words, actions.SCHEDULER))
        await asyncio.wrap_future(noted)
        self.context.facts.tell(ScheduleChanged(name))
