"""A regional with SKU ids of its own (``sku_id = "lookup"``), and how seats are divided between two accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.integrations.school import CLASS, PRICE, course_class, price, school, stock
from tests.integrations.shop import Shop
from vtexmon.core.failures import FailureClass
from vtexmon.integrations.stock import WantedStock
from vtexmon.sge.source import Channel
from vtexmon.vtex import catalog

B2B = price(channel=Channel.B2B, price_cents=150_000, list_price_cents=None)


def test_a_regional_with_ids_of_its_own_is_asked_by_reference(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(regional={"sku_id": "lookup"})
    made_by_hand(shop)

    done = shop.ship(school())

    own = str(shop.held("lojasp")["skus"][0]["Id"])
    assert own != shop.known["sku|nacional|B2C|1;12;CQ.1"]
    assert done["price"].requests == ["GET stockkeepingunit?RefId=1-12-CQ.1", f"GET prices/{own}", f"PUT prices/{own}"]
    assert done["stock"].requests[0] == "GET stockkeepingunit?RefId=1-12-CQ.1"
    assert done["stock"].writes == [f"PUT inventory/skus/{own}/warehouses/1"]
    assert list(shop.held("lojasp")["prices"]) == [own]


def test_without_such_a_sku_nothing_is_written_and_the_reason_is_told(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(regional={"sku_id": "lookup"})

    done = shop.ship(school())

    for module in ("price", "stock"):
        assert done[module].writes == []
        assert done[module].failure.failure_class is FailureClass.DEPENDENCY
        assert "1-12-CQ.1" in done[module].failure.message


def test_a_price_found_by_reference_waits_for_nobody(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(regional={"sku_id": "lookup"})

    assert [one.outcome.parents for one in shop.planned(school(), "price")] == [()]


def test_two_classes_of_one_reference_write_nothing_to_the_sku_that_has_it(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(regional={"sku_id": "lookup"})
    made_by_hand(shop)
    first, second = (replace(CLASS.key, period=period) for period in ("2027/1", "2027/2"))
    snapshot = school(
        classes=[course_class(key=key) for key in (first, second)],
        prices=[price(key=first), price(key=second, price_cents=99_900)],
        stocks=[stock(key=key) for key in (first, second)],
    )

    done = [one for one in shop.ship_all(snapshot) if one.planned.key.module in ("price", "stock")]

    assert [one.requests for one in done] == [[]] * 4
    assert {one.failure.failure_class for one in done} == {FailureClass.CONTEXT}
    assert all("2027/1" in one.failure.message and "2027/2" in one.failure.message for one in done)
    assert all("{periodo_letivo}" in one.failure.advice for one in done)


def seats(shop: Shop, channels: list[Any]) -> dict[str, int]:
    found = shop.planned(school(prices=channels), "stock")
    return {one.key.channel: one.outcome.quantity for one in found if isinstance(one.outcome, WantedStock)}


def test_seats_of_a_class_in_two_accounts_are_the_same_or_kept_for_b2c(open_shop: Callable[..., Shop]) -> None:
    both = {"regional": {"b2b": "nacional"}}
    same = open_shop(catalog={"b2b": "sp"}, **both)
    zero = open_shop(catalog={"b2b": "sp", "b2b_seats": "zero"}, **both)

    assert seats(same, [PRICE, B2B]) == {"B2C": 2, "B2B": 2}
    assert seats(zero, [PRICE, B2B]) == {"B2C": 2, "B2B": 0}
    assert seats(zero, [B2B]) == {"B2B": 2}


def made_by_hand(shop: Shop) -> None:
    """The regional's own product and SKU of the same reference, under ids of its own."""
    category = shop.by_hand("sp", catalog.create_category("Metalmecânica"))["Id"]
    brand = shop.by_hand("sp", catalog.create_brand("SENAI", 2_000_001))["Id"]
    fields = {"Name": "Ajustador", "CategoryId": category, "BrandId": brand, "RefId": "1-12-AJUSTA"}
    product = shop.by_hand("sp", catalog.create_product(fields))["Id"]
    size = {"PackagedHeight": 1, "PackagedLength": 1, "PackagedWidth": 1, "PackagedWeightKg": 1}
    sku = {"ProductId": product, "Name": "Ajustador", "RefId": "1-12-CQ.1", **size}
    shop.by_hand("sp", catalog.create_sku({**sku, "CommercialConditionId": 1, "MeasurementUnit": "un"}))


def test_a_price_that_vanished_takes_nothing_off_sale(shop: Shop) -> None:
    shop.ship(school())

    shop.ship(school(prices=[]))

    (sku,) = shop.held()["skus"]
    assert (sku["IsActive"], sku["ActivateIfPossible"]) == (True, False)
