"""Categories and brands (``domain/vtex.md`` 2.2).

Names are taken as they come: equal names, and names that differ only in outer blanks, make second records, which is
how duplicates arise at VTEX.
"""

from vtexmon.sandbox.activation import activate_where_possible
from vtexmon.sandbox.fields import Field, read_fields
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.state import Catalog, World, slug
from vtexmon.sandbox.wire import Answer, Record, json_answer, refuse_message, refuse_string

SELECTION_MODES = ("SPECIFICATION", "LIST")

CATEGORY_FIELDS = (
    Field("Name", str, required=True),
    Field("Keywords", str, "", declared=True),
    Field("Title", str, "", declared=True),
    Field("Description", str, "", declared=True),
    Field("AdWordsRemarketingCode", str, "", declared=True),
    Field("LomadeeCampaignCode", str, "", declared=True),
    Field("FatherCategoryId", int, declared=True),
    Field("GlobalCategoryId", int, 0, declared=True),
    Field("ShowInStoreFront", bool, False, declared=True),
    Field("IsActive", bool, False, declared=True),
    Field("ActiveStoreFrontLink", bool, False, declared=True),
    Field("ShowBrandFilter", bool, False, declared=True),
    Field("Score", int, declared=True),
    Field("StockKeepingUnitSelectionMode", str, "SPECIFICATION", declared=True),
)

BRAND_FIELDS = (
    Field("Name", str, required=True),
    Field("Text", str, ""),
    Field("Keywords", str, ""),
    Field("SiteTitle", str, ""),
    Field("AdWordsRemarketingCode", str, ""),
    Field("LomadeeCampaignCode", str, ""),
    Field("Score", int),
    Field("MenuHome", bool, False),
    Field("Active", bool, False),
    Field("LinkId", str),
)

_NEW_BRAND = {"MenuHome": True, "Active": True}
_WANTED_ID = (Field("Id", int),)


def create_category(call: Call) -> Answer:
    """POST category: the id may be given, else it is the next one."""
    body = call.json()
    fields = _read_category(call, body)
    wanted_id = read_fields(_WANTED_ID, body)["Id"]
    if wanted_id in call.account.catalog.categories:
        raise refuse_string(409, "Category already created with this Id")
    category = insert_category(call.world, call.account.catalog, fields, wanted_id)
    return json_answer(_shown_category(call.account.catalog, category, with_path=True))


def insert_category(world: World, catalog: Catalog, fields: Record, wanted_id: int | None = None) -> Record:
    """Store a category under its father; also used when a product names a path that does not exist yet."""
    category_id = wanted_id or next(free for free in world.ids.category if free not in catalog.categories)
    category = {"Id": category_id, **fields, "LinkId": slug(fields["Name"])}
    catalog.categories[category_id] = category
    catalog.child_categories.setdefault(fields["FatherCategoryId"], []).append(category_id)
    return category


def new_category_fields(name: str, father_id: int | None) -> Record:
    """An active category with everything else blank, as ``CategoryPath`` creates it."""
    blank = {field.name: field.blank for field in CATEGORY_FIELDS}
    return blank | {
        "Name": name,
        "Title": name,
        "FatherCategoryId": father_id,
        "IsActive": True,
        "ShowInStoreFront": True,
    }


def get_category(call: Call) -> Answer:
    """GET category, with the path from the root if ``includeTreePath`` is asked for."""
    with_path = call.query().get("includeTreePath", "").lower() == "true"
    return json_answer(_shown_category(call.account.catalog, _category(call), with_path))


def update_category(call: Call) -> Answer:
    """PUT category replaces all fields."""
    category, catalog = _category(call), call.account.catalog
    fields = _read_category(call, call.json())
    father_id = fields["FatherCategoryId"]
    if category["Id"] in catalog.path_to(father_id):
        raise refuse_message(400, "A category can not be its own father.")
    catalog.child_categories[category["FatherCategoryId"]].remove(category["Id"])
    catalog.child_categories.setdefault(father_id, []).append(category["Id"])
    category |= fields | {"LinkId": slug(fields["Name"])}
    activate_where_possible(catalog, lambda product: product.fields["CategoryId"] == category["Id"])
    return json_answer(_shown_category(catalog, category, with_path=False))


def category_tree(call: Call) -> Answer:
    """GET category tree: public, and a snapshot that may be ``tree_cache_seconds`` old."""
    levels, catalog, now = call.number("levels"), call.account.catalog, call.world.clock()
    taken_at, tree = catalog.tree_snapshots.get(levels, (float("-inf"), []))
    if now - taken_at >= call.world.settings.tree_cache_seconds:
        tree = _branches(catalog, None, levels, f"http://{call.request.headers.get('host', 'localhost')}")
        catalog.tree_snapshots[levels] = (now, tree)
    return json_answer(tree)


def create_brand(call: Call) -> Answer:
    """POST brand: an Id of 0 or none lets VTEX choose."""
    body, catalog = call.json(), call.account.catalog
    wanted_id = read_fields(_WANTED_ID, body)["Id"]
    if wanted_id in catalog.brands:
        raise refuse_string(409, "Brand already created with this Id")
    return json_answer(insert_brand(call.world, catalog, read_fields(BRAND_FIELDS, _NEW_BRAND | body), wanted_id))


def insert_brand(world: World, catalog: Catalog, fields: Record, wanted_id: int | None = None) -> Record:
    """Store a brand; also used when a product names one that does not exist yet."""
    brand_id = wanted_id or next(free for free in world.ids.brand if free not in catalog.brands)
    brand = {"Id": brand_id, **fields, "LinkId": fields["LinkId"] or slug(fields["Name"])}
    catalog.brands[brand_id] = brand
    return brand


def new_brand_fields(name: str) -> Record:
    """An active brand with everything else blank, as ``BrandName`` creates it."""
    return {field.name: field.blank for field in BRAND_FIELDS} | _NEW_BRAND | {"Name": name}


def get_brand(call: Call) -> Answer:
    """GET brand, in the shape of the newer route."""
    return json_answer(_brand(call))


def get_brand_listed(call: Call) -> Answer:
    """GET brand, in the shape of the older route and of the lists."""
    return json_answer(_listed_brand(_brand(call)))


def update_brand(call: Call) -> Answer:
    """PUT brand replaces all fields."""
    brand = _brand(call)
    brand |= read_fields(BRAND_FIELDS, call.json())
    activate_where_possible(call.account.catalog, lambda product: product.fields["BrandId"] == brand["Id"])
    return json_answer(brand)


def list_brands(call: Call) -> Answer:
    """GET brand list, at most 20,000."""
    return json_answer([_listed_brand(brand) for brand in call.account.catalog.brands.values()][:20_000])


def page_brands(call: Call) -> Answer:
    """GET one page of brands; ``page`` starts at 1."""
    query = call.query()
    try:
        page, size = int(query["page"]), int(query["pageSize"])
    except (KeyError, ValueError):
        raise refuse_message(400, "page and pageSize are required.") from None
    brands = [_listed_brand(brand) for brand in call.account.catalog.brands.values()]
    pages = -(-len(brands) // max(size, 1))
    paging = {"page": page, "perPage": size, "total": len(brands), "pages": pages}
    return json_answer({"items": brands[(page - 1) * size : page * size], "paging": paging})


def _read_category(call: Call, body: object) -> Record:
    fields = read_fields(CATEGORY_FIELDS, body)
    if fields["StockKeepingUnitSelectionMode"] not in SELECTION_MODES:
        raise refuse_message(400, "StockKeepingUnitSelectionMode must be SPECIFICATION or LIST.")
    if fields["FatherCategoryId"] is not None and fields["FatherCategoryId"] not in call.account.catalog.categories:
        raise refuse_string(404, "Father category not found")
    return fields


def _category(call: Call) -> Record:
    category = call.account.catalog.categories.get(call.number("category_id"))
    if category is None:
        raise refuse_string(404, "Category not found")
    return category


def _brand(call: Call) -> Record:
    brand = call.account.catalog.brands.get(call.number("brand_id"))
    if brand is None:
        raise refuse_string(404, "Brand not found")
    return brand


def _listed_brand(brand: Record) -> Record:
    return {
        "id": brand["Id"],
        "name": brand["Name"],
        "isActive": brand["Active"],
        "title": brand["SiteTitle"],
        "metaTagDescription": brand["Text"],
        "imageUrl": None,
    }


def _shown_category(catalog: Catalog, category: Record, with_path: bool) -> Record:
    path = [catalog.categories[found] for found in catalog.path_to(category["Id"])] if with_path else []
    return category | {
        "HasChildren": bool(catalog.child_categories.get(category["Id"])),
        "TreePath": [step["Name"] for step in path] or None,
        "TreePathIds": [step["Id"] for step in path] or None,
        "TreePathLinkIds": [step["LinkId"] for step in path] or None,
    }


def department_id(catalog: Catalog, category_id: int) -> int:
    """The root above a category."""
    return catalog.path_to(category_id)[0]


def _branches(catalog: Catalog, father_id: int | None, levels: int, url: str) -> list[Record]:
    branches: list[Record] = []
    for category_id in catalog.child_categories.get(father_id, ()):
        category = catalog.categories[category_id]
        own_url = f"{url}/{category['LinkId']}"
        branches.append(
            {
                "id": category_id,
                "name": category["Name"],
                "hasChildren": bool(catalog.child_categories.get(category_id)),
                "url": own_url,
                "children": _branches(catalog, category_id, levels - 1, own_url) if levels > 1 else [],
                "Title": category["Title"],
                "MetaTagDescription": category["Description"],
            }
        )
    return branches


ROUTES = (
    Route("POST", "/api/catalog/pvt/category", create_category, "catalog", writes=True),
    Route("GET", "/api/catalog/pvt/category/{category_id}", get_category, "catalog"),
    Route("PUT", "/api/catalog/pvt/category/{category_id}", update_category, "catalog", writes=True),
    Route("GET", "/api/catalog_system/pub/category/tree/{levels}", category_tree, "catalog"),
    Route("POST", "/api/catalog/pvt/brand", create_brand, "catalog", writes=True),
    Route("GET", "/api/catalog/pvt/brand/{brand_id}", get_brand, "catalog"),
    Route("PUT", "/api/catalog/pvt/brand/{brand_id}", update_brand, "catalog", writes=True),
    Route("GET", "/api/catalog_system/pvt/brand/list", list_brands, "catalog"),
    Route("GET", "/api/catalog_system/pvt/brand/pagedlist", page_brands, "catalog"),
    Route("GET", "/api/catalog_system/pvt/brand/{brand_id}", get_brand_listed, "catalog"),
)
