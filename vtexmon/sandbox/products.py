"""Products (``domain/vtex.md`` 2.3, 2.4, 2.9).

Two shapes of creation, PUTs that wipe, conflicts told in bare strings.
"""

import re

from vtexmon.sandbox.activation import activate_if_possible
from vtexmon.sandbox.categories import (
    department_id,
    insert_brand,
    insert_category,
    new_brand_fields,
    new_category_fields,
)
from vtexmon.sandbox.fields import Field, invalid, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.state import Catalog, Product, now_text, slug
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_message, refuse_string

MAX_ID = 2_147_483_647
RESERVED_LINK_IDS = frozenset({"a", "meta", "api", "admin"})

PRODUCT_FIELDS = (
    Field("Name", str, required=True, length=150),
    Field("LinkId", str, "", length=255),
    Field("RefId", str, "", length=100),
    Field("IsVisible", bool, False),
    Field("Description", str, ""),
    Field("DescriptionShort", str, ""),
    Field("ReleaseDate", str, ""),
    Field("KeyWords", str, ""),
    Field("Title", str, "", length=150),
    Field("IsActive", bool, False),
    Field("TaxCode", str, "", length=150),
    Field("MetaTagDescription", str, ""),
    Field("SupplierId", int),
    Field("ShowWithoutStock", bool, False),
    Field("AdWordsRemarketingCode", str, ""),
    Field("LomadeeCampaignCode", str, ""),
    Field("Score", int),
)
_BY_ID = (Field("CategoryId", int, required=True), Field("BrandId", int, required=True))
_BY_NAME = (Field("CategoryPath", str, required=True), Field("BrandName", str, required=True))
_WANTED_ID = (Field("Id", int),)


def create_product(call: Call) -> Answer:
    """POST product, by category and brand ids or by path and name (which creates what is missing)."""
    body, catalog = call.json(), call.account.catalog
    refuse_trailing_blanks(body)
    fields = read_fields(PRODUCT_FIELDS, body)
    wanted_id = read_fields(_WANTED_ID, body)["Id"]
    if wanted_id is not None and not 0 < wanted_id <= MAX_ID:
        raise invalid({"Id": [f"The value '{wanted_id}' is not valid for Id."]})
    if wanted_id in catalog.products:
        raise refuse_string(409, "Product already created with this Id")
    by_name = isinstance(body, dict) and "CategoryPath" in body
    placing = read_fields(_BY_NAME if by_name else _BY_ID, body)
    fields = _completed(catalog, fields, own_id=None)
    place = _place_by_name(call, placing) if by_name else _place_by_id(catalog, placing)
    product_id = wanted_id or next(free for free in call.world.ids.product if free not in catalog.products)
    product = Product({"Id": product_id} | place | fields)
    catalog.products[product_id] = product
    _index(catalog, product)
    return json_answer(product.fields)


def get_product(call: Call) -> Answer:
    """GET product by id."""
    return json_answer(find_product(call).fields)


def get_product_by_ref_id(call: Call) -> Answer:
    """GET product by RefId: the literal ``null`` with 200 when there is none (known issue 826702)."""
    product_id = call.account.catalog.product_by_ref_id.get(call.params["ref_id"])
    if product_id is None:
        return json_answer(None)
    product = call.account.catalog.products[product_id]
    return json_answer(product.fields | {"ListStoreId": sorted(product.sales_policies)})


def update_product(call: Call) -> Answer:
    """PUT product: what is left out is erased, and booleans become false."""
    product, body, catalog = find_product(call), call.json(), call.account.catalog
    refuse_trailing_blanks(body)
    fields = read_fields(PRODUCT_FIELDS, body)
    place = _place_by_id(catalog, read_fields(_BY_ID, body))
    fields = _completed(catalog, fields, own_id=product.fields["Id"])
    catalog.product_by_ref_id.pop(product.fields["RefId"], None)
    catalog.product_by_link_id.pop(product.fields["LinkId"], None)
    product.fields |= place | fields
    _index(catalog, product)
    activate_if_possible(catalog, (catalog.skus[sku_id] for sku_id in product.sku_ids))
    return json_answer(product.fields)


def list_product_and_sku_ids(call: Call) -> Answer:
    """GET a window of product ids with the ids of their SKUs, at most 250 at once."""
    query, products = call.query(), call.account.catalog.products
    try:
        first, last = int(query.get("_from", "1")), int(query.get("_to", "250"))
    except ValueError:
        raise refuse_message(400, "_from and _to must be integers.") from None
    if not 1 <= first <= last or last - first >= 250:
        raise refuse_message(400, "The window from _from to _to may hold at most 250 products.")
    window = list(products.items())[first - 1 : last]
    data = {str(product_id): product.sku_ids for product_id, product in window}
    return json_answer({"data": data, "range": {"total": len(products), "from": first, "to": last}})


def list_sales_policies(call: Call) -> Answer:
    """GET the trade policies of a product; a new one is in the main policy."""
    product = find_product(call)
    return json_answer(
        [{"ProductId": product.fields["Id"], "StoreId": policy} for policy in sorted(product.sales_policies)]
    )


def add_sales_policy(call: Call) -> Answer:
    """POST a product into a trade policy."""
    policy = call.number("policy_id")
    if policy not in call.world.settings.sales_channels:
        raise refuse_string(404, "Trade policy not found")
    find_product(call).sales_policies.add(policy)
    return empty_answer()


def remove_sales_policy(call: Call) -> Answer:
    """DELETE a product from a trade policy."""
    find_product(call).sales_policies.discard(call.number("policy_id"))
    return empty_answer()


def list_sales_channels(call: Call) -> Answer:
    """GET the account's trade policies; also the read-only connection test."""
    channels = call.world.settings.sales_channels
    return json_answer([_sales_channel(channel_id, name) for channel_id, name in channels.items()])


def find_product(call: Call) -> Product:
    """The product of the path, refused with 404 when there is none."""
    product = call.account.catalog.products.get(call.number("product_id"))
    if product is None:
        raise refuse_string(404, "Product not found")
    return product


def _place_by_id(catalog: Catalog, placing: Record) -> Record:
    if placing["CategoryId"] not in catalog.categories:
        raise refuse_string(404, "Category not found")
    if placing["BrandId"] not in catalog.brands:
        raise refuse_string(404, "Brand not found")
    return {"DepartmentId": department_id(catalog, placing["CategoryId"])} | placing


def _place_by_name(call: Call, placing: Record) -> Record:
    catalog = call.account.catalog
    brands = catalog.brands.values()
    brand = next((brand for brand in brands if brand["Name"] == placing["BrandName"]), None)
    if brand is None:
        brand = insert_brand(call.world, catalog, new_brand_fields(placing["BrandName"]))
    category_id: int | None = None
    for name in filter(None, placing["CategoryPath"].split("/")):
        children = (catalog.categories[child] for child in catalog.child_categories.get(category_id, ()))
        found = next((child for child in children if child["Name"] == name), None)
        category = found or insert_category(call.world, catalog, new_category_fields(name, category_id))
        category_id = category["Id"]
    if category_id is None:
        raise invalid({"CategoryPath": ["The CategoryPath field is required."]})
    return _place_by_id(catalog, {"CategoryId": category_id, "BrandId": brand["Id"]})


def _completed(catalog: Catalog, fields: Record, own_id: int | None) -> Record:
    """The fields with what VTEX fills in, after the checks on uniqueness."""
    fields = fields | {
        "LinkId": fields["LinkId"] or slug(fields["Name"]),
        "ReleaseDate": fields["ReleaseDate"] or now_text(),
    }
    if not re.fullmatch(r"[A-Za-z0-9-]+", fields["LinkId"]) or fields["LinkId"] in RESERVED_LINK_IDS:
        raise invalid({"LinkId": ["The LinkId may have letters, digits and hyphens, and must not be reserved."]})
    holder = catalog.product_by_ref_id.get(fields["RefId"])
    if holder not in (None, own_id):
        raise refuse_string(409, f"There is already a product created with the same RefId with Product Id {holder}")
    holder = catalog.product_by_link_id.get(fields["LinkId"])
    if holder not in (None, own_id):
        raise refuse_string(409, f"There is already a product with the same LinkId with Product Id {holder}")
    return fields


def _index(catalog: Catalog, product: Product) -> None:
    if product.fields["RefId"]:
        catalog.product_by_ref_id[product.fields["RefId"]] = product.fields["Id"]
    catalog.product_by_link_id[product.fields["LinkId"]] = product.fields["Id"]


def _sales_channel(channel_id: int, name: str) -> Record:
    return {
        "Id": channel_id,
        "Name": name,
        "IsActive": True,
        "ProductClusterId": None,
        "CountryCode": "BRA",
        "CultureInfo": "pt-BR",
        "TimeZone": "E. South America Standard Time",
        "CurrencyCode": "BRL",
        "CurrencySymbol": "R$",
        "CurrencyLocale": 1046,
        "CurrencyFormatInfo": {
            "CurrencyDecimalDigits": 2,
            "CurrencyDecimalSeparator": ",",
            "CurrencyGroupSeparator": ".",
            "CurrencyGroupSize": 3,
            "StartsWithCurrencySymbol": True,
        },
        "Origin": None,
        "Position": channel_id,
        "ConditionRule": None,
        "CurrencyDecimalDigits": 2,
    }


_PRODUCT = "/api/catalog/pvt/product/{product_id}"

ROUTES = (
    Route("POST", "/api/catalog/pvt/product", create_product, "catalog", writes=True),
    Route("GET", _PRODUCT, get_product, "catalog"),
    Route("PUT", _PRODUCT, update_product, "catalog", writes=True),
    Route("GET", "/api/catalog_system/pvt/products/productgetbyrefid/{ref_id}", get_product_by_ref_id, "catalog"),
    Route("GET", "/api/catalog_system/pvt/products/GetProductAndSkuIds", list_product_and_sku_ids, "catalog"),
    Route("GET", f"{_PRODUCT}/salespolicy", list_sales_policies, "catalog"),
    Route("POST", f"{_PRODUCT}/salespolicy/{{policy_id}}", add_sales_policy, "catalog", writes=True),
    Route("DELETE", f"{_PRODUCT}/salespolicy/{{policy_id}}", remove_sales_policy, "catalog", writes=True),
    Route("GET", "/api/catalog_system/pvt/saleschannel/list", list_sales_channels, "catalog"),
)
