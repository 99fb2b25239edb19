"""What a record costs: the exact requests of a new one and of one that is equal."""

from __future__ import annotations

from typing import Any

from tests.integrations.school import PRICE, STOCK, course, course_class, price, school, stock
from tests.integrations.shop import IMAGE, Shop
from vtexmon.integrations.contract import Sent


def test_a_new_class_costs_exactly_these_requests(shop: Shop) -> None:
    done = shop.ship(school())

    sku = shop.known["sku|nacional|B2C|1;12;CQ.1"]
    assert {module: one.requests for module, one in done.items()} == {
        "category": ["GET category/tree/3", "POST category"],
        "brand": ["GET brand/list", "POST brand"],
        "product": ["GET productgetbyrefid/1-12-AJUSTA", "POST product"],
        "sku": [
            "GET stockkeepingunit?RefId=1-12-CQ.1",
            "POST stockkeepingunit",
            f"POST stockkeepingunit/{sku}/file",
            f"GET stockkeepingunit/{sku}",
        ],
        "price": [f"GET prices/{sku}", f"PUT prices/{sku}"],
        "stock": ["GET configuration/warehouses", f"PUT inventory/skus/{sku}/warehouses/1"],
    }


def test_vtex_then_holds_what_the_mapping_table_says(shop: Shop) -> None:
    shop.ship(school())

    held = shop.held()
    product, sku = held["products"][0], held["skus"][0]
    assert (product["Name"], product["Title"], product["RefId"]) == (
        "Ajustador Mecânico",
        "Ajustador Mecânico",
        "1-12-AJUSTA",
    )
    assert (product["Description"], product["KeyWords"]) == ("Curso de ajustagem.", "ajustador")
    assert product["LinkId"] == "ajustador-mecanico-1-12-ajusta"
    assert (product["IsActive"], product["IsVisible"], product["ShowWithoutStock"]) == (True, True, False)
    assert (sku["Name"], sku["RefId"], sku["ProductId"]) == ("Ajustador Mecânico - CQ.1", "1-12-CQ.1", product["Id"])
    assert sku["IsActive"] is True
    assert [image["Url"] for image in sku["images"]] == [IMAGE]
    assert held["prices"] == {}
    regional = shop.held("lojasp")
    assert regional["prices"][str(sku["Id"])]["basePrice"] == 1795.5
    assert regional["prices"][str(sku["Id"])]["listPrice"] == 2064.82
    assert [(line["warehouseId"], line["quantity"]) for line in regional["stocks"]] == [("1", 2)]


def test_a_new_sku_is_created_inactive(shop: Shop) -> None:
    shop.ship(school())

    created = next(r for r in shop.sandbox.requests() if r["path"].endswith("/stockkeepingunit") and r["body"])
    assert '"IsActive":false' in created["body"]


def test_nothing_is_written_when_vtex_holds_it_already_but_a_stock_which_is_absolute(shop: Shop) -> None:
    shop.ship(school())
    before = shop.held("lojasp")["stocks"]

    done = shop.ship(school())

    assert {module for module, one in done.items() if one.writes} == {"stock"}
    assert shop.held("lojasp")["stocks"] == before
    assert all(isinstance(one.outcome, Sent) for one in done.values())


def test_a_course_without_a_brand_takes_the_default_and_one_with_a_brand_its_own(shop: Shop) -> None:
    shop.ship(school())
    shop.ship(school(courses=[course(brand="SENAI Cimatec")]))

    assert [brand["Name"] for brand in shop.held()["brands"]] == ["SENAI", "SENAI Cimatec"]


def test_the_courses_own_image_wins_over_the_default(shop: Shop) -> None:
    shop.ship(school(courses=[course(image_url="https://loja.example/ajusta.jpg")]))

    assert [image["Url"] for image in shop.held()["skus"][0]["images"]] == ["https://loja.example/ajusta.jpg"]


def test_the_same_image_is_never_added_twice(shop: Shop) -> None:
    shop.ship(school())
    shop.ship(school(classes=[course_class(name="Novo nome")]))
    shop.ship(school())

    assert len(shop.held()["skus"][0]["images"]) == 1


def test_a_price_without_list_price_leaves_it_out_and_so_does_one_not_above_the_price(shop: Shop) -> None:
    assert "listPrice" not in shop.ship(school(prices=[price(list_price_cents=None)]))["price"].body
    equal = price(price_cents=100_000, list_price_cents=100_000)
    assert shop.ship(school(prices=[equal]))["price"].body == {"basePrice": 1000}
    above = price(price_cents=100_000, list_price_cents=100_001)
    assert shop.ship(school(prices=[above]))["price"].body == {"basePrice": 1000, "listPrice": 1000.01}


def test_a_stock_of_zero_is_sent(shop: Shop) -> None:
    done = shop.ship(school(stocks=[stock(quantity=0)]))

    assert done["stock"].body == {"quantity": 0, "unlimitedQuantity": False, "leadTime": "00:00:00"}
    assert [line["quantity"] for line in shop.held("lojasp")["stocks"]] == [0]


def test_a_stock_without_a_warehouse_goes_to_the_regionals(open_shop: Any) -> None:
    shop = open_shop(regional={"warehouse": "1_1"})

    shop.ship(school(stocks=[stock(warehouse="")]))

    assert [line["warehouseId"] for line in shop.held("lojasp")["stocks"]] == ["1_1"]


def test_unlimited_stock_says_so(shop: Shop) -> None:
    shop.ship(school(stocks=[stock(unlimited=True)]))

    assert [line["unlimitedQuantity"] for line in shop.held("lojasp")["stocks"]] == [True]


def test_a_class_that_is_not_to_be_activated_is_not_read_again(shop: Shop) -> None:
    done = shop.ship(school(prices=[]))

    assert [line.partition(" ")[0] for line in done["sku"].requests] == ["GET", "POST", "POST"]


def test_a_class_without_a_price_is_created_but_not_activated_until_it_has_one(shop: Shop) -> None:
    shop.ship(school(prices=[]))
    assert [sku["IsActive"] for sku in shop.held()["skus"]] == [False]

    shop.ship(school(prices=[PRICE], stocks=[STOCK]))
    assert [sku["IsActive"] for sku in shop.held()["skus"]] == [True]
