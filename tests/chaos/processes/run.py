"""One run: four processes on one database against a VTEX that fails in every way, and trouble all the time.

The seed decides what is drawn (rows, refusals, faults, which trouble when); how the processes interleave is nobody's to
decide. When the troubles are over all comes to rest, and only then is the evidence read.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.chaos.processes.databases import Base, PostgresDatabase
from tests.chaos.processes.evidence import Terms, gather, rows_of
from tests.chaos.processes.nursery import Nursery
from tests.chaos.processes.orders import REFUSALS, faults, source_of
from tests.chaos.processes.programs import Program, older_program
from tests.chaos.processes.result import Order, Result
from tests.chaos.processes.supervisor import Slot, Supervisor
from tests.chaos.processes.verdict import judge
from tests.support import ENGINE, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox

LEASE, DEADLINE, GRACE = 2.4, 0.6, 0.8
SETTINGS = f"""
[engine]
lease = "{LEASE}s"
request_deadline = "{DEADLINE * 1000:.0f}ms"
verify_grace = "{GRACE * 1000:.0f}ms"
first_resend_delay = "300ms"
max_resend_delay = "1s"
clients = 1

[schedules]
catalog_export = {{ every = "2s" }}
resend = {{ every = "1s" }}
"""
ACCOUNTS = {"nacional": "lojanacional", "sp": "lojasp"}
LATENCY = 0.02
UNREACHABLE = (sqlite3.Error, psycopg.Error)


def timeline(chance: random.Random, order: Order, base: Base) -> list[tuple[float, str, float]]:
    """When which trouble comes, in order of time: (seconds, what, for how long)."""
    length, found = order.trouble_seconds, []
    if "kill" in order.troubles:
        at = chance.uniform(0.2, 1.2)
        while at < length:
            found.append((at, "kill", 0.0))
            at += chance.uniform(0.2, 1.2)
    if "freeze" in order.troubles:
        found += [(chance.uniform(0, length), "freeze", LEASE + chance.uniform(0.2, 2.5)) for _ in range(3)]
    if "disk" in order.troubles and base.engine == "sqlite":
        # a disk that is really full is met only while the journal still grows: later SQLite writes over what it has
        at = chance.uniform(0.5, length) if getattr(base, "disk", None) is None else chance.uniform(0.05, 0.3)
        found += [(at, "disk full", 0.0), (at + chance.uniform(0.8, 1.5), "disk empty", 0.0)]
    if isinstance(base, PostgresDatabase):
        if "restart" in order.troubles and base.server.is_ours:
            found.append((chance.uniform(1, length), "restart", 0.0))
        if "cut" in order.troubles:
            found += [(chance.uniform(0.5, length), "cut", 0.0) for _ in range(3)]
    return sorted(found)


class Run:
    """A run under way."""

    def __init__(self, order: Order, base: Base, folder: Path, program: Program, sandbox: RunningSandbox) -> None:
        self.order, self.base, self.sandbox = order, base, sandbox
        self.chance = random.Random(order.seed)
        data, refused = source_of(order.records, self.chance)
        self.terms = Terms("nacional", "sp", ACCOUNTS, "SENAI", order.max_attempts, GRACE, refused)
        self.station = _station(folder, sandbox, data, base, order.max_attempts)
        older = older_program(folder / "older", program) if order.older else None
        newest, *others = self.nurseries = [self._nursery(one) for one in (program, older) if one is not None]
        workers = [newest, newest, *(others or [newest])]
        slots = [Slot(newest, self._what_people_do), *(Slot(one, lambda: ("worker",)) for one in workers)]
        self.supervisor = Supervisor(slots, self.chance)
        self._made = 0
        self._troubled = 0
        self._own_mistakes: set[str] = set()

    def _nursery(self, program: Program) -> Nursery:
        return Nursery(self.station.folder, self.station.process_environment() | program.environment)

    def _what_people_do(self) -> tuple[str, ...]:
        """An export first; later now and then a resend of all Erro by hand."""
        self._made += 1
        if self._made > 1 and self.chance.random() < 0.3:
            return "resend", "--yes", "--json", "--no-wait"
        return "export", "--json"

    def go(self) -> Result:
        """To the end; whatever happens no process is left."""
        started = time.monotonic()
        try:
            self._begin()
            self._trouble()
            rested = self._rest()
            versions = {str(row[0]) for row in rows_of(self.base.url, "SELECT version FROM worker")}
            self.supervisor.stop()
        finally:
            self.supervisor.end()
            for nursery in self.nurseries:
                nursery.close()
        self._until(lambda: all(entry["ended_at"] for entry in self.sandbox.requests()), 10)
        evidence = gather(self.sandbox.url, self.base.url, self.station.folder / "dados", self.terms)
        supervisor, seconds = self.supervisor, time.monotonic() - started
        return Result(
            self.order,
            self.base.engine,
            judge(evidence),
            evidence,
            supervisor.done,
            supervisor.ended,
            supervisor.last_words,
            list(supervisor.heard),
            self._own_mistakes,
            versions,
            rested,
            self._troubled,
            seconds,
        )

    def _begin(self) -> None:
        """The newest program makes the database; the others come when it sends."""
        first, *others = self.supervisor.slots
        for slot in others:
            slot.start_at = float("inf")
        assert self._until(lambda: self.sandbox.last_request() > 0, 60), self._last_words()
        for slot in others:
            slot.start_at = 0.0
        assert first is self.supervisor.slots[0]

    def _last_words(self) -> str:
        return "\n".join(["nothing was ever sent", *self.supervisor.last_words])

    def _trouble(self) -> None:
        started = time.monotonic()
        for at, what, seconds in timeline(random.Random(self.order.seed), self.order, self.base):
            self._until(lambda at=at: time.monotonic() - started >= at, self.order.trouble_seconds + 5)  # type: ignore[misc]
            self._troubles()[what](seconds)
        self._empty_disk()
        self.supervisor.calm_down()

    def _troubles(self) -> dict[str, Callable[[float], None]]:
        supervisor = self.supervisor
        return {
            "kill": lambda _seconds: supervisor.kill(),
            "freeze": supervisor.freeze,
            "disk full": lambda _seconds: self._fill_disk(),
            "disk empty": lambda _seconds: self._empty_disk(),
            "restart": lambda _seconds: self._restart(),
            "cut": lambda _seconds: self._cut(),
        }

    def _fill_disk(self) -> None:
        """Of all processes where the database has a disk of its own, else of one."""
        disk = getattr(self.base, "disk", None)
        if disk is None:
            self.supervisor.fill_disk()
        else:
            disk.fill()
            self.supervisor.done["full disks"] += 1

    def _empty_disk(self) -> None:
        disk = getattr(self.base, "disk", None)
        if disk is not None:
            disk.empty()
        self.supervisor.empty_disk()

    def _restart(self) -> None:
        assert isinstance(self.base, PostgresDatabase)
        self.base.server.restart()
        self.supervisor.done["restarts"] += 1

    def _cut(self) -> None:
        assert isinstance(self.base, PostgresDatabase)
        with suppress(psycopg.Error):
            self.base.cut_connections()
            self.supervisor.done["cuts"] += 1

    def _rest(self) -> bool:
        """VTEX is well again but for what it refuses; true when nothing moves any more.

        On a slow machine it stays ill until enough was sent.
        """
        enough = self.order.records
        self._until(lambda: self.sandbox.last_request() >= enough or self._is_at_rest(), self.order.rest_seconds)
        self._troubled = self.sandbox.last_request()
        self.sandbox.set_faults(*REFUSALS)
        return self._until(self._is_at_rest, self.order.rest_seconds)

    def _is_at_rest(self) -> bool:
        moving = "SELECT count(*), sum(CASE WHEN phase <> 'idle' THEN 1 ELSE 0 END) FROM log"
        try:
            [(logs, busy)] = rows_of(self.base.url, moving)
        except UNREACHABLE:
            return False
        return logs > 0 and not busy

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Keep everything going until something holds; false when it did not come to hold in time."""
        deadline, hurried = time.monotonic() + seconds, 0.0
        while not condition():
            now = time.monotonic()
            if now >= deadline:
                return False
            self.supervisor.keep_up()
            if now >= hurried:
                _shorten_credential_break(self.base)
                self._look_for_own_mistakes()
                hurried = now + 0.5
            time.sleep(0.02)
        return True

    def _look_for_own_mistakes(self) -> None:
        """What a log says of the program itself is gone again with its next attempt."""
        with suppress(*UNREACHABLE):
            told = rows_of(
                self.base.url, "SELECT module, key_values, message FROM log WHERE message LIKE 'erro do pr%'"
            )
            self._own_mistakes |= {f"{module} {key}: {message}" for module, key, message in told}


def _shorten_credential_break(base: Base) -> None:
    """A refused credential closes its target for a minute, which no setting shortens: here it is half a second."""
    now = int(time.time() * 1_000_000)
    base.change(f"UPDATE target SET closed_until = {now} WHERE closed_reason = 'credential' AND closed_until > {now}")
    far = now + 20_000_000
    base.change(f"UPDATE log SET due_at = {now}, next_attempt_at = {now} WHERE due_at > {far}")


def _station(folder: Path, sandbox: RunningSandbox, data: dict[str, str], base: Base, max_attempts: int) -> Station:
    station = Station.create(folder, sandbox, data=data, max_attempts=max_attempts, schedules=False)
    station.change_config(ENGINE, SETTINGS)
    station.change_config('url = "sqlite:///vtexmon.db"', f'url = "{base.url}"')
    return station


def run(order: Order, base: Base, folder: Path, program: Program) -> Result:
    """Run an order on a fresh database, in an empty folder."""
    rules = faults(random.Random(order.seed), DEADLINE, GRACE) if order.faulty else []
    with running_sandbox(latency_seconds=LATENCY, faults=[*REFUSALS, *rules]) as sandbox:
        return Run(order, base, folder, program, sandbox).go()
