"""Success answers follow VTEX's own OpenAPI, and the bodies it declares valid are taken.

Skipped where the files are not.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "vtex-openapi"
CATALOG, PRICING, LOGISTICS = (f"VTEX - {name} API.json" for name in ("Catalog", "Pricing", "Logistics"))

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="vtex-openapi is not there")

SPECIFICATION = {"FieldName": "Carga", "GroupName": "Curso", "RootLevelSpecification": False, "FieldValues": ["40 h"]}
FIXED = [{"value": 80, "listPrice": 90, "minQuantity": 1}]
STOCK = {"quantity": 5, "unlimitedQuantity": False, "leadTime": "00:00:00"}
CALLS = [
    (CATALOG, "get", "/api/catalog_system/pub/category/tree/{categoryLevels}", None),
    (CATALOG, "get", "/api/catalog/pvt/category/{categoryId}", None),
    (CATALOG, "get", "/api/catalog/pvt/brand/{brandId}", None),
    (CATALOG, "get", "/api/catalog_system/pvt/brand/list", None),
    (CATALOG, "get", "/api/catalog_system/pvt/brand/pagedlist?page=1&pageSize=10", None),
    (CATALOG, "get", "/api/catalog_system/pvt/brand/{brandId}", None),
    (CATALOG, "get", "/api/catalog_system/pvt/saleschannel/list", None),
    (CATALOG, "get", "/api/catalog/pvt/product/{productId}", None),
    (CATALOG, "get", "/api/catalog/pvt/product/{productId}/salespolicy", None),
    (CATALOG, "put", "/api/catalog/pvt/product/{productId}/specificationvalue", SPECIFICATION),
    (CATALOG, "get", "/api/catalog/pvt/product/{productId}/specification", None),
    (CATALOG, "get", "/api/catalog_system/pvt/products/{productId}/specification", None),
    (
        CATALOG,
        "post",
        "/api/catalog_system/pvt/products/{productId}/specification",
        [{"Name": "Carga", "Value": ["8"]}],
    ),
    (CATALOG, "delete", "/api/catalog/pvt/product/{productId}/specification/{specificationId}", None),
    (CATALOG, "get", "/api/catalog_system/pub/specification/field/listTreeByCategoryId/{categoryId}", None),
    (CATALOG, "get", "/api/catalog_system/pub/specification/field/listByCategoryId/{categoryId}", None),
    (CATALOG, "get", "/api/catalog_system/pub/specification/fieldGet/{fieldId}", None),
    (CATALOG, "get", "/api/catalog_system/pub/specification/fieldvalue/{fieldId}", None),
    (CATALOG, "get", "/api/catalog/pvt/stockkeepingunit/{skuId}/specification", None),
    (CATALOG, "get", "/api/catalog_system/pvt/products/GetProductAndSkuIds", None),
    (CATALOG, "get", "/api/catalog/pvt/stockkeepingunit/{skuId}", None),
    (CATALOG, "get", "/api/catalog/pvt/stockkeepingunit?RefId=1-12-T1", None),
    (CATALOG, "get", "/api/catalog/pvt/stockkeepingunit/{skuId}/file", None),
    (CATALOG, "put", "/api/catalog/pvt/stockkeepingunit/{skuId}/specificationvalue", SPECIFICATION),
    (CATALOG, "get", "/api/catalog_system/pvt/sku/stockkeepingunitidbyrefid/{refId}", None),
    (CATALOG, "post", "/api/catalog_system/pub/sku/stockkeepingunitidsbyrefids", ["1-12-T1"]),
    (PRICING, "get", "/pricing/prices/{itemId}", None),
    (PRICING, "get", "/pricing/prices/{itemId}/fixed", None),
    (PRICING, "get", "/pricing/prices/{itemId}/computed", None),
    (PRICING, "get", "/pricing/prices/{itemId}/computed/{priceTableId}", None),
    (PRICING, "post", "/pricing/prices/{itemId}/fixed/{priceTableId}", FIXED),
    (PRICING, "get", "/pricing/config", None),
    (PRICING, "get", "/pricing/tables", None),
    (LOGISTICS, "get", "/api/logistics/pvt/configuration/warehouses", None),
    (LOGISTICS, "put", "/api/logistics/pvt/inventory/skus/{skuId}/warehouses/{warehouseId}", STOCK),
    (LOGISTICS, "get", "/api/logistics/pvt/inventory/skus/{skuId}", None),
]
EXAMPLES = [
    ("post", "/api/catalog/pvt/category", {"Id": 77, "FatherCategoryId": None}),
    ("post", "/api/catalog/pvt/brand", {}),
    ("post", "/api/catalog/pvt/stockkeepingunit", {"ProductId": "product", "IsActive": False}),
    ("put", "/api/catalog/pvt/stockkeepingunit/{skuId}", {"ProductId": "product"}),
    ("put", "/api/catalog/pvt/product/{productId}", {"CategoryId": "category", "BrandId": "brand"}),
    ("post", "/api/catalog/pvt/product", {"CategoryId": "category", "BrandId": "brand"}),
]


@pytest.fixture
def ids(shop):
    category, brand = shop.category(), shop.brand()
    product = shop.product(CategoryId=category, BrandId=brand, Score=1)  # real answers have null, the schema has not
    sku = shop.active_sku(ProductId=product)
    held = shop.made("PUT", f"pvt:product/{product}/specificationvalue", SPECIFICATION)[0]
    fixed = [{"tradePolicyId": "2", **FIXED[0]}]
    shop.call("PUT", f"price:{sku}", {"basePrice": 100, "listPrice": 120, "fixedPrices": fixed})
    parameters = {"categoryId": category, "brandId": brand, "productId": product, "skuId": sku, "itemId": sku}
    parameters |= {"fieldId": held["FieldId"], "specificationId": held["Id"]}
    others = {"categoryLevels": 2, "refId": "1-12-T1", "warehouseId": "1", "priceTableId": "2"}
    return parameters | others | {"category": category, "brand": brand, "product": product}


@pytest.mark.parametrize(("file", "method", "path", "body"), CALLS)
def test_a_success_answer_follows_its_schema(shop, ids, file, method, path, body):
    base = f"/{shop.account.name}" if file == PRICING else ""
    answer = shop.call(method.upper(), base + path.format_map(ids), body)
    assert answer.status_code == 200, answer.text
    responses = document(file)["paths"][path.partition("?")[0]][method]["responses"]
    content = responses["200"].get("content")
    if content:
        jsonschema.validate(answer.json(), as_json_schema(next(iter(content.values()))["schema"], document(file)))


@pytest.mark.parametrize(("method", "path", "known"), EXAMPLES)
def test_vtexs_own_example_is_taken(shop, ids, method, path, known):
    content = document(CATALOG)["paths"][path][method]["requestBody"]["content"]["application/json"]
    example = content.get("example") or example_of(as_json_schema(content["schema"], document(CATALOG)))
    filled = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in known.items()}
    assert shop.call(method.upper(), path.format_map(ids), example | filled).status_code == 200


def example_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The example of a whole body, else the examples of its fields; of several shapes, of the last."""
    shape = schema["anyOf"][-1] if "anyOf" in schema else schema
    fields = {name: item["example"] for name, item in shape["properties"].items() if "example" in item}
    return shape.get("example", fields)


@cache
def document(file: str) -> dict[str, Any]:
    return json.loads((FOLDER / file).read_text(encoding="utf-8"))


def as_json_schema(schema: Any, root: dict[str, Any]) -> Any:
    """An OpenAPI 3.0 schema for jsonschema: references inlined, ``nullable`` as a type."""
    if isinstance(schema, list):
        return [as_json_schema(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].split("/")[1:]:
            target = target[step]
        return as_json_schema(target, root)
    converted = {name: as_json_schema(value, root) for name, value in schema.items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        converted["type"] = [schema["type"], "null"]
    return converted
