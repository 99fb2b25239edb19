"""What products and SKUs hold in specifications (``domain/vtex.md`` 2.4), by the ids of fields, or by name.

By name the group, the field and the values are made when missing. Filling a mandatory one may activate a SKU.
"""

from vtexmon.sandbox.activation import activate_if_possible
from vtexmon.sandbox.fields import Field, invalid, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.products import find_product
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.skus import find_sku
from vtexmon.sandbox.specification_fields import (
    LIST_TYPES,
    SKU_TYPES,
    insert_field,
    insert_group,
    insert_value,
    values_of,
)
from vtexmon.sandbox.state import Product, Sku, by_field
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_message, refuse_string

ONLY_LISTS = "You can only enter Sku Specification in Combo (type 5) and Radio (type 6)"
TEXT, COMBO, CHECKBOX = 1, 5, 7

_BY_ID = (Field("FieldId", int, required=True), Field("FieldValueId", int), Field("Text", str))
_CHANGE = (
    Field("Id", int, required=True),
    Field("FieldId", int, required=True),
    Field("FieldValueId", int, required=True),
)
_BY_NAME = (
    Field("FieldName", str, required=True, length=100),
    Field("GroupName", str, required=True),
    Field("RootLevelSpecification", bool, required=True),
    Field("FieldValues", list, required=True),
)
_LEGACY = (Field("Id", int), Field("Name", str), Field("Value", list, required=True))

Owner = Product | Sku


def list_of_product(call: Call) -> Answer:
    """GET the specifications of a product."""
    return json_answer(_shown(find_product(call)))


def add_to_product(call: Call) -> Answer:
    """POST one by field id; 409 when there is one already."""
    return _add(call, find_product(call))


def remove_from_product(call: Call) -> Answer:
    """DELETE one: by the field's id where its values come from a list, else by the association's."""
    product, wanted = find_product(call), call.number("specification_id")
    kept = [row for row in product.specifications if wanted != (row["FieldId"] if row["IsList"] else row["Id"])]
    if len(kept) == len(product.specifications):
        raise refuse_string(404, "Not Found")
    product.specifications[:] = kept
    return empty_answer()


def list_by_field(call: Call) -> Answer:
    """GET the specifications of a product, each field with its values, in the shape of the older route."""
    found = by_field(find_product(call).specifications)
    return json_answer([{"Value": one["FieldValues"], "Id": one["FieldId"], "Name": one["FieldName"]} for one in found])


def set_by_field(call: Call) -> Answer:
    """POST values of fields that exist; each replaces what the product has in that field."""
    product, body = find_product(call), call.json()
    if not isinstance(body, list):
        raise invalid({"": ["An array is expected."]})
    changes = []
    for one in body:
        refuse_trailing_blanks(one)
        fields = read_fields(_LEGACY, one)
        field = _applying(call, product, fields["Id"], fields["Name"])
        changes.append((field, _rows(call, field, _texts(fields["Value"], "Value"))))
    for field, rows in changes:
        _replace(product, field, rows)
    _activate(call, product)
    return empty_answer()


def list_of_sku(call: Call) -> Answer:
    """GET the specifications of a SKU."""
    return json_answer(_shown(find_sku(call)))


def add_to_sku(call: Call) -> Answer:
    """POST one by field and value id; 409 when there is one already."""
    return _add(call, find_sku(call))


def change_of_sku(call: Call) -> Answer:
    """PUT another value into one that is there."""
    sku, fields = find_sku(call), read_fields(_CHANGE, call.json())
    row = next((one for one in sku.specifications if one["Id"] == fields["Id"]), None)
    if row is None or row["FieldId"] != fields["FieldId"]:
        raise refuse_string(404, "Specification not found")
    row |= _value(call, fields["FieldId"], fields["FieldValueId"])
    return json_answer(_shown(sku))


def remove_from_sku(call: Call) -> Answer:
    """DELETE one by the association's id."""
    sku, wanted = find_sku(call), call.number("specification_id")
    kept = [row for row in sku.specifications if row["Id"] != wanted]
    if len(kept) == len(sku.specifications):
        raise refuse_string(404, "Not Found")
    sku.specifications[:] = kept
    return empty_answer()


def put_by_name_of_product(call: Call) -> Answer:
    """PUT by name, creating group, field and values."""
    return _put_by_name(call, find_product(call))


def put_by_name_of_sku(call: Call) -> Answer:
    """PUT by name, creating group, field and values."""
    return _put_by_name(call, find_sku(call))


def _add(call: Call, owner: Owner) -> Answer:
    fields = read_fields(_BY_ID, call.json())
    field = _applying(call, owner, fields["FieldId"], None)
    there = [row for row in owner.specifications if row["FieldId"] == field["Id"]]
    if there and (field["FieldTypeId"] != CHECKBOX or fields["FieldValueId"] in [row["FieldValueId"] for row in there]):
        raise refuse_string(409, "The specification is already associated")
    if field["FieldTypeId"] in LIST_TYPES:
        row = _row(call, field) | _value(call, field["Id"], fields["FieldValueId"])
    else:
        row = _row(call, field) | {"Text": fields["Text"] or ""}
    owner.specifications.append(row)
    _activate(call, owner)
    return json_answer(_answer(owner, row))


def _applying(call: Call, owner: Owner, field_id: int | None, name: str | None) -> Record:
    """The field, refused when it is not one of the owner's category or not for this kind of owner."""
    for field in call.account.catalog.fields_of(_product_of(call, owner).fields["CategoryId"]):
        if field["Id"] == field_id or (field_id is None and field["Name"] == name):
            if field["IsStockKeepingUnit"] is not isinstance(owner, Sku):
                break
            if isinstance(owner, Sku) and field["FieldTypeId"] not in SKU_TYPES:
                raise refuse_message(400, ONLY_LISTS)
            return field
    raise refuse_message(400, f"The specification {field_id or name} does not apply.")


def _value(call: Call, field_id: int, value_id: int | None) -> Record:
    value = call.account.catalog.specification_values.get(value_id or 0)
    if value is None or value["FieldId"] != field_id:
        raise refuse_message(400, f"The FieldValueId {value_id} is not a value of the specification {field_id}.")
    return {"FieldValueId": value_id, "Text": value["Name"]}


def _row(call: Call, field: Record) -> Record:
    is_list = field["FieldTypeId"] in LIST_TYPES
    own_id = next(call.world.ids.specification)
    return {
        "Id": own_id,
        "FieldId": field["Id"],
        "FieldValueId": 0,
        "Text": "",
        "FieldName": field["Name"],
        "IsList": is_list,
    }


def _rows(call: Call, field: Record, texts: list[str]) -> list[Record]:
    if field["FieldTypeId"] not in LIST_TYPES:
        return [_row(call, field) | {"Text": text} for text in texts]
    known = {value["Name"]: value["FieldValueId"] for value in values_of(call.account.catalog, field["Id"])}
    missing = [text for text in texts if text not in known]
    if missing:
        raise refuse_message(400, f"The specification {field['Id']} has no value '{missing[0]}'.")
    return [_row(call, field) | {"Text": text, "FieldValueId": known[text]} for text in texts]


def _replace(owner: Owner, field: Record, rows: list[Record]) -> None:
    owner.specifications[:] = [row for row in owner.specifications if row["FieldId"] != field["Id"]] + rows


def _texts(values: list[object], name: str) -> list[str]:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(values):
        raise invalid({name: ["Every value must be a string."]})
    return texts


def _put_by_name(call: Call, owner: Owner) -> Answer:
    body = call.json()
    refuse_trailing_blanks(body)
    fields = read_fields(_BY_NAME, body)
    texts = _texts(fields["FieldValues"], "FieldValues")
    if isinstance(owner, Sku) and len(texts) != 1:
        raise refuse_message(400, "SKU specifications must contain only one value.")
    field = _field_by_name(call, owner, fields)
    if field["FieldTypeId"] in LIST_TYPES:
        known = {value["Name"] for value in values_of(call.account.catalog, field["Id"])}
        for text in dict.fromkeys(text for text in texts if text not in known):
            insert_value(call.world, call.account.catalog, {"FieldId": field["Id"], "Name": text})
    rows = _rows(call, field, texts)
    _replace(owner, field, rows)
    _activate(call, owner)
    return json_answer([_answer(owner, row) for row in rows])


def _field_by_name(call: Call, owner: Owner, fields: Record) -> Record:
    catalog, of_sku = call.account.catalog, isinstance(owner, Sku)
    category_id = _product_of(call, owner).fields["CategoryId"]
    for field in catalog.fields_of(category_id):
        if field["Name"] == fields["FieldName"] and field["IsStockKeepingUnit"] is of_sku:
            return field
    place = None if fields["RootLevelSpecification"] else category_id
    group = insert_group(call.world, catalog, fields["GroupName"], place)
    made = {"Name": fields["FieldName"], "CategoryId": place, "FieldGroupId": group["Id"]}
    made |= {"FieldTypeId": COMBO if of_sku else TEXT, "IsStockKeepingUnit": of_sku}
    return insert_field(call.world, catalog, made)


def _product_of(call: Call, owner: Owner) -> Product:
    return owner if isinstance(owner, Product) else call.account.catalog.products[owner.fields["ProductId"]]


def _activate(call: Call, owner: Owner) -> None:
    catalog = call.account.catalog
    waiting = [owner] if isinstance(owner, Sku) else [catalog.skus[sku_id] for sku_id in owner.sku_ids]
    activate_if_possible(catalog, waiting)


def _shown(owner: Owner) -> list[Record]:
    return [_answer(owner, row) for row in owner.specifications]


def _answer(owner: Owner, row: Record) -> Record:
    name = "ProductId" if isinstance(owner, Product) else "SkuId"
    shown = {field: row[field] for field in ("FieldId", "FieldValueId", "Text")}
    return {"Id": row["Id"], name: owner.fields["Id"]} | shown


_PRODUCT = "/api/catalog/pvt/product/{product_id}"
_OLDER = "/api/catalog_system/pvt/products/{product_id}/specification"
_SKU = "/api/catalog/pvt/stockkeepingunit/{sku_id}"

ROUTES = (
    Route("GET", f"{_PRODUCT}/specification", list_of_product, "catalog"),
    Route("POST", f"{_PRODUCT}/specification", add_to_product, "catalog", writes=True),
    Route("DELETE", f"{_PRODUCT}/specification/{{specification_id}}", remove_from_product, "catalog", writes=True),
    Route("PUT", f"{_PRODUCT}/specificationvalue", put_by_name_of_product, "catalog", writes=True),
    Route("GET", _OLDER, list_by_field, "catalog"),
    Route("POST", _OLDER, set_by_field, "catalog", writes=True),
    Route("GET", f"{_SKU}/specification", list_of_sku, "catalog"),
    Route("POST", f"{_SKU}/specification", add_to_sku, "catalog", writes=True),
    Route("PUT", f"{_SKU}/specification", change_of_sku, "catalog", writes=True),
    Route("DELETE", f"{_SKU}/specification/{{specification_id}}", remove_from_sku, "catalog", writes=True),
    Route("PUT", f"{_SKU}/specificationvalue", put_by_name_of_sku, "catalog", writes=True),
)
