"""Requests as VTEX wants them, held against its own OpenAPI files when they are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi import as_json_schema, document, needs_openapi, operation
from vtexmon.core.exchange import Api
from vtexmon.vtex import catalog, logistics, pricing, specifications
from vtexmon.vtex.merging import PRODUCT_FIELDS, SKU_FIELDS, merged, merged_product, merged_sku
from vtexmon.vtex.wire import created_id, read_id

READ_PRODUCT = {
    "Id": 7,
    "Name": " Ajustador ",
    "DepartmentId": 1,
    "CategoryId": 1,
    "BrandId": 2000000,
    "LinkId": "ajustador",
    "RefId": "1-12-AJUSTA",
    "IsVisible": True,
    "Description": "texto",
    "DescriptionShort": "curto",
    "ReleaseDate": "2025-07-01T00:00:00",
    "KeyWords": "a, b",
    "Title": "Ajustador",
    "IsActive": True,
    "TaxCode": None,
    "MetaTagDescription": "",
    "SupplierId": None,
    "ShowWithoutStock": True,
    "AdWordsRemarketingCode": None,
    "LomadeeCampaignCode": "",
    "Score": 3,
    "SomethingNew": {"a": 1},
}
READ_SKU = {
    "Id": 70,
    "ProductId": 7,
    "IsActive": True,
    "ActivateIfPossible": False,
    "Name": "Turma 1",
    "RefId": "1-12-T1",
    "PackagedHeight": 10.0,
    "PackagedLength": 10.0,
    "PackagedWidth": 10.0,
    "PackagedWeightKg": 550.0,
    "Height": None,
    "CubicWeight": 0.1,
    "IsKit": False,
    "CreationDate": "2025-07-01T00:00:00",
    "RewardValue": None,
    "EstimatedDateArrival": None,
    "ManufacturerCode": "",
    "CommercialConditionId": 1,
    "MeasurementUnit": "un",
    "UnitMultiplier": 1.0,
    "ModalType": None,
    "KitItensSellApart": False,
    "Videos": ["https://video"],
}
NEW_PRODUCT = {
    "Name": "Ajustador ",
    "CategoryId": 1,
    "BrandId": 2000000,
    "RefId": "1-12-A",
    "LinkId": "a-1",
    "Title": "Ajustador",
    "Description": "d\n",
    "KeyWords": "",
    "IsVisible": True,
    "IsActive": True,
    "ShowWithoutStock": False,
}
NEW_SKU = {
    "ProductId": 7,
    "Name": " Turma",
    "RefId": "1-12-T1",
    "ActivateIfPossible": True,
    "PackagedHeight": 1,
    "PackagedLength": 1.5,
    "PackagedWidth": 1,
    "PackagedWeightKg": 1,
    "CommercialConditionId": 1,
    "MeasurementUnit": "un",
    "UnitMultiplier": 1,
}
FIXED = (
    {"tradePolicyId": "2", "value": 99.9, "listPrice": None, "minQuantity": 1, "dateRange": None},
    {
        "tradePolicyId": 9,
        "value": 5,
        "minQuantity": 3,
        "dateRange": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
    },
    {"value": 5},
)
REQUESTS = {
    "category_tree": catalog.category_tree(),
    "get_category": catalog.get_category(1),
    "create_category": catalog.create_category(" Mecânica "),
    "create_subcategory": catalog.create_category("Mecânica", 5),
    "brand_list": catalog.brand_list(),
    "get_brand": catalog.get_brand("2000000"),
    "create_brand": catalog.create_brand("SENAI ", 2000001),
    "sales_channels": catalog.sales_channels(),
    "product_by_ref_id": catalog.product_by_ref_id("1-12-A.J/U STÁ"),
    "get_product": catalog.get_product(7),
    "create_product": catalog.create_product(NEW_PRODUCT),
    "update_product": catalog.update_product(7, merged_product(READ_PRODUCT, {"Name": "Outro "})),
    "product_trade_policies": catalog.product_trade_policies(7),
    "add_product_trade_policy": catalog.add_product_trade_policy(7, 2),
    "sku_by_ref_id": catalog.sku_by_ref_id(" 1-12-T1"),
    "get_sku": catalog.get_sku(70),
    "create_sku": catalog.create_sku(NEW_SKU),
    "update_sku": catalog.update_sku(70, merged_sku(READ_SKU, {"Name": "Turma 2 ", "IsActive": False})),
    "category_fields": specifications.category_fields(5),
    "get_field": specifications.get_field(301),
    "field_values": specifications.field_values(301),
    "held_by_product": specifications.held_by_product(7),
    "held_by_sku": specifications.held_by_sku(70),
    "set_of_product": specifications.set_of_product(7, {301: ["40 h "], 302: ("EAD", "Noite")}),
    "remove_from_product": specifications.remove_from_product(7, 301),
    "add_to_sku": specifications.add_to_sku(70, 301, 311),
    "change_of_sku": specifications.change_of_sku(70, specifications.Held(9, 301, 311, "Noite"), 312),
    "remove_from_sku": specifications.remove_from_sku(70, 9),
    "sku_files": catalog.sku_files(70),
    "add_sku_file": catalog.add_sku_file(70, " https://x/a.png ", "curso "),
    "pricing_config": pricing.pricing_config(),
    "get_price": pricing.get_price(70),
    "put_price": pricing.put_price(70, 179550, 200000, FIXED),
    "put_price_without_list": pricing.put_price("70", 100, None),
    "warehouses": logistics.warehouses(),
    "get_inventory": logistics.get_inventory(70),
    "put_inventory": logistics.put_inventory(70, "1_1 ", 0, True),
}


@needs_openapi
@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_is_valid_under_vtexs_own_openapi(name: str) -> None:
    request = REQUESTS[name]
    declared = operation(request.api, request.method, request.path)
    assert declared is not None, f"{request.method} {request.path} is in no OpenAPI file"
    typed = {p["name"]: p["schema"].get("type") for p in declared.parameters if p["in"] == "path"}
    asked = {p["name"] for p in declared.parameters if p["in"] == "query" and p.get("required")}

    assert all(value.isdigit() for name, value in declared.path_values.items() if typed.get(name) == "integer")
    assert asked <= set(request.query) <= {p["name"] for p in declared.parameters if p["in"] == "query"}
    assert (request.body is not None) == (declared.body_schema is not None)
    if declared.body_schema is not None:
        jsonschema.validate(request.body, declared.body_schema)


@needs_openapi
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        (PRODUCT_FIELDS, "/api/catalog/pvt/product/{productId}"),
        (SKU_FIELDS, "/api/catalog/pvt/stockkeepingunit/{skuId}"),
    ],
)
def test_the_field_tables_are_those_of_the_put_schemas(fields: Any, path: str) -> None:
    root = document(Api.CATALOG)
    schema = as_json_schema(root["paths"][path]["put"]["requestBody"]["content"]["application/json"]["schema"], root)
    nullable = {name for name, declared in schema["properties"].items() if "null" in declared["type"]}

    assert set(fields) == set(schema["properties"])
    assert {name for name, field in fields.items() if field.nullable} == nullable


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


@pytest.mark.parametrize("name", REQUESTS)
def test_no_string_that_is_sent_has_an_outer_blank(name: str) -> None:
    request = REQUESTS[name]

    assert all(text == text.strip() for text in strings_in(request.body))
    assert all(text == text.strip() for text in request.query.values())


@given(
    st.dictionaries(
        st.sampled_from(sorted(PRODUCT_FIELDS)), st.text() | st.integers() | st.none() | st.lists(st.text())
    )
)
def test_whatever_was_read_no_string_keeps_an_outer_blank(existing: dict[str, Any]) -> None:
    assert all(
        text == text.strip() for text in strings_in(catalog.update_product(7, merged_product(existing, {})).body)
    )


@pytest.mark.parametrize("ref_id", ["1-12-A", "a/b", "a b", "é", "..", ".", "50%", "a?b#c", "a+b"])
def test_a_ref_id_is_one_path_segment(ref_id: str) -> None:
    path = catalog.product_by_ref_id(ref_id).path
    last = path.removeprefix("/api/catalog_system/pvt/products/productgetbyrefid/")

    assert not set(last) & set("/?# ")
    assert last not in (".", "..")
    assert unquote(last) == ref_id
    assert path.isascii()


def test_a_sku_is_never_created_active_and_ids_are_left_to_vtex() -> None:
    body = catalog.create_sku(NEW_SKU | {"IsActive": True, "Id": 5}).body

    assert body["IsActive"] is False
    assert "Id" not in body
    assert "Id" not in catalog.create_product(NEW_PRODUCT | {"Id": 5}).body


def test_merging_keeps_what_was_read_and_replaces_what_is_owned() -> None:
    body = merged_product(READ_PRODUCT, {"Name": "Novo", "KeyWords": "", "IsActive": False})

    assert body["Name"] == "Novo"
    assert body["KeyWords"] == ""
    assert body["IsActive"] is False
    assert body["Score"] == 3
    assert body["DescriptionShort"] == "curto"
    assert body["ShowWithoutStock"] is True


def test_merging_leaves_out_what_the_put_does_not_know_or_allow() -> None:
    body = merged_product(READ_PRODUCT, {})

    assert not {"Id", "SomethingNew", "TaxCode"} & set(body)
    assert body["SupplierId"] is None
    assert body["MetaTagDescription"] == ""


def test_merging_a_sku_makes_whole_numbers_of_vtexs_floats() -> None:
    body = merged_sku(READ_SKU, {"ProductId": 7})

    assert body["PackagedWeightKg"] == 550
    assert isinstance(body["PackagedWeightKg"], int)
    assert body["IsActive"] is True
    assert body["Videos"] == ["https://video"]
    assert "Height" not in body


def test_merging_can_drop_fields_and_drops_wrong_types() -> None:
    body = merged(
        {"Name": "a", "IsActive": "yes", "Score": float("nan")}, {"RefId": "r"}, PRODUCT_FIELDS, drop=["RefId"]
    )

    assert body == {"Name": "a"}


TREE = [
    {"id": 1, "name": "Elétrica", "children": [{"id": 3, "name": "Mecânica", "children": []}]},
    {"id": 2, "name": "Metal", "children": [{"id": 4, "name": "Solda", "children": [{"id": "5", "name": " TIG "}]}]},
    {"id": 6, "name": "MECANICA", "children": None},
]


@pytest.mark.parametrize(
    ("name", "found"),
    [("elétrica", 1), ("Eletrica ", 1), ("solda", 4), ("tig", 5), ("mecânica", 6), ("Moda", None), ("", None)],
)
def test_a_category_is_found_by_folded_name_nearest_to_the_root(name: str, found: int | None) -> None:
    assert catalog.find_category_id(TREE, name) == found


def test_a_brand_is_found_by_folded_name_and_active_ones_come_first() -> None:
    brands = [
        {"id": 1, "name": "Senai ", "isActive": False},
        {"id": 2, "name": "SENAI", "isActive": True},
        {"id": 3, "name": "Outra"},
    ]

    assert catalog.find_brand_id(brands, "senai") == 2
    assert catalog.find_brand_id(brands, "ninguém") is None
    assert catalog.next_brand_id(brands) == 2_000_000
    assert catalog.next_brand_id([{"id": 2_000_013}]) == 2_000_014
    assert catalog.next_brand_id([{"id": 2_147_483_647}, {"id": 2_000_000}]) == 2_000_001


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "children", "balance", "warehouseId", "totalQuantity", "basePrice", "fixedPrices"]
            )
            | st.sampled_from(["listPrice", "value", "tradePolicyId", "minQuantity", "dateRange", "StoreId", "Name"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(ANY_JSON)
def test_no_shape_of_an_answer_crashes_a_reader(answer: Any) -> None:
    catalog.find_category_id(answer, "x")
    catalog.find_brand_id(answer, "x")
    catalog.next_brand_id(answer)
    catalog.trade_policy_ids(answer)
    catalog.file_names(answer)
    logistics.warehouse_ids(answer)
    logistics.stock_state(answer, "1_1")
    created_id(answer)
    state = pricing.price_state(answer)
    if state is not None:
        json.dumps(pricing.put_price(1, 100, None, pricing.with_fixed_price(state.fixed_prices, 2, 100)).body)


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, 7), ("12", 12), (" 12 ", 12), (7.0, 7), (7.5, None), (True, None), (None, None), ("a", None), ("²", None)],
)
def test_ids_come_as_numbers_or_strings(value: Any, read: int | None) -> None:
    assert read_id(value) == read
    assert created_id({"Id": value}) == read


def test_amounts_are_cents_here_and_decimals_there() -> None:
    assert pricing.put_price(7, 179550, 200000).body == {"basePrice": 1795.5, "listPrice": 2000}
    assert pricing.put_price(7, 1, None).body == {"basePrice": 0.01}
    assert pricing.price_state({"basePrice": 1795.5, "listPrice": None}) == (179550, None, ())
    assert pricing.price_state({"basePrice": 0.29, "listPrice": "19.90", "fixedPrices": None}) == (29, 1990, ())
    assert pricing.price_state({"basePrice": float("inf")}) == (None, None, ())
    assert pricing.price_state(None) is None


def test_cost_and_markup_are_never_sent_and_fixed_prices_always() -> None:
    state = pricing.price_state({"basePrice": 10, "costPrice": 8, "markup": 25, "fixedPrices": list(FIXED)})
    assert state is not None

    body = pricing.put_price(7, 2000, None, state.fixed_prices).body

    assert set(body) == {"basePrice", "fixedPrices"}
    assert body["fixedPrices"] == [
        {"tradePolicyId": "2", "value": 99.9, "minQuantity": 1},
        {
            "tradePolicyId": "9",
            "value": 5,
            "minQuantity": 3,
            "dateRange": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
        },
    ]


def test_our_fixed_price_replaces_only_the_undated_one_for_one_piece() -> None:
    dated = {"tradePolicyId": "2", "value": 1, "minQuantity": 1, "dateRange": {"from": "a", "to": "b"}}
    several = {"tradePolicyId": "2", "value": 2, "minQuantity": 5}
    before = ({"tradePolicyId": "2", "value": 3, "minQuantity": 1}, dated, several)

    after = pricing.with_fixed_price(before, 2, 15050)

    assert after == (dated, several, {"tradePolicyId": "2", "value": 150.5, "minQuantity": 1})
    assert pricing.fixed_price_of(pricing.PriceState(None, None, after), 2) == 15050
    assert pricing.fixed_price_of(pricing.PriceState(None, None, after), 1) is None
    assert pricing.without_fixed_price(after, 2) == (dated, several)


def test_stock_is_read_for_one_warehouse_case_sensitively() -> None:
    answer = {
        "skuId": "7",
        "balance": [
            {"warehouseId": "A1", "totalQuantity": 3, "hasUnlimitedQuantity": False},
            {"warehouseId": "a1", "totalQuantity": 0, "hasUnlimitedQuantity": True},
            {"warehouseId": "b", "totalQuantity": None},
        ],
    }

    assert logistics.stock_state(answer, "A1") == (3, False)
    assert logistics.stock_state(answer, "a1") == (0, True)
    assert logistics.stock_state(answer, "b") is None
    assert logistics.stock_state(answer, "c") is None
    assert logistics.put_inventory(7, "1_1", 0, False).body == {
        "quantity": 0,
        "unlimitedQuantity": False,
        "leadTime": "00:00:00",
    }
