"""What each guard of the send protocol is there for: moments that are rare in life, each made to happen.

They are run as the program is, and without the guard (``guards.py``). Nothing here depends on chance: the loop's time
is the run's own, and another process works exactly while this one stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.chaos.memory_vtex import WRITES, Fault, NoAnswer, kills, loses_the_answer
from tests.chaos.simulation import DEADLINE, GRACE, LEASE, Process, Simulate, Simulation
from tests.engine.bench import Killed
from tests.integrations.school import CLASS, COURSE, PRICE, course, course_class, price, school
from vtexmon.core.exchange import Api, Request
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.recovery import BETWEEN_LOOKS
from vtexmon.sandbox.categories import insert_category, new_category_fields
from vtexmon.sge.source import ClassKey

CATEGORY = ExportScope(modules=frozenset({"category"}))
OTHER_CLASS = ClassKey(1, 12, "CQ.2")


def two_exports_at_once(simulate: Simulate) -> Simulation:
    """Two processes find the same change; the second writes its logs between the first's look and its writing."""
    simulation = simulate(scope=CATEGORY)
    one, other = simulation.start(), simulation.start()
    simulation.at_next(("commit: before",), lambda _request: simulation.apart(lambda: other.export(CATEGORY)))
    one.export(CATEGORY)
    one.work()
    return simulation


def product_brought_forward(simulation: Simulation) -> Process:
    """A person sends the waiting product before its category is known."""
    process = simulation.start()
    process.export()
    process.resend(process.log("product").id)
    return process


def parent_comes_inside_the_transaction(simulate: Simulate) -> Simulation:
    """A product is about to wait for its category: looked up, not there, and the category comes before that is written.

    Who may not write at this moment tries again later.
    """
    simulation = simulate()
    process, other = product_brought_forward(simulation), simulation.start()
    other.database.exclusively(lambda c: c.exec_driver_sql("PRAGMA busy_timeout=0"))
    (claim,) = process.claim_one()
    reached: list[str] = []

    def before_it_waits(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.startswith("UPDATE log SET") and not reached:
            reached.append(sql)
            simulation.apart(lambda: as_far_as_it_may(other))

    event.listen(process.database._writer.engine, "before_cursor_execute", before_it_waits)
    process.run(claim)
    assert reached
    other.work()
    return simulation


def as_far_as_it_may(process: Process) -> None:
    with suppress(OperationalError):  # the database is locked
        process.turn_of_one()


def parent_comes_before_the_transaction(simulate: Simulate) -> Simulation:
    """The same, but the category comes after the look and before the transaction that writes the wait."""
    simulation = simulate()
    process, other = product_brought_forward(simulation), simulation.start()
    (claim,) = process.claim_one()
    simulation.at_next(("commit: before",), lambda _request: simulation.apart(other.turn_of_one))
    process.run(claim)
    process.work()
    return simulation


def frozen_at_the_intent(simulate: Simulate, moment: str) -> Simulation:
    """A process has passed its trust check and stands still at its intent; another one ends the record."""
    simulation = simulate(scope=CATEGORY)
    frozen, other = simulation.start(), simulation.start()
    frozen.export(CATEGORY)
    (claim,) = frozen.claim_one()

    def stands_still(_request: Request | None) -> None:
        simulation.apart(other.work)

    simulation.at_next(("exchange: after GET",), lambda _request: simulation.at_next((moment,), stands_still))
    frozen.run(claim)
    frozen.work()
    return simulation


def frozen_before_the_intent(simulate: Simulate) -> Simulation:
    return frozen_at_the_intent(simulate, "commit: before")


def frozen_after_the_intent(simulate: Simulate) -> Simulation:
    """Its intent is on disk; the other one reads back, finds nothing there, twice, and sends."""
    return frozen_at_the_intent(simulate, "commit: after")


def taking_its_time(simulation: Simulation, meanwhile: Callable[[], object]) -> Fault:
    """VTEX is still at it when the client gives up."""

    def fault(request: Request | None) -> None:
        simulation.hold(request, DEADLINE / 2)
        meanwhile()
        raise NoAnswer

    return fault


def frozen_before_the_trust_check(simulate: Simulate) -> Simulation:
    """A process stands still almost as long as its lease, then sends; VTEX takes its time, and the lease ends."""
    simulation = simulate(scope=CATEGORY)
    slow, other = simulation.start(), simulation.start()
    slow.export(CATEGORY)
    (claim,) = slow.claim_one()
    simulation.at_next(("exchange: after GET",), lambda _request: simulation.clock.advance(LEASE - 1))
    simulation.at_next(WRITES, taking_its_time(simulation, lambda: simulation.apart(other.work)))
    slow.run(claim)
    slow.work()
    return simulation


def claimed_twice_by_one_process(simulate: Simulate) -> Simulation:
    """A task that has passed its trust check wakes up beside another one of its own process that took the record over.

    Both have the same owner; only the epoch tells them apart.
    """
    simulation = simulate(scope=CATEGORY)
    process = simulation.start()
    process.export(CATEGORY)
    taken = process.claim_one()
    simulation.clock.advance(LEASE)
    taken += process.claim_one()
    assert [claim.epoch for claim in taken] == [1, 2]
    process.context.gate.heard("nacional", Api.CATALOG)  # else one would wait for what the other one hears

    process.run_together(taken)
    process.work()

    return simulation


def hangs_and_is_applied_late(simulate: Simulate) -> Simulation:
    """VTEX is still at it when the client gives up."""
    simulation = simulate(scope=CATEGORY)
    simulation.at_next(WRITES, simulation.hangs(GRACE / 2))
    return simulation.live()


def a_change_hangs(simulate: Simulate) -> Simulation:
    """The product's change is still on its way when the change of its SKU is due."""
    simulation = simulate().live()
    courses, classes = [course(description="Outra descrição.")], [course_class(name="Outro nome")]
    simulation.change(school(courses, classes))
    simulation.at_next(WRITES, simulation.hangs(GRACE - 1))
    return simulation.live()


def dies_with_it_on_its_way(simulate: Simulate) -> Simulation:
    """VTEX is still at it when the client has died, as long as deadline and grace together."""
    simulation = simulate(scope=CATEGORY)
    simulation.at_next(WRITES, simulation.dies_with_it_on_its_way(DEADLINE + GRACE - 1))
    return simulation.live()


def dies_beside_one_that_remembers(simulate: Simulate) -> Simulation:
    """One process read the category tree, another one creates in it and dies; the first takes its record over."""
    courses = [course(category="Gestão"), course(key=replace(COURSE.key, course="OUTRO"))]
    classes = [CLASS, course_class(key=OTHER_CLASS, course="OUTRO")]
    simulation = simulate(scope=CATEGORY, snapshot=school(courses, classes))
    made_by_hand(simulation, "Gestão")
    survivor, dying = simulation.start(), simulation.start()
    survivor.export(CATEGORY)
    first, second = survivor.claim_one(), dying.claim_one()
    assert [claim.log.key_values for claim in (*first, *second)] == ["nacional;Gestão", "nacional;Metalmecânica"]
    survivor.run(first[0])
    simulation.at_next(("exchange: after POST",), kills)

    with pytest.raises(Killed):
        dying.run(second[0])
    survivor.work()

    return simulation


def made_by_hand(simulation: Simulation, name: str) -> None:
    world = simulation.vtex.service.world
    insert_category(world, world.accounts["lojanacional"].catalog, new_category_fields(name, None))


def read_back_from_a_cache(simulate: Simulate) -> Simulation:
    """The answer is lost, and VTEX's tree is still the one from before when it is read back for the first time."""
    simulation = simulate(scope=CATEGORY)
    simulation.vtex.caches_for = GRACE + BETWEEN_LOOKS.total_seconds() / 2
    simulation.at_next(("exchange: after POST",), loses_the_answer)
    return simulation.live()


def answer_of_a_category_is_lost(simulate: Simulate) -> Simulation:
    """VTEX does it, and the answer does not come: what was sent is adopted, and the record goes on as an update."""
    simulation = simulate(scope=CATEGORY)
    simulation.at_next(("exchange: after POST /api/catalog/pvt/category",), loses_the_answer)
    return simulation.live()


def answer_of_an_image_is_lost(simulate: Simulate) -> Simulation:
    simulation = simulate()
    simulation.at_next(("exchange: after POST /api/catalog/pvt/stockkeepingunit/500001/file",), loses_the_answer)
    return simulation.live()


def two_classes_of_a_course_together(simulate: Simulate) -> Simulation:
    """Everything that is due is claimed and run at the same time, as the engine's loop does."""
    classes = [CLASS, course_class(key=OTHER_CLASS, name="Outra turma")]
    prices = [PRICE, price(key=OTHER_CLASS)]
    simulation = simulate(snapshot=school(classes=classes, prices=prices))
    process = simulation.start()
    process.export()
    while taken := process.claim():
        process.run_together(taken)
    return simulation
