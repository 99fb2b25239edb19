"""The engine: its own thread and event loop, so that a frozen terminal never stops a send (DESIGN.md section 6).

Whoever starts it talks to it by thread-safe calls and listens to its ``facts``; everything it knows is in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from vtexmon import __version__
from vtexmon.clock import Clock, SystemClock
from vtexmon.config import Config
from vtexmon.engine.context import Context
from vtexmon.engine.dispatcher import Dispatcher
from vtexmon.engine.facts import EngineFailed, Facts, LogsChanged
from vtexmon.engine.gate import Gate
from vtexmon.engine.offers import Offers
from vtexmon.engine.scheduler import Scheduler
from vtexmon.engine.step import Exchange, Lease
from vtexmon.sge.source import SgeSource
from vtexmon.store import claims, workers
from vtexmon.store.claims import EVERYTHING, Claim, ClaimScope, LostClaim
from vtexmon.store.database import Database

T = TypeVar("T")

CONNECTIONS_PER_CLIENT = 8
DRAIN = timedelta(seconds=5)
"""How long requests in flight may still end by themselves when the engine is stopped."""

LONGEST_POLL = 1.0


@dataclass(frozen=True)
class EngineOptions:
    """How an engine runs: ``kind`` is shown to people; ``schedules`` and ``dispatch`` say what it does by itself."""

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
        self._wake: asyncio.Event | None = None
        self._leases: dict[int, Lease] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._scope = self.options.scope
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
        loop, wake = self._loop, self._wake
        if loop is not None and wake is not None and not loop.is_closed():
            loop.call_soon_threadsafe(wake.set)

    def take(self, scope: ClaimScope) -> None:
        """From now on claim only what is in this scope."""
        self._scope = scope
        self.kick()

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
        self._stopping, self._wake = asyncio.Event(), asyncio.Event()
        clients = _clients(self.config)
        surroundings = Surroundings(self.config, self.database, self.source, self.clock, self.facts, self.owner)
        self.context = make_context(surroundings, clients)
        await self._say_hello()
        scheduler = Scheduler(self.context) if self.options.schedules else None
        loops = [asyncio.create_task(self._guarded(loop)) for loop in (self._dispatch, self._beat, self._watch_gate)]
        if scheduler is not None:
            scheduler.start()
        self._ready.set_result(None)
        await self._stopping.wait()
        if scheduler is not None:
            await scheduler.stop()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await self._drain()
        for client in clients.values():
            await client.aclose()
        await self._write(lambda c: workers.goodbye(c, self.owner))

    async def _drain(self) -> None:
        if self._tasks:
            beat = asyncio.create_task(self._guarded(self._beat))
            await asyncio.wait(self._tasks, timeout=DRAIN.total_seconds())
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _guarded(self, loop: Callable[[], Awaitable[None]]) -> None:
        """Run one of the engine's loops for ever; an error is told and tried again, it never ends the engine."""
        while True:
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.facts.tell(EngineFailed(f"{type(error).__name__}: {error}"))
                await asyncio.sleep(LONGEST_POLL)

    async def _dispatch(self) -> None:
        assert self.context is not None
        assert self._wake is not None
        slots = max(1, self.config.engine.clients) * CONNECTIONS_PER_CLIENT
        while True:
            self._wake.clear()
            free = slots - len(self._tasks)
            taken = await self._claim(free) if free else 0
            if taken < free or not free:
                await self._rest()

    async def _rest(self) -> None:
        assert self._wake is not None
        pause = min(LONGEST_POLL, self.config.engine.verify_grace.total_seconds() / 4)
        # Not wait_for: in Python 3.11 it swallows a cancellation that meets the wake-up, and the engine never ends.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(pause, 0.02)):
                await self._wake.wait()

    async def _claim(self, free: int) -> int:
        assert self.context is not None
        started, now = self.clock.monotonic(), self.clock.now()
        until, scope = now + self.config.engine.lease, self._scope
        claiming = asyncio.ensure_future(self._write(lambda c: claims.claim(c, self.owner, now, until, free, scope)))
        try:
            taken = await asyncio.shield(claiming)
        except IntegrityError:  # another process took a record with the same serial key between look and touch
            return free
        except asyncio.CancelledError:
            await self._return(claiming)
            raise
        dispatcher = Dispatcher(self.context)
        for claim in taken:
            lease = Lease(started)
            self._leases[claim.log.id] = lease
            task = asyncio.create_task(dispatcher.run(claim, lease))
            self._tasks.add(task)
            task.add_done_callback(partial(self._ended, claim.log.id))
        if taken:
            self.facts.tell(LogsChanged(tuple(claim.log.id for claim in taken)))
        return len(taken)

    async def _return(self, claiming: asyncio.Future[list[Claim]]) -> None:
        """The engine was stopped while it claimed: what it got all the same goes back before its lease ends."""
        with contextlib.suppress(IntegrityError):
            for claim in await claiming:
                now = self.clock.now()
                with contextlib.suppress(LostClaim):
                    await self._write(partial(claims.give_back, claim=claim, now=now))

    def _ended(self, log_id: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._leases.pop(log_id, None)
        if self._wake is not None:
            self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.facts.tell(EngineFailed(f"{type(error).__name__}: {error}"))

    async def _beat(self) -> None:
        """Renew the leases of what runs, and be seen to be alive."""
        while True:
            await asyncio.sleep(self.config.engine.lease.total_seconds() / 6)
            await self._renew()

    async def _renew(self) -> None:
        started, now = self.clock.monotonic(), self.clock.now()
        leases, until = dict(self._leases), now + self.config.engine.lease
        if leases:
            for log_id in await self._write(lambda c: claims.renew(c, self.owner, list(leases), until)):
                leases[log_id].confirmed_at = started
        await self._write(lambda c: workers.seen(c, self.owner, now))

    async def _watch_gate(self) -> None:
        assert self.context is not None
        while True:
            await self.context.gate.look()
            await asyncio.sleep(LONGEST_POLL)

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


def _clients(config: Config) -> dict[str, Any]:
    """One VTEX client for each account with credentials. Imported here: httpx is slow, and the screen comes first."""
    from vtexmon.vtex.client import VtexClient

    return {
        name: VtexClient(account, config.engine) for name, account in config.accounts.items() if account.has_credentials
    }


def _fingerprint(config: Config) -> str:
    from vtexmon.config.listing import fingerprint

    return fingerprint(config)
