"""Specifications: the requests for the fields of a category and for what products and SKUs hold in them, and how their
answers are read (``domain/vtex.md`` 2.4).

Everything goes by the ids of fields that exist. The routes that go by name are left alone: they make the group, the
field and the value where one is spelled otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vtexmon.core.exchange import Api, Json, Request
from vtexmon.core.text import fold
from vtexmon.vtex.catalog import CATALOG, SYSTEM
from vtexmon.vtex.wire import VtexId, segment, stripped, vtex_id

CHECKBOX = 7
SKU_TYPES = frozenset({5, 6})
"""Combo and Radio, the only types a SKU's specification may have."""

LIST_TYPES = SKU_TYPES | {CHECKBOX}
"""The types whose values are chosen from a list."""


@dataclass(frozen=True)
class Field:
    """A specification as VTEX has it; ``type_id`` as in VTEX's list of field types."""

    id: int
    name: str
    type_id: int

    @property
    def is_list(self) -> bool:
        """Whether its values are chosen from a list."""
        return self.type_id in LIST_TYPES


@dataclass(frozen=True)
class Held:
    """One value that a product or a SKU has in a field; ``id`` is that of the association."""

    id: int
    field_id: int
    value_id: int | None
    text: str


def _request(method: str, path: str, body: Json = None) -> Request:
    return Request(Api.CATALOG, method, path, stripped(body))


# Which fields there are


def category_fields(category_id: VtexId) -> Request:
    """The fields of a category and those that every category has."""
    return _request("GET", f"{SYSTEM}/pub/specification/field/listTreeByCategoryId/{segment(category_id)}")


def get_field(field_id: VtexId) -> Request:
    """One field with its type."""
    return _request("GET", f"{SYSTEM}/pub/specification/fieldGet/{segment(field_id)}")


def field_values(field_id: VtexId) -> Request:
    """The values that a field of a list type lets choose from."""
    return _request("GET", f"{SYSTEM}/pub/specification/fieldvalue/{segment(field_id)}")


def find_field_id(fields: Json, name: str, of_sku: bool, category_id: int) -> int | None:
    """The active field of that name, folded, in the answer of ``category_fields``; the category's own one first."""
    found = [
        field
        for field in _objects(fields)
        if fold(str(field.get("Name"))) == fold(name)
        and field.get("IsStockKeepingUnit") is of_sku
        and field.get("IsActive") is not False
    ]
    found.sort(key=lambda field: vtex_id(field.get("CategoryId")) != category_id)
    return next((field_id for field in found if (field_id := vtex_id(field.get("FieldId"))) is not None), None)


def read_field(field: Json) -> Field | None:
    """The answer of ``get_field``; None when it does not name id and type."""
    if not isinstance(field, Mapping):
        return None
    field_id, type_id = vtex_id(field.get("FieldId")), vtex_id(field.get("FieldTypeId"))
    return None if field_id is None or type_id is None else Field(field_id, str(field.get("Name")), type_id)


def values_by_text(values: Json) -> dict[str, int]:
    """The active values in the answer of ``field_values``: VTEX's spelling to id."""
    return {
        text.strip(): value_id
        for value in _objects(values)
        if isinstance(text := value.get("Value"), str)
        and value.get("IsActive") is not False
        and (value_id := vtex_id(value.get("FieldValueId"))) is not None
    }


# What a product or a SKU holds


def held_by_product(product_id: VtexId) -> Request:
    """All specifications of a product."""
    return _request("GET", f"{CATALOG}/product/{segment(product_id)}/specification")


def held_by_sku(sku_id: VtexId) -> Request:
    """All specifications of a SKU."""
    return _request("GET", f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/specification")


def read_held(answer_json: Json) -> list[Held]:
    """The values in the answer of ``held_by_product`` or ``held_by_sku``."""
    return [
        Held(own_id, field_id, vtex_id(row.get("FieldValueId")), str(row.get("Text") or "").strip())
        for row in _objects(answer_json)
        if (own_id := vtex_id(row.get("Id"))) is not None and (field_id := vtex_id(row.get("FieldId"))) is not None
    ]


def set_of_product(product_id: VtexId, values: Mapping[int, Sequence[str]]) -> Request:
    """Replace the values of some fields of a product, by field id; others stay. Fields must exist."""
    body = [{"Id": field_id, "Value": list(texts)} for field_id, texts in values.items()]
    return _request("POST", f"{SYSTEM}/pvt/products/{segment(product_id)}/specification", body)


def remove_from_product(product_id: VtexId, own_or_field_id: int) -> Request:
    """Take a value away: by the association's id, for fields of a list type by the field's."""
    return _request("DELETE", f"{CATALOG}/product/{segment(product_id)}/specification/{own_or_field_id}")


def add_to_sku(sku_id: VtexId, field_id: int, value_id: int) -> Request:
    """Give a SKU a value in a field in which it has none (409 otherwise)."""
    body = {"FieldId": field_id, "FieldValueId": value_id}
    return _request("POST", f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/specification", body)


def change_of_sku(sku_id: int, held: Held, value_id: int) -> Request:
    """Give a SKU another value in a field."""
    body = {"Id": held.id, "SkuId": sku_id, "FieldId": held.field_id, "FieldValueId": value_id}
    return _request("PUT", f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/specification", body)


def remove_from_sku(sku_id: VtexId, own_id: int) -> Request:
    """Take a value away from a SKU."""
    return _request("DELETE", f"{CATALOG}/stockkeepingunit/{segment(sku_id)}/specification/{own_id}")


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))
