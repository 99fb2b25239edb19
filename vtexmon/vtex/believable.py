"""Which answer of VTEX is believed: one that has what its route answers with, in every place that is made use of.

A ``200`` with something else may or may not have been applied, and a reading that cannot be trusted at the decisive
place must never be taken for "it is so already", nor for "it is not there": what follows from that is a second record.
Tolerant everywhere else: VTEX does not keep to its own schemas. What a body says in words is left to ``shapes``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from vtexmon.core.exchange import Json, Request
from vtexmon.vtex.shapes import UNREADABLE, is_an_error
from vtexmon.vtex.wire import created_id, read_id, vtex_id

Shape = Callable[[Json], bool]


def is_believable(request: Request, text: str | None, body: Json, no_content: bool = False) -> bool:
    """Whether a 2xx body has the shape that its route answers with; other routes need any JSON but null.

    ``no_content`` is a 204: believed of a write unless an id was to come back.
    """
    subject = _subject(request)
    shape = next((shape for pattern, shape in _EXPECTED if pattern.match(subject)), None)
    if no_content:
        return request.is_write and shape is not _has_id
    if not text or not text.strip() or body is None:
        return shape is _acknowledges
    return body is not UNREADABLE and (shape is None or shape(body))


def says_there_is_none(request: Request, status: int, page: bool) -> bool:
    """Whether a read that came back without a document (404, null, nothing) says that there is none.

    A list of everything always comes, so that a missing one says nothing; nor does a page of somebody on the way. Some
    routes say it with a 404 and in no other way.
    """
    if request.is_write or page:
        return False
    subject = _subject(request)
    return not _ALWAYS_THERE.match(subject) and (status == 404 or not _NONE_IS_A_404.match(subject))


def _subject(request: Request) -> str:
    return f"{request.method} {request.path}"


_ALWAYS_THERE = re.compile(
    r"GET /api/(catalog_system/pub/category/tree/|catalog_system/pvt/(brand|saleschannel)/list$"
    r"|catalog/pvt/product/[^/]+/salespolicy$|logistics/pvt/configuration/warehouses$)"
)
_NONE_IS_A_404 = re.compile(
    r"GET (/pricing/|/api/logistics/|/api/catalog_system/pub/specification/"
    r"|/api/catalog/pvt/(product|stockkeepingunit)/[^/]+/(file|specification)$)"
)


# What each route answers with


def _is_document(body: Json) -> bool:
    return isinstance(body, Mapping) and not is_an_error(body)


def _has_id(body: Json) -> bool:
    return created_id(body) is not None


def _is_object_or_list(body: Json) -> bool:
    return _is_document(body) or _list_of(_is_document)(body)


def _is_made(body: Json) -> bool:
    """What was made, alone or in a list: one route answers with either."""
    return _has_id(body) or (bool(body) and _list_of(_has_id)(body))


def _acknowledges(body: Json) -> bool:
    """Empty, null, true or a document: these routes are documented with no body at all."""
    return body is None or body is True or _is_object_or_list(body)


def _list_of(item: Shape) -> Shape:
    return lambda body: isinstance(body, list) and all(isinstance(one, Mapping) and item(one) for one in body)


def _is_named(item: Json) -> bool:
    found, name = item.get("id", item.get("Id")), item.get("name", item.get("Name"))
    return vtex_id(found) is not None and isinstance(name, str)


def _is_tree(body: Json) -> bool:
    """Categories all the way down; only a leaf may come without its ``children``."""
    waiting = [body]
    while waiting:
        level = waiting.pop()
        if not _is_level(level):
            return False
        waiting += [one["children"] for one in level if one.get("children") is not None or one.get("hasChildren")]
    return True


_is_level = _list_of(lambda one: _is_named(one) and (one.get("hasChildren") is not True or "children" in one))


def _is_warehouse(item: Json) -> bool:
    return _is_text_or_id(item.get("id"))


def _is_policy(item: Json) -> bool:
    return vtex_id(item.get("StoreId")) is not None


def _is_file(item: Json) -> bool:
    return "Name" in item and (item["Name"] is None or isinstance(item["Name"], str))


def _is_field(item: Json) -> bool:
    return vtex_id(item.get("FieldId")) is not None and isinstance(item.get("Name"), str)


def _has_type(body: Json) -> bool:
    return isinstance(body, Mapping) and _is_field(body) and vtex_id(body.get("FieldTypeId")) is not None


def _is_value(item: Json) -> bool:
    return vtex_id(item.get("FieldValueId")) is not None and isinstance(item.get("Value"), str)


def _is_specification(item: Json) -> bool:
    value, text = item.get("FieldValueId"), item.get("Text")
    ids = vtex_id(item.get("Id")) is not None and vtex_id(item.get("FieldId")) is not None
    return ids and (value is None or read_id(value) is not None) and (text is None or isinstance(text, str))


def _is_balance(item: Json) -> bool:
    return (
        _is_text_or_id(item.get("warehouseId"))
        and read_id(item.get("totalQuantity")) is not None
        and isinstance(item.get("hasUnlimitedQuantity"), bool)
    )


def _is_inventory(body: Json) -> bool:
    return isinstance(body, Mapping) and _list_of(_is_balance)(body.get("balance"))


_PRICE_FIELDS = frozenset({"basePrice", "listPrice", "fixedPrices"})


def _is_price(body: Json) -> bool:
    """A price document: what is not an amount must be null, or it would be taken for "none" and then wiped."""
    if not isinstance(body, Mapping) or not body.keys() >= _PRICE_FIELDS:
        return False
    amounts = _is_amount(body["basePrice"]) and _is_amount(body["listPrice"])
    return amounts and (body["fixedPrices"] is None or _list_of(_is_fixed_price)(body["fixedPrices"]))


def _is_fixed_price(item: Json) -> bool:
    amounts = "value" in item and _is_amount(item["value"]) and _is_amount(item.get("listPrice"))
    dates = item.get("dateRange")
    return amounts and _is_text_or_id(item.get("tradePolicyId")) and (dates is None or isinstance(dates, Mapping))


def _is_text_or_id(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_amount(value: Json) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


_EXPECTED: tuple[tuple[re.Pattern[str], Shape], ...] = tuple(
    (re.compile(pattern), shape)
    for pattern, shape in (
        (r"GET /api/catalog_system/pub/category/tree/", _is_tree),
        (r"GET /api/catalog_system/pvt/brand/list$", _list_of(_is_named)),
        (r"GET /api/catalog_system/pvt/saleschannel/list$", _list_of(lambda _item: True)),
        (r"GET /api/catalog_system/pvt/products/productgetbyrefid/", _has_id),
        (r"GET /api/catalog/pvt/(category|brand|product|stockkeepingunit)/[^/]+$", _has_id),
        (r"GET /api/catalog/pvt/stockkeepingunit$", _has_id),
        (r"GET /api/catalog/pvt/stockkeepingunit/[^/]+/file$", _list_of(_is_file)),
        (r"GET /api/catalog/pvt/product/[^/]+/salespolicy$", _list_of(_is_policy)),
        (r"GET /api/catalog_system/pub/specification/field/listTreeByCategoryId/", _list_of(_is_field)),
        (r"GET /api/catalog_system/pub/specification/fieldGet/", _has_type),
        (r"GET /api/catalog_system/pub/specification/fieldvalue/", _list_of(_is_value)),
        (r"GET /api/catalog/pvt/(product|stockkeepingunit)/[^/]+/specification$", _list_of(_is_specification)),
        (r"POST /api/catalog_system/pvt/products/[^/]+/specification$", _acknowledges),
        (r"POST /api/catalog/pvt/stockkeepingunit/[^/]+/specification$", _has_id),
        (r"PUT /api/catalog/pvt/stockkeepingunit/[^/]+/specification$", _is_object_or_list),
        (r"GET /api/logistics/pvt/configuration/warehouses$", _list_of(_is_warehouse)),
        (r"GET /api/logistics/pvt/inventory/skus/", _is_inventory),
        (r"GET /pricing/prices/[^/]+$", _is_price),
        (r"GET /pricing/config$", _is_document),
        (r"POST /api/catalog/pvt/(category|brand|product|stockkeepingunit)$", _has_id),
        (r"PUT /api/catalog/pvt/(category|brand|product|stockkeepingunit)/[^/]+$", _has_id),
        (r"POST /api/catalog/pvt/stockkeepingunit/[^/]+/file$", _is_made),
        (r"PUT /api/catalog/pvt/(product|stockkeepingunit)/[^/]+/specificationvalue$", _is_object_or_list),
        (r"(POST|DELETE) /api/catalog/pvt/product/[^/]+/salespolicy/", _acknowledges),
        (r"PUT /api/logistics/pvt/inventory/skus/", _acknowledges),
        (r"(PUT|POST|PATCH|DELETE) /pricing/", _acknowledges),
        (r"DELETE /", _acknowledges),
    )
)
