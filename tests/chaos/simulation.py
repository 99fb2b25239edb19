"""One run of the real engine over a real database, with a VTEX in memory and a clock that only the run moves.

Every commit and every exchange is a numbered point, before and after it; a fault may be laid on any of them. Production
code has no hook: the database is a subclass whose ``write`` passes two points, the VTEX an ``Exchange`` that does.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from tests.chaos import ledger
from tests.chaos.memory_vtex import WRITES, Fault, MemoryVtex, NoAnswer, Points, kills
from tests.chaos.virtual_time import VirtualLoop
from tests.engine.bench import Bench, FakeClock, Killed, bench_config
from tests.integrations.school import MemorySource, school
from vtexmon.core.exchange import Api, Request
from vtexmon.engine.dispatcher import Dispatcher
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.step import Lease
from vtexmon.sge.source import Snapshot
from vtexmon.store import claims, payloads
from vtexmon.store.claims import Claim
from vtexmon.store.database import Database
from vtexmon.store.rows import LOG

DEADLINE, GRACE, LEASE = 60, 60, 180
"""Seconds; the defaults of the send protocol."""

EVERYTHING = ExportScope()


class KillableDatabase(Database):
    """A database with a point before each transaction is begun and one after it is committed."""

    def __init__(self, url: str, points: Points) -> None:
        super().__init__(url)
        self._points = points

    def write(self, work: Callable[[Any], Any]) -> Future[Any]:
        self._points.reach("commit: before")
        future = super().write(work)
        if future.exception() is None:
            self._points.reach("commit: after")
        return future

    def write_apart(self, work: Callable[[Any], Any]) -> Future[Any]:
        """No point: whoever dies here has neither sent nor promised anything."""
        future = super().write_apart(work)
        future.exception()
        return future


class Process(Bench):
    """One process of the program: what it holds in memory is gone with it."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock))

    def claim_one(self) -> list[Claim]:
        now = self.clock.now()
        until = now + self.config.engine.lease
        return self.database.write_now(lambda c: claims.claim(c, self.owner, now, until, 1))

    def turn_of_one(self) -> bool:
        """Claim one and bring it to its end."""
        taken = self.claim_one()
        for claim in taken:
            self.run(claim)
        return bool(taken)

    def run_together(self, taken: Sequence[Claim]) -> None:
        async def together() -> None:
            dispatcher, lease = Dispatcher(self.context), Lease(self.clock.monotonic())
            await asyncio.gather(*(dispatcher.run(claim, lease) for claim in taken))

        self.runner.run(together())

    def work(self, most: int = 300) -> None:
        """Until nothing is due any more, at the moment it is due."""
        for _turn in range(most):
            if self.turn_of_one():
                continue
            due = self.database.read(lambda c: c.execute(select(func.min(LOG.c.due_at))).scalar_one())
            if due is None:
                return
            self.clock.advance(max((due - self.clock.now()).total_seconds(), 1.0))
        raise AssertionError("it never comes to rest")

    def end(self) -> None:
        self.close()
        self.database.close()


@dataclass
class Simulation:
    """A world and the processes that live in it, one after the other or side by side."""

    url: str
    faults: dict[int, Fault] = field(default_factory=dict)
    snapshot: Snapshot = field(default_factory=school)
    scope: ExportScope = EVERYTHING
    config: Any = field(default_factory=bench_config)
    deaths: int = 0
    changes: int = 0

    def __post_init__(self) -> None:
        self.clock, self.points = FakeClock(), Points(self.faults)
        self.source = MemorySource(self.snapshot)
        self.eyes = Database(self.url)
        self.rows = ledger.rows_of(self.eyes)
        self.vtex = MemoryVtex(self.clock, self.points, self.rows)
        self.processes: list[Process] = []

    def start(self) -> Process:
        """A new process: nothing but the database is known to it."""
        database = KillableDatabase(self.url, self.points)
        clients = {"nacional": self.vtex.client("lojanacional"), "sp": self.vtex.client("lojasp")}
        process = Process(database, self.config, self.source, clients, self.clock)
        process.owner = process.context.owner = f"processo:{len(self.processes)}"
        process.refresh()
        self.processes.append(process)
        return process

    def live(self, restart_after: float = 0) -> Simulation:
        """Export and work until all is done; a process that dies is followed by another one after some time."""
        while True:
            process = self.start()
            try:
                process.export(self.scope)
                process.work()
                return self
            except Killed:
                self.deaths += 1
                self.clock.advance(restart_after)
            finally:
                process.end()

    def change(self, snapshot: Snapshot) -> None:
        """The source says something else from now on; the points are counted afresh."""
        self.source.snapshot = snapshot
        self.points.passed.clear()
        self.changes += 1

    def apart(self, work: Callable[[], object]) -> None:
        """Another process's work while this one stands still: on a thread of its own, because a loop runs on this."""
        problems: list[BaseException] = []

        def guarded() -> None:
            try:
                work()
            except BaseException as problem:
                problems.append(problem)

        thread = threading.Thread(target=guarded)
        thread.start()
        thread.join()
        if problems:
            raise problems[0]

    def dies_with_it_on_its_way(self, seconds: float) -> Fault:
        """Kill the process just after its request has left; VTEX applies it that much later."""

        def fault(request: Request | None) -> None:
            self.hold(request, seconds)
            raise Killed

        return fault

    def hangs(self, seconds: float) -> Fault:
        """The client gives up at its deadline; VTEX applies the request that much later still."""

        def fault(request: Request | None) -> None:
            self.hold(request, DEADLINE + seconds)
            self.clock.advance(DEADLINE)
            raise NoAnswer

        return fault

    def hold(self, request: Request | None, seconds: float) -> None:
        assert request is not None
        account = "lojanacional" if request.api is Api.CATALOG else "lojasp"
        self.vtex.hold(self.vtex.client(account), request, seconds)

    def at_point(self, number: int, at_a_write: Fault) -> None:
        """Lay a fault on a point that may turn out to be anything: a plain death unless it is before a write."""

        def fault(request: Request | None) -> None:
            before_write = self.points.passed[-1].startswith(WRITES)
            (at_a_write if before_write else kills)(request)

        self.points.faults[number] = fault

    def at_next(self, names: tuple[str, ...], fault: Fault) -> None:
        """Lay a fault on the next point whose name begins so, wherever it comes in the numbering."""
        self.points.awaited.append((names, fault))

    def close(self) -> None:
        """Nobody is alive any more, and nobody looks."""
        for process in self.processes:
            process.end()
        self.eyes.close()

    def violations(self) -> list[str]:
        """What does not hold at the end, in words; empty = all is well."""
        for process in self.processes:
            process.end()
        self.clock.advance(3600)
        asyncio.run(self.vtex.apply_what_is_due())
        found = [*self.vtex.wrong, *ledger.created_twice(self.vtex), *self._not_told(), *self._not_successful()]  # type: ignore[arg-type]
        found += ledger.not_held(self.vtex, self.rows)  # type: ignore[arg-type]
        found += ledger.breaches(self.rows)
        self.close()
        return found

    def _not_successful(self) -> list[str]:
        logs = self.rows("SELECT module, status, phase, message FROM log WHERE status <> 'Sucesso'")
        one_for_each = f"SELECT record_key FROM log GROUP BY record_key HAVING count(*) > {self.changes + 1}"
        doubled = self.rows(one_for_each)
        return [f"not in Sucesso: {' '.join(map(str, log))}" for log in logs] + [
            f"two logs: {key}" for (key,) in doubled
        ]

    def _not_told(self) -> list[str]:
        """Every applied write is an item in Sucesso that holds what was sent, and every such item was applied.

        An item that reading confirmed tells of what VTEX holds. Killed before it left, a stock that repeats one which
        had arrived is confirmed by that one: it must have been applied at some time, not as often as it was told.
        """
        query = (
            "SELECT method, endpoint, sent_hash, answered FROM log_item WHERE method <> 'GET' AND status = 'Sucesso'"
        )
        items = self.eyes.read(
            lambda c: [
                ((method, endpoint, payloads.load(c, address) or ""), answered)
                for method, endpoint, address, answered in c.exec_driver_sql(query).all()
            ]
        )
        told = Counter(what for what, _answered in items)
        answers = Counter(what for what, answered in items if answered)
        applied = Counter(
            (one["method"], one["path"].removeprefix("/lojasp"), one["body"])
            for one in self.vtex.requests()
            if one["applied"]
        )
        false = [*(answers - applied), *(told.keys() - applied.keys() - answers.keys())]
        return [f"applied, not told: {what}" for what in applied - told] + [
            f"told, not applied: {what}" for what in false
        ]


def holdings_of(simulation: Simulation) -> dict[str, Any]:
    """What VTEX holds in the end, without the ids that depend on the order of events."""
    accounts = simulation.vtex.state()["accounts"]
    national, regional = accounts["lojanacional"], accounts["lojasp"]
    return {
        "categories": [one["Name"] for one in national["categories"]],
        "brands": [one["Name"] for one in national["brands"]],
        "products": [(one["RefId"], one["IsActive"], one["Description"]) for one in national["products"]],
        "skus": [(one["RefId"], one["IsActive"], one["Name"], len(one["images"])) for one in national["skus"]],
        "prices": [(one["basePrice"], one.get("listPrice")) for one in regional["prices"].values()],
        "stocks": [(one["warehouseId"], one["quantity"]) for one in regional["stocks"]],
    }


Simulate = Callable[..., Simulation]
"""Makes a run in a new database: faults by number, and whatever else is different."""
