"""The mutation check: each guard of the send protocol is taken out, and something breaks that holds with it.

A scenario is what the guard is there for; it is run as the program is (nothing breaks) and without the guard. Not here:
``BEGIN IMMEDIATE``, whose check is in ``tests/store/test_database.py``:
``test_updates_are_only_safe_because_a_writer_begins_immediate``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Integer, String, bindparam, select, update

from tests.chaos.memory_vtex import NoAnswer, kills, loses_the_answer
from tests.chaos.simulation import DEADLINE, GRACE, LEASE, Process, Simulation
from tests.engine.bench import Killed
from tests.integrations.school import CLASS, COURSE, PRICE, course, course_class, price, school
from vtexmon.core.exchange import Request
from vtexmon.core.status import RecordState, in_doubt
from vtexmon.engine import dispatcher
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.step import Lease
from vtexmon.integrations import category, sku
from vtexmon.integrations.adoption import adopted
from vtexmon.integrations.contract import Sent, Step
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.sandbox.categories import insert_category, new_category_fields
from vtexmon.sge.source import ClassKey
from vtexmon.store import claims, sending
from vtexmon.store.claims import Claim
from vtexmon.store.rows import LOG
from vtexmon.vtex import catalog

Simulate = Callable[..., Simulation]
CATEGORY = ExportScope(modules=frozenset({"category"}))
OTHER_CLASS = ClassKey(1, 12, "CQ.2")
CREATED_TWICE = "category Metalmecânica × 2"


# What each guard is there for


def frozen_before_the_intent(simulate: Simulate) -> Simulation:
    """A process stands still between the trust check and its intent; another one takes the record over and ends it."""
    simulation = simulate(scope=CATEGORY)
    frozen, other = simulation.start(), simulation.start()
    frozen.export(CATEGORY)
    (claim,) = frozen.claim_one()
    commit = len(simulation.points.passed) + 2  # after the read of the category tree, which is two points
    simulation.points.faults[commit] = lambda _request: simulation.apart(other.work)

    frozen.run(claim)
    frozen.work()

    assert simulation.points.passed[commit] == "commit: before"
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

    process.run_together(taken)
    process.work()

    return simulation


def hangs_and_is_applied_late(simulate: Simulate) -> Simulation:
    """VTEX is still at it when the client gives up."""
    simulation = simulate(scope=CATEGORY)
    simulation.at_first_write(simulation.hangs(GRACE / 2))
    return simulation.live()


def dies_with_it_on_its_way(simulate: Simulate) -> Simulation:
    """VTEX is still at it when the client has died, as long as deadline and grace together."""
    simulation = simulate(scope=CATEGORY)
    simulation.at_first_write(simulation.dies_with_it_on_its_way(DEADLINE + GRACE - 1))
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
    answer = len(simulation.points.passed) + 5  # the read and the intent are two points each, the request is one
    simulation.points.faults[answer] = kills

    with pytest.raises(Killed):
        dying.run(second[0])
    survivor.work()

    assert simulation.points.passed[answer].startswith("exchange: after POST")

    return simulation


def made_by_hand(simulation: Simulation, name: str) -> None:
    world = simulation.vtex.service.world
    insert_category(world, world.accounts["lojanacional"].catalog, new_category_fields(name, None))


def answer_is_lost(simulate: Simulate, path: str, scope: ExportScope) -> Simulation:
    """VTEX does it, and the answer does not come: what was sent is adopted, and the record goes on as an update."""
    calm = simulate(scope=scope).live()
    (answer,) = calm.points.numbers(f"exchange: after POST {path}")
    return simulate({answer: loses_the_answer}, scope=scope).live()


def answer_of_a_category_is_lost(simulate: Simulate) -> Simulation:
    return answer_is_lost(simulate, "/api/catalog/pvt/category", CATEGORY)


def answer_of_an_image_is_lost(simulate: Simulate) -> Simulation:
    return answer_is_lost(simulate, "/api/catalog/pvt/stockkeepingunit/500001/file", ExportScope())


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


def frozen_before_the_trust_check(simulate: Simulate) -> Simulation:
    """A process stands still almost as long as its lease, then sends; VTEX takes its time, and the lease ends."""
    simulation = simulate(scope=CATEGORY)
    slow, other = simulation.start(), simulation.start()
    slow.export(CATEGORY)
    (claim,) = slow.claim_one()
    after_read = len(simulation.points.passed) + 1
    simulation.points.faults[after_read] = lambda _request: simulation.clock.advance(LEASE - 1)

    def takes_its_time(request: Request | None) -> None:
        simulation.hold(request, DEADLINE / 2)
        simulation.apart(other.work)
        raise NoAnswer

    simulation.at_first_write(takes_its_time)
    slow.run(claim)
    slow.work()

    return simulation


# How each guard is taken out


def without_the_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    _fence_with(monkeypatch, bindparam("fence_owner", type_=String).is_not(None))


def without_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """And without the index that lets a log have one open intent only: each of the two holds without the other."""
    start = Simulation.start

    def without_the_index(simulation: Simulation) -> Process:
        process = start(simulation)
        process.database.exclusively(lambda c: c.exec_driver_sql("DROP INDEX IF EXISTS ix_log_item_open"))
        return process

    monkeypatch.setattr(Simulation, "start", without_the_index)
    _fence_with(monkeypatch, LOG.c.lease_owner == bindparam("fence_owner"))


def _fence_with(monkeypatch: pytest.MonkeyPatch, owner: ColumnElement[bool]) -> None:
    epoch = bindparam("fence_epoch", type_=Integer).is_not(None)
    unfenced = (LOG.c.id == bindparam("fence_id"), owner, epoch)
    monkeypatch.setattr(claims, "_CHANGE", update(LOG).where(*unfenced))
    monkeypatch.setattr(claims, "_HOLD", select(LOG.c.id).where(*unfenced))


def without_the_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(state: RecordState, read_back_at: datetime) -> RecordState:
        return in_doubt(state, read_back_at - timedelta(seconds=GRACE))

    monkeypatch.setattr(dispatcher, "in_doubt", at_once)


def without_a_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    take = claims._take

    def for_a_second(connection: Connection, log_id: int, owner: str, now: datetime, _until: datetime) -> Claim:
        return take(connection, log_id, owner, now, now + timedelta(seconds=1))

    monkeypatch.setattr(claims, "_take", for_a_second)


def without_the_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The item is written when the answer is there, as a log of what happened usually is."""
    record, complete, sent_items = sending.record_intent, sending.complete_item, {}

    def nothing_yet(connection: Connection, claim: Claim, *what: Any) -> int:
        claims.still_ours(connection, claim)
        sent_items[-claim.log.id] = what
        return -claim.log.id

    def both(connection: Connection, claim: Claim, item_id: int, *result: Any) -> None:
        if item_id in sent_items:
            item_id = record(connection, claim, *sent_items.pop(item_id))
        complete(connection, claim, item_id, *result)

    monkeypatch.setattr(sending, "record_intent", nothing_yet)
    monkeypatch.setattr(sending, "complete_item", both)


def without_looking_for_a_category(monkeypatch: pytest.MonkeyPatch) -> None:
    async def blindly(wanted: category.WantedCategory, _known: Mapping[str, str], step: Step) -> Sent:
        return adopted(await step.write("criar categoria", catalog.create_category(wanted.name)), step)

    monkeypatch.setitem(INTEGRATIONS, "category", replace(INTEGRATIONS["category"], send=blindly))


def without_looking_for_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    add = sku._add_image

    async def blindly(wanted: sku.WantedSku, sku_id: int, _is_new: bool, step: Step) -> None:
        await add(wanted, sku_id, True, step)

    monkeypatch.setattr(sku, "_add_image", blindly)


def without_the_serial_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sku.WantedSku, "serial_key", property(lambda wanted: wanted.ref_id))


def without_the_trust_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "trusted", lambda *_asked: True)


@dataclass(frozen=True)
class Guard:
    """``breaks`` must be among what does not hold any more without the guard."""

    scenario: Callable[[Simulate], Simulation]
    remove: Callable[[pytest.MonkeyPatch], None]
    breaks: str


GUARDS = {
    "owner and epoch in every write": Guard(frozen_before_the_intent, without_the_fence, CREATED_TWICE),
    "epoch, and one open intent per log": Guard(claimed_twice_by_one_process, without_the_epoch, CREATED_TWICE),
    "quarantine after silence": Guard(hangs_and_is_applied_late, without_the_quarantine, CREATED_TWICE),
    "lease as quarantine after a death": Guard(dies_with_it_on_its_way, without_a_lease, CREATED_TWICE),
    "intent on disk before the request": Guard(dies_beside_one_that_remembers, without_the_intent, CREATED_TWICE),
    "read before a category is created": Guard(
        answer_of_a_category_is_lost, without_looking_for_a_category, CREATED_TWICE
    ),
    "read before an image is added": Guard(
        answer_of_an_image_is_lost, without_looking_for_an_image, "image 1-12-CQ.1 × 2"
    ),
    "serial key": Guard(two_classes_of_a_course_together, without_the_serial_key, "two in flight: product 1-12-AJUSTA"),
    "trust window": Guard(frozen_before_the_trust_check, without_the_trust_window, CREATED_TWICE),
}


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_is_needed(simulate: Simulate, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    guard = GUARDS[name]

    with_it = guard.scenario(simulate).violations()
    with monkeypatch.context() as without:
        guard.remove(without)
        without_it = guard.scenario(simulate).violations()

    broken = "; ".join(one[:80] for one in without_it)
    print(f"{name}: green with, red without: {broken}")  # noqa: T201 - the proof in words
    assert with_it == []
    assert guard.breaks in without_it
