"""What somebody made in VTEX before the first export is found, corrected where it is ours to say, and made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations.school import COURSE, price, school, stock
from tests.integrations.shop import IMAGE, Shop
from vtexmon.core.exchange import Api, Request
from vtexmon.core.failures import FailureClass
from vtexmon.integrations.contract import Sent
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.merging import merged_product, merged_sku

OURS = {"Name": "Ajustador Mecânico", "RefId": "1-12-AJUSTA"}
OUR_SKU = {"Name": "Turma", "RefId": "1-12-CQ.1"}


def test_records_made_by_hand_before_are_adopted_by_name_and_ref_id(shop: Shop) -> None:
    shop.by_hand("nacional", catalog.create_category("METALMECANICA"))
    shop.by_hand("nacional", catalog.create_brand("Senai", 2_000_007))
    product = product_by_hand(shop, Name="Ajustador Mecânico", RefId="1-12-AJUSTA", LinkId="feito-a-mao")
    sku = sku_by_hand(shop, product, Name="Outro nome", RefId="1-12-CQ.1")

    done = shop.ship(school())

    assert done["category"].writes == done["brand"].writes == []
    assert done["product"].writes == [f"PUT product/{product}"]
    assert done["sku"].writes == [f"PUT stockkeepingunit/{sku}", f"POST stockkeepingunit/{sku}/file"]
    totals = shop.sandbox.state()["totals"]
    assert [totals[kind] for kind in ("categories", "brands", "products", "skus", "images")] == [1, 1, 1, 1, 1]
    assert shop.held()["products"][0]["LinkId"] == "feito-a-mao"  # set at creation only


def test_a_product_under_other_words_and_switched_off_is_corrected_and_the_rest_of_it_kept(shop: Shop) -> None:
    other = {"Name": "Curso antigo", "Title": "Velho", "IsActive": False, "IsVisible": False, "ShowWithoutStock": True}
    kept = {"MetaTagDescription": "à mão", "TaxCode": "85.41", "Score": 4, "DescriptionShort": "curta"}
    product_by_hand(shop, **{**OURS, **other, **kept, "LinkId": "curso-antigo"})

    done = shop.ship(school())

    (held,) = shop.held()["products"]
    assert isinstance(done["product"].outcome, Sent)
    assert {name: held[name] for name in kept} == kept
    assert (held["Name"], held["Title"], held["LinkId"]) == (COURSE.name, COURSE.name, "curso-antigo")
    assert (held["IsActive"], held["IsVisible"], held["ShowWithoutStock"]) == (True, True, False)
    assert [sku["IsActive"] for sku in shop.held()["skus"]] == [True]


def test_a_product_that_vtexs_look_up_does_not_show_is_adopted_from_its_refusal(shop: Shop) -> None:
    """[K:1157371]"""
    product = product_by_hand(shop, **OURS)
    shop.sandbox.set_faults("status:match=GET /.*productgetbyrefid,status=404,text=Product not found")

    done = shop.ship(school())

    assert done["product"].writes == ["POST product", f"PUT product/{product}"]
    assert shop.known["product|nacional|B2C|1;12;AJUSTA"] == str(product)
    assert len(shop.held()["products"]) == 1


def test_a_sku_with_images_of_its_own_keeps_them_and_its_other_fields(shop: Shop) -> None:
    product = product_by_hand(shop, **OURS, IsActive=True)
    sku = sku_by_hand(shop, product, **OUR_SKU, ManufacturerCode="M-1", WeightKg=2, ActivateIfPossible=True)
    shop.by_hand("nacional", catalog.add_sku_file(sku, "https://loja.example/propria.png", "propria"))

    shop.ship(school())

    (held,) = shop.held()["skus"]
    assert (held["Id"], held["ManufacturerCode"], held["WeightKg"], held["IsActive"]) == (sku, "M-1", 2, True)
    assert [image["Url"] for image in held["images"]] == ["https://loja.example/propria.png", IMAGE]


def test_a_sku_that_was_switched_off_is_activated_and_one_that_is_active_stays_so(shop: Shop) -> None:
    product = product_by_hand(shop, **OURS, IsActive=True)
    sku = sku_by_hand(shop, product, **OUR_SKU, ActivateIfPossible=False)

    done = shop.ship(school())

    assert isinstance(done["sku"].outcome, Sent)
    assert [(held["Id"], held["IsActive"]) for held in shop.held()["skus"]] == [(sku, True)]


@pytest.mark.parametrize("is_active", [True, False])
def test_a_sku_that_hangs_under_another_product_is_left_alone_and_both_are_named(shop: Shop, is_active: bool) -> None:
    own = product_by_hand(shop, **OURS)
    other = product_by_hand(shop, Name="Outro", RefId="OUTRO", IsActive=is_active)
    sku = sku_by_hand(shop, other, **OUR_SKU)
    before = shop.held()["skus"]

    done = shop.ship(school())

    assert done["sku"].failure.failure_class is FailureClass.DATA
    assert all(str(one) in done["sku"].failure.message for one in (sku, own, other, "1-12-CQ.1"))
    assert done["sku"].writes == []
    assert shop.held()["skus"] == before
    assert done["price"].requests == done["stock"].requests == []  # they would be another course's


def test_a_sku_of_another_product_that_only_its_refusal_names_is_left_alone_too(shop: Shop) -> None:
    other = product_by_hand(shop, Name="Outro", RefId="OUTRO")
    sku_by_hand(shop, other, **OUR_SKU)
    shop.sandbox.set_faults("status:match=GET /stockkeepingunit$,status=404")

    done = shop.ship(school())["sku"]

    assert done.failure.failure_class is FailureClass.DATA
    assert done.writes == ["POST stockkeepingunit"]


def test_a_category_that_lies_deeper_or_is_spelled_otherwise_is_the_one_that_is_meant(shop: Shop) -> None:
    area = shop.by_hand("nacional", catalog.create_category("Indústria"))["Id"]
    deep = shop.by_hand("nacional", catalog.create_category("  metalmecanica ", area))["Id"]

    shop.ship(school())

    assert [held["CategoryId"] for held in shop.held()["products"]] == [deep]
    assert len(shop.held()["categories"]) == 2


def test_a_brand_that_was_switched_off_is_used_and_vtexs_reason_is_told(shop: Shop) -> None:
    brand = {**catalog.create_brand("senai", 2_000_009).body, "Active": False}
    shop.by_hand("nacional", Request(Api.CATALOG, "POST", "/api/catalog/pvt/brand", brand))

    done = shop.ship(school())

    assert [held["BrandId"] for held in shop.held()["products"]] == [2_000_009]
    assert "brand is not active" in done["sku"].failure.message
    assert done["sku"].failure.failure_class is FailureClass.BUSINESS


FIXED = ({"tradePolicyId": "7", "value": 1500.5, "listPrice": 1600.0, "minQuantity": 10},)


@pytest.mark.parametrize(("cents", "is_written"), [(200_000, True), (179_550, False)])
def test_a_price_made_by_hand_is_replaced_where_it_differs_and_its_fixed_prices_stay(
    shop: Shop, cents: int, is_written: bool
) -> None:
    sku = sku_by_hand(shop, product_by_hand(shop, **OURS), **OUR_SKU)
    shop.by_hand("sp", pricing.put_price(sku, cents, None, FIXED))

    done = shop.ship(school(prices=[price(list_price_cents=None)]))["price"]

    document = shop.held("lojasp")["prices"][str(sku)]
    assert done.writes == [f"PUT prices/{sku}"] * is_written
    assert document["basePrice"] == 1795.5
    assert [{name: one[name] for name in FIXED[0]} for one in document["fixedPrices"]] == list(FIXED)


def test_a_stock_made_by_hand_is_replaced_in_its_warehouse_and_others_are_left(shop: Shop) -> None:
    sku = sku_by_hand(shop, product_by_hand(shop, **OURS), **OUR_SKU)
    for warehouse in ("1", "1_1"):
        shop.by_hand("sp", logistics.put_inventory(sku, warehouse, 50, True))

    shop.ship(school(stocks=[stock(quantity=0)]))

    held = {one["warehouseId"]: (one["quantity"], one["unlimitedQuantity"]) for one in shop.held("lojasp")["stocks"]}
    assert held == {"1": (0, False), "1_1": (50, True)}


CHANGED: dict[str, Callable[[Shop], None]] = {
    "product": lambda shop: _rename(shop, "products"),
    "sku": lambda shop: _rename(shop, "skus"),
}


def _rename(shop: Shop, kind: str) -> None:
    (record,) = shop.held()[kind]
    if kind == "products":
        request = catalog.update_product(record["Id"], merged_product(record, {"Name": "Renomeado"}))
    else:
        request = catalog.update_sku(record["Id"], merged_sku(record, {"Name": "Renomeado"}))
    shop.by_hand("nacional", request)


@pytest.mark.parametrize("module", CHANGED)
def test_what_was_adopted_and_is_renamed_by_hand_gets_its_name_back_and_no_twin(shop: Shop, module: str) -> None:
    sku_by_hand(shop, product_by_hand(shop, **OURS), **OUR_SKU)
    shop.ship(school())
    CHANGED[module](shop)

    assert [line.partition(" ")[0] for line in shop.ship(school())[module].writes] == ["PUT"]

    totals: dict[str, Any] = shop.sandbox.state()["totals"]
    assert [totals[kind] for kind in ("products", "skus", "images")] == [1, 1, 1]


def product_by_hand(shop: Shop, **fields: Any) -> int:
    tree = shop.by_hand("nacional", catalog.category_tree())
    category = tree[0]["id"] if tree else shop.by_hand("nacional", catalog.create_category("Feita à mão"))["Id"]
    brands = shop.by_hand("nacional", catalog.brand_list())
    brand = brands[0]["id"] if brands else shop.by_hand("nacional", catalog.create_brand("À mão", 2_000_001))["Id"]
    made = shop.by_hand("nacional", catalog.create_product({"CategoryId": category, "BrandId": brand, **fields}))
    return int(made["Id"])


def sku_by_hand(shop: Shop, product: int, **fields: Any) -> int:
    sizes = dict.fromkeys(("PackagedHeight", "PackagedLength", "PackagedWidth", "PackagedWeightKg"), 1)
    made = shop.by_hand("nacional", catalog.create_sku({"ProductId": product, **sizes, **fields}))
    return int(made["Id"])
