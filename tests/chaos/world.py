"""Processes side by side on one loop of virtual time, each of which may be made to stand still, die or be cut off.

A process is the program's own ``Intake`` with all that is below it, over a database of ``standing.py``.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from tests.chaos.faults import WELL, Trouble
from tests.chaos.ledger import rows_of
from tests.chaos.memory_vtex import Client, MemoryVtex, Points
from tests.chaos.simulation import DEADLINE
from tests.chaos.standing import Brake, ParkingDatabase
from tests.chaos.virtual_time import VirtualLoop
from tests.chaos.witness import Witness
from tests.engine.bench import Bench, FakeClock, Killed, copy_of
from tests.integrations.school import MemorySource
from vtexmon.config import Config
from vtexmon.core.exchange import Answer, Request
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.intake import Intake
from vtexmon.engine.schedules import SCHEDULER, run_tick
from vtexmon.sge.source import Snapshot
from vtexmon.store.database import Database
from vtexmon.vtex import answers

MOST = 200
"""Claims in a row, far more than all records and their troubles need."""


class Worker(Bench):
    """One process with its memory."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.brake = world, Brake()
        database = ParkingDatabase(world.url, world.loop, self.brake, world.look)
        lines = {
            "nacional": Line(world, self, world.vtex.client("lojanacional")),
            "sp": Line(world, self, world.vtex.client("lojasp")),
        }
        super().__init__(database, world.config, world.source, lines, world.clock)
        self.owner = self.context.owner = self.context.gate.who = name
        self.intake = Intake(self.context)
        self.working: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return not self.brake.dead

    async def claim_some(self, most: int) -> None:
        """What the engine's loop does once."""
        await self.context.gate.look()
        await self.intake._claim(most)

    async def work(self) -> None:
        """What it does for as long as something is due."""
        for _turn in range(MOST):
            await self.claim_some(2)
            if not self.intake._tasks:
                return
            await asyncio.wait(self.intake._tasks, return_when=asyncio.FIRST_COMPLETED)
        self.world.wrong.append("it takes the same again and again")

    async def tick(self, name: str) -> None:
        """A schedule's tick, each with its own due time."""
        self.world.ticks += 1
        due = self.clock.now() + timedelta(microseconds=self.world.ticks)
        await run_tick(self.context, name, due, SCHEDULER)

    async def stop(self) -> None:
        """SIGTERM."""

        async def no_more_beats() -> None:
            await asyncio.Event().wait()

        await self.intake.drain(timedelta(seconds=5), no_more_beats)
        self.brake.die()

    def die(self) -> None:
        self.brake.die()


@dataclass
class Line:
    """One account's ``Exchange`` of one process."""

    world: World
    worker: Worker
    inner: Client

    async def exchange(self, request: Request) -> Answer:
        await self.world.vtex.apply_what_is_due()
        trouble = self.world.trouble_of(request)
        if trouble.refused:
            return answers.not_sent(request, "conexão recusada")
        self.world.vtex.look_at(request)
        answered: asyncio.Future[Answer] = self.world.loop.create_future()
        if trouble.applied_after is not None:
            self.world.on_its_way(self.inner, request, trouble.applied_after, answered)
        answer = await self._heard(request, trouble, answered)
        await self.worker.brake.point()
        return answer

    async def _heard(self, request: Request, trouble: Trouble, answered: asyncio.Future[Answer]) -> Answer:
        if trouble.says is not None:
            return trouble.says(request)
        if trouble.dies_at_once:
            self.worker.die()
            return answers.unanswered(request, "morto")
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await answered
        except TimeoutError:
            return answers.unanswered(request, "sem resposta")
        if trouble.dies_after:
            self.worker.die()
        return answer if trouble.hears else answers.unanswered(request, "conexão interrompida")


@dataclass
class Coming:
    """Trouble for a write or a read, when ``after`` others have passed."""

    trouble: Trouble
    is_write: bool
    after: int


class World:
    """The file, the source, VTEX and the processes; ``wrong`` is what was seen that must not be."""

    def __init__(self, folder: Path, template: Path, config: Config, snapshot: Snapshot) -> None:
        folder.mkdir(parents=True)
        self.file = copy_of(template, folder)
        self.url, self.config = f"sqlite:///{self.file}", config
        self.clock = FakeClock()
        self.loop = VirtualLoop(self.clock)
        self.loop.set_exception_handler(lambda _loop, about: self._strange(about.get("exception")))
        self.source = MemorySource(snapshot)
        self.people = Database(self.url)
        self.vtex = MemoryVtex(self.clock, Points(), rows_of(self.people))
        self.workers: dict[str, Worker] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.troubles: list[Coming] = []
        self.ticks = 0
        self.wrong = self.vtex.wrong
        self.witness = Witness(self.file, self.vtex, config, snapshot, self.wrong)

    def start(self) -> Worker:
        worker = Worker(self, f"processo:{len(self.workers)}")
        self.workers[worker.owner] = worker
        self.witness.maximum[worker.owner] = self.config.resend.max_attempts
        return worker

    def busy(self) -> list[Worker]:
        """The processes that are alive and do not stand still."""
        return [worker for worker in self.workers.values() if worker.alive and not worker.brake.parked]

    def look(self) -> None:
        self.witness.look()

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let something happen, as far as it comes at this moment."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        self.pass_time()
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            self._strange(task.exception())

    def _strange(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Killed | DBAPIError):
            self.wrong.append(f"the engine failed: {error!r}")

    def pass_time(self, seconds: float = 0) -> None:
        self.loop.pass_time(seconds)

    def people_order(self) -> Commands:
        """A person at a screen of its own."""
        return Commands(self.config, self.people, self.clock, Operator("ana"))

    def trouble_of(self, request: Request) -> Trouble:
        coming = [one for one in self.troubles if one.is_write is request.is_write]
        for one in coming:
            one.after -= 1
        struck = next((one for one in coming if one.after < 0), None)
        if struck is None:
            return WELL
        self.troubles.remove(struck)
        return struck.trouble

    def on_its_way(self, client: Client, request: Request, seconds: float, answered: asyncio.Future[Answer]) -> None:
        def hear(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.vtex.hold(client, request, seconds, hear)
        self.loop.call_later(seconds, lambda: self.loop.create_task(self.vtex.apply_what_is_due()))

    def close(self) -> None:
        for worker in self.workers.values():
            worker.die()
        with suppress(Killed):
            self.pass_time()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.pass_time()
        for worker in self.workers.values():
            worker.close()
            worker.database.close()
        self.people.close()
        self.witness.close()
        self.loop.close()
        shutil.rmtree(self.file.parent)
