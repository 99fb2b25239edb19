from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from vtexmon.core.filters import Filter
from vtexmon.core.ordering import Edge
from vtexmon.core.resend_plan import plan, plan_of_records
from vtexmon.core.selection import Explicit, Matching, contains
from vtexmon.core.status import Phase, RetryPolicy, Status, WaitReason
from vtexmon.store import log_pages, logs
from vtexmon.store.engines import data_version
from vtexmon.store.log_pages import Span
from vtexmon.store.rows import LOG

E, C, P, S = Status.ERROR, Status.CANCELLED, Status.PENDING, Status.SUCCESS
EVERYTHING = Filter()
ERRORS = Filter(statuses=frozenset({E}))
HOUR = timedelta(hours=1)

FILTERS = {
    "everything": EVERYTHING,
    "one status": ERRORS,
    "two statuses": Filter(statuses=frozenset({E, C})),
    "one branch": Filter(branches=frozenset({7})),
    "two branches": Filter(branches=frozenset({7, 12})),
    "modules": Filter(modules=frozenset({"sku", "price"})),
    "modules and statuses": Filter(modules=frozenset({"sku", "price"}), statuses=frozenset({E, S})),
    "account and branch": Filter(accounts=frozenset({"nacional", "sp"}), branches=frozenset({7})),
    "more parts than are asked one by one": Filter(branches=frozenset(range(40)), statuses=frozenset({E, S})),
    "nothing": Filter(branches=frozenset({99})),
}


@pytest.fixture
def filled(store):
    """Thirty-six logs over statuses, branches, modules and accounts; gives them newest first."""
    cases = list(product([E, C, S], [7, 12, 30], ["sku", "price"], ["nacional", "sp"]))
    rows = [
        {"status": status, "phase": Phase.IDLE, "branch": branch, "module": module, "account": account}
        for status, branch, module, account in cases
    ]
    ids = store.logs(rows)
    return store.read(lambda c: log_pages.by_ids(c, ids))


def ids(found):
    return [log.id for log in found]


def page(store, query, limit, **edges):
    span = Span(**{name: Edge.at(log_id) for name, log_id in edges.items() if log_id is not None})
    return ids(store.read(lambda c: log_pages.page(c, query, limit, span)))


def passing(filled, query):
    return [log.id for log in filled if contains(Matching(query, 2**62), log)]


@pytest.mark.parametrize("name", FILTERS)
def test_pages_forward_show_each_log_once_newest_first(store, filled, name):
    seen, last = [], None
    while found := page(store, FILTERS[name], 5, after=last):
        seen += found
        last = found[-1]
    assert seen == passing(filled, FILTERS[name])


@pytest.mark.parametrize("name", FILTERS)
def test_pages_backward_show_the_same(store, filled, name):
    seen, first = [], 0
    while found := page(store, FILTERS[name], 5, before=first):
        assert found == sorted(found, reverse=True)
        seen = found + seen
        first = found[0]
    assert seen == passing(filled, FILTERS[name])


@pytest.mark.parametrize("name", FILTERS)
def test_the_last_page_is_the_oldest_logs(store, filled, name):
    assert ids(store.read(lambda c: log_pages.last_page(c, FILTERS[name], 5))) == passing(filled, FILTERS[name])[-5:]


@pytest.mark.parametrize("name", FILTERS)
def test_a_page_can_end_at_a_log(store, filled, name):
    edge = filled[20].id
    expected = [log_id for log_id in passing(filled, FILTERS[name]) if log_id >= edge]
    assert page(store, FILTERS[name], 1_000, down_to=edge) == expected


def test_between_two_logs_are_those_between(store, filled):
    newest, oldest = filled[3].id, filled[9].id
    assert page(store, EVERYTHING, 100, after=newest, before=oldest) == ids(filled[4:9])


def test_a_new_log_does_not_shift_the_pages(store, filled):
    first = page(store, EVERYTHING, 5)
    store.log()
    assert page(store, EVERYTHING, 5, after=first[-1]) == ids(filled[5:10])


@pytest.mark.parametrize("name", FILTERS)
def test_a_count_is_what_passes(store, filled, name):
    assert store.read(lambda c: log_pages.count(c, FILTERS[name])) == len(passing(filled, FILTERS[name]))


@pytest.mark.parametrize(("cap", "counted"), [(5, 6), (35, 36), (36, 36), (None, 36)])
def test_a_count_stops_one_above_its_cap(store, filled, cap, counted):
    assert store.read(lambda c: log_pages.count(c, EVERYTHING, cap)) == counted


@pytest.mark.parametrize(("cap", "counted"), [(5, 6), (36, 36)])
def test_a_count_of_the_selected_stops_one_above_its_cap(store, filled, cap, counted):
    assert store.read(lambda c: logs.count_selected(c, Matching(EVERYTHING, 2**62), cap)) == counted


def test_which_of_some_logs_pass_now(store, filled):
    some = ids(filled[:20])
    assert store.read(lambda c: logs.ids_among(c, ERRORS, [*some, 987_654])) == set(some) & set(passing(filled, ERRORS))


def test_one_log_or_some_by_id(store, filled):
    one, two = filled[4], filled[2]
    assert store.read(lambda c: logs.find(c, one.id)) == one
    assert store.read(lambda c: logs.find(c, 987_654)) is None
    assert store.read(lambda c: log_pages.by_ids(c, [one.id, two.id, 987_654])) == [two, one]
    assert store.read(logs.highest_id) == filled[0].id


def test_of_an_empty_store(store):
    assert store.read(logs.highest_id) == 0
    assert store.read(logs.last_change) is None
    counts = store.read(logs.open_counts)
    assert (counts.error, counts.cancelled, counts.pending, counts.success_today, counts.oldest_open_at) == (
        0,
        0,
        0,
        None,
        None,
    )


def test_the_open_counts(store, now):
    store.log(status=S, phase=Phase.IDLE, created_at=now - 9 * HOUR, updated_at=now - HOUR)
    store.log(status=E, created_at=now - 8 * HOUR)
    store.logs([{"status": status} for status in (E, C, P, P, P)])
    store.log(status=S, phase=Phase.IDLE, updated_at=now - timedelta(microseconds=1))
    store.log(status=S, phase=Phase.IDLE, updated_at=now)
    counts = store.read(lambda c: logs.open_counts(c, today=now))
    assert (counts.error, counts.cancelled, counts.pending, counts.success_today) == (2, 1, 3, 1)
    assert counts.oldest_open_at == now - 8 * HOUR
    assert store.read(logs.last_change) == now


def test_the_open_counts_of_a_scope(store, now):
    store.log(status=E, created_at=now - HOUR)
    store.logs([{"status": status, "branch": 7} for status in (E, P, S)])
    counts = store.read(lambda c: logs.open_counts(c, now, Filter(branches=frozenset({7}))))
    assert (counts.error, counts.cancelled, counts.pending, counts.success_today, counts.oldest_open_at) == (
        1,
        0,
        1,
        1,
        now,
    )


@pytest.fixture
def varied(store):
    """One log of each kind that a plan tells apart."""
    phases = [(Phase.IDLE, None), (Phase.QUEUED, None), (Phase.VERIFYING, None), (Phase.WAITING, WaitReason.RETRY)]
    kinds = product(Status, phases, [0, 2], [False, True], ["f1", None])
    rows = [
        store.a_row(
            status=status,
            phase=phase,
            wait_reason=reason,
            attempts=attempts,
            source_changed=changed,
            fingerprint=fingerprint,
            message=f"{fingerprint} {status}" if fingerprint else "",
            branch=7 if attempts else 12,
        )
        for status, (phase, reason), attempts, changed, fingerprint in kinds
    ]
    store.write(lambda c: c.execute(LOG.insert(), rows))
    return store.read(lambda c: log_pages.page(c, EVERYTHING, 10_000))


SELECTIONS = {
    "everything": lambda all_ids: Matching(EVERYTHING, 2**62),
    "a filter": lambda all_ids: Matching(ERRORS, 2**62),
    "a scope": lambda all_ids: Matching(ERRORS, 2**62, scope=Filter(branches=frozenset({7}))),
    "up to a moment": lambda all_ids: Matching(EVERYTHING, all_ids[50]),
    "without some": lambda all_ids: Matching(ERRORS, 2**62, minus=frozenset(all_ids[:60])),
    "and some more": lambda all_ids: Matching(ERRORS, all_ids[50], plus=frozenset(all_ids[:10])),
    "some more and fewer": lambda all_ids: Matching(
        ERRORS, all_ids[50], minus=frozenset(all_ids[5:70]), plus=frozenset(all_ids[:10])
    ),
    "by name": lambda all_ids: Explicit(frozenset([*all_ids[3:40], 987_654])),
    "a filter nothing passes": lambda all_ids: Matching(Filter(branches=frozenset({99})), 2**62),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_the_groups_of_a_selection_make_the_plan_of_its_records(store, varied, name):
    selection, policy = SELECTIONS[name](ids(varied)), RetryPolicy(3)
    selected = [log for log in varied if contains(selection, log)]
    assert plan(store.read(lambda c: logs.plan_groups(c, selection)), policy) == plan_of_records(selected, policy)


@pytest.mark.parametrize("name", SELECTIONS)
def test_how_many_of_the_selected_are_hidden(store, varied, name):
    selection, visible = SELECTIONS[name](ids(varied)), Filter(branches=frozenset({12}))
    hidden = sum(contains(selection, log) and log.branch != 12 for log in varied)
    assert store.read(lambda c: logs.count_hidden(c, selection, visible)) == hidden
    counted = sum(contains(selection, log) for log in varied)
    assert store.read(lambda c: logs.count_selected(c, selection)) == counted


def test_the_words_by_which_a_log_is_found(store):
    log_id = store.log(search_text="ajustador 1 12")
    assert store.read(lambda c: logs.search_text_of(c, log_id)) == "ajustador 1 12"


def quiet_version(connection):
    """The version while nobody writes; PostgreSQL now and then notes something for itself."""
    for _look in range(20):
        before = data_version(connection)
        connection.rollback()
        if data_version(connection) == before:
            return before
        connection.rollback()
    raise AssertionError("it changes all the time")


def test_a_reader_notices_that_another_process_has_written(store, another, now):
    store.log()
    with store.database._reader_engine.connect() as connection:
        before = quiet_version(connection)
        connection.rollback()
        another.log(updated_at=now + HOUR)
        assert data_version(connection) != before


def test_every_status_has_its_pages(store):
    made = {status: store.log(status=status) for status in Status}
    for status, log_id in made.items():
        assert page(store, replace(EVERYTHING, statuses=frozenset({status})), 5) == [log_id]
