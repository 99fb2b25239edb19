"""The process dies at every point there is: before and after each commit, before and after each request is applied.

DESIGN.md section 4, steps 1 to 8; ``reference/engine.md`` 4.5. After each run VTEX holds every record once and as
wanted, every log is in Sucesso with no attempt spent, and the items tell exactly what VTEX applied. Changes and pairs
of faults are tried on SQLite only: the databases differ in their commits, not in what comes after them.
"""

from __future__ import annotations

import os
import random
from itertools import count

import pytest

from tests.chaos.memory_vtex import WRITES, Fault, kills
from tests.chaos.simulation import DEADLINE, GRACE, LEASE, Simulate, Simulation, holdings_of
from tests.integrations.school import course, course_class, price, school, stock

PAIRS = 100
WAITS = {"at once": 0, "after lease and grace": LEASE + GRACE + 1}
"""How long after a death the next process begins; in both the record itself is due when its lease ends."""

LATE = (1, GRACE - 1, DEADLINE + GRACE - 1)
"""Seconds after it left at which VTEX applies the request of a process that died, up to the end of the grace."""


def told(line: str) -> None:
    print(line)  # noqa: T201 - the numbers of this proof


@pytest.fixture(params=["simulate", pytest.param("simulate_on_postgresql", marks=pytest.mark.postgres)])
def on_both(request: pytest.FixtureRequest) -> Simulate:
    """SQLite and PostgreSQL."""
    found: Simulate = request.getfixturevalue(request.param)
    return found


def without_faults(simulate: Simulate) -> Simulation:
    """Its points are the ones to die at."""
    calm = simulate().live()
    assert calm.violations() == []
    return calm


def writes_of(simulation: Simulation) -> list[int]:
    return simulation.points.numbers(*WRITES)


def check(simulation: Simulation, calm: Simulation, where: str) -> None:
    assert simulation.violations() == [], where
    assert holdings_of(simulation) == holdings_of(calm), where


def test_the_points_are_all_commits_and_all_exchanges(on_both: Simulate) -> None:
    calm = without_faults(on_both)
    names = calm.points.passed

    told(
        f"{len(names)} points: {len(calm.points.numbers('commit'))} at commits, "
        f"{len(calm.points.numbers('exchange'))} at exchanges, {len(writes_of(calm))} writes"
    )
    assert len(calm.vtex.requests()) * 2 == len(calm.points.numbers("exchange"))
    assert len(writes_of(calm)) == 7  # category, brand, product, SKU, image, price, stock


def test_a_death_at_any_point_loses_nothing_and_creates_nothing_twice(on_both: Simulate) -> None:
    check_deaths(on_both, "at once")


def test_a_death_long_before_the_next_process_begins_does_neither(simulate: Simulate) -> None:
    check_deaths(simulate, "after lease and grace")


def check_deaths(simulate: Simulate, wait: str) -> None:
    calm = without_faults(simulate)
    points = calm.points.passed

    for number, name in enumerate(points):
        simulation = simulate({number: kills}).live(WAITS[wait])
        assert simulation.deaths == 1
        check(simulation, calm, f"killed at {number}, {name}")

    told(f"killed once at each of {len(points)} points, restarted {wait}: {len(points)} runs")


@pytest.mark.parametrize("seconds", LATE)
def test_a_request_that_vtex_applies_after_its_sender_died_is_found(on_both: Simulate, seconds: int) -> None:
    calm = without_faults(on_both)
    for number in writes_of(calm):
        simulation = on_both()
        simulation.points.faults[number] = simulation.dies_with_it_on_its_way(seconds)
        simulation.live()
        assert simulation.deaths == 1
        check(simulation, calm, f"killed at {number}, applied {seconds} s later")

    told(f"killed with each of {len(writes_of(calm))} writes on its way, applied {seconds} s later")


def test_a_request_that_vtex_applies_after_the_deadline_is_found(on_both: Simulate) -> None:
    calm = without_faults(on_both)
    for number in writes_of(calm):
        simulation = on_both()
        simulation.points.faults[number] = simulation.hangs(GRACE - 1)
        simulation.live()
        assert simulation.points.struck == 1
        check(simulation, calm, f"hangs at {number}")

    told(f"each of {len(writes_of(calm))} writes hangs and is applied {GRACE - 1} s after the deadline")


def changed(simulate: Simulate) -> Simulation:
    """A world in which all is sent, and then description, name, price and stock change at the source."""
    simulation = simulate().live()
    simulation.change(
        school(
            courses=[course(description="Outra descrição.")],
            classes=[course_class(name="Outro nome")],
            prices=[price(price_cents=99_900)],
            stocks=[stock(quantity=7)],
        )
    )
    return simulation


def test_a_death_while_a_change_is_sent_loses_nothing(simulate: Simulate) -> None:
    calm = changed(simulate).live()
    assert calm.violations() == []
    assert len(writes_of(calm)) == 4
    assert holdings_of(calm)["stocks"] == [("1", 7)]

    for number, name in enumerate(calm.points.passed):
        simulation = changed(simulate)
        simulation.points.faults[number] = kills
        simulation.live()
        assert simulation.deaths == 1
        check(simulation, calm, f"killed at {number}, {name}")

    told(f"killed at each of {len(calm.points.passed)} points of a change: {len(calm.points.passed)} runs")


def hung_changes(simulate: Simulate) -> list[Simulation]:
    """One run for each write of a change: it hangs, and is applied late."""
    runs = []
    for number in writes_of(changed(simulate).live()):
        simulation = changed(simulate)
        simulation.points.faults[number] = simulation.hangs(GRACE - 1)
        runs.append(simulation.live())
    return runs


def test_a_change_that_vtex_applies_after_the_deadline_is_found(simulate: Simulate) -> None:
    calm = changed(simulate).live()

    for simulation in hung_changes(simulate):
        assert [one for one in simulation.violations() if not one.startswith("two in flight")] == []
        assert holdings_of(simulation) == holdings_of(calm)


def test_nothing_of_a_product_is_sent_while_a_write_to_it_may_still_be_on_its_way(simulate: Simulate) -> None:
    assert [one for run in hung_changes(simulate) for one in run.violations()] == []


def drawn(chance: random.Random, simulation: Simulation, is_write: bool) -> Fault:
    """What happens at a point: mostly a plain death; at a write maybe one that leaves the request on its way."""
    if not is_write or chance.random() < 0.4:
        return kills
    if chance.random() < 0.5:
        return simulation.hangs(chance.uniform(0, GRACE - 1))
    return simulation.dies_with_it_on_its_way(chance.choice(LATE))


def test_two_faults_in_one_life_lose_nothing_and_create_nothing_twice(simulate: Simulate) -> None:
    """The second falls on what the first left behind: in the read-back, in the next process's export, anywhere."""
    seed = os.environ.get("VTEXMON_TEST_SEED") or str(random.SystemRandom().randrange(10**6))
    told(f"VTEXMON_TEST_SEED={seed}")
    calm, chance, both = without_faults(simulate), random.Random(seed), 0

    for _pair in range(PAIRS):
        first = chance.randrange(len(calm.points.passed))
        second = first + chance.randrange(1, 40)
        simulation = simulate()
        simulation.points.faults[first] = drawn(chance, simulation, first in writes_of(calm))
        simulation.at_point(second, drawn(chance, simulation, True))
        simulation.live(chance.choice(list(WAITS.values())))
        check(simulation, calm, f"VTEXMON_TEST_SEED={seed}, faults at {first} and {second}")
        both += simulation.points.struck == 2

    told(f"{PAIRS} runs with two faults, {both} of them struck by both")
    assert both > PAIRS / 2


def test_a_second_death_anywhere_after_a_stock_arrived_is_told_truly(simulate: Simulate) -> None:
    """A stock is sent again after the read-back that found it: that request may die before it leaves."""
    calm = without_faults(simulate)
    (arrived,) = calm.points.numbers("exchange: after PUT /api/logistics")

    for second in count(arrived + 1):
        simulation = simulate()
        simulation.points.faults |= {arrived: kills, second: kills}
        simulation.live()
        check(simulation, calm, f"killed at {arrived} and {second}")
        if simulation.deaths == 1:  # the second life has no such point any more
            break

    told(f"killed at {arrived}, and at each of {second - arrived - 1} points after it")
    assert second > arrived + 10
