"""A filter in SQL answers what ``core/filters.matches`` answers: by example, and for random logs and filters."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vtexmon.core.failures import FailureClass
from vtexmon.core.filter_syntax import parse
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
from vtexmon.core.selection import Matching, contains
from vtexmon.core.status import Phase, Status
from vtexmon.store import log_pages, logs
from vtexmon.store.filtering import where_selection
from vtexmon.store.rows import LOG

NOW = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)


KEYS = [
    "1;12;AJUSTA",
    "1;12;AJUSTA-N1",
    "1;1;CQ.AJ_US.N-1",
    "1;7;100%",
    "1;7;1000",
    "12;1;A_B",
    "12;1;AxB",
    r"3;4;C:\D",
    "2;2;Mecânica Automotiva",
    "2;2;MECANICA",
    "2;2;ÇÃO é",
    "nacional;Straße",
    "9;9;'; DROP TABLE log --",
    '9;9;"aspas"',
    ";;",
    "5;5;a%b_c\\d",
    "7;7;①②",
]


@pytest.fixture
def keyed(store):
    """A log for each key; gives their records, and finds those of a filter."""
    store.logs([{"key_values": key} for key in KEYS])
    records = store.read(lambda c: log_pages.page(c, Filter(), 1_000))

    def find(query):
        expected = {record.key_values for record in records if matches(query, record)}
        found = {record.key_values for record in store.read(lambda c: log_pages.page(c, query, 1_000))}
        assert found == expected
        assert store.read(lambda c: log_pages.count(c, query)) == len(expected)
        return found

    return find


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("chave:AJUSTA", {"1;12;AJUSTA"}),
        ("chave:ajusta", {"1;12;AJUSTA"}),
        ("chave:AJUSTA*", {"1;12;AJUSTA", "1;12;AJUSTA-N1"}),
        ("chave:1;12;AJUSTA", {"1;12;AJUSTA"}),
        ("chave:1;12*", {"1;12;AJUSTA", "1;12;AJUSTA-N1"}),
        ("chave:12", {"1;12;AJUSTA", "1;12;AJUSTA-N1", "12;1;A_B", "12;1;AxB", "7;7;①②"}),
        ("chave:A_B", {"12;1;A_B"}),
        ("chave:A_B*", {"12;1;A_B"}),
        ("chave:*A_B*", {"12;1;A_B"}),
        ("chave:100%", {"1;7;100%"}),
        ("chave:100%*", {"1;7;100%"}),
        ("chave:*00%*", {"1;7;100%"}),
        (r"chave:C:\D", {r"3;4;C:\D"}),
        (r"chave:*\*", {r"3;4;C:\D", "5;5;a%b_c\\d"}),
        (r"chave:a%b_c\d", {"5;5;a%b_c\\d"}),
        ("chave:mecanica", {"2;2;MECANICA"}),
        ("chave:mecânica*", {"2;2;MECANICA", "2;2;Mecânica Automotiva"}),
        ('chave:"Mecânica Automotiva"', {"2;2;Mecânica Automotiva"}),
        ("chave:*cao*", {"2;2;ÇÃO é"}),
        ("chave:strasse", {"nacional;Straße"}),
        ("chave:*drop*", {"9;9;'; DROP TABLE log --"}),
        ("chave:12*", {"1;12;AJUSTA", "1;12;AJUSTA-N1", "12;1;A_B", "12;1;AxB", "7;7;①②"}),
        ("chave:AJUSTA,A_B,MECANICA", {"1;12;AJUSTA", "12;1;A_B", "2;2;MECANICA"}),
        ("chave:2*,AJUSTA automotiva", {"2;2;Mecânica Automotiva"}),
        ("mecanica", {"2;2;MECANICA", "2;2;Mecânica Automotiva"}),
        ("automotiva mecânica", {"2;2;Mecânica Automotiva"}),
        ("ajus n1", {"1;12;AJUSTA-N1"}),
        ("drop", {"9;9;'; DROP TABLE log --"}),
        ("ÇÃO", {"2;2;ÇÃO é"}),
        ("usta", set()),
    ],
)
def test_keys_and_words(keyed, typed, found):
    assert keyed(parse(typed, NOW, UTC)) == found


@pytest.mark.parametrize("kind", KeyMatch)
def test_any_key_is_found_as_the_core_finds_it(keyed, kind):
    for text in [*KEYS, "AJUSTA;", ";1;12", "a", "%", "_", "\\", "*", "'", "1;1", "é", "--"]:
        if folded_key(text).replace(";", ""):
            keyed(Filter(keys=frozenset({KeyTerm(folded_key(text), kind)})))


@pytest.mark.parametrize(
    "typed",
    [
        "tentativas:>9223372036854775807",
        "tentativas:<=9223372036854775807",
        "tentativas:<=0",
        "id:9223372036854775807",
        "filial:9223372036854775807",
        "filial:12,9223372036854775807",
        "criado:>=0001-01-01",
        "alterado:<9999-12-30",
    ],
)
def test_the_largest_values_that_can_be_typed_are_answered(keyed, typed):
    keyed(parse(typed, NOW, UTC))


def test_a_log_is_found_by_the_words_it_has_now(store):
    log_id = store.log(search_text="antes")

    def found(word):
        return [log.id for log in store.read(lambda c: log_pages.page(c, Filter(words=(word,)), 5))]

    assert (found("antes"), found("depois")) == ([log_id], [])
    store.write(lambda c: c.execute(LOG.update().values(search_text="depois")))
    assert (found("antes"), found("depois")) == ([], [log_id])
    store.write(lambda c: c.execute(LOG.delete()))
    assert (found("antes"), found("depois")) == ([], [])


LETTERS = st.characters(codec="latin-1", exclude_categories=("C",))
PIECES = st.one_of(
    st.sampled_from(["AJUSTA", "ajusta", "Mecânica", "MECANICA", "1", "12", "100%", "A_B", "AxB", "C:\\D", "N-1", "é"]),
    st.text(LETTERS, min_size=1, max_size=4),
)
KEY = st.lists(PIECES, min_size=1, max_size=3).map(";".join)
MOMENTS = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))


def row(key, message, external_id, **columns):
    return {"key_values": key, "message": message, "external_id": external_id, **columns}


ROWS = st.lists(
    st.builds(
        row,
        KEY,
        st.lists(PIECES, max_size=3).map(" ".join),
        st.none() | st.sampled_from(["77", "770"]),
        status=st.sampled_from(Status),
        phase=st.sampled_from([Phase.IDLE, Phase.QUEUED, Phase.WAITING]),
        module=st.sampled_from(["sku", "price", "product"]),
        company=st.integers(1, 2),
        branch=st.sampled_from([7, 12]),
        account=st.sampled_from(["nacional", "SP_b2b"]),
        channel=st.sampled_from(["B2C", "B2B", ""]),
        failure_class=st.none() | st.sampled_from([member.value for member in FailureClass]),
        fingerprint=st.none() | st.sampled_from(["f1", "f2"]),
        attempts=st.integers(0, 4),
        source_changed=st.booleans(),
        created_at=MOMENTS,
        updated_at=MOMENTS,
    ),
    min_size=1,
    max_size=12,
)


def some(*values):
    return st.just(frozenset()) | st.frozensets(st.sampled_from(values), max_size=2)


def optional(strategy):
    return st.none() | st.none() | strategy


KEY_TERMS = st.builds(
    KeyTerm, KEY.map(folded_key).filter(lambda text: text.replace(";", "")), st.sampled_from(KeyMatch)
)
FILTERS = st.builds(
    Filter,
    statuses=some(*Status),
    modules=some("sku", "price", "nothing"),
    companies=some(1, 2, 3),
    branches=some(7, 12, 99),
    keys=st.just(frozenset()) | st.frozensets(KEY_TERMS, max_size=2),
    classes=some(*FailureClass),
    fingerprints=some("f1", "f2"),
    phases=some(Phase.IDLE, Phase.WAITING),
    accounts=some("nacional", "sp_b2b", "SP_b2b"),
    channels=some("b2c", "b2b"),
    attempts=optional(st.builds(AttemptRange, st.none() | st.integers(0, 4), st.none() | st.integers(0, 4))),
    created=optional(st.builds(Period, st.none() | MOMENTS, st.none() | MOMENTS)),
    updated=optional(st.builds(Period, st.none() | MOMENTS, st.none() | MOMENTS)),
    changed=optional(st.booleans()),
    words=st.lists(PIECES, max_size=2).map(" ".join).map(words),
)
SINGLE = st.one_of(
    st.builds(Filter, keys=st.frozensets(KEY_TERMS, min_size=1, max_size=2)),
    st.builds(Filter, words=st.lists(PIECES, min_size=1, max_size=2).map(" ".join).map(words)),
    FILTERS,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.lists(SINGLE, min_size=1, max_size=6), FILTERS)
def test_sql_answers_what_the_core_answers(store, rows, queries, scope):
    def work(connection):
        connection.execute(LOG.insert(), [store.a_row(**values) for values in rows])
        records = {log.id: log for log in log_pages.page(connection, Filter(), 1_000)}
        texts = {log_id: logs.search_text_of(connection, log_id) for log_id in records}
        answers = []
        for query in queries:
            expected = {log_id for log_id, log in records.items() if matches(query, log, texts[log_id])}
            selection = Matching(query, max(records) - 1, plus=frozenset([max(records)]), scope=scope)
            told = {
                "page": {log.id for log in log_pages.page(connection, query, 1_000)},
                "among": logs.ids_among(connection, query, records),
                "count": log_pages.count(connection, query),
            }
            answers.append((query, told, {"page": expected, "among": expected, "count": len(expected)}))
            selected = connection.execute(LOG.select().where(where_selection(connection, selection))).all()
            marked = {log_id for log_id, log in records.items() if contains(selection, log)}
            answers.append((selection, {one.id for one in selected}, marked))
        return answers

    for query, told, expected in store.undone(work):
        assert told == expected, query


def test_the_stores_search_text_is_what_the_core_looks_in(store):
    log_id = store.log(key_values="1;12;ÇÃO", message="não achou", external_id="77")
    assert store.read(lambda c: logs.search_text_of(c, log_id)) == search_text(
        "1;12;ÇÃO", external_id="77", message="não achou"
    )
