"""A known record is read, merged and written only where it differs; what people made by hand stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.integrations.school import CLASS, COURSE, course, course_class, price, school, stock
from tests.integrations.shop import Shop
from vtexmon.core.exchange import Api, Request
from vtexmon.core.failures import FailureClass
from vtexmon.integrations.contract import Sent
from vtexmon.sge.source import ClassKey, CourseKey
from vtexmon.vtex import catalog
from vtexmon.vtex.merging import merged_product, merged_sku


def test_a_renamed_course_is_corrected_and_hand_made_fields_stay(shop: Shop) -> None:
    shop.ship(school())
    product = shop.held()["products"][0]
    by_hand = {"MetaTagDescription": "Feito à mão", "TaxCode": "85.41", "Score": 7}
    shop.by_hand("nacional", catalog.update_product(product["Id"], merged_product(product, by_hand)))

    done = shop.ship(school(courses=[course(name="Ajustador Mecânico II", description="")]))

    assert done["product"].writes == [f"PUT product/{product['Id']}"]
    after = shop.held()["products"][0]
    assert {name: after[name] for name in by_hand} == by_hand
    assert (after["Name"], after["Title"], after["Description"]) == (
        "Ajustador Mecânico II",
        "Ajustador Mecânico II",
        "",
    )
    assert after["LinkId"] == product["LinkId"]


def test_a_renamed_class_is_corrected_and_hand_made_fields_stay(shop: Shop) -> None:
    shop.ship(school())
    sku = shop.held()["skus"][0]
    by_hand = {"ManufacturerCode": "FAB-1", "RewardValue": 2.5}
    shop.by_hand("nacional", catalog.update_sku(sku["Id"], merged_sku(sku, by_hand)))

    shop.ship(school(classes=[course_class(name="Turma da noite")]))

    after = shop.held()["skus"][0]
    assert {name: after[name] for name in by_hand} == by_hand
    assert (after["Name"], after["IsActive"]) == ("Turma da noite", True)


def test_a_price_is_replaced_and_its_fixed_prices_stay(shop: Shop) -> None:
    shop.ship(school())
    sku = shop.held()["skus"][0]["Id"]
    fixed = [{"tradePolicyId": "2", "value": 1500.0, "minQuantity": 10}]
    shop.by_hand("sp", Request(Api.PRICING, "PATCH", f"/pricing/prices/{sku}/fixed", fixed))

    shop.ship(school(prices=[price(price_cents=200_000, list_price_cents=None)]))

    after = shop.held("lojasp")["prices"][str(sku)]
    assert (after["basePrice"], after["listPrice"]) in ((2000.0, None), (2000.0, 2000.0))
    assert [(kept["tradePolicyId"], kept["value"], kept["minQuantity"]) for kept in after["fixedPrices"]] == [
        ("2", 1500.0, 10)
    ]


def test_cost_price_and_markup_are_never_sent(shop: Shop) -> None:
    body = shop.ship(school())["price"].body

    assert set(body) == {"basePrice", "listPrice"}


def test_an_inactive_class_becomes_inactive_with_stock_zero_and_its_price_kept(shop: Shop) -> None:
    shop.ship(school())

    done = shop.ship(school(classes=[course_class(active=False)]))

    sku = shop.held()["skus"][0]
    assert (sku["IsActive"], sku["ActivateIfPossible"]) == (False, False)
    assert [line["quantity"] for line in shop.held("lojasp")["stocks"]] == [0]
    assert done["price"].writes == []


def test_an_inactive_course_takes_its_classes_and_their_stock_with_it(shop: Shop) -> None:
    shop.ship(school())

    shop.ship(school(courses=[course(active=False)]))

    held = shop.held()
    assert [(product["IsActive"], product["IsVisible"]) for product in held["products"]] == [(False, False)]
    assert [sku["IsActive"] for sku in held["skus"]] == [False]
    assert [line["quantity"] for line in shop.held("lojasp")["stocks"]] == [0]


def test_what_becomes_active_again_is_activated_again(shop: Shop) -> None:
    shop.ship(school())
    shop.ship(school(courses=[course(active=False)]))

    shop.ship(school())

    assert [sku["IsActive"] for sku in shop.held()["skus"]] == [True]
    assert [line["quantity"] for line in shop.held("lojasp")["stocks"]] == [2]


def test_a_sku_deactivated_by_hand_is_activated_again_at_the_next_send(shop: Shop) -> None:
    shop.ship(school())
    sku = shop.held()["skus"][0]
    body = merged_sku(sku, {"IsActive": False, "ActivateIfPossible": False})
    shop.by_hand("nacional", catalog.update_sku(sku["Id"], body))

    shop.ship(school())

    assert [sku["IsActive"] for sku in shop.held()["skus"]] == [True]


def test_a_refused_activation_keeps_vtexs_reason(shop: Shop) -> None:
    shop.ship(school(prices=[]))
    product = shop.held()["products"][0]
    shop.by_hand("nacional", catalog.update_product(product["Id"], merged_product(product, {"IsActive": False})))

    sku = next(planned for planned in shop.planned(school(), "sku"))
    done = shop.ship_one(sku)

    assert "could not be set as active" in done.failure.message
    assert done.failure.failure_class is FailureClass.BUSINESS


def test_a_409_for_the_ref_id_adopts_the_product_it_names(shop: Shop) -> None:
    shop.ship(school())
    del shop.known["product|nacional|B2C|1;12;AJUSTA"]
    shop.sandbox.set_faults("status:match=GET /.*productgetbyrefid,status=200,text=null,times=1")

    done = shop.ship(school(courses=[course(description="Nova")]))

    product = shop.held()["products"][0]["Id"]
    assert done["product"].requests == [
        "GET productgetbyrefid/1-12-AJUSTA",
        "POST product",
        f"GET product/{product}",
        f"PUT product/{product}",
    ]
    assert len(shop.held()["products"]) == 1
    assert shop.held()["products"][0]["Description"] == "Nova"


def test_a_409_for_the_sku_ref_id_adopts_the_sku_it_names(shop: Shop) -> None:
    shop.ship(school())
    del shop.known["sku|nacional|B2C|1;12;CQ.1"]
    shop.sandbox.set_faults("status:match=GET /stockkeepingunit$,status=404,times=1")

    done = shop.ship(school())

    sku = shop.held()["skus"][0]["Id"]
    assert done["sku"].requests == [
        "GET stockkeepingunit?RefId=1-12-CQ.1",
        "POST stockkeepingunit",
        f"GET stockkeepingunit/{sku}",
        f"GET stockkeepingunit/{sku}/file",
    ]
    assert len(shop.held()["skus"]) == 1


def test_a_known_record_is_read_by_its_id_and_not_looked_up(shop: Shop) -> None:
    shop.ship(school())
    product, sku = shop.held()["products"][0]["Id"], shop.held()["skus"][0]["Id"]

    done = shop.ship(school(courses=[course(description="Nova")], classes=[course_class(name="Nova turma")]))

    assert done["product"].requests == [f"GET product/{product}", f"PUT product/{product}"]
    assert done["sku"].requests == [
        f"GET stockkeepingunit/{sku}",
        f"PUT stockkeepingunit/{sku}",
        f"GET stockkeepingunit/{sku}/file",
    ]


@pytest.mark.parametrize("module", ["product", "sku"])
def test_a_known_id_that_shows_another_reference_is_not_written_to(shop: Shop, module: str) -> None:
    """The store of ids is older or newer than VTEX: somebody else's record has the id by now."""
    other = course(key=CourseKey(1, 12, "SOLDA"), name="Soldador")
    classes = [CLASS, course_class(key=ClassKey(1, 12, "CQ.2"), course="SOLDA", name="Outra")]
    shop.ship(school(courses=[COURSE, other], classes=classes))
    before = shop.held()
    keys = {"product": ("1;12;AJUSTA", "1;12;SOLDA"), "sku": ("1;12;CQ.1", "1;12;CQ.2")}[module]
    right, wrong = (f"{module}|nacional|B2C|{key}" for key in keys)
    own, shop.known[right] = shop.known[right], shop.known[wrong]

    done = next(one for one in shop.ship_all(school()) if one.planned.key.text == right)

    assert shop.known[right] == own
    assert done.writes == []
    assert shop.held() == before


def test_a_known_id_that_is_gone_is_looked_up_and_made_again(shop: Shop) -> None:
    shop.ship(school())
    shop.known["product|nacional|B2C|1;12;AJUSTA"] = "999"

    assert shop.ship(school())["product"].requests[:2] == ["GET product/999", "GET productgetbyrefid/1-12-AJUSTA"]
    assert len(shop.held()["products"]) == 1


def test_a_refusal_of_the_link_ids_form_is_a_data_error_and_not_a_conflict(shop: Shop) -> None:
    text = '{"Message": "The LinkId field is not valid."}'
    shop.sandbox.set_faults(f"status:match=POST /product$,status=400,text={text}")

    done = shop.ship(school())["product"]

    assert done.writes == ["POST product"]
    assert done.failure.failure_class is FailureClass.DATA


def test_a_409_for_the_link_id_sends_once_more_under_another(shop: Shop) -> None:
    shop.ship(
        school(courses=[course(key=CourseKey(1, 12, "OUTRO"), name="Outro")], classes=[course_class(course="OUTRO")])
    )
    taken = {"Name": "X", "RefId": "X", "LinkId": "ajustador-mecanico-1-12-ajusta"}
    place = {name: shop.held()["products"][0][name] for name in ("CategoryId", "BrandId")}
    shop.by_hand("nacional", catalog.create_product({**taken, **place}))

    done = shop.ship(school())

    assert done["product"].requests == ["GET productgetbyrefid/1-12-AJUSTA", "POST product", "POST product"]
    made = next(product for product in shop.held()["products"] if product["RefId"] == "1-12-AJUSTA")
    head, _, digits = made["LinkId"].rpartition("-")
    assert (head, len(digits)) == ("ajustador-mecanico-1-12-ajusta", 4)


def test_a_brand_id_taken_meanwhile_is_chosen_again(shop: Shop) -> None:
    shop.by_hand("nacional", catalog.create_brand("Outra", 2_000_000))
    shop.sandbox.set_faults("status:match=GET /brand/list,status=200,text=[],times=1")

    done = shop.ship(school())

    assert done["brand"].requests == ["GET brand/list", "POST brand", "GET brand/list", "POST brand"]
    assert [brand["Name"] for brand in shop.held()["brands"]] == ["Outra", "SENAI"]


def test_a_sku_under_another_product_is_a_data_error_that_names_both(shop: Shop) -> None:
    shop.ship(school())
    other = course(key=CourseKey(1, 12, "SOLDA"), name="Soldador")
    moved = course_class(course="SOLDA")

    done = shop.ship(school(courses=[COURSE, other], classes=[moved]))

    first, second = (product["Id"] for product in shop.held()["products"])
    assert done["sku"].failure.failure_class is FailureClass.DATA
    assert str(first) in done["sku"].failure.message
    assert str(second) in done["sku"].failure.message
    assert done["sku"].writes == []
    assert shop.held()["skus"][0]["ProductId"] == first


def test_a_warehouse_that_vtex_does_not_have_is_a_context_error_that_lists_those_it_has(shop: Shop) -> None:
    done = shop.ship(school(stocks=[stock(warehouse="77")]))

    assert done["stock"].failure.failure_class is FailureClass.CONTEXT
    assert "«77»" in done["stock"].failure.message
    assert "1, 1_1" in done["stock"].failure.message
    assert done["stock"].writes == []


@pytest.mark.parametrize(("setting", "module"), [("create_categories", "category"), ("create_brands", "brand")])
def test_what_may_not_be_created_fails_as_a_dependency(open_shop: Any, setting: str, module: str) -> None:
    shop = open_shop(catalog={setting: False})
    planned = shop.planned(school(), module)

    done = shop.ship_one(planned[0])

    assert done.failure.failure_class is FailureClass.DEPENDENCY
    assert done.writes == []


def test_a_product_that_is_listed_but_cannot_be_read_is_no_success(shop: Shop) -> None:
    shop.ship(school())
    shop.sandbox.set_faults(r"status:match=GET /api/catalog/pvt/product/\d+$,status=404")

    done = shop.ship(school(courses=[course(description="Nova")]))

    assert not isinstance(done["product"].outcome, Sent)


def test_a_sku_that_is_listed_but_cannot_be_read_is_no_success(shop: Shop) -> None:
    shop.ship(school())
    shop.sandbox.set_faults(r"status:match=GET /api/catalog/pvt/stockkeepingunit/\d+$,status=404")

    done = shop.ship(school(classes=[course_class(name="Novo nome")]))

    assert not isinstance(done["sku"].outcome, Sent)


def test_two_records_with_one_key_in_two_branches_are_two_products(shop: Shop) -> None:
    twin = replace(COURSE, key=CourseKey(1, 13, "AJUSTA"))
    twin_class = replace(CLASS, key=ClassKey(1, 13, "CQ.1"))

    shop.ship_all(school(courses=[COURSE, twin], classes=[CLASS, twin_class]))

    held = shop.held()
    assert sorted(product["RefId"] for product in held["products"]) == ["1-12-AJUSTA", "1-13-AJUSTA"]
    assert len({product["LinkId"] for product in held["products"]}) == 2
