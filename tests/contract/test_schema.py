"""The check against VTEX's OpenAPI files can fail: requests that are wrong in one thing each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract import journal, schema
from tests.openapi import needs_openapi

PRODUCT, SKU = "/api/catalog/pvt/product", "/api/catalog/pvt/stockkeepingunit"
PRICE, STOCK = "/loja/pricing/prices/70", "/api/logistics/pvt/inventory/skus/70/warehouses/1"
A_PRODUCT = {"Name": "Curso", "CategoryId": 1, "BrandId": 2, "KeyWords": "a"}
SIZES = {"PackagedHeight": 1, "PackagedLength": 1.5, "PackagedWidth": 1}
A_SKU = {"ProductId": 7, "Name": "Turma", "PackagedWeightKg": 1, **SIZES}
A_STOCK = {"quantity": 1, "unlimitedQuantity": False, "leadTime": "00:00:00"}

GOOD = {
    "product": (f"POST {PRODUCT}", "", A_PRODUCT),
    "SKU": (f"POST {SKU}", "", A_SKU),
    "SKU by reference": (f"GET {SKU}", "RefId=1-12-T1", None),
    "price": (f"PUT {PRICE}", "", {"basePrice": 1795.5}),
    "stock": (f"PUT {STOCK}", "", A_STOCK),
    "window": ("GET /api/catalog_system/pvt/products/GetProductAndSkuIds", "_from=1&_to=250", None),
    "nullable": (f"PUT {PRODUCT}/7", "", {**A_PRODUCT, "SupplierId": None}),
}
BAD = {
    "no such path": ("GET /api/catalog/pvt/products", "", None),
    "no such method": (f"DELETE {PRODUCT}/7", "", None),
    "pricing on the commerce host": ("GET /api/pricing/prices/70", "", None),
    "pricing without an account": ("GET /pricing/prices/70", "", None),
    "catalogue under the pricing host": (f"GET /loja{PRODUCT}/7", "", None),
    "path parameter of another type": (f"GET {SKU}/sete", "", None),
    "unknown query": (f"GET {SKU}", "RefId=1&page=2", None),
    "query twice": (f"GET {SKU}", "RefId=1&RefId=2", None),
    "query missing": (f"GET {SKU}", "", None),
    "query of another type": ("GET /api/catalog_system/pvt/products/GetProductAndSkuIds", "_from=a", None),
    "body missing": (f"POST {PRODUCT}", "", None),
    "body where none belongs": (f"GET {PRODUCT}/7", "", {}),
    "field missing": (f"POST {SKU}", "", {"Name": "Turma"}),
    "unknown field": (f"POST {SKU}", "", {**A_SKU, "Preco": 1}),
    "unknown field of a product": (f"POST {PRODUCT}", "", {**A_PRODUCT, "Preco": 1}),
    "wrong type that only one shape declares": (f"POST {PRODUCT}", "", {**A_PRODUCT, "BrandId": "2"}),
    "mixed shapes": (f"POST {PRODUCT}", "", {**A_PRODUCT, "CategoryPath": "A"}),
    "null that is not allowed": (f"PUT {PRODUCT}/7", "", {**A_PRODUCT, "Score": None}),
    "float for an integer": (f"POST {SKU}", "", {**A_SKU, "PackagedWeightKg": 1.0}),
    "boolean for a number": (f"PUT {PRICE}", "", {"basePrice": True}),
    "text for a number": (f"PUT {PRICE}", "", {"basePrice": "10"}),
    "not in the list": (f"POST {SKU}", "", {**A_SKU, "MeasurementUnit": "unidade"}),
    "fixed price without quantity": (f"PUT {PRICE}", "", {"fixedPrices": [{"tradePolicyId": "2", "value": 1}]}),
}


def breaches(call: str, query: str, body: Any) -> list[str]:
    method, path = call.split(" ")
    text = "" if body is None else json.dumps(body)
    record = {"n": 1, "time": "2026-11-24T12:00:00Z", "account": "loja", "method": method, "path": path}
    (seen,) = journal.read([record | {"query": query, "status": 200, "body": text, "response": ""}])
    return list(schema.breaches(seen))


@needs_openapi
@pytest.mark.parametrize("name", GOOD)
def test_a_valid_request_is_taken(name: str) -> None:
    assert breaches(*GOOD[name]) == []


@needs_openapi
@pytest.mark.parametrize("name", BAD)
def test_a_request_that_is_wrong_in_one_thing_is_flagged(name: str) -> None:
    assert breaches(*BAD[name]) != []


@needs_openapi
def test_a_body_that_is_not_json_is_flagged() -> None:
    record = {"n": 1, "time": "2026-11-24T12:00:00Z", "account": "loja", "method": "POST", "path": PRODUCT}
    (seen,) = journal.read([record | {"query": "", "status": 200, "body": '{"Name":', "response": ""}])

    assert list(schema.breaches(seen)) != []
