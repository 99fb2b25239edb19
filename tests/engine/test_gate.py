"""What closes a target and for whom; none of it spends an attempt."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.engine.bench import CATEGORY, POST_CATEGORY, TREE, Bench, is_unreachable, says
from tests.integrations.school import CLASS, course, course_class, school
from vtexmon.config import Limit
from vtexmon.core.exchange import Answer, Api, Request, Verdict
from vtexmon.core.status import WaitReason
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.gate import HeldBack
from vtexmon.engine.turnstile import Entry, Pass, Turnstile
from vtexmon.sge.source import ClassKey, CourseKey
from vtexmon.store import targets
from vtexmon.store.claims import BULK

CATALOG = ("nacional", Api.CATALOG.value)
READ = Request(Api.CATALOG, "GET", "/api/catalog/pvt/product/1")


def many_categories(bench: Bench, count: int) -> None:
    """As many independent records as there are categories."""
    courses = [course(key=CourseKey(1, 12, f"C{n}"), category=f"Categoria {n}") for n in range(count)]
    classes = [course_class(key=ClassKey(1, 12, f"T{n}"), course=f"C{n}") for n in range(count)]
    bench.source.snapshot = school(courses=courses, classes=classes, prices=[], stocks=[])
    bench.export(CATEGORY)


def tell(bench: Bench, verdict: Verdict, **fields: Any) -> None:
    bench.runner.run(bench.context.gate.tell("nacional", Answer(READ, verdict, **fields)))


def held(bench: Bench, api: Api = Api.CATALOG, account: str = "nacional") -> WaitReason | None:
    gate = bench.context.gate
    gate.heard(account, api.value)
    try:
        bench.runner.run(gate.pass_through(account, replace(READ, api=api)))
    except HeldBack as refusal:
        return refusal.reason
    return None


def commands(bench: Bench) -> Commands:
    return Commands(bench.config, bench.database, bench.clock, Operator("ana"))


def test_a_paused_account_sends_nothing_and_survives_a_restart(bench: Bench) -> None:
    commands(bench).pause("nacional")
    bench.export(CATEGORY)
    other = bench.restarted()

    other.turn()

    assert other.state() == ("Pendente", "waiting", "paused", 0)
    assert other.vtex.sent == []
    assert held(other, account="sp") is None


def test_a_pause_until_a_time_ends_by_itself(bench: Bench) -> None:
    commands(bench).pause("nacional", bench.clock.now() + timedelta(minutes=10))
    bench.refresh()
    bench.export(CATEGORY)
    bench.turn()
    assert bench.log().next_attempt_at == bench.clock.now() + timedelta(minutes=10)

    bench.clock.advance(600)
    bench.turn()

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_unpausing_sends_what_waited(bench: Bench) -> None:
    commands(bench).pause("all")
    bench.refresh()
    bench.export(CATEGORY)
    bench.turn()

    assert commands(bench).unpause("all") == ["nacional", "sp"]
    bench.refresh()
    bench.turn()

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_a_record_that_meets_a_pause_which_has_just_ended_is_not_left_behind(bench: Bench) -> None:
    """This process hears of the end up to a second later; by then nobody else would wake the record."""
    commands(bench).pause("nacional")
    bench.refresh()
    bench.export(CATEGORY)
    bench.turn()
    commands(bench).unpause("nacional")

    bench.turn()  # the gate still believes in the pause
    assert bench.state() == ("Pendente", "waiting", "paused", 0)
    bench.refresh()
    bench.turn()

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_retry_after_closes_the_target_for_every_record_and_every_process(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(429, "", retry_after="30"), says(200, '{"Id": 7}'))
    many_categories(bench, 3)
    other = bench.restarted()

    bench.turn()
    other.refresh()

    assert len(bench.wrote()) == 1
    assert held(other) is WaitReason.LIMIT
    assert held(other, Api.PRICING) is None
    assert {(log.wait_reason, log.attempts) for log in bench.logs()} == {(WaitReason.LIMIT, 0)}
    bench.clock.advance(29)
    assert held(other) is WaitReason.LIMIT
    bench.clock.advance(1)
    assert held(other) is None
    bench.turns()
    assert {log.status.value for log in bench.logs()} == {"Sucesso"}


def test_an_answer_to_an_earlier_request_does_not_end_a_wait_that_vtex_asked_for(bench: Bench) -> None:
    tell(bench, Verdict.NOT_PROCESSED, status=429, retry_after=timedelta(seconds=30))

    tell(bench, Verdict.DONE, status=200)  # it left before the 429 came

    assert held(bench) is WaitReason.LIMIT
    bench.clock.advance(30)
    assert held(bench) is None


def test_an_answer_to_an_earlier_request_does_not_clear_a_refused_credential(bench: Bench) -> None:
    tell(bench, Verdict.CREDENTIAL, status=401)

    tell(bench, Verdict.DONE, status=200)

    assert held(bench) is WaitReason.CREDENTIAL


def test_a_shorter_wait_never_shortens_a_longer_one(bench: Bench) -> None:
    tell(bench, Verdict.NOT_PROCESSED, status=429, retry_after=timedelta(seconds=30))
    tell(bench, Verdict.NOT_PROCESSED, status=429, retry_after=timedelta(seconds=1))

    bench.clock.advance(20)

    assert held(bench) is WaitReason.LIMIT


def test_a_locked_stock_closes_nothing(bench: Bench) -> None:
    tell(bench, Verdict.NOT_PROCESSED, status=423)

    assert held(bench) is None


def test_the_breaker_opens_after_five_failures_in_a_row_and_not_before(bench: Bench) -> None:
    for _failure in range(4):
        tell(bench, Verdict.UNKNOWN, status=500)
    tell(bench, Verdict.REFUSED, status=400)  # an answer: the row begins again
    for _failure in range(4):
        tell(bench, Verdict.NOT_SENT)
    assert held(bench) is None

    tell(bench, Verdict.NOT_SENT)

    assert held(bench) is WaitReason.TARGET
    assert held(bench, Api.LOGISTICS) is None


def test_a_due_breaker_lets_one_probe_through_and_a_success_opens_it(bench: Bench) -> None:
    for _failure in range(5):
        tell(bench, Verdict.NOT_SENT)
    bench.clock.advance(60)

    assert held(bench) is None
    assert held(bench) is WaitReason.TARGET  # the probe is on its way
    tell(bench, Verdict.DONE, status=200)

    assert held(bench) is None
    assert held(bench) is None
    assert bench.database.read(targets.closed) == []


def test_a_failed_probe_keeps_it_closed_for_longer(bench: Bench) -> None:
    for _failure in range(5):
        tell(bench, Verdict.NOT_SENT)
    first = bench.context.gate.closed[CATALOG].closed_until
    assert first is not None
    bench.clock.advance(60)
    held(bench)

    tell(bench, Verdict.NOT_SENT)

    second = bench.context.gate.closed[CATALOG].closed_until
    assert second is not None
    assert second - bench.clock.now() > first - (bench.clock.now() - timedelta(seconds=60))


def test_what_the_breaker_held_is_sent_when_vtex_is_back_and_no_attempt_was_spent(bench: Bench) -> None:
    bench.vtex.on(TREE, is_unreachable)
    many_categories(bench, 8)
    for _minute in range(5):
        bench.turns()
        bench.clock.advance(60)
    assert {(log.status.value, log.wait_reason, log.attempts) for log in bench.logs()} == {
        ("Pendente", WaitReason.TARGET, 0)
    }
    assert bench.wrote() == []

    bench.vtex.off()
    bench.settle()

    assert {(log.status.value, log.attempts) for log in bench.logs()} == {("Sucesso", 0)}


def test_a_refused_credential_stops_the_target_at_once_and_keeps_the_records_due(bench: Bench) -> None:
    bench.vtex.on(TREE, says(401, "{}"))
    many_categories(bench, 5)

    bench.turns()

    assert bench.vtex.count(TREE) == 1
    assert {(log.wait_reason, log.attempts) for log in bench.logs()} == {(WaitReason.CREDENTIAL, 0)}
    assert all(log.next_attempt_at is not None for log in bench.logs())
    bench.vtex.off()
    bench.settle()
    assert {(log.status.value, log.attempts) for log in bench.logs()} == {("Sucesso", 0)}


def test_a_reading_that_our_own_closing_overtook_does_not_open_the_target(bench: Bench) -> None:
    read = bench.database.read

    def slow(work: Any) -> Any:
        found = read(work)
        bench.context.gate._changes += 1  # as a closing does that begins now
        bench.context.gate._closed[CATALOG] = state
        return found

    tell(bench, Verdict.NOT_PROCESSED, status=429, retry_after=timedelta(seconds=30))
    state = bench.context.gate.closed[CATALOG]
    bench.database.write_now(lambda c: targets.reopen(c, *CATALOG, bench.clock.now()))
    bench.database.read = slow  # type: ignore[method-assign]

    bench.runner.run(bench.context.gate.look())

    assert held(bench) is WaitReason.LIMIT


PUT_PRICE = Request(Api.PRICING, "PUT", "/pricing/prices/1", {})
PRICING = ("sp", Api.PRICING, ("pricing_write",))


def admitted(bench: Bench, count: int, lane: int = BULK) -> int:
    """How many of so many prices may leave at this moment."""
    decisions = bench.runner.run(bench.context.gate.decide([Entry(*PRICING, lane)] * count))
    return sum(isinstance(decision, Pass) for decision in decisions)


def test_the_pace_of_an_api_is_kept_by_all_processes_together(bench: Bench) -> None:
    one = bench.restarted(limits={"pricing_write": Limit(rate=10, burst=5)})
    other = one.restarted()

    assert [admitted(one, 3), admitted(other, 3), admitted(one, 3)] == [3, 2, 0]
    bench.clock.advance(0.3)
    assert [admitted(other, 2), admitted(one, 2)] == [2, 1]


def test_what_a_person_waits_for_passes_bulk_work_which_leaves_room(bench: Bench) -> None:
    one = bench.restarted(limits={"pricing_write": Limit(rate=10, burst=20)})
    other = one.restarted()

    assert admitted(one, 100) == 18  # a tenth of the burst is left
    assert admitted(other, 100, lane=0) == 2
    bench.clock.advance(0.1)
    assert [admitted(one, 1), admitted(other, 1, lane=0)] == [0, 1]


def test_a_request_waits_until_its_turn_comes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    paced = bench.restarted(limits={"pricing_write": Limit(rate=10, burst=1)})
    slept: list[float] = []

    async def sleep(_turnstile: Turnstile, pause: timedelta) -> None:
        slept.append(pause.total_seconds())
        bench.clock.advance(pause.total_seconds())
        await asyncio.sleep(0)

    monkeypatch.setattr(Turnstile, "_sleep", sleep)
    paced.context.gate.heard("sp", Api.PRICING)
    for _request in range(5):
        paced.runner.run(paced.context.gate.pass_through("sp", PUT_PRICE))

    assert sum(slept) == pytest.approx(0.4)


def test_a_request_is_refused_that_another_process_closed_the_target_for(bench: Bench) -> None:
    other = bench.restarted()
    other.context.gate.heard("nacional", Api.CATALOG)
    tell(bench, Verdict.NOT_PROCESSED, status=429, retry_after=timedelta(seconds=5))

    assert held(other) is WaitReason.LIMIT  # without having looked since


def test_one_process_probes_for_all(bench: Bench) -> None:
    for _failure in range(5):
        tell(bench, Verdict.NOT_SENT)
    other = bench.restarted()
    bench.clock.advance(60)

    assert held(other) is None
    assert held(bench) is WaitReason.TARGET
    bench.clock.advance(60)  # its deadline: whoever probed may have died
    assert held(bench) is None


def test_a_target_that_was_never_heard_is_asked_by_one_request(bench: Bench) -> None:
    gate = bench.context.gate

    async def many() -> list[BaseException | None]:
        tasks = [asyncio.create_task(gate.pass_through("nacional", READ)) for _request in range(20)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.05)
        assert sum(task.done() for task in tasks) == 1
        await gate.tell("nacional", Answer(READ, Verdict.CREDENTIAL, status=401))
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    outcomes = bench.runner.run(many())

    assert sum(isinstance(outcome, HeldBack) for outcome in outcomes) == 19


def test_each_pause_and_its_end_is_audited(bench: Bench) -> None:
    commands(bench).pause("sp")
    commands(bench).unpause("sp")

    assert [tuple(row) for row in bench.rows("SELECT who, action, detail FROM audit ORDER BY id")] == [
        ("ana", "pause", "sp"),
        ("ana", "unpause", "sp"),
    ]


def test_two_accounts_are_held_apart(bench: Bench) -> None:
    bench.vtex.on("GET /pricing/prices/", says(429, "", retry_after="600"))
    bench.export(ExportScope())
    bench.source.snapshot = school(classes=[CLASS])
    bench.vtex.on("POST /api/catalog/pvt/stockkeepingunit$", says(200, '{"Id": 55}'))
    bench.vtex.on(
        "GET /api/catalog/pvt/stockkeepingunit/55$", says(200, '{"Id": 55, "ProductId": 1, "IsActive": true}')
    )
    bench.vtex.on("configuration/warehouses", says(200, '[{"id": "1"}]'))

    bench.turns()

    assert {log.module: log.status.value for log in bench.logs()} == {
        "category": "Sucesso",
        "brand": "Sucesso",
        "product": "Sucesso",
        "sku": "Sucesso",
        "price": "Pendente",
        "stock": "Sucesso",
    }
