"""Specification groups, fields and values (``domain/vtex.md`` 2.4): what can be told of a category's products and SKUs.

A field belongs to a category or, without one, to all. What products and SKUs hold is left to ``specifications.py``.
"""

from vtexmon.sandbox.fields import Field, invalid, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.state import Catalog, World
from vtexmon.sandbox.wire import Answer, Record, json_answer, refuse_string

TYPES = {
    1: "Texto",
    2: "Texto Grande",
    4: "Número",
    5: "Combo",
    6: "Radio",
    7: "CheckBox",
    8: "Texto Indexado",
    9: "Texto Grande Indexado",
}
LIST_TYPES = frozenset({5, 6, 7})
SKU_TYPES = frozenset({5, 6})

_GROUP_FIELDS = (Field("CategoryId", int), Field("Name", str, required=True))
_FIELD_FIELDS = (
    Field("FieldTypeId", int, required=True),
    Field("FieldGroupId", int, required=True),
    Field("Name", str, required=True, length=100),
    Field("CategoryId", int),
    Field("Description", str),
    Field("Position", int, 1),
    Field("IsFilter", bool, False),
    Field("IsRequired", bool, False),
    Field("IsOnProductDetails", bool, False),
    Field("IsStockKeepingUnit", bool, False),
    Field("IsWizard", bool, False),
    Field("IsActive", bool, True),
    Field("IsTopMenuLinkActive", bool, False),
    Field("IsSideMenuLinkActive", bool, False),
    Field("DefaultValue", str),
)
_VALUE_FIELDS = (
    Field("FieldId", int, required=True),
    Field("Name", str, required=True),
    Field("Text", str),
    Field("IsActive", bool, True),
    Field("Position", int, 1),
)


def create_group(call: Call) -> Answer:
    """POST a group of a category."""
    fields = read_fields(_GROUP_FIELDS, _stripped_body(call))
    return json_answer(insert_group(call.world, call.account.catalog, fields["Name"], fields["CategoryId"]))


def insert_group(world: World, catalog: Catalog, name: str, category_id: int | None) -> Record:
    """A new group."""
    group: Record = {"CategoryId": category_id, "Id": next(world.ids.specification), "Name": name, "Position": 1}
    catalog.specification_groups[group["Id"]] = group
    return group


def create_field(call: Call) -> Answer:
    """POST a field of a group; one of a SKU is chosen from a list."""
    catalog = call.account.catalog
    fields = read_fields(_FIELD_FIELDS, _stripped_body(call))
    if fields["FieldTypeId"] not in TYPES:
        raise invalid({"FieldTypeId": [f"The value '{fields['FieldTypeId']}' is not valid for FieldTypeId."]})
    if fields["FieldGroupId"] not in catalog.specification_groups:
        raise refuse_string(404, "Specification group not found")
    return json_answer(insert_field(call.world, catalog, fields))


def insert_field(world: World, catalog: Catalog, fields: Record) -> Record:
    """A new field, with what is not given left at its blank."""
    blank = {field.name: field.blank for field in _FIELD_FIELDS}
    made: Record = {"Id": next(world.ids.specification)} | blank | fields
    catalog.specification_fields[made["Id"]] = made
    return made


def create_value(call: Call) -> Answer:
    """POST a value that a list field lets choose."""
    fields = read_fields(_VALUE_FIELDS, _stripped_body(call))
    if fields["FieldId"] not in call.account.catalog.specification_fields:
        raise refuse_string(404, "Specification not found")
    return json_answer(insert_value(call.world, call.account.catalog, fields))


def insert_value(world: World, catalog: Catalog, fields: Record) -> Record:
    """A new value of a field."""
    blank = {field.name: field.blank for field in _VALUE_FIELDS}
    value: Record = {"FieldValueId": next(world.ids.specification)} | blank | fields
    catalog.specification_values[value["FieldValueId"]] = value
    return value


def get_field(call: Call) -> Answer:
    """GET a field, in the shape of the newer route."""
    return json_answer(_field(call))


def get_field_listed(call: Call) -> Answer:
    """GET a field with its type and group in words, in the shape of the older route."""
    field = _field(call)
    group = call.account.catalog.specification_groups.get(field["FieldGroupId"], {})
    described = {"FieldId": field["Id"], "FieldTypeName": TYPES[field["FieldTypeId"]], "FieldValueId": None}
    shown = {name: value for name, value in field.items() if name != "Id"}
    return json_answer(shown | described | {"FieldGroupName": group.get("Name", "")})


def list_fields_of_category(call: Call) -> Answer:
    """GET the fields of a category alone."""
    category_id = _category_id(call)
    return json_answer([_listed(one) for one in _all(call.account.catalog) if one["CategoryId"] == category_id])


def list_fields_of_tree(call: Call) -> Answer:
    """GET the fields of a category, of those above it, and of every category."""
    return json_answer([_listed(one) for one in call.account.catalog.fields_of(_category_id(call))])


def list_values(call: Call) -> Answer:
    """GET the values of a field."""
    shown = ("FieldValueId", "IsActive", "Position")
    found = values_of(call.account.catalog, _field(call)["Id"])
    return json_answer([{"Value": value["Name"]} | {name: value[name] for name in shown} for value in found])


def values_of(catalog: Catalog, field_id: int) -> list[Record]:
    """The values that a field lets choose."""
    return [value for value in catalog.specification_values.values() if value["FieldId"] == field_id]


def _all(catalog: Catalog) -> list[Record]:
    return list(catalog.specification_fields.values())


def _listed(field: Record) -> Record:
    names = ("Name", "CategoryId", "IsActive", "IsStockKeepingUnit")
    return {"FieldId": field["Id"]} | {name: field[name] for name in names}


def _category_id(call: Call) -> int:
    category_id = call.number("category_id")
    if category_id not in call.account.catalog.categories:
        raise refuse_string(404, "Category not found")
    return category_id


def _field(call: Call) -> Record:
    field = call.account.catalog.specification_fields.get(call.number("field_id"))
    if field is None:
        raise refuse_string(404, "Specification not found")
    return field


def _stripped_body(call: Call) -> object:
    body = call.json()
    refuse_trailing_blanks(body)
    return body


_PUBLIC = "/api/catalog_system/pub/specification"

ROUTES = (
    Route("POST", "/api/catalog/pvt/specificationgroup", create_group, "catalog", writes=True),
    Route("POST", "/api/catalog/pvt/specification", create_field, "catalog", writes=True),
    Route("POST", "/api/catalog/pvt/specificationvalue", create_value, "catalog", writes=True),
    Route("GET", "/api/catalog/pvt/specification/{field_id}", get_field, "catalog"),
    Route("GET", f"{_PUBLIC}/fieldGet/{{field_id}}", get_field_listed, "catalog"),
    Route("GET", f"{_PUBLIC}/fieldvalue/{{field_id}}", list_values, "catalog"),
    Route("GET", f"{_PUBLIC}/field/listByCategoryId/{{category_id}}", list_fields_of_category, "catalog"),
    Route("GET", f"{_PUBLIC}/field/listTreeByCategoryId/{{category_id}}", list_fields_of_tree, "catalog"),
)
