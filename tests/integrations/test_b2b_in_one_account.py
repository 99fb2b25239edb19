"""B2B in the account of B2C: one product, SKU and stock for both, the B2B price as a fixed price of its policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations.school import PRICE, price, school
from tests.integrations.shop import Shop
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.integrations.contract import Arrived, DidNotArrive, Intent
from vtexmon.sge.source import Channel
from vtexmon.vtex import pricing

B2B = price(channel=Channel.B2B, price_cents=150_000, list_price_cents=None)
POLICY = {"tradePolicyId": "2", "value": 1500, "minQuantity": 1}


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(catalog={"b2b": "nacional"}, regional={"b2b": "sp"})


def prices(shop: Shop) -> dict[str, Any]:
    return dict(next(iter(shop.held("lojasp")["prices"].values())))


def by_channel(shop: Shop, *rows: Any) -> dict[str, Any]:
    return {one.planned.key.channel: one for one in shop.ship_all(school(prices=rows)) if module(one) == "price"}


def module(done: Any) -> str:
    return str(done.planned.key.module)


def test_there_is_one_product_one_sku_and_one_stock(shop: Shop) -> None:
    planned = shop.plan(school(prices=[PRICE, B2B]))

    counts = [sum(one.key.module == name for one in planned) for name in ("product", "sku", "stock", "price")]
    assert counts == [1, 1, 1, 2]


def test_the_fixed_price_comes_beside_the_base_price(shop: Shop) -> None:
    done = by_channel(shop, PRICE, B2B)

    sku = shop.known["sku|nacional|B2C|1;12;CQ.1"]
    assert done["B2B"].requests == [f"GET prices/{sku}", f"PATCH prices/{sku}/fixed"]
    held = prices(shop)
    assert (held["basePrice"], [one["value"] for one in held["fixedPrices"]]) == (1795.5, [1500])
    assert held["fixedPrices"][0]["tradePolicyId"] == "2"


def test_it_waits_for_the_base_price(shop: Shop) -> None:
    (fixed,) = (one for one in shop.planned(school(prices=[PRICE, B2B]), "price") if one.key.channel == "B2B")

    assert fixed.outcome.parents == ("price|sp|B2C|1;12;CQ.1;B2C",)


def test_an_equal_fixed_price_is_not_written_again_and_other_fixed_prices_stay(shop: Shop) -> None:
    by_channel(shop, PRICE, B2B)
    sku = shop.known["sku|nacional|B2C|1;12;CQ.1"]
    shop.by_hand("sp", pricing.patch_fixed_price(sku, 7, 90_000))

    again = by_channel(shop, PRICE, B2B)
    changed = by_channel(shop, PRICE, price(channel=Channel.B2B, price_cents=140_000, list_price_cents=None))

    assert again["B2B"].writes == []
    assert changed["B2B"].writes == [f"PATCH prices/{sku}/fixed"]
    assert {one["tradePolicyId"]: one["value"] for one in prices(shop)["fixedPrices"]} == {"2": 1400, "7": 900}


def test_the_product_is_sold_in_the_policy_of_b2b_once(shop: Shop) -> None:
    first = shop.ship(school(prices=[PRICE, B2B]))["product"]
    second = shop.ship(school(prices=[PRICE, B2B]))["product"]

    product = shop.held()["products"][0]["Id"]
    assert first.writes == ["POST product", f"POST product/{product}/salespolicy/2"]
    assert second.writes == []
    assert 2 in shop.held()["products"][0]["SalesPolicies"]


def test_a_course_without_b2b_price_stays_in_the_main_policy(shop: Shop) -> None:
    assert shop.ship(school(prices=[PRICE]))["product"].writes == ["POST product"]


def test_a_class_with_a_b2b_price_only_has_no_base_price_to_stand_beside(shop: Shop) -> None:
    (only,) = shop.planned(school(prices=[B2B]), "price")

    assert isinstance(only.outcome, Failure)
    assert only.outcome.failure_class is FailureClass.CONTEXT


@pytest.mark.parametrize("arrived", [True, False])
def test_whether_a_fixed_price_arrived_is_read_back(shop: Shop, arrived: bool) -> None:
    by_channel(shop, *((PRICE, B2B) if arrived else (PRICE,)))
    sku = shop.known["sku|nacional|B2C|1;12;CQ.1"]
    intent = Intent("gravar preço B2B", "PATCH", f"/pricing/prices/{sku}/fixed", [POLICY], sku)

    assert shop.verify("price", "sp", intent) == (Arrived(sku) if arrived else DidNotArrive())


@pytest.mark.parametrize("policy", [1, 2])
def test_whether_a_policy_arrived_is_read_back(shop: Shop, policy: int) -> None:
    shop.ship(school(prices=[PRICE]))
    product = str(shop.held()["products"][0]["Id"])
    path = f"/api/catalog/pvt/product/{product}/salespolicy/{policy}"
    intent = Intent("incluir na política comercial", "POST", path, {}, product)

    assert shop.verify("product", "nacional", intent) == (Arrived(product) if policy == 1 else DidNotArrive())
