"""The state machine that Hypothesis drives: what may happen in a world, in any order, and what must hold all the time.

In the end VTEX is well, everybody may work, and what is open comes to rest: then nothing is lost, doubtful or doubled.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.chaos.faults import TROUBLES
from tests.chaos.witness import GONE, held_at, wanted_at
from tests.chaos.world import Coming, Worker, World
from tests.engine.bench import bench_config
from tests.integrations.school import CLASS, COURSE, PRICE, STOCK, course_class, price, school, stock
from vtexmon.config import Catalog, EngineSettings, Resend
from vtexmon.core.filters import KeyTerm
from vtexmon.core.selection import Explicit
from vtexmon.engine.exports import ExportScope, export
from vtexmon.sge.source import ClassKey, Snapshot

PROCESSES = 3
OTHER_CLASS = ClassKey(1, 12, "CQ.2")
CATALOG = Catalog(
    b2c="nacional", default_brand="SENAI", default_image_url="https://loja.example/c.png", max_vanished_percent=100
)
WHICH = some.integers(0, 8)
Meeting = tuple[str, bool, int]
MEETING = some.tuples(
    some.sampled_from(sorted(TROUBLES)), some.sampled_from([True, True, True, False]), some.integers(0, 8)
)
"""What a request meets, whether it is a write, and how many such requests pass before it."""

BEAT = 30
SECONDS = some.sampled_from([5, 31, 59, 61, 119, 121, 181, 241])
"""Before and after the deadline, the end of the grace, the end of the lease."""


def source(texts: int, cents: int, seats: int, active: bool, other_is_there: bool) -> Snapshot:
    """A school of one course and one or two classes in the given state."""
    course = replace(COURSE, description=f"Descrição {texts}.")
    classes, prices, stocks = [replace(CLASS, name=f"Turma {texts}", active=active)], [], []
    prices.append(replace(PRICE, price_cents=cents))
    stocks.append(replace(STOCK, quantity=seats))
    if other_is_there:
        classes.append(course_class(key=OTHER_CLASS, name="Outra turma"))
        prices.append(price(key=OTHER_CLASS))
        stocks.append(stock(key=OTHER_CLASS))
    return school([course], classes, prices, stocks)


SOURCES = some.builds(
    source,
    texts=some.integers(0, 3),
    cents=some.integers(100_00, 100_03),
    seats=some.integers(1, 4),
    active=some.sampled_from([True, True, True, False]),
    other_is_there=some.booleans(),
)


def nothing(wrong: Sequence[object]) -> None:
    """Not a bare ``assert``: outside of a test module it would not say what there is."""
    if wrong:
        raise AssertionError("; ".join(map(str, wrong)))


class Life(RuleBasedStateMachine):
    """``folder`` and ``template`` are set by whoever runs it."""

    folder: Path
    template: Path
    engine = EngineSettings()
    numbers = itertools.count()

    @initialize(snapshot=SOURCES, processes=some.integers(1, PROCESSES), meets=some.lists(MEETING, max_size=4))
    def begin(self, snapshot: Snapshot, processes: int, meets: list[Meeting]) -> None:
        config = bench_config(3, catalog=CATALOG, engine=self.engine)
        self.world = World(self.folder / str(next(self.numbers)), self.template, config, snapshot)
        for _number in range(processes):
            self.world.start()
        self._meets(meets)
        self.world.begin(export(self._one(0).context, ExportScope(), "agendador"))

    def _life_goes_on(self, seconds: int = 20) -> None:
        """Hearts beat, and whoever does not stand still works; where nobody is left somebody begins."""
        if not any(worker.alive for worker in self.world.workers.values()):
            self.world.start()
        for left in range(seconds, 0, -BEAT):
            for worker in self.world.busy():
                self.world.begin(worker.intake.renew())
                if worker.working is None or worker.working.done():
                    worker.working = self.world.begin(worker.work())
            self.world.pass_time(min(left, BEAT))

    def _meets(self, meets: list[Meeting]) -> None:
        self.world.troubles += [Coming(TROUBLES[name], is_write, after) for name, is_write, after in meets]

    def _one(self, which: int) -> Worker:
        alive = [worker for worker in self.world.workers.values() if worker.alive] or [self.world.start()]
        return alive[which % len(alive)]

    # What befalls the processes

    @rule(maximum=some.sampled_from([3, 3, 1, None]))
    def a_process_starts(self, maximum: int | None) -> None:
        self.world.config = replace(self.world.config, resend=Resend(maximum))
        if sum(worker.alive for worker in self.world.workers.values()) < PROCESSES:
            self.world.start()
        self._life_goes_on()

    @rule(which=WHICH, is_stopped=some.booleans())
    def a_process_ends(self, which: int, is_stopped: bool) -> None:
        worker = self._one(which)
        if is_stopped:
            worker.brake.go(None)
            self.world.begin(worker.stop())
            self.world.pass_time(6)
        worker.die()
        self._life_goes_on()

    @rule(which=WHICH, points=some.integers(0, 12), seconds=SECONDS)
    def a_process_stands_still(self, which: int, points: int, seconds: int) -> None:
        """After so many points, and until some time from now: then it goes on where it was."""
        worker = self._one(which)
        worker.brake.go(points)
        self.world.loop.call_later(seconds, worker.brake.go, None)
        self._life_goes_on()

    @rule(which=WHICH, moment=some.sampled_from(["before", "after"]))
    def the_disk_fails_at_the_next_commit(self, which: int, moment: str) -> None:
        self._one(which).database.fails = moment  # type: ignore[attr-defined]
        self._life_goes_on()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self._life_goes_on(seconds)

    # What is ordered

    @rule(which=WHICH, name=some.sampled_from(["resend", "resend_all"]))
    def a_schedule_ticks(self, which: int, name: str) -> None:
        self.world.begin(self._one(which).tick(name))
        self._life_goes_on()

    @rule(which=WHICH, snapshot=SOURCES, meets=some.lists(MEETING, max_size=2))
    def the_source_changes(self, which: int, snapshot: Snapshot, meets: list[Meeting]) -> None:
        self._meets(meets)
        self.world.source.snapshot = snapshot
        self.world.witness.versions.append(snapshot)
        self.world.begin(self._one(which).tick("catalog_export"))
        self._life_goes_on()

    @rule(which=WHICH, key=some.sampled_from(["1;12;AJUSTA", "1;12;CQ.1"]), meets=some.lists(MEETING, max_size=2))
    def a_person_forces_an_export(self, which: int, key: str, meets: list[Meeting]) -> None:
        self._meets(meets)
        worker, scope = self._one(which), ExportScope(keys=frozenset({KeyTerm(key)}), force=True)
        self.world.begin(export(worker.context, scope, "ana", worker.owner))
        self._life_goes_on()

    @rule(which=WHICH, all_of_them=some.booleans(), meets=some.lists(MEETING, max_size=2))
    def a_person_resends(self, which: int, all_of_them: bool, meets: list[Meeting]) -> None:
        self._meets(meets)
        ids = [row[0] for row in self.world.witness.rows("SELECT id FROM log WHERE is_open ORDER BY id")]
        if ids:
            chosen = frozenset(ids if all_of_them else [ids[which % len(ids)]])
            self.world.people_order().resend(Explicit(chosen), "marcados")
        self._life_goes_on()

    @rule(account=some.sampled_from(["nacional", "sp"]), seconds=some.sampled_from([31, 61, 121]))
    def a_person_pauses(self, account: str, seconds: int) -> None:
        until = self.world.clock.now() + timedelta(seconds=seconds)
        self.world.people_order().pause(account, until)
        self._life_goes_on()

    @rule()
    def a_person_resumes_all(self) -> None:
        self.world.people_order().unpause("all")
        self._life_goes_on()

    # What must hold

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "world"):
            self.world.witness.look()
            nothing(self.world.wrong + self.world.witness.at_rest())

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if not self.world.wrong:
                Rest(self.world).check()
        finally:
            self.world.close()


class Rest:
    """The end of a life: all is well again, and whatever is open comes to its end."""

    def __init__(self, world: World) -> None:
        self.world = world

    def check(self) -> None:
        self._all_is_well()
        worker = self.world.start()
        for _round in range(30):
            self._run(export(worker.context, ExportScope(), "agendador"))
            self._run(worker.work())
            if not self._open():
                break
            self.world.people_order().resend(Explicit(frozenset(self._open())), "marcados")
            self.world.pass_time(61)
        found = self._run(export(worker.context, ExportScope(), "agendador"))
        nothing([f"not in Sucesso: {row}" for row in self._open().values()])
        nothing([f"{found.created} found new for ever"] if found.created else [])
        nothing(self.world.wrong + self.world.witness.at_rest())
        nothing(self.world.witness.rows("SELECT 'in doubt', log_id FROM log_item WHERE completed_at IS NULL"))
        nothing(self._applied_and_not_told())
        nothing(self._lost())

    def _all_is_well(self) -> None:
        world = self.world
        world.troubles.clear()
        world.people_order().unpause("all")
        world.config = replace(world.config, resend=Resend(3))
        for worker in world.workers.values():
            worker.database.fails = None  # type: ignore[attr-defined]
            if worker.alive:
                worker.brake.go(None)
        world.pass_time(300)
        for worker in world.workers.values():
            worker.die()
        world.pass_time(600)
        world.people_order().unpause("all")

    def _run(self, work: Any) -> Any:
        task = self.world.begin(work)
        for _turn in range(100):
            if task.done():
                return task.result()
            self.world.pass_time(30)
        raise AssertionError("it never comes to rest")

    def _open(self) -> dict[int, tuple[str, ...]]:
        """The logs that are not in Sucesso, but for those of records that the source has no more."""
        query = "SELECT id, module, key_values, status, phase, message FROM log WHERE is_open"
        rows = {row[0]: row[1:] for row in self.world.witness.rows(query)}
        snapshot = self.world.source.snapshot
        return {
            log_id: row
            for log_id, row in rows.items()
            if not (row[2] == "Cancelado" and row[4] == GONE and wanted_at(snapshot, row[0], row[1]) is None)
        }

    def _lost(self) -> list[str]:
        """Every record of the source that is on sale has a log in Sucesso, and VTEX holds it as it is now."""
        snapshot = self.world.source.snapshot
        keys = [("category", "nacional;Metalmecânica"), ("brand", "nacional;SENAI"), ("product", "1;12;AJUSTA")]
        for class_key, row in snapshot.classes.items():
            if row.active:
                key = f"1;12;{class_key.course_class}"
                keys += [("sku", key), ("price", f"{key};B2C"), ("stock", f"{key};1")]
        query = "SELECT external_id FROM log WHERE module = ? AND key_values = ? ORDER BY id DESC LIMIT 1"
        lost = []
        for module, key in keys:
            told = self.world.witness.rows(query, module, key)
            wanted = wanted_at(snapshot, module, key)
            held = held_at(self.world.vtex, module, told[0][0]) if told else None
            if held != wanted:
                lost.append(f"{module} {key}: {held}, not {wanted}")
        return lost

    def _applied_and_not_told(self) -> list[str]:
        """Every write that VTEX carried out is an item."""
        requests = [one for one in self.world.vtex.requests() if one["applied"] and one["method"] != "GET"]
        applied = Counter((one["method"], one["path"].removeprefix("/lojasp")) for one in requests)
        query = "SELECT method, endpoint, count(*) FROM log_item GROUP BY method, endpoint"
        told = Counter({(method, endpoint): count for method, endpoint, count in self.world.witness.rows(query)})
        return [f"applied, not told: {what}" for what in applied - told]
