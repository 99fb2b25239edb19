"""After doubt (DESIGN.md section 4, step 8): quarantine, read back what the stored intent wanted, only then decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.bench import (
    CATEGORY,
    POST_CATEGORY,
    TREE,
    Bench,
    Killed,
    Said,
    is_silent,
    is_unreachable,
    kills,
    says,
)
from tests.integrations.school import course, school
from vtexmon.core.status import Status
from vtexmon.engine.exports import ExportScope
from vtexmon.store import targets

FOUND = {"id": 7, "name": "Metalmecânica", "children": []}


def in_doubt(bench: Bench, *said: Said) -> None:
    bench.vtex.on(POST_CATEGORY, *said)
    bench.export(CATEGORY)
    bench.turn()
    assert bench.state() == ("Pendente", "verifying", None, 0)


def test_nothing_is_asked_before_the_grace_is_over(bench: Bench) -> None:
    """The quarantine: a request that VTEX still works on would be read as lost, and sent twice."""
    in_doubt(bench, says(500))
    asked = len(bench.vtex.sent)

    bench.clock.advance(59)
    assert bench.turn() == 0
    assert len(bench.vtex.sent) == asked

    bench.clock.advance(1)
    assert bench.turn() == 1
    assert len(bench.vtex.sent) > asked


@pytest.mark.parametrize("said", [says(500), is_silent, says(200, "{")], ids=["500", "silent", "unreadable"])
def test_found_is_adopted_and_never_sent_again(bench: Bench, said: Said) -> None:
    in_doubt(bench, said)
    bench.vtex.tree = [FOUND]

    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 0)
    assert bench.log().external_id == "7"
    assert bench.vtex.count(POST_CATEGORY) == 1


def test_a_found_record_shows_the_request_as_confirmed_and_the_read_that_told(bench: Bench) -> None:
    in_doubt(bench, says(500))
    bench.vtex.tree = [FOUND]

    bench.settle()

    told = {item.step: (item.status, item.message) for item in bench.items()}
    assert told["criar categoria"] == (Status.SUCCESS, "confirmado por leitura")
    assert told["conferir"] == (Status.SUCCESS, "leitura de conferência: o enviado está na VTEX")


def test_not_found_is_looked_for_a_second_time_some_seconds_later(bench: Bench) -> None:
    in_doubt(bench, says(500))
    bench.clock.advance(60)
    bench.turn()
    assert bench.state() == ("Pendente", "verifying", None, 0)
    bench.vtex.tree = [FOUND]  # it arrives between the two looks

    bench.clock.advance(4)
    assert bench.turn() == 0
    bench.clock.advance(1)
    bench.turns()

    assert bench.state() == ("Sucesso", "idle", None, 0)
    assert bench.vtex.count(POST_CATEGORY) == 1


def test_an_answered_5xx_that_did_not_arrive_is_a_failed_send(bench: Bench) -> None:
    in_doubt(bench, says(500, '{"Message": "An error has occurred."}'))

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert "An error has occurred" in bench.log().message
    assert bench.vtex.count(POST_CATEGORY) == 1
    posted = next(item for item in bench.items() if item.method == "POST")
    assert (posted.status, posted.message) == (Status.ERROR, "não chegou à VTEX (lido duas vezes)")


def test_an_answered_5xx_of_a_resend_spends_its_attempt(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'), says(500))
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.turn()
    assert bench.state() == ("Erro", "verifying", None, 0)

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 1)


def test_a_resend_that_is_found_counts_as_its_success(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'), says(500))
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.turn()
    bench.vtex.tree = [FOUND]

    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 1)


def test_without_an_answer_it_is_sent_once_more_inside_the_same_attempt(bench: Bench) -> None:
    in_doubt(bench, is_silent, says(200, '{"Id": 9}'))

    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 0)
    assert bench.vtex.count(POST_CATEGORY) == 2
    assert [item.attempt for item in bench.items() if item.method == "POST"] == [0, 0]


def test_twice_without_an_answer_counts_as_failed(bench: Bench) -> None:
    in_doubt(bench, is_silent)

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert bench.vtex.count(POST_CATEGORY) == 2


def test_the_next_attempt_may_be_sent_once_more_again(bench: Bench) -> None:
    in_doubt(bench, is_silent)
    bench.settle()
    bench.resend()

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 1)
    assert bench.vtex.count(POST_CATEGORY) == 4


def test_a_pause_between_the_doubt_and_the_repetition_does_not_forget_that_it_is_one(bench: Bench) -> None:
    in_doubt(bench, is_silent)
    bench.clock.advance(60)
    bench.turn()
    bench.clock.advance(5)
    bench.vtex.on(TREE, says(200, "[]"), is_unreachable, says(200, "[]"))  # the repetition begins, and cannot go on
    bench.turn()
    assert bench.state() == ("Pendente", "waiting", "target", 0)

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert bench.vtex.count(POST_CATEGORY) == 2


def test_being_killed_is_no_failure_of_vtex_but_does_not_forget_a_repetition(bench: Bench) -> None:
    """Silence, then the repetition in which the process dies, then silence again: only the two silences count."""
    in_doubt(bench, is_silent, kills, is_silent)
    bench.clock.advance(60)
    bench.turn()
    bench.clock.advance(5)
    with pytest.raises(Killed):
        bench.turn()
    bench.clock.advance(181)

    other = bench.restarted()
    other.settle()

    assert other.state() == ("Erro", "waiting", "retry", 0)
    assert other.vtex.count(POST_CATEGORY) == 3


def test_a_process_that_dies_again_and_again_with_one_request_in_flight_fails_no_record(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, kills)
    bench.export(CATEGORY)
    for _death in range(4):
        with pytest.raises(Killed):
            bench.settle()
        bench.clock.advance(181)
    bench.vtex.off()

    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_unreadable_read_backs_end_in_erro_that_says_so(bench: Bench) -> None:
    in_doubt(bench, says(500))
    bench.vtex.on(TREE, says(400, '"no"'))
    asked = bench.vtex.count(TREE)

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert bench.log().message == "resultado desconhecido, confira na VTEX"
    assert bench.log().failure_class == "desconhecido"
    assert bench.vtex.count(TREE) - asked == bench.config.engine.verify_attempts
    assert bench.vtex.count(POST_CATEGORY) == 1


@pytest.mark.parametrize(
    "said", [is_unreachable, says(429, "", retry_after="5"), says(401, "{}")], ids=["no connection", "429", "401"]
)
def test_a_read_back_that_could_not_be_asked_does_not_count(bench: Bench, said: Said) -> None:
    in_doubt(bench, says(500))
    bench.vtex.on(TREE, said)
    for _hour in range(10):
        bench.clock.advance(3600)
        bench.turns()
    assert bench.state() == ("Pendente", "verifying", None, 0)

    bench.vtex.off()
    bench.vtex.tree = [FOUND]
    bench.settle(step_seconds=120)

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_a_read_that_did_not_find_it_is_not_lost_when_the_next_cannot_be_asked(bench: Bench) -> None:
    in_doubt(bench, says(500))
    bench.vtex.on(TREE, says(200, "[]"), is_unreachable, says(200, "[]"))

    bench.settle()

    assert bench.state() == ("Erro", "waiting", "retry", 0)
    assert bench.vtex.count(POST_CATEGORY) == 1


def test_after_unknown_the_next_resend_looks_before_it_creates(bench: Bench) -> None:
    in_doubt(bench, says(500))
    bench.vtex.on(TREE, says(400, '"no"'))
    bench.settle()
    bench.vtex.off()
    bench.vtex.tree = [FOUND]
    bench.context.shared._answers.clear()
    bench.resend()

    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 1)
    assert bench.vtex.count(POST_CATEGORY) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_process_that_died_with_a_request_in_flight_leaves_an_intent_that_is_settled_first(
    bench: Bench, arrived: bool
) -> None:
    bench.vtex.on(POST_CATEGORY, kills, says(200, '{"Id": 8}'))
    bench.export(CATEGORY)
    with pytest.raises(Killed):
        bench.turn()
    if arrived:
        bench.vtex.tree = [FOUND]
    other = bench.restarted()

    bench.clock.advance(179)
    assert other.turn() == 0  # its lease still holds: the request may still be on its way
    bench.clock.advance(1)
    other.settle()

    assert other.state() == ("Sucesso", "idle", None, 0)
    assert other.log().external_id == ("7" if arrived else "8")
    assert other.vtex.count(POST_CATEGORY) == (1 if arrived else 2)


def test_what_was_sent_is_judged_by_the_stored_intent_and_not_by_what_the_source_says_now(bench: Bench) -> None:
    scope = ExportScope(modules=frozenset({"category", "brand", "product"}))
    bench.vtex.on("POST /api/catalog/pvt/product$", says(500))
    bench.export(scope)
    bench.turns()
    bench.source.snapshot = school(courses=[course(description="Nova")])
    sent = bench.rows("SELECT sent_hash FROM log_item WHERE endpoint = '/api/catalog/pvt/product'")
    bench.vtex.on("productgetbyrefid", says(200, '{"Id": 5}'))
    bench.vtex.on("GET /api/catalog/pvt/product/5$", says(200, '{"Id": 5, "Description": "Curso de ajustagem."}'))

    bench.settle()

    assert bench.state("product") == ("Sucesso", "idle", None, 0)
    assert bench.log("product").external_id == "5"
    put = next(request for request in bench.vtex.sent if request.method == "PUT")
    assert put.body["Description"] == "Nova"  # adopted, then brought to what is wanted now
    assert bench.rows("SELECT sent_hash FROM log_item WHERE endpoint = '/api/catalog/pvt/product'") == sent


def test_a_doubt_outlasts_a_pause(bench: Bench) -> None:
    in_doubt(bench, says(500))
    now = bench.clock.now()
    bench.database.write_now(lambda c: targets.pause(c, "nacional", None, now, "ana"))
    bench.refresh()
    asked = len(bench.vtex.sent)
    bench.clock.advance(600)
    bench.turns()
    assert bench.state() == ("Pendente", "verifying", None, 0)
    assert len(bench.vtex.sent) == asked

    bench.database.write_now(lambda c: targets.unpause(c, "nacional", bench.clock.now(), "ana"))
    bench.refresh()
    bench.vtex.tree = [FOUND]
    bench.settle()

    assert bench.state() == ("Sucesso", "idle", None, 0)


def test_the_grace_is_the_configured_one(open_bench: Any) -> None:
    bench = open_bench()
    short = bench.restarted(engine=replace(bench.config.engine, verify_grace=bench.config.engine.verify_grace / 10))
    short.vtex.on(POST_CATEGORY, says(500))
    short.export(CATEGORY)
    short.turn()

    bench.clock.advance(6)

    assert short.turn() == 1
