"""What one attempt leaves behind: the table of DESIGN.md section 4, by verdict and by what kind of send it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.bench import CATEGORY, POST_CATEGORY, TREE, Bench, Said, is_silent, is_unreachable, says
from tests.integrations.school import CLASS, course, course_class, price, school
from vtexmon.core.status import Status
from vtexmon.engine.exports import ExportScope
from vtexmon.errors import Unreachable, UsageError
from vtexmon.sge.source import ClassKey, CourseKey, RejectedRow
from vtexmon.store import claims
from vtexmon.store.claims import LostClaim

REFUSES = says(400, '"Invalid name"')

# verdict of the write · first send · resend of an Erro (attempts 0) · resend of a Cancelado (attempts 1, maximum 1)
VERDICTS: dict[str, tuple[Said, tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]] = {
    "done": (
        says(200, '{"Id": 7}'),
        ("Sucesso", "idle", None, 0),
        ("Sucesso", "idle", None, 1),
        ("Sucesso", "idle", None, 2),
    ),
    "refused": (
        REFUSES,
        ("Erro", "waiting", "retry", 0),
        ("Erro", "waiting", "retry", 1),
        ("Cancelado", "idle", None, 2),
    ),
    "429": (
        says(429, "", retry_after="30"),
        ("Pendente", "waiting", "limit", 0),
        ("Erro", "waiting", "limit", 0),
        ("Cancelado", "waiting", "limit", 1),
    ),
    "503 with Retry-After": (
        says(503, "", retry_after="30"),
        ("Pendente", "waiting", "limit", 0),
        ("Erro", "waiting", "limit", 0),
        ("Cancelado", "waiting", "limit", 1),
    ),
    "423": (
        says(423, "Unable to acquire lock"),
        ("Pendente", "waiting", "limit", 0),
        ("Erro", "waiting", "limit", 0),
        ("Cancelado", "waiting", "limit", 1),
    ),
    "401": (
        says(401, "{}"),
        ("Pendente", "waiting", "credential", 0),
        ("Erro", "waiting", "credential", 0),
        ("Cancelado", "waiting", "credential", 1),
    ),
    "403": (
        says(403, "{}"),
        ("Pendente", "waiting", "credential", 0),
        ("Erro", "waiting", "credential", 0),
        ("Cancelado", "waiting", "credential", 1),
    ),
    "no connection": (
        is_unreachable,
        ("Pendente", "waiting", "target", 0),
        ("Erro", "waiting", "target", 0),
        ("Cancelado", "waiting", "target", 1),
    ),
    "500": (
        says(500, "{}"),
        ("Pendente", "verifying", None, 0),
        ("Erro", "verifying", None, 0),
        ("Cancelado", "verifying", None, 1),
    ),
    "no answer": (
        is_silent,
        ("Pendente", "verifying", None, 0),
        ("Erro", "verifying", None, 0),
        ("Cancelado", "verifying", None, 1),
    ),
    "unreadable 200": (
        says(200, '{"Id": 12, "Na'),
        ("Pendente", "verifying", None, 0),
        ("Erro", "verifying", None, 0),
        ("Cancelado", "verifying", None, 1),
    ),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_first_send_ends_as_the_table_says(bench: Bench, verdict: str) -> None:
    said, expected, _resent, _cancelled = VERDICTS[verdict]
    bench.vtex.on(POST_CATEGORY, said)
    bench.export(CATEGORY)

    bench.turn()

    assert bench.state() == expected


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_resend_of_an_erro_ends_as_the_table_says(bench: Bench, verdict: str) -> None:
    said, _first, expected, _cancelled = VERDICTS[verdict]
    bench.vtex.on(POST_CATEGORY, REFUSES, said)
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()

    bench.turn()

    assert bench.state() == expected


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_resend_of_a_cancelado_ends_as_the_table_says(open_bench: Callable[..., Bench], verdict: str) -> None:
    said, _first, _resent, expected = VERDICTS[verdict]
    bench = open_bench(max_attempts=1)
    bench.vtex.on(POST_CATEGORY, REFUSES, REFUSES, said)
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.turn()
    assert bench.state() == ("Cancelado", "idle", None, 1)
    bench.resend()

    bench.turn()

    assert bench.state() == expected


def test_a_failed_resend_below_a_raised_maximum_is_erro_again(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_attempts=1)
    bench.vtex.on(POST_CATEGORY, REFUSES)
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.turn()
    raised = bench.restarted(resend=replace(bench.config.resend, max_attempts=5))
    raised.resend()

    raised.turn()

    assert raised.state() == ("Erro", "waiting", "retry", 2)


def test_without_a_maximum_an_erro_rests(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_attempts=None)
    bench.vtex.on(POST_CATEGORY, REFUSES)
    bench.export(CATEGORY)

    bench.turn()

    assert bench.state() == ("Erro", "idle", None, 0)


def test_the_request_is_on_disk_before_it_leaves(bench: Bench) -> None:
    """The intent: an item with what is sent, still open, at the very moment the request goes out."""
    seen: list[Any] = []

    def look(request: Any) -> Any:
        seen.extend(bench.rows("SELECT method, endpoint, status, completed_at, sent_hash IS NOT NULL FROM log_item"))
        return says(200, '{"Id": 7}')(request)

    bench.vtex.on(POST_CATEGORY, look)
    bench.export(CATEGORY)

    bench.turn()

    assert [tuple(row) for row in seen] == [("POST", "/api/catalog/pvt/category", "Pendente", None, 1)]
    (item,) = bench.items()
    assert (item.status, item.http_status, item.attempt) == (Status.SUCCESS, 200, 0)
    assert item.completed_at is not None


def test_every_attempt_has_its_own_items_and_none_is_overwritten(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, REFUSES, says(409, '"Other"'), says(200, '{"Id": 7}'))
    bench.export(CATEGORY)
    bench.turn()
    for _resend in range(2):
        bench.resend()
        bench.turn()

    found = [(item.attempt, item.http_status, item.status.value) for item in bench.items() if item.method == "POST"]
    assert sorted(found) == [(0, 400, "Erro"), (1, 409, "Erro"), (2, 200, "Sucesso")]


def test_nothing_is_sent_while_the_lease_is_no_longer_trusted(bench: Bench) -> None:
    """Lease 180 s, deadline and grace 60 s each: a claim is trusted for 60 s."""
    bench.export(CATEGORY)
    (claim,) = bench.claim()
    started = bench.clock.monotonic()
    bench.clock.advance(61)

    bench.run(claim, confirmed_at=started)

    assert bench.wrote() == []
    assert bench.state() == ("Pendente", "queued", None, 0)


def test_at_the_edge_of_the_trusted_time_it_is_sent(bench: Bench) -> None:
    bench.export(CATEGORY)
    (claim,) = bench.claim()
    started = bench.clock.monotonic()
    bench.clock.advance(60)

    bench.run(claim, confirmed_at=started)

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_who_lost_the_lease_sends_and_writes_nothing(bench: Bench) -> None:
    bench.export(CATEGORY)
    (first,) = bench.claim("frozen")
    bench.clock.advance(181)
    (second,) = bench.claim("other")

    bench.run(first)

    assert bench.wrote() == []
    assert bench.items() == []
    bench.run(second)
    assert bench.state() == ("Sucesso", "idle", None, 0)
    assert len(bench.wrote()) == 1


def test_the_same_process_that_claimed_again_does_not_write_under_its_old_epoch(bench: Bench) -> None:
    bench.export(CATEGORY)
    (first,) = bench.claim()
    bench.clock.advance(181)
    (second,) = bench.claim()

    assert second.epoch == first.epoch + 1
    with pytest.raises(LostClaim):
        bench.database.write_now(lambda c: claims.still_ours(c, first))
    bench.run(first)
    assert bench.wrote() == []
    assert bench.database.read(lambda c: claims.open_intent(c, first.log.id)) is None


def test_an_answer_that_comes_after_the_lease_was_lost_changes_nothing(bench: Bench) -> None:
    bench.export(CATEGORY)
    (claim,) = bench.claim("slow")

    def taken_over_meanwhile(request: Any) -> Any:
        bench.clock.advance(181)
        bench.claim("other")
        return says(200, '{"Id": 7}')(request)

    bench.vtex.on(POST_CATEGORY, taken_over_meanwhile)
    bench.run(claim)

    assert bench.rows("SELECT status, lease_owner FROM log") == [("Pendente", "other")]
    assert bench.log().external_id is None
    (item,) = bench.items()
    assert item.completed_at is None  # still an open intent: the other one looks before it sends


def test_a_child_waits_for_its_parent_and_is_woken_by_its_id(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, REFUSES, says(200, '{"Id": 7}'))
    bench.export(ExportScope(modules=frozenset({"category", "brand", "product"})))
    assert bench.state("product") == ("Pendente", "waiting", "parent", 0)
    bench.turns()
    assert bench.state("product") == ("Pendente", "waiting", "parent", 0)

    bench.resend(bench.log("category").id)
    bench.turns()

    assert bench.state("product") == ("Sucesso", "idle", None, 0)
    body = next(request.body for request in bench.vtex.sent if request.path.endswith("/pvt/product"))
    assert body["CategoryId"] == 7


def test_a_parent_that_becomes_known_while_the_child_looks_for_it_wakes_it(bench: Bench) -> None:
    """Between the look for the parent's id and the wait nobody else would wake the child."""
    bench.export(ExportScope(modules=frozenset({"category", "brand", "product"})))
    bench.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE log SET phase = 'queued', wait_reason = NULL, parent_key = NULL, due_at = 0"
            " WHERE module = 'product'"
        )
    )
    product = next(claim for claim in bench.claim() if claim.log.module == "product")
    looked = bench.context.database.read

    def read_then_parents_come(work: Any) -> Any:
        found = looked(work)
        if found == {}:
            bench.database.read = looked  # type: ignore[method-assign]
            bench.database.write_now(
                lambda c: c.exec_driver_sql(
                    "INSERT INTO external_record (record_key, module, account, external_id, updated_at) VALUES"
                    " ('category|nacional||nacional;metalmecanica', 'category', 'nacional', '1', 0),"
                    " ('brand|nacional||nacional;senai', 'brand', 'nacional', '2', 0)"
                )
            )
        return found

    bench.database.read = read_then_parents_come  # type: ignore[method-assign]
    bench.run(product)

    assert bench.state("product") == ("Pendente", "queued", None, 0)


def test_a_parent_in_erro_does_not_hold_children_once_its_id_is_known(bench: Bench) -> None:
    scope = ExportScope(modules=frozenset({"category", "brand", "product", "sku"}))
    bench.vtex.on("POST /api/catalog/pvt/stockkeepingunit$", says(200, '{"Id": 55}'))
    bench.vtex.on(
        "GET /api/catalog/pvt/stockkeepingunit/55$", says(200, '{"Id": 55, "ProductId": 1, "IsActive": true}')
    )
    bench.export(scope)
    bench.turns()
    bench.source.snapshot = school(courses=[course(description="Nova")], classes=[course_class(name="Nova")])
    bench.vtex.on("productgetbyrefid", says(400, '"no"'))
    bench.export(scope)
    bench.turns()

    assert [log.status for log in bench.logs("product")] == [Status.SUCCESS, Status.ERROR]
    assert all(log.phase.value == "idle" for log in bench.logs("sku"))


def test_what_left_the_source_before_its_send_is_cancelled(bench: Bench) -> None:
    bench.export(CATEGORY)
    bench.source.snapshot = school(courses=[], classes=[], prices=[], stocks=[])

    bench.turn()

    assert bench.state() == ("Cancelado", "idle", None, 0)
    assert bench.log().message == "não está mais na origem"
    assert bench.vtex.sent == []


def test_a_resend_of_what_left_the_source_spends_no_attempt(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, REFUSES)
    bench.export(CATEGORY)
    bench.turn()
    bench.source.snapshot = school(courses=[], classes=[], prices=[], stocks=[])
    bench.resend()

    bench.turn()

    assert bench.state() == ("Cancelado", "idle", None, 0)


def test_a_resend_sends_what_the_source_says_now_and_the_old_item_keeps_what_was_sent(bench: Bench) -> None:
    sku = ExportScope(modules=frozenset({"category", "brand", "product"}))
    bench.vtex.on("POST /api/catalog/pvt/product$", REFUSES, says(200, '{"Id": 9}'))
    bench.export(sku)
    bench.turns()
    bench.source.snapshot = school(courses=[course(description="Corrigida")])
    bench.resend(bench.log("product").id)

    bench.turn()

    bodies = [request.body["Description"] for request in bench.vtex.sent if request.path.endswith("/pvt/product")]
    assert bodies == ["Curso de ajustagem.", "Corrigida"]
    first, second = [item for item in bench.items("product") if item.method == "POST"]
    assert first.sent_hash != second.sent_hash


def test_a_rejected_row_is_born_in_erro_and_nothing_is_sent(bench: Bench) -> None:
    row = RejectedRow("sku", "turmas.csv", 5, "vagas", "x", "não é um número", ("1", "12", "CQ.9"))
    bench.source.snapshot = school(rejected=[row])

    bench.export(ExportScope(modules=frozenset({"sku"})))

    log = next(log for log in bench.logs("sku") if log.key_values == "1;12;CQ.9")
    assert (log.status, log.failure_class) == (Status.ERROR, "dado")
    assert "turmas.csv" in log.message


def test_a_corrected_row_is_sent_by_its_resend(bench: Bench) -> None:
    row = RejectedRow("product", "cursos.csv", 2, "nome", "", "está vazio", ("1", "12", "AJUSTA"))
    bench.source.snapshot = school(courses=[], rejected=[row])
    bench.export(ExportScope(modules=frozenset({"product"})))
    assert bench.state("product") == ("Erro", "waiting", "retry", 0)
    bench.source.snapshot = school()
    bench.export(ExportScope(modules=frozenset({"category", "brand"})))
    bench.turns()
    bench.resend(bench.log("product").id)

    bench.turns()

    assert bench.state("product") == ("Sucesso", "idle", None, 1)


def test_a_resend_of_a_row_that_is_still_bad_fails_with_its_reason_and_sends_nothing(bench: Bench) -> None:
    row = RejectedRow("product", "cursos.csv", 2, "nome", "", "está vazio", ("1", "12", "AJUSTA"))
    bench.source.snapshot = school(courses=[], rejected=[row])
    bench.export(ExportScope(modules=frozenset({"product"})))
    bench.resend(bench.log("product").id)

    bench.turns()

    assert bench.state("product") == ("Erro", "waiting", "retry", 1)
    assert "está vazio" in bench.log("product").message
    assert bench.vtex.sent == []


@pytest.mark.parametrize("problem", [Unreachable("a pasta sumiu"), UsageError("falta a coluna nome")])
def test_a_source_that_cannot_be_read_spends_no_attempt(bench: Bench, problem: Exception) -> None:
    bench.vtex.on(POST_CATEGORY, REFUSES)
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.source.problem = problem

    bench.turn()

    assert bench.state() == ("Erro", "waiting", "target", 0)
    bench.source.problem = None
    bench.vtex.off()
    bench.clock.advance(60)
    bench.turn()
    assert bench.state() == ("Sucesso", "idle", None, 1)


def test_a_mistake_of_our_own_fails_the_record_and_not_the_engine(bench: Bench, monkeypatch: Any) -> None:
    def broken(*_args: Any) -> Any:
        raise ZeroDivisionError

    bench.export(CATEGORY)
    monkeypatch.setattr("vtexmon.engine.dispatcher.record_key", broken)

    bench.turn()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert "erro do próprio vtexmon: ZeroDivisionError" in bench.log().message


def test_an_account_that_is_no_longer_configured_is_a_missing_credential(bench: Bench) -> None:
    bench.export(CATEGORY)
    del bench.context.clients["nacional"]

    bench.turn()

    assert bench.state() == ("Pendente", "waiting", "credential", 0)


def test_nothing_to_write_is_a_success_that_shows_the_read_it_rests_on(bench: Bench) -> None:
    bench.vtex.tree = [{"id": 7, "name": "METALMECANICA", "children": []}]
    bench.export(CATEGORY)

    bench.turn()

    (item,) = bench.items()
    assert (item.method, item.step, item.status) == ("GET", "ler", Status.SUCCESS)
    assert item.message == "já existia na VTEX"
    assert bench.log().external_id == "7"


def test_a_read_that_vtex_refuses_fails_the_record_and_is_shown(bench: Bench) -> None:
    bench.vtex.on(TREE, says(400, '"no"'))
    bench.export(CATEGORY)

    bench.turn()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    (item,) = bench.items()
    assert (item.method, item.status, item.http_status) == ("GET", Status.ERROR, 400)


def test_a_read_without_an_answer_sent_nothing_and_spends_nothing(bench: Bench) -> None:
    bench.vtex.on(TREE, is_silent)
    bench.export(CATEGORY)

    bench.turn()

    assert bench.state() == ("Pendente", "waiting", "target", 0)


def test_records_of_one_product_are_never_in_flight_together(bench: Bench) -> None:
    second = course_class(key=ClassKey(1, 12, "CQ.2"))
    bench.source.snapshot = school(classes=[CLASS, second], prices=[price(), price(key=second.key)])
    bench.export(ExportScope(modules=frozenset({"sku"})))
    bench.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE log SET phase = 'queued', wait_reason = NULL, due_at = 0")
    )

    assert len(bench.claim()) == 1
    assert bench.claim("other") == []


def test_a_successful_record_is_remembered_under_the_hash_of_what_was_sent(bench: Bench) -> None:
    bench.export(CATEGORY)
    bench.turn()

    assert bench.export(CATEGORY).skipped == {"unchanged": 1}
    bench.source.snapshot = school(courses=[course(key=CourseKey(1, 12, "AJUSTA"), category="Outra")])
    assert bench.export(CATEGORY).created == 1
