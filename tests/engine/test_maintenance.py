"""Duties: one engine does them when they are due, another takes over from one that died, and nobody is in the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.engine.bench import START, Bench
from vtexmon.engine import maintenance
from vtexmon.engine.context import Context
from vtexmon.engine.facts import EngineFailed, Fact
from vtexmon.engine.maintenance import LEASE, LOOK_AGAIN, MAINTENANCE, MARGIN, SWEEP, Duty, Maintenance, Turn
from vtexmon.store import claims, leases, payloads, unused
from vtexmon.store.leases import LeaseRecord

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
EVERY = timedelta(minutes=5)


def stands(owner: str = "", until: Any = START, ran_at: Any = None) -> LeaseRecord:
    return LeaseRecord("duty", owner, until, ran_at, owner, "")


async def nothing(_turn: Turn) -> None:
    """There is nothing to do."""


def duty(work: Any = nothing) -> Duty:
    return Duty("duty", EVERY, work)


DUE = [
    ("never done", None, START),
    ("done just now", stands(ran_at=START), START + EVERY),
    ("done long ago", stands(ran_at=START - HOUR), START),
    ("somebody is at it", stands("a", START + LEASE), START + LEASE),
    ("somebody is at it, and it was done before", stands("a", START + LEASE, START - EVERY), START + LEASE),
    ("its holder died", stands("a", START - SECOND, START - HOUR), START),
    ("done by a clock that is a little ahead", stands(ran_at=START + SECOND), START + SECOND + EVERY),
    ("done by a clock that was wrong", stands(ran_at=START + 24 * HOUR), START),
    ("held by a clock that was wrong", stands("a", START + 24 * HOUR), START),
]


@pytest.mark.parametrize(("lease", "due"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_when_a_duty_is_due(lease: LeaseRecord | None, due: Any) -> None:
    assert max(duty().due_at(lease, START), START) == due


def test_a_dead_holder_is_replaced_within_twenty_seconds() -> None:
    """It died right after taking or renewing; whoever looked then comes back when the lease is over."""
    assert timedelta(seconds=20) >= LEASE + LOOK_AGAIN
    assert maintenance.RENEW_EVERY + MARGIN < LEASE


def look(context: Context, wanted: Duty) -> timedelta:
    return asyncio.run(Maintenance(context).look(wanted))


def found(bench: Bench, name: str = "duty") -> LeaseRecord:
    bench.database.write_now(lambda c: None)  # what was let go of is written down by now
    lease = bench.database.read(lambda c: leases.find(c, name))
    assert lease is not None
    return lease


def other(bench: Bench, name: str = "other") -> Context:
    """Another process over the same database."""
    context = bench.restarted().context
    context.owner = name
    return context


def test_it_is_done_once_and_then_again_when_it_is_due(bench: Bench) -> None:
    done: list[int] = []

    async def work(turn: Turn) -> None:
        turn.removed["workers"] += 2
        done.append(1)

    assert look(bench.context, duty(work)) == LOOK_AGAIN
    assert look(bench.context, duty(work)) == EVERY
    bench.clock.advance(60)
    assert look(other(bench), duty(work)) == EVERY - timedelta(seconds=60)
    assert len(done) == 1
    assert (found(bench).ran_by, found(bench).ran_at, found(bench).result) == (
        bench.context.owner,
        START,
        "workers=2",
    )
    bench.clock.advance(EVERY.total_seconds())
    look(other(bench), duty(work))
    assert (len(done), found(bench).ran_by) == (2, "other")


def test_while_one_is_at_it_another_waits_for_the_end_of_its_lease(bench: Bench) -> None:
    second = other(bench)
    waited: list[timedelta] = []

    async def work(_turn: Turn) -> None:
        waited.append(await Maintenance(second).look(duty(work)))

    look(bench.context, duty(work))
    assert waited == [LEASE]


def test_of_two_that_find_it_due_at_once_the_slower_does_not_do_it_again(bench: Bench) -> None:
    """It looked before the first one began, and takes the lease after it has let go."""
    look(bench.context, duty())
    assert not bench.database.write_now(lambda c: duty().take(c, "slower", START + SECOND))
    assert found(bench).until == START + SECOND  # and gave it back


def test_what_was_begun_by_one_that_died_is_taken_over_when_its_lease_ends(bench: Bench) -> None:
    bench.database.write_now(lambda c: leases.acquire(c, "duty", "dead", START, START + LEASE))
    second = other(bench)
    assert look(second, duty()) == LEASE
    bench.clock.advance(LEASE.total_seconds())
    assert look(second, duty()) == LOOK_AGAIN
    assert found(bench).ran_by == "other"


def test_it_is_renewed_while_it_lasts_and_stops_when_it_is_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "RENEW_EVERY", timedelta(seconds=0.02))
    ends: list[Any] = []

    async def work(turn: Turn) -> None:
        try:
            bench.clock.advance(10)
            while turn.trusted_until == 1000 + (LEASE - MARGIN).total_seconds():
                await asyncio.sleep(0.01)
            ends.append(found(bench).until)
            bench.clock.advance(60)
            bench.database.write_now(lambda c: leases.acquire(c, "duty", "b", bench.clock.now(), START + HOUR / 2))
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append("stopped")
            raise

    look(bench.context, duty(work))
    assert ends == [START + 10 * SECOND + LEASE, "stopped"]
    assert (found(bench).owner, found(bench).ran_at) == ("b", None)


def test_pieces_end_when_the_lease_is_no_longer_trusted(bench: Bench) -> None:
    """A process that stood still writes nothing more, even before it hears that another one has taken over."""
    done: list[int] = []

    def piece(_connection: Any, keys: Any, _now: Any) -> int:
        done.extend(keys)
        bench.clock.advance((LEASE - MARGIN).total_seconds())
        return len(keys)

    async def work(turn: Turn) -> None:
        await turn.in_pieces("rows", range(1000), piece)

    look(bench.context, duty(work))
    assert done == list(range(maintenance.PIECE))
    assert found(bench).ran_at is None


def test_a_failure_lets_go_at_once_and_is_told(bench: Bench) -> None:
    async def fails(_turn: Turn) -> None:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"):
        look(bench.context, duty(fails))
    assert (found(bench).until, found(bench).ran_at) == (START, None)


def test_a_failing_duty_does_not_end_the_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    facts: list[Fact] = []
    done = threading.Event()

    async def fails(_turn: Turn) -> None:
        raise ValueError("disk full")

    async def works(_turn: Turn) -> None:
        done.set()

    monkeypatch.setattr(maintenance, "FIRST_LOOK", timedelta(0))
    monkeypatch.setattr(maintenance, "DUTIES", (Duty("bad", EVERY, fails), Duty("good", EVERY, works)))
    bench.context.facts.listen(facts.append)

    async def run() -> None:
        running = asyncio.ensure_future(Maintenance(bench.context).run())
        async with asyncio.timeout(20):
            while not (done.is_set() and facts):
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert facts == [EngineFailed("bad: ValueError: disk full")]


def test_being_stopped_in_the_middle_lets_go(bench: Bench) -> None:
    begun = threading.Event()

    async def lasts(_turn: Turn) -> None:
        begun.set()
        await asyncio.sleep(60)

    async def run() -> None:
        running = asyncio.ensure_future(Maintenance(bench.context).look(duty(lasts)))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert (found(bench).until, found(bench).ran_at) == (START, None)


def sql(bench: Bench, statement: str, **values: Any) -> Any:
    return bench.database.write_now(lambda c: c.execute(text(statement), values).rowcount)


def test_the_maintenance_itself_tidies_up_after_a_command_that_was_killed(bench: Bench) -> None:
    sql(
        bench,
        "INSERT INTO worker VALUES ('dead', 'h', 1, 'export', '1', 'f', :at, :at)",
        at=int((START - 48 * HOUR).timestamp() * 1_000_000),
    )
    bench.database.write_now(lambda c: claims.add_to_scope(c, "dead", list(range(1, 451))))
    look(bench.context, MAINTENANCE)
    assert found(bench, "maintenance").result == "workers=1,scopes=450"
    bench.clock.advance(EVERY.total_seconds())
    look(bench.context, MAINTENANCE)
    assert found(bench, "maintenance").result == ""


def test_the_sweep_marks_what_is_out_of_use_and_removes_it_a_day_later(bench: Bench) -> None:
    for number in range(450):
        bench.database.write_now(lambda c, number=number: payloads.store(c, f"body {number}"))
    look(bench.context, SWEEP)
    assert found(bench, "payloads").result == "marked=450"
    bench.clock.advance(SWEEP.every.total_seconds())
    look(bench.context, SWEEP)
    assert found(bench, "payloads").result == "payloads=450"
    assert bench.database.read(lambda c: unused.search(c, START, 1)) == unused.Unused([], [])


def test_others_write_between_the_pieces(bench: Bench) -> None:
    """Each piece is a job of its own in the one writer: a claim never waits for more than one of them."""
    order: list[str] = []

    def piece(_connection: Any, keys: Any, _now: Any) -> int:
        order.append("piece")
        bench.database.write(lambda c: order.append("claim"))
        return len(keys)

    async def work(turn: Turn) -> None:
        await turn.in_pieces("rows", range(3 * maintenance.PIECE), piece)

    look(bench.context, duty(work))
    assert order == ["piece", "claim"] * 3


def test_an_engine_that_only_runs_a_command_has_no_duties(monkeypatch: pytest.MonkeyPatch) -> None:
    from vtexmon.engine.runtime import Engine, EngineOptions

    def loops_of(schedules: bool) -> list[Callable[..., Any]]:
        engine = Engine(None, None, None, EngineOptions(schedules=schedules))  # type: ignore[arg-type]
        hands = type("Hands", (), {"run": nothing, "waker": None})()
        return [loop.__qualname__ for loop in engine._loops(None, hands)]  # type: ignore[arg-type, attr-defined]

    assert "Maintenance.run" in loops_of(True)
    assert "Maintenance.run" not in loops_of(False)
