"""A day for the manual's pictures: really sent to the sandbox, one record after the other, on a clock moved by hand.

The demo's own folder and faults, but no threads and no waiting, so that each making of the manual shows the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from screens.session import Session
from vtexmon import program
from vtexmon.config import Config
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.context import Context
from vtexmon.engine.dispatcher import Dispatcher
from vtexmon.engine.facts import Facts
from vtexmon.engine.runtime import Surroundings, make_context
from vtexmon.engine.schedules import SCHEDULER, run_tick
from vtexmon.engine.step import Lease
from vtexmon.sandbox import running_sandbox
from vtexmon.sandbox.demo_store import stock_the_store
from vtexmon.sandbox.demo_world import SETTINGS, demo_folder
from vtexmon.store import claims, targets, workers
from vtexmon.vtex.client import VtexClient

BEGIN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
"""14:00 in São Paulo."""

EACH_RECORD = timedelta(seconds=1)
EACH_REQUEST_SECONDS = 0.04
OWNER = "servidor:4711:monitor:manual"


@dataclass
class HandClock:
    """Stands still until it is moved; the monotonic reading moves a little at each look, so that requests take time."""

    moment: datetime = BEGIN
    looks: int = field(default=0)

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self.moment

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return (self.moment - BEGIN).total_seconds()

    def request(self) -> float:
        """A reading for the duration of requests."""
        self.looks += 1
        return self.looks * EACH_REQUEST_SECONDS


@dataclass
class World:
    """The day so far: a session for the screens, and a way to let more of it happen."""

    session: Session
    clock: HandClock
    sandbox_url: str

    async def happen(self, minutes: float, records: int | None = None) -> None:
        """Let time pass: schedules tick each minute, what is due is sent, at most ``records`` of it."""
        config = self.session.config
        clients = {
            name: VtexClient(account, config.engine, clock=self.clock.request)
            for name, account in config.accounts.items()
        }
        around = Surroundings(
            config, self.session.database, program.make_source(config), self.clock, self.session.facts, OWNER
        )
        context = make_context(around, clients)
        try:
            await self._work(context, self.clock.now() + timedelta(minutes=minutes), records)
        finally:
            for client in clients.values():
                await client.aclose()

    async def _work(self, context: Context, until: datetime, records: int | None) -> None:
        done = 0
        next_tick = self.clock.now()
        while self.clock.now() < until and (records is None or done < records):
            if records is None and self.clock.now() >= next_tick:
                for name in ("catalog_export", "resend"):
                    await run_tick(context, name, next_tick, SCHEDULER)
                next_tick += timedelta(minutes=1)
            context.gate.refresh(self.session.database.read(targets.closed))
            self.clock.moment += EACH_RECORD  # before the work, so that the last thing written bears the last time
            if await self._one(context):
                done += 1

    async def _one(self, context: Context) -> bool:
        now, lease = self.clock.now(), context.config.engine.lease
        taken = context.database.write_now(lambda c: claims.claim(c, OWNER, now, now + lease, 1))
        for claim in taken:
            await Dispatcher(context).run(claim, Lease(self.clock.monotonic()))
        return bool(taken)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The demo's store and folder at the beginning of the day."""
    random.seed(4711)
    with running_sandbox(settings=replace(SETTINGS, latency_seconds=0.0)) as sandbox:
        config = _calmer(demo_folder(folder, sandbox.url))
        stock_the_store(config.accounts[config.catalog.b2c or ""])
        clock = HandClock()
        database = program.open_database(config, clock)
        try:
            database.write_now(lambda c: workers.hello(c, _monitor(clock)))
            commands = Commands(config, database, clock, Operator("ana"))
            yield World(Session(config, database, clock, commands, Facts()), clock, sandbox.url)
        finally:
            database.close()


def _calmer(config: Config) -> Config:
    """Schedules as a real installation has them, not as a demo that must show something at once."""
    minute = timedelta(minutes=1)
    schedules = dict(config.schedules)
    schedules["catalog_export"] = replace(schedules["catalog_export"], every=15 * minute)
    schedules["resend"] = replace(schedules["resend"], every=minute)
    return replace(config, schedules=schedules)


def _monitor(clock: HandClock) -> workers.WorkerRecord:
    return workers.WorkerRecord(OWNER, "servidor", 4711, "monitor", "0.1.0", "", clock.now(), BEGIN + timedelta(days=1))
