"""The engine as a thread: it sends, it stops cleanly, and being stopped is not a failed attempt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.engine.bench import copy_of
from tests.integrations.school import CLASS, MemorySource, course_class, price, school, stock
from tests.integrations.shop import config_for
from vtexmon.clock import SystemClock
from vtexmon.config import Config, EngineSettings
from vtexmon.core.selection import Explicit
from vtexmon.engine import recovery, runtime
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.exports import Exported, ExportScope, export
from vtexmon.engine.facts import EngineFailed
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.sandbox import RunningSandbox, running_sandbox
from vtexmon.sge.source import ClassKey, Snapshot
from vtexmon.store import claims, workers
from vtexmon.store.database import Database

SHORT = EngineSettings(
    lease=timedelta(seconds=3), request_deadline=timedelta(seconds=0.8), verify_grace=timedelta(seconds=0.4)
)


def classes(count: int, **of_stock: Any) -> Snapshot:
    rows = [course_class(key=ClassKey(1, 12, f"T{n}"), name=f"Turma {n}") for n in range(count)]
    return school(
        classes=rows,
        prices=[price(key=row.key) for row in rows],
        stocks=[stock(key=row.key, **of_stock) for row in rows],
    )


class World:
    """One database, one sandbox; engines are started and stopped over them."""

    def __init__(self, path: Path, sandbox: RunningSandbox) -> None:
        self.database = Database(f"sqlite:///{path}")
        self.sandbox = sandbox
        self.source = MemorySource()
        self.config: Config = config_for(sandbox, engine=SHORT)
        self.failures: list[str] = []

    @contextmanager
    def engine(self, **options: Any) -> Iterator[Engine]:
        engine = Engine(self.config, self.database, self.source, EngineOptions("teste", schedules=False, **options))
        engine.facts.listen(lambda fact: self.failures.append(fact.message) if isinstance(fact, EngineFailed) else None)
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()

    def export(self, engine: Engine) -> Exported:
        return engine.submit(lambda context: export(context, ExportScope(), "teste")).result(timeout=20)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.database.read(lambda c: [tuple(row) for row in c.execute(text(sql))])

    def wait(self, sql: str, expected: Any, seconds: float = 20) -> None:
        """Until the one value of a query is as expected."""
        end = time.monotonic() + seconds
        while self.rows(sql)[0][0] != expected:
            assert time.monotonic() < end, self.rows("SELECT module, status, phase, wait_reason, message FROM log")
            time.sleep(0.02)

    def wait_until_rest(self) -> None:
        self.wait("SELECT count(*) FROM log WHERE phase NOT IN ('idle', 'waiting')", 0)

    def wait_for_success(self) -> None:
        self.wait("SELECT count(*) FROM log WHERE status <> 'Sucesso'", 0)


@pytest.fixture
def world(template: Path, tmp_path: Path) -> Iterator[World]:
    with running_sandbox() as sandbox:
        found = World(copy_of(template, tmp_path), sandbox)
        yield found
        found.database.close()
        assert found.failures == []


def test_an_export_runs_to_its_end_with_real_requests(world: World) -> None:
    world.source.snapshot = classes(5)
    with world.engine() as engine:
        assert world.export(engine).created == 18
        world.wait_for_success()

        assert world.sandbox.state()["totals"] == {
            "categories": 1,
            "brands": 1,
            "products": 1,
            "skus": 5,
            "prices": 5,
            "stocks": 5,
            "active_skus": 5,
            "images": 5,
        }
        assert engine.context is not None
        assert engine.context.tally.requests == len(world.sandbox.requests())
        assert engine.context.tally.writes == sum(r["method"] != "GET" for r in world.sandbox.requests())


def test_two_engines_share_the_work_and_send_nothing_twice(world: World) -> None:
    world.source.snapshot = classes(12)
    with world.engine() as first, world.engine():
        world.export(first)
        world.wait_for_success()

    totals = world.sandbox.state()["totals"]
    assert (totals["categories"], totals["products"], totals["skus"], totals["images"]) == (1, 1, 12, 12)
    assert (
        sum(r["method"] == "POST" and r["path"].endswith("/stockkeepingunit") for r in world.sandbox.requests()) == 12
    )


def test_stopping_turns_the_request_in_flight_into_a_doubt_and_spends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "DRAIN", timedelta(seconds=0.1))
    world.config = replace(
        world.config, engine=replace(SHORT, lease=timedelta(seconds=90), request_deadline=timedelta(seconds=30))
    )
    world.sandbox.set_faults("hang:match=POST /pvt/category$")
    with world.engine() as engine:
        world.export(engine)
        world.wait("SELECT count(*) FROM log_item WHERE completed_at IS NULL AND step = 'criar categoria'", 1)

    assert world.rows("SELECT status, phase, attempts, lease_owner FROM log WHERE module = 'category'") == [
        ("Pendente", "verifying", 0, None)
    ]
    assert world.rows("SELECT count(*) FROM log WHERE phase = 'sending'") == [(0,)]
    assert world.rows("SELECT count(*) FROM worker") == [(0,)]

    world.sandbox.set_faults()
    world.config = replace(world.config, engine=SHORT)
    with world.engine():
        world.wait_for_success()
    assert world.rows("SELECT max(attempts) FROM log") == [(0,)]
    assert world.sandbox.state()["totals"]["categories"] == 1


def test_stopping_gives_everything_else_back_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "DRAIN", timedelta(0))
    world.source.snapshot = classes(30)
    world.sandbox.set_faults("slow:match=GET /,delay=5")
    world.config = replace(world.config, engine=EngineSettings())
    with world.engine() as engine:
        world.export(engine)
        world.wait("SELECT count(*) FROM log WHERE phase = 'sending'", 2)

    assert world.rows("SELECT status, phase, attempts FROM log WHERE module IN ('category', 'brand')") == [
        ("Pendente", "queued", 0),
        ("Pendente", "queued", 0),
    ]
    assert world.rows("SELECT count(*) FROM log_item") == [(0,)]


def test_what_is_claimed_at_the_very_moment_of_stopping_goes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would wait for the end of its lease: three minutes, by default."""
    claiming, claim = threading.Event(), claims.claim

    def slow(*args: Any) -> Any:
        taken = claim(*args)
        if taken:
            claiming.set()
            time.sleep(0.3)
        return taken

    monkeypatch.setattr(claims, "claim", slow)
    world.config = replace(world.config, engine=EngineSettings())
    with world.engine() as engine:
        world.export(engine)
        assert claiming.wait(10)

    assert world.rows("SELECT count(*) FROM log WHERE phase = 'sending'") == [(0,)]
    assert world.rows("SELECT count(*) FROM log WHERE due_at IS NOT NULL AND lease_owner IS NULL") == [(2,)]


def test_draining_lets_short_requests_end(world: World) -> None:
    world.source.snapshot = school(classes=[CLASS])
    world.sandbox.set_faults("slow:match=POST /pvt/category$,delay=0.3")
    with world.engine() as engine:
        world.export(engine)
        world.wait("SELECT count(*) FROM log_item WHERE completed_at IS NULL AND step = 'criar categoria'", 1)

    assert world.rows("SELECT status, phase FROM log WHERE module = 'category'") == [("Sucesso", "idle")]


def test_unpausing_from_the_same_process_sends_at_once(world: World) -> None:
    with world.engine() as engine:
        commands = Commands(world.config, world.database, SystemClock(), Operator("ana"), engine)
        commands.pause("all")
        time.sleep(1.1)  # the gate looks every second
        world.export(engine)
        world.wait("SELECT count(*) FROM log WHERE wait_reason = 'paused'", 2)
        assert world.sandbox.requests() == []

        commands.unpause("all")
        world.wait_for_success()


def test_what_a_person_orders_begins_while_bulk_work_has_its_hands_full(world: World) -> None:
    patient = replace(SHORT, clients=1, request_deadline=timedelta(seconds=20), lease=timedelta(seconds=60))
    world.config = replace(world.config, engine=patient)
    world.source.snapshot = classes(20)
    # of a class far behind those whose stocks hang first: price and stock of one class go one after the other
    world.sandbox.set_faults("status:match=PUT .*/pricing/prices/,status=400,every=15,times=1")
    with world.engine() as engine:
        world.export(engine)
        world.wait("SELECT count(*) FROM log WHERE status = 'Erro' AND module = 'price'", 1)
        world.wait_until_rest()
        world.sandbox.set_faults("hang:match=PUT .*/inventory/")
        world.source.snapshot = classes(20, quantity=3)
        world.export(engine)
        world.wait("SELECT count(*) FROM log WHERE phase = 'sending'", 8)

        (log_id,) = world.rows("SELECT id FROM log WHERE status = 'Erro'")[0]
        commands = Commands(world.config, world.database, SystemClock(), Operator("ana"), engine)
        commands.resend(Explicit(frozenset({log_id})), "marcados")

        world.wait(f"SELECT status FROM log WHERE id = {log_id}", "Sucesso", 10)
        assert world.rows("SELECT count(*) FROM log WHERE phase = 'sending'") == [(8,)]
        world.sandbox.set_faults()


def test_a_long_request_keeps_its_lease_by_heartbeat(world: World) -> None:
    """Lease 1.2 s, the request takes 2 s: nobody else may take the record meanwhile."""
    settings = EngineSettings(
        lease=timedelta(seconds=1.2), request_deadline=timedelta(seconds=4), verify_grace=timedelta(seconds=0.2)
    )
    world.config = replace(world.config, engine=settings)
    world.sandbox.set_faults("slow:match=GET /.*tree,delay=2,times=1")
    with world.engine() as first, world.engine():
        world.export(first)
        world.wait("SELECT count(*) FROM log WHERE module = 'category' AND phase = 'sending'", 1)
        time.sleep(1.8)
        assert world.rows("SELECT epoch FROM log WHERE module = 'category'") == [(1,)]


def test_a_worker_is_seen_while_it_lives_and_gone_after(world: World) -> None:
    with world.engine() as engine:
        assert world.rows("SELECT owner, kind FROM worker") == [(engine.owner, "teste")]

    assert world.rows("SELECT count(*) FROM worker") == [(0,)]


def test_an_engine_that_was_given_up_for_dead_says_hello_again(world: World) -> None:
    """The machine slept for days; meanwhile somebody has removed its row."""
    world.config = replace(world.config, engine=replace(SHORT, lease=timedelta(seconds=2)))
    with world.engine() as engine:
        world.database.write_now(lambda c: workers.goodbye(c, engine.owner))
        world.wait("SELECT count(*) FROM worker", 1)


def test_a_scope_takes_only_its_own_logs(world: World) -> None:
    scope = claims.ClaimScope(command="mine")
    with world.engine(scope=scope) as engine:
        world.export(engine)
        time.sleep(0.4)
        assert world.sandbox.requests() == []

        engine.submit(lambda context: export(context, ExportScope(), "teste", command="mine")).result(timeout=10)
        world.wait_for_success()


@pytest.mark.parametrize("work", [lambda: None])
def test_an_engine_that_is_not_running_says_so(world: World, work: Callable[[], None]) -> None:
    engine = Engine(world.config, world.database, world.source)

    with pytest.raises(RuntimeError):
        engine.submit(lambda context: export(context, ExportScope(), "x"))
    engine.stop()


def test_a_vtex_that_applies_long_after_the_deadline_is_not_sent_anything_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Applied half a second after the client gave up, a second before the grace is over: only the quarantine helps."""
    monkeypatch.setattr(recovery, "BETWEEN_LOOKS", timedelta(seconds=0.05))
    settings = replace(SHORT, lease=timedelta(seconds=6), verify_grace=timedelta(seconds=1.5))
    world.config = replace(world.config, engine=settings)
    world.sandbox.set_faults("hang:match=POST /(category|file)$,delay=1.3")
    with world.engine() as engine:
        world.export(engine)
        world.wait_for_success()

    posted = [request["path"].rsplit("/", 1)[1] for request in world.sandbox.requests() if request["method"] == "POST"]
    assert (posted.count("category"), posted.count("file")) == (1, 1)
    totals = world.sandbox.state()["totals"]
    assert (totals["categories"], totals["images"], totals["active_skus"]) == (1, 1, 1)
    assert world.rows("SELECT max(attempts) FROM log") == [(0,)]
