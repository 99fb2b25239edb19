from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vtexmon.core.failures import FailureClass
from vtexmon.core.filters import (
    AttemptRange,
    Filter,
    KeyMatch,
    KeyTerm,
    Period,
    folded_key,
    matches,
    search_text,
    words,
)
from vtexmon.core.status import Phase, Status

MOMENT = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)


def test_an_empty_filter_lets_everything_through(a_log):
    assert Filter().is_empty
    assert matches(Filter(), a_log())


@pytest.mark.parametrize(
    ("passes", "fails"),
    [
        (Filter(statuses=frozenset({Status.ERROR, Status.PENDING})), Filter(statuses=frozenset({Status.SUCCESS}))),
        (Filter(modules=frozenset({"sku", "price"})), Filter(modules=frozenset({"price"}))),
        (Filter(companies=frozenset({1})), Filter(companies=frozenset({2}))),
        (Filter(branches=frozenset({12})), Filter(branches=frozenset({1}))),
        (Filter(classes=frozenset({FailureClass.DATA})), Filter(classes=frozenset({FailureClass.TRANSIENT}))),
        (Filter(fingerprints=frozenset({"00ff00ff00ff00ff"})), Filter(fingerprints=frozenset({"00ff"}))),
        (Filter(phases=frozenset({Phase.IDLE})), Filter(phases=frozenset({Phase.SENDING}))),
        (Filter(accounts=frozenset({"nacional"})), Filter(accounts=frozenset({"sp"}))),
        (Filter(channels=frozenset({"b2c"})), Filter(channels=frozenset({"b2b"}))),
        (Filter(ids=frozenset({88213, 1})), Filter(ids=frozenset({1}))),
        (Filter(keys=frozenset({KeyTerm("12")})), Filter(keys=frozenset({KeyTerm("2")}))),
        (Filter(attempts=AttemptRange(2, 2)), Filter(attempts=AttemptRange(3))),
        (Filter(attempts=AttemptRange(None, 2)), Filter(attempts=AttemptRange(None, 1))),
        (Filter(created=Period(MOMENT)), Filter(created=Period(None, MOMENT))),
        (
            Filter(updated=Period(MOMENT, MOMENT + timedelta(microseconds=1))),
            Filter(updated=Period(MOMENT + timedelta(microseconds=1))),
        ),
        (Filter(changed=False), Filter(changed=True)),
        (Filter(words=("titl", "recus")), Filter(words=("titl", "preco"))),
    ],
)
def test_each_field_restricts(a_log, passes, fails):
    assert matches(passes, a_log())
    assert not matches(fails, a_log())


def test_fields_are_joined_by_and(a_log):
    both = Filter(statuses=frozenset({Status.ERROR}), branches=frozenset({12}))
    assert matches(both, a_log())
    assert not matches(both, a_log(branch=13))
    assert not matches(both, a_log(status=Status.SUCCESS))


@pytest.mark.parametrize(
    ("term", "key", "expected"),
    [
        (KeyTerm("ajusta"), "1;12;AJUSTA", True),
        (KeyTerm("ajust"), "1;12;AJUSTA", False),
        (KeyTerm("1;12;ajusta"), "1;12;AJUSTA", True),
        (KeyTerm("12;ajusta"), "1;12;AJUSTA", False),
        (KeyTerm("mecanica"), "1;Mecânica", True),
        (KeyTerm("aju", KeyMatch.PREFIX), "1;12;AJUSTA", True),
        (KeyTerm("1;12;a", KeyMatch.PREFIX), "1;12;AJUSTA", True),
        (KeyTerm("justa", KeyMatch.PREFIX), "1;12;AJUSTA", False),
        (KeyTerm("justa", KeyMatch.INSIDE), "1;12;AJUSTA", True),
        (KeyTerm("2;aj", KeyMatch.INSIDE), "1;12;AJUSTA", True),
        (KeyTerm("x", KeyMatch.INSIDE), "1;12;AJUSTA", False),
    ],
)
def test_a_key_term_means_the_whole_key_or_one_component(term, key, expected):
    assert term.matches(key) is expected


def test_a_folded_key_keeps_its_components_apart():
    assert folded_key("1; Mecânica  Básica ;X") == "1;mecanica basica;x"


def test_words_are_folded_runs_of_letters_and_digits_each_once():
    assert words("CQ.AJUS.N-1 Título, título (1)") == ("cq", "ajus", "n", "1", "titulo")
    assert words(" ;-- ") == ()


def test_search_text_holds_key_reference_title_external_id_and_message():
    text = search_text("1;AJ", reference="1-12-AJ", title="Mecânica", external_id="512", message="HTTP 500")
    assert text == "1 aj 12 mecanica 512 http 500"


def test_the_stored_search_text_may_know_more_than_the_record(a_log):
    query = Filter(words=("mecan",))
    assert not matches(query, a_log())
    assert matches(query, a_log(), search_text("1", title="Mecânica"))


def test_a_filter_is_a_value():
    assert replace(Filter(), words=("a",)) == Filter(words=("a",))
    assert len({Filter(), Filter(), Filter(changed=True)}) == 2
