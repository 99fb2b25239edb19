"""Each tick once over all processes; what is skipped, missed or fails is a row that people see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.engine.bench import CATEGORY, POST_CATEGORY, START, Bench, says
from vtexmon.config import Resend, Schedule
from vtexmon.engine import schedules
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.scheduler import Scheduler
from vtexmon.errors import Refused, UsageError
from vtexmon.store import schedules as store
from vtexmon.store.models import ExternalRecord

EXTERNAL = ExternalRecord.__table__  # type: ignore[attr-defined]

EVERY_QUARTER = Schedule("catalog_export", every=timedelta(minutes=15))


@pytest.fixture
def scheduled(open_bench: Callable[..., Bench]) -> Bench:
    return open_bench(schedules={"catalog_export": EVERY_QUARTER})


def runs(bench: Bench) -> list[tuple[str, str]]:
    found = bench.database.read(lambda c: store.recent(c, "catalog_export"))
    return [(f"{run.due_at:%H:%M}", run.outcome) for run in found]


def tick(*benches: Bench) -> None:
    """The timers of these processes go off at the same moment."""

    async def go() -> None:
        schedulers = [Scheduler(bench.context) for bench in benches]
        await asyncio.gather(*(one._run(EVERY_QUARTER) for one in schedulers))

    asyncio.run(go())


def test_a_tick_runs_once_over_two_engines_on_one_database(scheduled: Bench) -> None:
    other = scheduled.restarted()

    tick(scheduled, other)

    assert runs(scheduled) == [("12:00", "done")]
    assert len(scheduled.logs("category")) == 1


def test_the_next_tick_is_another_row(scheduled: Bench) -> None:
    tick(scheduled)
    scheduled.clock.advance(15 * 60 + 3)
    tick(scheduled)

    assert runs(scheduled) == [("12:15", "done"), ("12:00", "done")]


def test_a_tick_is_skipped_while_the_previous_run_has_not_ended(scheduled: Bench, monkeypatch: Any) -> None:
    async def go() -> None:
        gate, begun = asyncio.Event(), asyncio.Event()

        async def long(_context: Any) -> schedules.Done:
            begun.set()
            await gate.wait()
            return schedules.Done("feito")

        monkeypatch.setitem(schedules.ACTIONS, "catalog_export", schedules.Action(lambda: "", long))
        scheduler = Scheduler(scheduled.context)
        first = asyncio.create_task(scheduler._run(EVERY_QUARTER))
        await begun.wait()
        scheduled.clock.advance(900)
        await scheduler._run(EVERY_QUARTER)
        gate.set()
        await first

    asyncio.run(go())

    assert runs(scheduled) == [("12:15", "skipped"), ("12:00", "done")]


def caught_up(bench: Bench) -> None:
    async def go() -> None:
        await Scheduler(bench.context)._catch_up(EVERY_QUARTER)

    asyncio.run(go())


def test_a_missed_tick_of_the_last_ten_minutes_is_caught_up_once(scheduled: Bench) -> None:
    tick(scheduled)
    scheduled.clock.advance(4 * 3600 + 600)  # 16:10: down for four hours

    caught_up(scheduled)
    caught_up(scheduled.restarted())

    assert runs(scheduled) == [("16:00", "done"), ("12:00", "done")]


def test_an_older_one_becomes_one_row_that_says_missed(scheduled: Bench) -> None:
    tick(scheduled)
    scheduled.clock.advance(4 * 3600 + 601)

    caught_up(scheduled)

    assert runs(scheduled) == [("16:00", "missed"), ("12:00", "done")]


def test_what_never_ran_here_has_missed_nothing(scheduled: Bench) -> None:
    caught_up(scheduled)

    assert runs(scheduled) == []


def test_a_tick_that_was_noted_as_missed_is_not_run_afterwards(scheduled: Bench) -> None:
    tick(scheduled)
    scheduled.clock.advance(3600 + 660)
    caught_up(scheduled)

    ran = scheduled.runner.run(
        schedules.run_tick(scheduled.context, "catalog_export", START + timedelta(hours=1), "agendador")
    )

    assert ran is False


def test_a_failing_run_is_a_row_and_not_an_exception(scheduled: Bench) -> None:
    scheduled.source.problem = UsageError("falta a coluna nome em cursos.csv")

    tick(scheduled)

    assert runs(scheduled) == [("12:00", "failed")]
    (run,) = scheduled.database.read(lambda c: store.recent(c, "catalog_export"))
    assert run.summary == "falta a coluna nome em cursos.csv"


def test_being_stopped_ends_a_run_as_failed_and_says_why(scheduled: Bench, monkeypatch: Any) -> None:
    async def go() -> None:
        begun = asyncio.Event()

        async def long(_context: Any) -> schedules.Done:
            begun.set()
            await asyncio.Event().wait()
            return schedules.Done("")

        monkeypatch.setitem(schedules.ACTIONS, "catalog_export", schedules.Action(lambda: "", long))
        scheduler = Scheduler(scheduled.context)
        await scheduler._tick(EVERY_QUARTER)
        await begun.wait()
        await scheduler.stop()

    asyncio.run(go())

    (run,) = scheduled.database.read(lambda c: store.recent(c, "catalog_export"))
    assert (run.outcome, run.summary) == ("failed", "interrompido: o programa terminou")


def test_a_paused_schedule_does_not_run_until_it_is_resumed(scheduled: Bench) -> None:
    commands = Commands(scheduled.config, scheduled.database, scheduled.clock, Operator("ana"))
    commands.pause_schedule("catalog_export")

    tick(scheduled)
    caught_up(scheduled)
    assert runs(scheduled) == []

    commands.resume_schedule("catalog_export")
    tick(scheduled)
    assert runs(scheduled) == [("12:00", "done")]


def test_the_states_of_all_schedules_tell_the_next_due_time(scheduled: Bench) -> None:
    tick(scheduled)

    states = scheduled.database.read(lambda c: schedules.states(c, scheduled.config, scheduled.clock.now()))

    export = next(state for state in states if state.name == "catalog_export")
    assert (export.enabled, export.next_due_at) == (True, START + timedelta(minutes=15))
    assert export.last_run is not None
    assert [state.name for state in states if not state.enabled] == ["resend", "resend_all"]


def test_timers_really_go_off(open_bench: Callable[..., Bench]) -> None:
    """With APScheduler and the machine's clock: one tick of every second runs."""
    from vtexmon.clock import SystemClock

    every_second = Schedule("catalog_export", every=timedelta(seconds=1))
    bench = open_bench(schedules={"catalog_export": every_second})
    bench.context.clock = SystemClock()

    async def go() -> None:
        scheduler = Scheduler(bench.context)
        scheduler.start()
        await asyncio.sleep(1.3)
        await scheduler.stop()

    asyncio.run(go())

    assert 1 <= len(runs(bench)) <= 2
    assert {outcome for _due, outcome in runs(bench)} == {"done"}


def test_a_run_that_holds_something_back_says_so_until_somebody_confirms(scheduled: Bench) -> None:
    school = scheduled.source.snapshot
    now = scheduled.clock.now()
    known = [
        {"record_key": f"price|sp|B2C|1;12;T{number};B2C", "module": "price", "account": "sp", "updated_at": now}
        for number in range(3)
    ]
    rows = [{**one, "external_id": "1", "success_hash": "x"} for one in known]
    scheduled.database.write_now(lambda c: c.execute(EXTERNAL.insert(), rows))  # three prices, of which none is left
    tick(scheduled)
    assert runs(scheduled) == [("12:00", "held")]
    assert scheduled.logs("price") == []

    scheduled.clock.advance(60)
    scheduled.runner.run(schedules.confirm_vanished(scheduled.context, "ana"))

    last = scheduled.database.read(lambda c: store.last_run(c, "catalog_export"))
    assert last is not None
    assert (last.outcome, last.started_by) == ("done", "ana")
    assert len(scheduled.logs("price")) == len(school.prices)
    scheduled.clock.advance(900)
    tick(scheduled)
    assert runs(scheduled)[0] == ("12:15", "done")


def test_only_who_may_write_confirms_and_an_engine_is_needed(scheduled: Bench) -> None:
    for operator in (Operator("ana", may_write=False), Operator("ana")):
        with pytest.raises(Refused):
            Commands(scheduled.config, scheduled.database, scheduled.clock, operator).confirm_vanished()


# the automatic resends


def automatic(bench: Bench, name: str = "resend") -> str:
    return bench.runner.run(schedules.ACTIONS[name].run(bench.context)).summary


def failed_once(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'))
    bench.export(CATEGORY)
    bench.turn()


def test_an_erro_is_resent_automatically_when_it_is_due_and_not_before(bench: Bench) -> None:
    failed_once(bench)
    due = bench.log().next_attempt_at
    assert due is not None
    assert timedelta(seconds=30) <= due - bench.clock.now() <= timedelta(seconds=60)

    assert automatic(bench) == "0 reenviados"
    bench.clock.advance(60)
    assert automatic(bench) == "1 reenviado"
    bench.turn()

    assert bench.state() == ("Erro", "waiting", "retry", 1)


def test_automatic_resends_stop_at_the_maximum_as_cancelado(bench: Bench) -> None:
    failed_once(bench)

    for _round in range(10):
        bench.clock.advance(24 * 3600)
        automatic(bench)
        bench.turn()

    assert bench.state() == ("Cancelado", "idle", None, 3)
    assert bench.vtex.count(POST_CATEGORY) == 4


def test_an_empty_maximum_means_no_automatic_resend_at_all(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_attempts=None)
    failed_once(bench)
    bench.clock.advance(24 * 3600)

    for name in ("resend", "resend_all"):
        assert "vazio" in automatic(bench, name)
    assert bench.turn() == 0


def test_resend_all_does_not_wait_for_the_due_time(bench: Bench) -> None:
    failed_once(bench)

    assert automatic(bench, "resend_all") == "1 reenviado"


def test_a_lowered_maximum_cancels_at_the_next_automatic_turn(bench: Bench) -> None:
    failed_once(bench)
    for _round in range(2):
        bench.clock.advance(24 * 3600)
        automatic(bench)
        bench.turn()
    assert bench.state() == ("Erro", "waiting", "retry", 2)
    lowered = bench.restarted(resend=Resend(1))
    bench.clock.advance(24 * 3600)

    assert "1 cancelado" in automatic(lowered)

    assert lowered.state() == ("Cancelado", "idle", None, 2)
    assert lowered.turn() == 0
