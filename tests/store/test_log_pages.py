"""The list in any order, page by page, is what sorting everything in memory gives; and a place in the middle of it."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vtexmon.core.filter_syntax import parse
from vtexmon.core.filters import Filter, matches
from vtexmon.core.ordering import Edge, Order, SortColumn, order_in_force
from vtexmon.core.status import Phase, Status
from vtexmon.store import log_pages
from vtexmon.store.log_pages import Span

ORDERS = [Order(column, descending) for column, descending in product(SortColumn, [True, False])]
TYPED = [
    "",
    "status:erro",
    "status:erro,sucesso",
    "modulo:sku,preco",
    "modulo:sku status:erro tentativas:>=1",
    "tentativas:>=1",
    "criado:>=2026-11-24T10:00",
    "alterado:<2026-11-24T12:00",
    "classe:dado,negocio",
    "fase:aguardando",
    "fonte:alterada",
    "coligada:1,2",
    "canal:b2b",
    "conta:sp status:erro",
    "ajusta",
    "ajusta status:erro",
    "chave:T3*",
]


@pytest.fixture
def filled(store, now):
    """Sixty logs that differ in all that is filtered and sorted by; gives their records."""
    rows = [
        {
            "key_values": f"{1 + n % 2};12;T{n % 7}" + (";AJUSTA" if n % 3 else ""),
            "status": list(Status)[n % 4],
            "phase": Phase.WAITING if n % 5 == 0 else Phase.IDLE,
            "module": ["sku", "price", "product"][n % 3],
            "company": 1 + n % 2,
            "account": ["nacional", "SP"][n % 2],
            "channel": ["B2C", "B2B"][n % 2],
            "failure_class": [None, "dado", "negócio"][n % 3],
            "attempts": n % 4,
            "source_changed": n % 6 == 0,
            "created_at": now - timedelta(hours=8 - n % 9),
            "updated_at": now - timedelta(hours=8 - n % 9) + timedelta(minutes=n % 5),
        }
        for n in range(60)
    ]
    made = store.logs(rows)
    return store.read(lambda c: log_pages.by_ids(c, made))


def listed(filled, query, order):
    kept = [log for log in filled if matches(query, log)]
    return [log.id for log in sorted(kept, key=lambda log: Edge.of(log, order), reverse=order.descending)]


def walk(store, query, order, upwards, limit=7):
    seen, edge = [], None
    while True:
        if edge is None:
            first = log_pages.last_page if upwards else log_pages.page
            page = store.read(lambda c, f=first: f(c, query, limit, order=order))
        else:
            span = Span(before=edge) if upwards else Span(after=edge)
            page = store.read(lambda c, s=span: log_pages.page(c, query, limit, s, order))
        if not page:
            return [log.id for log in seen]
        seen = [*page, *seen] if upwards else [*seen, *page]
        edge = Edge.of(page[0] if upwards else page[-1], order)


@pytest.mark.parametrize("few", [0, 5_000], ids=["walked", "collected"])
@pytest.mark.parametrize("typed", TYPED)
def test_pages_in_any_order_are_the_sorted_list(store, filled, now, monkeypatch, typed, few):
    monkeypatch.setattr(log_pages, "FEW", few)
    monkeypatch.setattr("vtexmon.store.conditions.RARE", few)
    query = parse(typed, now, now.tzinfo)
    for order in ORDERS:
        expected = listed(filled, query, order)
        assert walk(store, query, order, upwards=False) == expected, order
        assert walk(store, query, order, upwards=True) == expected, order


def test_a_page_from_and_down_to_a_row_includes_both(store, filled):
    for order in ORDERS:
        ids = listed(filled, Filter(), order)
        records = {log.id: log for log in filled}
        first, last = Edge.of(records[ids[11]], order), Edge.of(records[ids[30]], order)
        span = Span(after=order.just_before(first), down_to=last)
        assert [log.id for log in store.read(lambda c, s=span, o=order: log_pages.page(c, Filter(), 99, s, o))] == ids[
            11:31
        ]


@pytest.mark.parametrize("counted", [True, False], ids=["counted", "estimated"])
@pytest.mark.parametrize("column", SortColumn)
def test_a_place_in_the_list(store, filled, monkeypatch, column, counted):
    monkeypatch.setattr(log_pages, "EXACT_PLACES", 10_000 if counted else 5)
    for order in (Order(column), Order(column, descending=False)):
        ids = listed(filled, Filter(), order)

        def at(fraction, order=order):
            found = store.read(lambda c: log_pages.at_fraction(c, Filter(), order, fraction))
            return None if found is None else found.id

        if not counted and column in (SortColumn.STATUS, SortColumn.RECORD):
            assert at(0.5) is None
        else:
            assert (at(0), at(1)) == (ids[0], ids[-1])
            if counted or column is SortColumn.ID:
                assert abs(ids.index(at(0.5)) - 30) <= 1


def test_a_place_in_an_empty_list(store):
    assert store.read(lambda c: log_pages.at_fraction(c, Filter(), Order(), 0.5)) is None


@pytest.mark.parametrize(
    ("typed", "column"), [("criado:hoje", "criado"), ("alterado:<-2h", "criado"), ("status:erro", "id")]
)
def test_what_was_created_in_a_period_is_listed_in_order_of_creation(now, typed, column):
    assert order_in_force(parse(typed, now, now.tzinfo), Order()).column == column


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(1, 70), max_size=70))
def test_any_number_of_ids_is_one_value(store, filled, ids):
    known = {log.id for log in filled}
    found = store.read(lambda c: log_pages.page(c, Filter(ids=frozenset(ids) or frozenset({-1})), 99))
    assert [log.id for log in found] == sorted(ids & known, reverse=True)
