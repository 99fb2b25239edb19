"""Catalogue: the requests for category, brand, product, SKU, image and trade policy, and how their answers are read.

Pure: a request is a value, an answer's JSON is looked at with care because VTEX does not keep to its own schemas. What
to send and in which order is left to the integrations.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from vtexmon.core.exchange import Api, Json, Request
from vtexmon.core.text import fold
from vtexmon.vtex.wire import MAX_ID, VtexId, segment, stripped, vtex_id

CATALOG = "/api/catalog/pvt"
SYSTEM = "/api/catalog_system"

FIRST_BRAND_ID = 2_000_000
"""Where VTEX's own numbering of brands begins, as its examples show."""


def _get(path: str, query: Mapping[str, str] | None = None) -> Request:
    return Request(Api.CATALOG, "GET", path, query=query or {})


def _post(path: str, body: Json = None) -> Request:
    return Request(Api.CATALOG, "POST", path, stripped(body))


def _put(path: str, body: Json) -> Request:
    return Request(Api.CATALOG, "PUT", path, stripped(body))


def sales_channels() -> Request:
    """All trade policies; also the connection test of the catalogue (``domain/vtex.md`` 1.5)."""
    return _get(f"{SYSTEM}/pvt/saleschannel/list")


# Category and brand (domain/vtex.md 2.2)


def category_tree(levels: int = 3) -> Request:
    """The category tree to that depth. It is cached at VTEX: a category just made may be missing from it."""
    return _get(f"{SYSTEM}/pub/category/tree/{levels}")


def get_category(category_id: VtexId) -> Request:
    """One category, uncached."""
    return _get(f"{CATALOG}/category/{segment(category_id)}")


def create_category(name: str, father_id: int | None = None) -> Request:
    """A category, at the root unless ``father_id`` is given. ``GlobalCategoryId`` 0 = not mapped to Google's tree."""
    name = name.strip()
    return _post(
        f"{CATALOG}/category",
        {
            "Name": name,
            "FatherCategoryId": father_id,
            "Title": name,
            "Description": name,
            "Keywords": name,
            "IsActive": True,
            "ShowInStoreFront": True,
            "ShowBrandFilter": True,
            "ActiveStoreFrontLink": True,
            "GlobalCategoryId": 0,
            "StockKeepingUnitSelectionMode": "SPECIFICATION",
            "Score": None,
            "AdWordsRemarketingCode": None,
            "LomadeeCampaignCode": None,
        },
    )


def brand_list() -> Request:
    """All brands, 20,000 at most."""
    return _get(f"{SYSTEM}/pvt/brand/list")


def get_brand(brand_id: VtexId) -> Request:
    """One brand, uncached; 404 when there is none."""
    return _get(f"{CATALOG}/brand/{segment(brand_id)}")


def create_brand(name: str, brand_id: int) -> Request:
    """A brand under an id that is free (``next_brand_id``).

    VTEX's schema demands ``Id`` as an integer; practice accepts none, but then a repeated POST makes a second brand.
    With the id chosen here, a repetition is refused with 409 instead.
    """
    return _post(f"{CATALOG}/brand", {"Id": brand_id, "Name": name, "Active": True})


def next_brand_id(brands: Json) -> int:
    """A brand id that the answer of ``brand_list`` does not hold: one above the highest, as VTEX counts on itself."""
    taken = {brand_id for brand in _objects(brands) if (brand_id := vtex_id(brand.get("id"))) is not None}
    following = max(taken | {FIRST_BRAND_ID - 1}) + 1
    if following <= MAX_ID:
        return following
    return next(number for number in range(FIRST_BRAND_ID, MAX_ID) if number not in taken)


def find_category_id(tree: Json, name: str) -> int | None:
    """The id of the category with that name, folded; of several the one nearest to the root. None = not in the tree."""
    waiting = deque(_objects(tree))
    while waiting:
        category = waiting.popleft()
        found = vtex_id(category.get("id", category.get("Id")))
        if found is not None and _is_called(category, name):
            return found
        waiting.extend(_objects(category.get("children")))
    return None


def find_brand_id(brands: Json, name: str) -> int | None:
    """The id of the brand with that name, folded; an active one is preferred. None = not in the list."""
    named = [brand for brand in _objects(brands) if _is_called(brand, name)]
    named.sort(key=lambda brand: brand.get("isActive") is False)
    ids = (vtex_id(brand.get("id", brand.get("Id"))) for brand in named)
    return next((brand_id for brand_id in ids if brand_id is not None), None)


def _is_called(item: Mapping[str, Json], name: str) -> bool:
    found = item.get("name", item.get("Name"))
    return isinstance(found, str) and fold(found) == fold(name)


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


# Product (domain/vtex.md 2.3)


def product_by_ref_id(ref_id: str) -> Request:
    """The product with that RefId; 200 with ``null`` (read as MISSING) when there is none."""
    return _get(f"{SYSTEM}/pvt/products/productgetbyrefid/{segment(ref_id)}")


def get_product(product_id: VtexId) -> Request:
    """One product by VTEX's id, uncached."""
    return _get(f"{CATALOG}/product/{segment(product_id)}")


def create_product(fields: Mapping[str, Json]) -> Request:
    """A product from VTEX field names; ``Name``, ``CategoryId`` and ``BrandId`` are needed, an ``Id`` is never sent."""
    return _post(f"{CATALOG}/product", {name: value for name, value in fields.items() if name != "Id"})


def update_product(product_id: VtexId, body: Mapping[str, Json]) -> Request:
    """Replace the whole product by ``body``, which is made by ``merging.merged_product``."""
    return _put(f"{CATALOG}/product/{segment(product_id)}", body)


def product_trade_policies(product_id: VtexId) -> Request:
    """In which trade policies the product is sold (``domain/vtex.md`` 2.9)."""
    return _get(f"{CATALOG}/product/{segment(product_id)}/salespolicy")


def add_product_trade_policy(product_id: VtexId, policy_id: int) -> Request:
    """Sell the product in one more trade policy; 200 with an empty body."""
    return _post(f"{CATALOG}/product/{segment(product_id)}/salespolicy/{policy_id}")


def trade_policy_ids(policies: Json) -> frozenset[int]:
    """The trade policy ids in the answer of ``product_trade_policies``."""
    ids = (vtex_id(policy.get("StoreId")) for policy in _objects(policies))
    return frozenset(policy_id for policy_id in ids if policy_id is not None)


# SKU (domain/vtex.md 2.5) and its image (2.6)


def sku_by_ref_id(ref_id: str) -> Request:
    """The SKU with that RefId; 404 = none."""
    return _get(f"{CATALOG}/stockkeepingunit", {"RefId": ref_id.strip()})


def get_sku(sku_id: VtexId) -> Request:
    """One SKU by VTEX's id, uncached."""
    return _get(f"{CATALOG}/stockkeepingunit/{segment(sku_id)}")


def create_sku(fields: Mapping[str, Json]) -> Request:
    """A SKU from VTEX field names. It is always created inactive (400 otherwise); an ``Id`` is never sent."""
    body = {name: value for name, value in fields.items() if name != "Id"}
    return _post(f"{CATALOG}/stockkeepingunit", body | {"IsActive": False})


def update_sku(sku_id: VtexId, body: Mapping[str, Json]) -> Request:
    """Replace the whole SKU by ``body``, which is made by ``merging.merged_sku``."""
    return _put(f"{CATALOG}/stockkeepingunit/{segment(sku_id)}", body)


def sku_files(sku_id: VtexId) -> Request:
    """The images of a SKU; 404 = none. Read before every ``add_sku_file``: VTEX doubles a repeated image."""
    return _get(f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/file")


def add_sku_file(sku_id: VtexId, url: str, name: str, *, label: str = "", is_main: bool = True) -> Request:
    """Let VTEX fetch an image; ``url`` is http(s) and ends in the file's extension."""
    body = {"IsMain": is_main, "Label": label, "Name": name, "Text": name, "Url": url}
    return _post(f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/file", body)


def file_names(files: Json) -> tuple[str, ...]:
    """The names of the images in the answer of ``sku_files``."""
    return tuple(name for item in _objects(files) if isinstance(name := item.get("Name"), str))
