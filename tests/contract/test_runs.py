"""Every request of a whole run is valid under VTEX's OpenAPI files and keeps VTEX's prose rules (DESIGN.md section 11).

That the rules can fail is shown in ``test_rules.py`` and ``test_schema.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract import order, pace, rules, schema
from tests.contract.journal import Seen
from tests.contract.runs import RUNS, slowed
from tests.openapi import needs_openapi, operation

RULES = {**rules.RULES, **order.RULES, **pace.RULES}
EVENTS = {
    "PUT /api/catalog/pvt/product/{productId} 200",
    "PUT /api/catalog/pvt/stockkeepingunit/{skuId} 200",
    "PUT /api/catalog/pvt/stockkeepingunit/{skuId} 400",
    "GET /api/catalog/pvt/stockkeepingunit/{skuId}/file 404",
    "POST /api/catalog/pvt/stockkeepingunit/{skuId}/file 500",
    "POST /api/catalog/pvt/stockkeepingunit 500",
    "POST /api/catalog/pvt/product 400",
    "POST /api/catalog/pvt/product 409",
    "POST /api/catalog/pvt/product 503",
    "POST /api/catalog/pvt/product/{productId}/salespolicy/{tradepolicyId} 200",
    "POST /api/catalog_system/pvt/products/{productId}/specification 200",
    "DELETE /api/catalog/pvt/product/{productId}/specification/{specificationId} 200",
    "POST /api/catalog/pvt/stockkeepingunit/{skuId}/specification 200",
    "POST /api/catalog/pvt/stockkeepingunit/{skuId}/specification 500",
    "PUT /api/catalog/pvt/stockkeepingunit/{skuId}/specification 200",
    "DELETE /api/catalog/pvt/stockkeepingunit/{skuId}/specification/{specificationId} 200",
    "GET /api/catalog_system/pub/specification/field/listTreeByCategoryId/{categoryId} 200",
    "PATCH /pricing/prices/{itemId}/fixed 200",
}
"""What the eventful run is there for: were one of them missing, rules would hold because nothing happened."""

pytestmark = needs_openapi


def told(seen: Seen) -> str:
    declared = operation(seen.api, seen.method, seen.path) if seen.api else None
    return f"{seen.method} {declared.template if declared else seen.path} {seen.status}"


@pytest.mark.parametrize("name", RUNS)
def test_every_request_of_a_run_is_one_that_vtex_declares_and_keeps_its_rules(name: str, tmp_path: Path) -> None:
    journal = RUNS[name](tmp_path)

    assert {told(seen) for seen in journal} >= (EVENTS if name == "eventful" else set())
    assert [breach for seen in journal for breach in schema.breaches(seen)] == []
    assert {rule: found for rule, check in RULES.items() if (found := list(check(journal)))} == {}


def test_limits_that_are_below_the_traffic_are_kept(tmp_path: Path) -> None:
    journal = slowed(tmp_path)

    limits = {"catalog": pace.Limit(60, 10), "pricing_write": pace.Limit(10, 5)}
    without_waiting = {"catalog": pace.Limit(1, 10), "pricing_write": pace.Limit(1, 5)}
    assert list(pace.no_burst_is_above_the_published_one(journal, without_waiting)) != []
    assert list(pace.no_burst_is_above_the_published_one(journal, limits, late_seconds=0.5)) == []
