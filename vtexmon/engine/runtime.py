"""The engine: its own thread and event loop, so that a frozen terminal never stops a send (DESIGN.md section 6).

Whoever starts it talks to it by thread-safe calls and listens to its ``facts``; everything it knows is in the database.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from vtexmon import __version__
from vtexmon.clock import Clock, SystemClock
from vtexmon.config import Config
from vtexmon.engine.context import Context
from vtexmon.engine.facts import EngineFailed, Facts
from vtexmon.engine.gate import Gate
from vtexmon.engine.intake import Intake
from vtexmon.engine.maintenance import Maintenance
from vtexmon.engine.offers import Offers
from vtexmon.engine.scheduler import Scheduler
from vtexmon.engine.step import Exchange
from vtexmon.sge.source import SgeSource
from vtexmon.store import workers
from vtexmon.store.claims import EVERYTHING, ClaimScope
from vtexmon.store.database import Database

T = TypeVar("T")

DRAIN = timedelta(seconds=5)
"""How long requests in flight may still end by themselves when the engine is stopped."""

LOOK_SECONDS = 1.0
"""How often the gate is looked at, and how long a loop that failed rests."""


@dataclass(frozen=True)
class EngineOptions:
    """How an engine runs: ``kind`` is shown to people; ``schedules`` = timers and maintenance, too."""

    kind: str = "worker"
    schedules: bool = True
    scope: ClaimScope = EVERYTHING


def new_owner(kind: str) -> str:
    """The name of this process in leases: host, process, and something no restart repeats."""
    return f"{socket.gethostname()}:{os.getpid()}:{kind}:{uuid.uuid4().hex[:8]}"


@dataclass
class Engine:
    """One engine. ``start`` returns once it runs; ``stop`` ends it cleanly and may be called from any thread."""

    config: Config
    database: Database
    source: SgeSource
    options: EngineOptions = EngineOptions()
    clock: Clock = field(default_factory=SystemClock)
    facts: Facts = field(default_factory=Facts)
    owner: str = ""

    def __post_init__(self) -> None:
        self.owner = self.owner or new_owner(self.options.kind)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: Future[None] = Future()
        self._stopping: asyncio.Event | None = None
        self._intake: Intake | None = None
        self.context: Context | None = None

    def start(self) -> None:
        """Start the thread; raises what starting raises."""
        self._thread = threading.Thread(target=self._run, name="vtexmon-engine", daemon=True)
        self._thread.start()
        self._ready.result()

    def stop(self) -> None:
        """Stop claiming, let requests in flight end for a moment, write down what is left in doubt, let go."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stopping.set)
        if self._thread is not None:
            self._thread.join()

    def kick(self) -> None:
        """Look for due records now rather than at the next poll."""
        loop, intake = self._loop, self._intake
        if loop is not None and intake is not None and not loop.is_closed():
            loop.call_soon_threadsafe(intake.call)

    def submit(self, work: Callable[[Context], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run a coroutine over the engine's context on its loop."""
        loop, context = self._loop, self.context
        if loop is None or context is None:
            raise RuntimeError("the engine is not running")
        return asyncio.run_coroutine_threadsafe(work(context), loop)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self._ready.done():
                self.facts.tell(EngineFailed(str(error)))
                raise
            self._ready.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        clients = make_clients(self.config)
        surroundings = Surroundings(self.config, self.database, self.source, self.clock, self.facts, self.owner)
        self.context = make_context(surroundings, clients)
        self._intake = Intake(self.context, self.options.scope)
        await self._say_hello()
        scheduler = Scheduler(self.context) if self.options.schedules else None
        loops = [asyncio.create_task(self._guarded(loop)) for loop in self._loops(self.context, self._intake)]
        if scheduler is not None:
            scheduler.start()
        self._ready.set_result(None)
        await self._stopping.wait()
        if scheduler is not None:
            await scheduler.stop()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await self._intake.drain(DRAIN, partial(self._guarded, self._beat))
        for client in clients.values():
            await client.aclose()
        await self._write(lambda c: workers.goodbye(c, self.owner))

    def _loops(self, context: Context, intake: Intake) -> Iterator[Callable[[], Awaitable[None]]]:
        yield from (intake.run, self._beat, self._watch_gate)
        if intake.waker is not None:
            yield intake.waker.run
        if self.options.schedules:
            yield Maintenance(context).run

    async def _guarded(self, loop: Callable[[], Awaitable[None]]) -> None:
        """Run one of the engine's loops for ever; an error is told and tried again, it never ends the engine."""
        while True:
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.facts.tell(EngineFailed(f"{type(error).__name__}: {error}"))
                await asyncio.sleep(LOOK_SECONDS)

    async def _beat(self) -> None:
        """Renew the leases of what runs, and be seen to be alive."""
        while True:
            await asyncio.sleep(self.config.engine.lease.total_seconds() / 6)
            await self._renew()

    async def _renew(self) -> None:
        assert self._intake is not None
        await self._intake.renew()
        now = self.clock.now()
        if not await self._write(lambda c: workers.seen(c, self.owner, now)):
            await self._say_hello()  # the machine slept so long that it was given up for dead

    async def _watch_gate(self) -> None:
        assert self.context is not None
        while True:
            await self.context.gate.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _say_hello(self) -> None:
        assert self.context is not None
        now = self.clock.now()
        record = workers.WorkerRecord(
            owner=self.owner,
            host=socket.gethostname(),
            pid=os.getpid(),
            kind=self.options.kind,
            version=__version__,
            config_fingerprint=_fingerprint(self.config),
            started_at=now,
            last_seen=now,
        )
        await self._write(lambda c: workers.hello(c, record))
        await self.context.gate.look()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self.database.write(work))


@dataclass(frozen=True)
class Surroundings:
    """What a context is made from."""

    config: Config
    database: Database
    source: SgeSource
    clock: Clock
    facts: Facts
    owner: str


def make_context(around: Surroundings, clients: Mapping[str, Exchange]) -> Context:
    """The engine's context; for whoever runs claims without the engine's thread, such as the manual's pictures."""
    from vtexmon.vtex.client import encode_body

    return Context(
        config=around.config,
        database=around.database,
        clock=around.clock,
        facts=around.facts,
        gate=Gate(around.database, around.config, around.clock, around.facts, around.owner),
        offers=Offers(around.source, around.config),
        clients=dict(clients),
        encode=encode_body,
        owner=around.owner,
    )


def make_clients(config: Config) -> dict[str, Any]:
    """One VTEX client for each account. Imported here: httpx is slow, and the screen comes first."""
    from vtexmon.config import renewed
    from vtexmon.vtex.client import VtexClient

    folder = config.path.parent if config.path else Path()
    return {
        name: VtexClient(account, config.engine, renewed=partial(renewed, account, folder, os.environ))
        for name, account in config.accounts.items()
    }


def _fingerprint(config: Config) -> str:
    from vtexmon.config.listing import fingerprint

    return fingerprint(config)
