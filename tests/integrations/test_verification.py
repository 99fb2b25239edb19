"""After doubt: each write is found when it arrived and not found when it did not, judged by what VTEX holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.integrations.school import course, course_class, price, school, stock
from tests.integrations.shop import Done, Shop
from vtexmon.integrations.contract import Arrived, DidNotArrive, Intent, Sent
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.sge.source import Snapshot
from vtexmon.vtex.client import VtexClient


def intent_of(shop: Shop, done: Done) -> Intent:
    """The last write of a record, as the engine has it on disk."""
    assert done.step is not None
    assert done.step.last_write is not None
    step, request = done.step.last_write
    return Intent(step, request.method, request.path, request.body, shop.known.get(done.planned.key.text))


CREATING = {
    "category": "POST /category",
    "brand": "POST /brand",
    "product": "POST /product",
    "sku": "POST /stockkeepingunit$",
}


@pytest.mark.parametrize("module", CREATING)
def test_a_creation_that_was_applied_is_found_with_its_id(shop: Shop, module: str) -> None:
    shop.sandbox.set_faults(f"applied:match={CREATING[module]}")
    done = shop.ship(school())[module]

    found = shop.verify(module, "nacional", intent_of(shop, done))

    kind = {"category": "categories", "brand": "brands", "product": "products", "sku": "skus"}[module]
    assert found == Arrived(str(shop.held()[kind][0]["Id"]))


@pytest.mark.parametrize("module", CREATING)
def test_a_creation_that_was_lost_is_not_found(shop: Shop, module: str) -> None:
    shop.sandbox.set_faults(f"drop:match={CREATING[module]}")
    done = shop.ship(school())[module]

    assert shop.verify(module, "nacional", intent_of(shop, done)) == DidNotArrive()


def test_a_creation_is_not_found_in_a_sku_that_hangs_under_another_product(shop: Shop) -> None:
    done = shop.ship(school())["sku"]
    (sku,) = shop.held()["skus"]
    intent = Intent("criar SKU", "POST", "/api/catalog/pvt/stockkeepingunit", {**sku, "ProductId": 1}, None)

    assert isinstance(done.outcome, Sent)
    assert shop.verify("sku", "nacional", intent) == DidNotArrive()
    assert shop.verify("sku", "nacional", replace(intent, body=sku)) == Arrived(str(sku["Id"]))


UPDATES: dict[str, tuple[str, str, Callable[[], Snapshot]]] = {
    "product": ("nacional", "PUT /product/", lambda: school(courses=[course(description="Nova")])),
    "sku": ("nacional", "PUT /stockkeepingunit/", lambda: school(classes=[course_class(name="Novo nome")])),
    "price": ("sp", "PUT /pricing/", lambda: school(prices=[price(price_cents=1)])),
    "stock": ("sp", "PUT /inventory/", lambda: school(stocks=[stock(quantity=9)])),
}


@pytest.mark.parametrize("module", UPDATES)
@pytest.mark.parametrize(("fault", "arrived"), [("applied", True), ("drop", False)])
def test_an_update_is_found_exactly_when_it_was_applied(shop: Shop, module: str, fault: str, arrived: bool) -> None:
    account, path, changed = UPDATES[module]
    shop.ship(school())
    method, _, where = path.partition(" ")
    shop.sandbox.set_faults(f"{fault}:match={method} {where}")
    done = shop.ship(changed())[module]

    assert isinstance(shop.verify(module, account, intent_of(shop, done)), Arrived if arrived else DidNotArrive)


@pytest.mark.parametrize(("fault", "expected"), [("applied", Arrived), ("drop", DidNotArrive)])
def test_an_image_is_found_exactly_when_it_was_applied(shop: Shop, fault: str, expected: type[Any]) -> None:
    shop.sandbox.set_faults(f"{fault}:match=POST /file$")

    done = shop.ship(school())["sku"]

    assert isinstance(shop.verify("sku", "nacional", intent_of(shop, done)), expected)


def test_an_update_that_made_vtex_activate_the_sku_is_found(shop: Shop) -> None:
    """It was sent with IsActive false and ActivateIfPossible true; VTEX turned the first over, as it was asked to."""
    shop.ship(school())
    shop.ship(school(classes=[course_class(active=False)]))
    shop.sandbox.set_faults("applied:match=PUT /stockkeepingunit/,times=1")

    done = shop.ship(school())["sku"]

    assert shop.held()["skus"][0]["IsActive"] is True
    assert isinstance(shop.verify("sku", "nacional", intent_of(shop, done)), Arrived)


def test_an_activation_that_was_lost_is_not_found(shop: Shop) -> None:
    shop.ship(school())
    shop.ship(school(classes=[course_class(active=False)]))
    shop.sandbox.set_faults("drop:match=PUT /stockkeepingunit/")

    done = shop.ship(school())["sku"]

    assert shop.verify("sku", "nacional", intent_of(shop, done)) == DidNotArrive()


def test_stock_in_a_warehouse_whose_id_is_escaped_in_the_address_is_found(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(sandbox={"warehouses": {"São Paulo 1": "Principal"}})
    shop.sandbox.set_faults("applied:match=PUT /inventory/")

    done = shop.ship(school(stocks=[stock(warehouse="São Paulo 1")]))["stock"]

    assert isinstance(shop.verify("stock", "sp", intent_of(shop, done)), Arrived)


def test_a_verification_looks_past_what_was_read_for_many_records(shop: Shop) -> None:
    """The shared reading of the tree is older than the write it should tell about."""
    shop.sandbox.set_faults("applied:match=POST /category,times=1")
    done = shop.ship(school())["category"]
    forgotten: list[str] = []
    assert done.step is not None
    done.step.forget_shared = lambda request: forgotten.append(request.path)  # type: ignore[method-assign]

    asyncio.run(_verified(shop, INTEGRATIONS["category"].verify, intent_of(shop, done), done))

    assert forgotten == ["/api/catalog_system/pub/category/tree/3"]


async def _verified(shop: Shop, verify: Any, intent: Intent, done: Done) -> None:
    assert done.step is not None
    done.step.client = VtexClient(shop.config.accounts["nacional"])
    try:
        await verify(intent, done.step)
    finally:
        await done.step.client.aclose()
