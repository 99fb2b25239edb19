"""The guards of the send protocol, each with the moment it is there for and a way to take it out of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Integer, String, bindparam, select, update

from tests.chaos import scenarios
from tests.chaos.simulation import GRACE, Process, Simulate, Simulation
from vtexmon.core.exchange import Request
from vtexmon.core.status import RecordState, in_doubt
from vtexmon.engine import dispatcher, recovery
from vtexmon.engine.context import Context
from vtexmon.engine.step import EngineStep, Lease
from vtexmon.integrations import category, sku
from vtexmon.integrations.adoption import adopted
from vtexmon.integrations.contract import Sent, Step
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.store import claims, database, sending
from vtexmon.store.claims import Claim, OpenIntent
from vtexmon.store.rows import LOG
from vtexmon.store.sending import Aftermath, ItemResult
from vtexmon.vtex import catalog

CREATED_TWICE = "category Metalmecânica × 2"
WAITS_FOR_EVER = "not in Sucesso: product Pendente waiting "


def without_begin_immediate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_begin_write", lambda _connection: None)


def without_looking_again_before_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_unless_it_came_meanwhile", lambda _connection, _claim, after, _now: after)


def without_one_open_log(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_index(monkeypatch, "ux_log_open")


def _without_index(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    start = Simulation.start

    def without_it(simulation: Simulation) -> Process:
        process = start(simulation)
        process.database.exclusively(lambda c: c.exec_driver_sql(f"DROP INDEX IF EXISTS {name}"))
        return process

    monkeypatch.setattr(Simulation, "start", without_it)


def without_the_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    _fence_with(monkeypatch, bindparam("fence_owner", type_=String).is_not(None))


def without_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """And without the index that lets a log have one open intent only: each of the two holds without the other."""
    _without_index(monkeypatch, "ix_log_item_open")
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


def without_the_quarantine_of_the_serial_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent counts as arrived or lost from the moment it left."""
    record, complete = sending.record_intent, sending.complete_item

    def record_as_over(
        connection: Connection,
        claim: Claim,
        step: str,
        request: Request,
        sent: str | None,
        now: datetime,
        _deadline: datetime,
    ) -> int:
        return record(connection, claim, step, request, sent, now, now)

    def complete_as_over(connection: Connection, claim: Claim, item_id: int, result: ItemResult, now: datetime) -> None:
        complete(connection, claim, item_id, replace(result, quiet=timedelta(0)), now)

    monkeypatch.setattr(sending, "record_intent", record_as_over)
    monkeypatch.setattr(sending, "complete_item", complete_as_over)


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


def without_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """One "not there" is enough."""
    not_there = recovery._not_there

    async def believed(context: Context, claim: Claim, intent: OpenIntent, step: EngineStep) -> Aftermath | None:
        return await not_there(context, replace(claim, not_found=1), intent, step)

    monkeypatch.setattr(recovery, "_not_there", believed)


def without_the_trust_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "trusted", lambda *_asked: True)


def without_trusting_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only asked before the intent is stored."""
    trust = EngineStep._trust_lease

    def once(step: EngineStep) -> None:
        if step.open_item is None:
            trust(step)

    monkeypatch.setattr(EngineStep, "_trust_lease", once)


def without_looking_for_a_category(monkeypatch: pytest.MonkeyPatch) -> None:
    async def blindly(wanted: category.WantedCategory, _known: Mapping[str, str], step: Step) -> Sent:
        return adopted(await step.write("criar categoria", catalog.create_category(wanted.name)), step)

    monkeypatch.setitem(INTEGRATIONS, "category", replace(INTEGRATIONS["category"], send=blindly))


def without_looking_for_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    add = sku._add_image

    async def blindly(wanted: sku.WantedSku, sku_id: int, _is_new: bool, step: Step) -> bool:
        return await add(wanted, sku_id, True, step)

    monkeypatch.setattr(sku, "_add_image", blindly)


def without_the_serial_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sku.WantedSku, "serial_key", property(lambda wanted: wanted.ref_id))


@dataclass(frozen=True)
class Guard:
    """Without it, something that begins with ``breaks`` must be among what does not hold any more in its scenario."""

    scenario: Callable[[Simulate], Simulation]
    remove: Callable[[pytest.MonkeyPatch], None]
    breaks: str


GUARDS = {
    "BEGIN IMMEDIATE": Guard(scenarios.parent_comes_inside_the_transaction, without_begin_immediate, WAITS_FOR_EVER),
    "looking again before a wait is written": Guard(
        scenarios.parent_comes_before_the_transaction, without_looking_again_before_waiting, WAITS_FOR_EVER
    ),
    "one open log per record": Guard(scenarios.two_exports_at_once, without_one_open_log, "two logs: category"),
    "owner and epoch in every write": Guard(
        scenarios.frozen_before_the_intent, without_the_fence, "a first send that was counted"
    ),
    "epoch, and one open intent per log": Guard(
        scenarios.claimed_twice_by_one_process, without_the_epoch, CREATED_TWICE
    ),
    "trust window": Guard(scenarios.frozen_before_the_trust_check, without_the_trust_window, CREATED_TWICE),
    "trust asked again behind the intent": Guard(
        scenarios.frozen_after_the_intent, without_trusting_again, CREATED_TWICE
    ),
    "quarantine after silence": Guard(scenarios.hangs_and_is_applied_late, without_the_quarantine, CREATED_TWICE),
    "quarantine of what shares the serial key": Guard(
        scenarios.a_change_hangs, without_the_quarantine_of_the_serial_key, "two in flight: product 1-12-AJUSTA"
    ),
    "lease as quarantine after a death": Guard(scenarios.dies_with_it_on_its_way, without_a_lease, CREATED_TWICE),
    "intent on disk before the request": Guard(
        scenarios.dies_beside_one_that_remembers, without_the_intent, CREATED_TWICE
    ),
    "read back twice": Guard(scenarios.read_back_from_a_cache, without_the_second_look, CREATED_TWICE),
    "read before a category is created": Guard(
        scenarios.answer_of_a_category_is_lost, without_looking_for_a_category, CREATED_TWICE
    ),
    "read before an image is added": Guard(
        scenarios.answer_of_an_image_is_lost, without_looking_for_an_image, "image 1-12-CQ.1 × 2"
    ),
    "serial key": Guard(
        scenarios.two_classes_of_a_course_together, without_the_serial_key, "two in flight: product 1-12-AJUSTA"
    ),
}
