"""Every answer of one route goes wrong in one way: the engine never breaks, never claims what is not so, sends nothing
twice, and comes to Sucesso once VTEX answers as it should.

A table of situations × routes × illnesses, of which a part is drawn by a printed seed; ``VTEXMON_TEST_FUZZ=all`` runs
the whole table, a number draws that many from each row.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest

from tests.fuzz import hostile_json, truth
from tests.fuzz.schools import OTHERS_FIXED_PRICE, SITUATIONS, Situation, Ward, others_fixed_prices
from tests.fuzz.sick_vtex import (
    Given,
    Illness,
    Spoil,
    loses_the_answer,
    never_arrives,
    never_leaves,
    with_body,
    with_status,
)

OpenWard = Callable[[Situation], Ward]
HOW_MANY = os.environ.get("VTEXMON_TEST_FUZZ", "40")
SEED = int(os.environ.get("VTEXMON_TEST_FUZZ_SEED", "20261124"))

PAGE = b"<html><head><title>Not Found</title></head><body>Nothing here</body></html>"
STATUSES = (101, 201, 202, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404)
MORE_STATUSES = (
    405,
    408,
    409,
    410,
    412,
    413,
    418,
    422,
    423,
    425,
    429,
    451,
    499,
    500,
    501,
    502,
    503,
    504,
    599,
    600,
    999,
)
AT_THE_DOOR: dict[str, Spoil] = {
    "the answer is lost": loses_the_answer,
    "page with 404": with_status(404, PAGE, content_type="text/html"),
    "redirect to a log-in": with_status(302, b"", location="https://outra.example/login"),
    "503 with Retry-After": with_status(503, b"", Retry_After="3"),
    "429 with a Retry-After that is none": with_status(429, b"", Retry_After="-99999999999999"),
    "HTML by its header": with_status(200, content_type="text/html"),
    **{f"status {number}": with_status(number) for number in (*STATUSES, *MORE_STATUSES)},
    **{f"status {number} and nothing else": with_status(number, b"") for number in (201, 204, 205, 299, 404, 500)},
}
NOT_ARRIVING: dict[str, Spoil] = {"it never leaves": never_leaves, "it never arrives": never_arrives}

TRUE_LOOKING = {
    "GET /api/catalog/pvt/stockkeepingunit/{id}/file": ("status 404",),
    "GET /pricing/prices/{id}": ("status 404",),
    "GET /api/catalog_system/pvt/products/productgetbyrefid/{id}": (),
}
"""Answers that VTEX itself documents for "there is none": nobody can tell them from the truth."""
TRUE_LOOKING_PLACES = ("null at /listPrice", "null at /KeyWords", "null at /fixedPrices")


def of_the_text(good: dict[str, Given]) -> Iterator[Illness]:
    """The whole document is wrong."""
    for route in good:
        for defect in hostile_json.documents():
            yield Illness(route, defect.name, with_body(defect.spoil))


def of_one_place(good: dict[str, Given]) -> Iterator[Illness]:
    """One place in the document is wrong."""
    for route, given in good.items():
        for defect in hostile_json.defects(given.json) if given.body else ():
            if defect.name not in TRUE_LOOKING_PLACES:
                yield Illness(route, defect.name, with_body(defect.spoil))


def of_the_door(good: dict[str, Given]) -> Iterator[Illness]:
    """Status, headers or connection are wrong."""
    for route in good:
        for name, spoil in AT_THE_DOOR.items():
            if not name.startswith(TRUE_LOOKING.get(route, ()) or "\0"):
                yield Illness(route, name, spoil)
        for name, spoil in NOT_ARRIVING.items():
            yield Illness(route, name, spoil, before=True)


ONCE_WENT_WRONG = frozenset(
    {
        ("POST /api/catalog/pvt/category", "status 401"),
        ("POST /api/catalog/pvt/category", "status 307"),
        ("POST /api/catalog/pvt/brand", "status 401"),
        ("GET /api/catalog_system/pub/category/tree/{id}", "page with 404"),
        ("GET /api/catalog_system/pub/category/tree/{id}", "NaN at /"),
        ("GET /api/catalog_system/pub/category/tree/{id}", "list of nothing"),
        ("GET /api/catalog_system/pub/category/tree/{id}", "null at /0/children"),
        ("GET /api/catalog_system/pub/category/tree/{id}", "list at /0/children/0/name"),
        ("GET /api/catalog_system/pvt/brand/list", "status 204"),
        ("GET /api/catalog/pvt/product/{id}", "deleted at /KeyWords"),
        ("GET /api/catalog/pvt/product/{id}", "null at /IsVisible"),
        ("GET /api/catalog/pvt/stockkeepingunit/{id}", "deleted at /Name"),
        ("GET /api/catalog/pvt/stockkeepingunit/{id}/file", "NaN"),
        ("GET /api/catalog/pvt/stockkeepingunit/{id}/file", "list at /0"),
        ("GET /api/catalog/pvt/stockkeepingunit/{id}/file", "status 205 and nothing else"),
        ("POST /api/catalog/pvt/product", "beyond 32 bits at /Id"),
        ("GET /pricing/prices/{id}", "deleted at /listPrice"),
        ("GET /pricing/prices/{id}", "NaN at /listPrice"),
        ("GET /pricing/prices/{id}", "1e400 at /listPrice"),
        ("GET /pricing/prices/{id}", "deleted at /fixedPrices"),
        ("GET /pricing/prices/{id}", "list at /fixedPrices/0/listPrice"),
        ("GET /pricing/prices/{id}", "text at /fixedPrices/0/value"),
    }
)
"""Where something was lost, doubled or claimed before: these are drawn always."""

KINDS = {"text": of_the_text, "one place": of_one_place, "door": of_the_door}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_answer_breaks_the_engine_or_makes_it_lie(open_ward: OpenWard, situation: str, kind: str) -> None:
    every = list(KINDS[kind](good_answers(open_ward, SITUATIONS[situation])))
    drawn = every if HOW_MANY == "all" else drawn_from(every)
    print(f"{situation}, {kind}: {len(drawn)} of {len(every)}, seed {SEED}")  # noqa: T201 - to draw the same again

    problems = [f"{one.route}, {one.name}: {what}" for one in drawn for what in ill(open_ward, situation, one)]

    assert not problems, "\n".join(problems)


def drawn_from(every: list[Illness]) -> list[Illness]:
    known = [one for one in every if (one.route, one.name) in ONCE_WENT_WRONG]
    return known + random.Random(SEED).sample(every, min(int(HOW_MANY), len(every)))


def good_answers(open_ward: OpenWard, situation: Situation) -> dict[str, Given]:
    """The first good answer of every route that an export in this situation uses; all of it ends well."""
    ward = open_ward(situation)
    ward.export()
    ward.let_time_pass()
    assert wrong_at_rest(ward) == []
    seen = dict(ward.vtex.seen)
    ward.close()
    return seen


def ill(open_ward: OpenWard, situation: str, illness: Illness) -> list[str]:
    ward = open_ward(SITUATIONS[situation])
    try:
        before = others_fixed_prices(ward)
        ward.vtex.illness = illness
        ward.export()
        ward.let_time_pass()
        found = [f"while ill: {what}" for what in wrong(ward)]
        ward.get_well()
        found += [f"when well: {what}" for what in wrong_at_rest(ward)]
        if others_fixed_prices(ward) != before:
            found.append(f"the fixed price of others is {others_fixed_prices(ward)}, not {OTHERS_FIXED_PRICE}")
        if not ward.vtex.struck:
            found.append("the route was never used")
        return found
    finally:
        ward.close()


def wrong(ward: Ward) -> list[str]:
    logs = ward.bench.logs()
    found = [*truth.crashes(ward.bench, logs), *truth.unclean(ward.bench), *truth.twice(ward.vtex)]
    found += [f"false Sucesso: {one}" for one in truth.false_successes(ward.bench, ward.vtex, logs)]
    return found + [f"{log.module} {log.status} {log.phase}" for log in logs if not truth.is_allowed(log)]


def wrong_at_rest(ward: Ward) -> list[str]:
    left = [log for log in ward.bench.logs() if log.status != "Sucesso"]
    return wrong(ward) + [f"{log.module} {log.key_values} {log.status} {log.phase} {log.message}" for log in left]
