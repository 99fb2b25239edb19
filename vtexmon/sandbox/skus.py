"""SKUs (``domain/vtex.md`` 2.5, 2.7).

Created inactive, activated once they may be, wiped by PUT. Images are left to ``images.py``.
"""

from collections import Counter

from vtexmon.sandbox.activation import activate_if_possible, obstacle, refusal_text
from vtexmon.sandbox.fields import Field, invalid, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.products import MAX_ID
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.state import Catalog, Sku, now_text
from vtexmon.sandbox.wire import Answer, Record, json_answer, message_answer, refuse_message, refuse_string

MEASUREMENT_UNITS = frozenset(
    {"un", "kg", "g", "mg", "m", "m²", "m³", "cm", "cm²", "cm³", "mm", "mm²", "mm³"}
    | {"oz", "lb", "ft", "ft²", "ft³", "in", "in²", "in³"}
)

SKU_FIELDS = (
    Field("ProductId", int, required=True),
    Field("IsActive", bool, False),
    Field("ActivateIfPossible", bool, False),
    Field("Name", str, required=True, length=200),
    Field("RefId", str, "", length=50),
    Field("PackagedHeight", float, required=True),
    Field("PackagedLength", float, required=True),
    Field("PackagedWidth", float, required=True),
    Field("PackagedWeightKg", int, required=True),
    Field("Height", float, 0.0),
    Field("Length", float, 0.0),
    Field("Width", float, 0.0),
    Field("WeightKg", float, 0.0),
    Field("CubicWeight", float, 0.0),
    Field("IsKit", bool, False),
    Field("CreationDate", str, ""),
    Field("RewardValue", float, 0.0),
    Field("EstimatedDateArrival", str),
    Field("ManufacturerCode", str, ""),
    Field("CommercialConditionId", int, 1),
    Field("MeasurementUnit", str, "un"),
    Field("UnitMultiplier", float, 1.0),
    Field("ModalType", str),
    Field("KitItensSellApart", bool, False),
    Field("Videos", list, ()),
)
_WANTED_ID = (Field("Id", int),)


def create_sku(call: Call) -> Answer:
    """POST SKU: never active, unique by RefId."""
    body, catalog = call.json(), call.account.catalog
    fields = _read_sku(catalog, body, own_id=None)
    if fields["IsActive"]:
        raise refuse_message(400, "A SKU can not be created active: send IsActive false.")
    wanted_id = read_fields(_WANTED_ID, body)["Id"]
    if wanted_id is not None and not 0 < wanted_id <= MAX_ID:
        raise invalid({"Id": [f"The value '{wanted_id}' is not valid for Id."]})
    if wanted_id in catalog.skus:
        raise refuse_string(409, "Sku already created with this Id")
    sku_id = wanted_id or next(free for free in call.world.ids.sku if not call.world.has_sku(free))
    sku = Sku({"Id": sku_id} | fields | {"CreationDate": fields["CreationDate"] or now_text()})
    catalog.skus[sku_id] = sku
    catalog.products[fields["ProductId"]].sku_ids.append(sku_id)
    _index(catalog, sku)
    return json_answer(sku.fields)


def get_sku(call: Call) -> Answer:
    """GET SKU by id."""
    return json_answer(find_sku(call).fields)


def get_sku_by_ref_id_query(call: Call) -> Answer:
    """GET SKU by the query's RefId: 404 when there is none."""
    return json_answer(call.account.catalog.skus[_id_of_ref_id(call, call.query().get("RefId", ""))].fields)


def get_sku_id_by_ref_id(call: Call) -> Answer:
    """GET the id by RefId, as a JSON string."""
    return json_answer(str(_id_of_ref_id(call, call.params["ref_id"])))


def get_sku_ids_by_ref_ids(call: Call) -> Answer:
    """POST a list of RefIds; a repeated one makes VTEX answer 500."""
    ref_ids = call.json()
    if not isinstance(ref_ids, list) or not all(isinstance(ref_id, str) for ref_id in ref_ids):
        raise refuse_message(400, "An array of strings is expected.")
    if max(Counter(ref_ids).values(), default=0) > 1:
        return message_answer(500, "An item with the same key has already been added.")
    known = call.account.catalog.sku_by_ref_id
    return json_answer({ref_id: str(known[ref_id]) if ref_id in known else None for ref_id in ref_ids})


def list_skus_of_product(call: Call) -> Answer:
    """GET the SKUs of one product."""
    catalog = call.account.catalog
    product = catalog.products.get(call.number("product_id"))
    return json_answer([catalog.skus[sku_id].fields for sku_id in product.sku_ids] if product else [])


def update_sku(call: Call) -> Answer:
    """PUT SKU: what is left out is erased, and leaving out ``IsActive`` deactivates. Being a kit cannot be undone."""
    sku, body, catalog = find_sku(call), call.json(), call.account.catalog
    fields = _read_sku(catalog, body, own_id=sku.fields["Id"])
    fields["IsKit"] = fields["IsKit"] or sku.fields["IsKit"]
    fields["CreationDate"] = fields["CreationDate"] or sku.fields["CreationDate"]
    after = Sku(sku.fields | fields, sku.images, sku.specifications, sku.components)
    reason = obstacle(catalog, after) if fields["IsActive"] else None
    if reason:
        raise refuse_message(400, refusal_text(sku, reason))
    catalog.sku_by_ref_id.pop(sku.fields["RefId"], None)
    catalog.products[sku.fields["ProductId"]].sku_ids.remove(sku.fields["Id"])
    sku.fields = after.fields
    catalog.products[sku.fields["ProductId"]].sku_ids.append(sku.fields["Id"])
    _index(catalog, sku)
    activate_if_possible(catalog, [sku])
    return json_answer(sku.fields)


def find_sku(call: Call) -> Sku:
    """The SKU of the path, refused with 404 when there is none in the account's catalogue."""
    sku = call.account.catalog.skus.get(call.number("sku_id"))
    if sku is None:
        raise refuse_string(404, "SKU not found")
    return sku


def _id_of_ref_id(call: Call, ref_id: str) -> int:
    sku_id = call.account.catalog.sku_by_ref_id.get(ref_id)
    if sku_id is None:
        raise refuse_string(404, "SKU not found")
    return sku_id


def _read_sku(catalog: Catalog, body: object, own_id: int | None) -> Record:
    refuse_trailing_blanks(body)
    fields = read_fields(SKU_FIELDS, body)
    fields["Videos"] = list(fields["Videos"])
    if fields["CommercialConditionId"] < 1:
        raise invalid({"CommercialConditionId": ["The commercial condition does not exist."]})
    if fields["MeasurementUnit"] not in MEASUREMENT_UNITS:
        raise invalid({"MeasurementUnit": [f"The value '{fields['MeasurementUnit']}' is not a unit."]})
    if fields["ProductId"] not in catalog.products:
        raise refuse_string(404, "Product not found")
    holder = catalog.sku_by_ref_id.get(fields["RefId"])
    if holder not in (None, own_id):
        raise refuse_string(409, f"Sku can not be created because the RefId is registered in Sku id {holder}")
    return fields


def _index(catalog: Catalog, sku: Sku) -> None:
    if sku.fields["RefId"]:
        catalog.sku_by_ref_id[sku.fields["RefId"]] = sku.fields["Id"]


_SKU = "/api/catalog/pvt/stockkeepingunit"
_BY_REF_ID = "/api/catalog_system/pvt/sku/stockkeepingunitidbyrefid/{ref_id}"
_BY_REF_IDS = "/api/catalog_system/pub/sku/stockkeepingunitidsbyrefids"
_OF_PRODUCT = "/api/catalog_system/pvt/sku/stockkeepingunitByProductId/{product_id}"

ROUTES = (
    Route("POST", _SKU, create_sku, "catalog", writes=True),
    Route("GET", _SKU, get_sku_by_ref_id_query, "catalog"),
    Route("GET", f"{_SKU}/{{sku_id}}", get_sku, "catalog"),
    Route("PUT", f"{_SKU}/{{sku_id}}", update_sku, "catalog", writes=True),
    Route("GET", _BY_REF_ID, get_sku_id_by_ref_id, "catalog"),
    Route("POST", _BY_REF_IDS, get_sku_ids_by_ref_ids, "catalog"),
    Route("GET", _OF_PRODUCT, list_skus_of_product, "catalog"),
)
