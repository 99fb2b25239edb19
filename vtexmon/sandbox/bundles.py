"""Kits and complements (``domain/vtex.md`` 2.8, 2.9).

What relates one SKU to others. Cycles are accepted, as VTEX does.
"""

from vtexmon.sandbox.activation import activate_if_possible
from vtexmon.sandbox.fields import Field, invalid, read_fields
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.state import Catalog, Sku
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_message, refuse_string

COMPLEMENT_TYPES = frozenset({1, 2, 3, 5})

_COMPONENT_FIELDS = (
    Field("StockKeepingUnitParent", int, required=True),
    Field("StockKeepingUnitId", int, required=True),
    Field("Quantity", int, required=True),
    Field("UnitPrice", float, required=True),
)
_COMPLEMENT_FIELDS = (
    Field("ParentSkuId", int, required=True),
    Field("SkuId", int, required=True),
    Field("ComplementTypeId", int, required=True),
)


def add_component(call: Call) -> Answer:
    """POST one component of a kit; posting it again replaces it."""
    fields, catalog = read_fields(_COMPONENT_FIELDS, call.json()), call.account.catalog
    kit = _sku(catalog, fields["StockKeepingUnitParent"])
    component = _sku(catalog, fields["StockKeepingUnitId"])
    if not kit.fields["IsKit"]:
        raise refuse_message(400, f"Sku {kit.fields['Id']} is not a kit.")
    if fields["Quantity"] < 1:
        raise invalid({"Quantity": ["The quantity must be at least 1."]})
    kit.components[component.fields["Id"]] = {"Id": kit.fields["Id"]} | fields
    activate_if_possible(catalog, [kit])
    return json_answer(kit.components[component.fields["Id"]])


def list_components(call: Call) -> Answer:
    """GET components by kit or by component; one object for one, an array for several, as VTEX is known to vary."""
    found = [kit.components[sku_id] for kit, sku_id in _queried_components(call)]
    if not found:
        raise refuse_string(404, "Kit not found")
    return json_answer(found[0] if len(found) == 1 else found)


def delete_components(call: Call) -> Answer:
    """DELETE components by kit or by component."""
    for kit, sku_id in _queried_components(call):
        del kit.components[sku_id]
    return empty_answer()


def delete_kit(call: Call) -> Answer:
    """DELETE all components of one kit; a kit's id is its parent's."""
    _sku(call.account.catalog, call.number("kit_id")).components.clear()
    return empty_answer()


def add_complement(call: Call) -> Answer:
    """POST a complement. Not idempotent: the same again makes a second one."""
    fields, catalog = read_fields(_COMPLEMENT_FIELDS, call.json()), call.account.catalog
    if fields["ComplementTypeId"] not in COMPLEMENT_TYPES:
        raise invalid({"ComplementTypeId": ["The complement type does not exist."]})
    parent = _sku(catalog, fields["ParentSkuId"])
    _sku(catalog, fields["SkuId"])
    parent.complements.append({"Id": next(call.world.ids.complement)} | fields)
    return json_answer(parent.complements[-1:])


def list_complements(call: Call) -> Answer:
    """GET the complements of one type."""
    parent = _sku(call.account.catalog, call.number("sku_id"))
    wanted = call.number("type_id")
    ids = [item["SkuId"] for item in parent.complements if item["ComplementTypeId"] == wanted]
    return json_answer({"ParentSkuId": parent.fields["Id"], "ComplementSkuIds": ids, "Type": str(wanted)})


def list_all_complements(call: Call) -> Answer:
    """GET the complements of a SKU, with their ids."""
    return json_answer(_sku(call.account.catalog, call.number("sku_id")).complements)


def list_complements_of_type(call: Call) -> Answer:
    """GET the complements of one type, with their ids."""
    parent, wanted = _sku(call.account.catalog, call.number("sku_id")), call.number("type_id")
    return json_answer([item for item in parent.complements if item["ComplementTypeId"] == wanted])


def get_complement(call: Call) -> Answer:
    """GET one complement, in an array."""
    parent, place = _complement(call)
    return json_answer([parent.complements[place]])


def delete_complement(call: Call) -> Answer:
    """DELETE one complement."""
    parent, place = _complement(call)
    del parent.complements[place]
    return empty_answer()


def _sku(catalog: Catalog, sku_id: int) -> Sku:
    sku = catalog.skus.get(sku_id)
    if sku is None:
        raise refuse_string(404, "SKU not found")
    return sku


def _queried_components(call: Call) -> list[tuple[Sku, int]]:
    query = call.query()
    kit_id, sku_id = _queried_id(query, "parentSkuId"), _queried_id(query, "skuId")
    if kit_id is None and sku_id is None:
        raise refuse_message(400, "parentSkuId or skuId is required.")
    skus = call.account.catalog.skus
    kits = list(skus.values()) if kit_id is None else [skus[kit_id]] if kit_id in skus else []
    return [(kit, component) for kit in kits for component in list(kit.components) if sku_id in (None, component)]


def _queried_id(query: Record, name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not value.isdecimal():
        raise refuse_message(400, f"{name} must be an integer.")
    return int(value)


def _complement(call: Call) -> tuple[Sku, int]:
    wanted = call.number("complement_id")
    for sku in call.account.catalog.skus.values():
        for place, item in enumerate(sku.complements):
            if item["Id"] == wanted:
                return sku, place
    raise refuse_string(404, "Complement not found")


_KIT = "/api/catalog/pvt/stockkeepingunitkit"
_COMPLEMENT = "/api/catalog/pvt/skucomplement"
_OF_SKU = "/api/catalog/pvt/stockkeepingunit/{sku_id}/complement"

ROUTES = (
    Route("POST", _KIT, add_component, "catalog", writes=True),
    Route("GET", _KIT, list_components, "catalog"),
    Route("DELETE", _KIT, delete_components, "catalog", writes=True),
    Route("DELETE", f"{_KIT}/{{kit_id}}", delete_kit, "catalog", writes=True),
    Route("POST", _COMPLEMENT, add_complement, "catalog", writes=True),
    Route("GET", f"{_COMPLEMENT}/{{complement_id}}", get_complement, "catalog"),
    Route("DELETE", f"{_COMPLEMENT}/{{complement_id}}", delete_complement, "catalog", writes=True),
    Route("GET", _OF_SKU, list_all_complements, "catalog"),
    Route("GET", f"{_OF_SKU}/{{type_id}}", list_complements_of_type, "catalog"),
    Route("GET", "/api/catalog_system/pvt/sku/complements/{sku_id}/{type_id}", list_complements, "catalog"),
)
