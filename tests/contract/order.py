"""VTEX's prose rules on what must have gone before a request (``domain/vtex.md``), over a journal in order of arrival.

Each function yields what breaks its rule. Records of different accounts have nothing to do with each other, except
that a regional account shares the catalogue's SKU ids.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.contract.journal import Seen
from tests.contract.rules import PRODUCT, SKU, kind

BY_REF_ID = "/api/catalog_system/pvt/products/productgetbyrefid/"
OWNED = {
    PRODUCT: {
        *("Name", "Title", "Description", "KeyWords", "RefId", "CategoryId", "BrandId"),
        *("IsVisible", "IsActive", "ShowWithoutStock"),
        "DepartmentId",  # follows the category
    },
    SKU: {
        *("ProductId", "Name", "RefId", "IsActive", "ActivateIfPossible"),
        *("PackagedHeight", "PackagedLength", "PackagedWidth", "PackagedWeightKg"),
    },
}
"""The fields that the export decides (DESIGN.md section 9); all others are VTEX's and stay as they are."""


def a_put_leaves_out_nothing_that_was_read(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3, 2.5, 12.1: what a PUT leaves out is erased, and IsActive left out deactivates."""
    for put, shown in _replacements(journal):
        if shown is None:
            yield f"{put}: the record was not read before"
            continue
        lost = [name for name, value in shown.items() if value is not None and put.body.get(name) is None]
        yield from (f"{put}: {name} was {shown[name]!r}" for name in lost if name != "Id")


def a_put_changes_only_the_fields_of_the_export(journal: Sequence[Seen]) -> Iterator[str]:
    """DESIGN.md section 9: all other fields of a VTEX record are read and kept."""
    for put, shown in _replacements(journal):
        for name in set(put.body) - OWNED[kind(put) or ""]:
            before = (shown or {}).get(name)
            if put.body[name] != (before.strip() if isinstance(before, str) else before):
                yield f"{put}: {name} was {before!r}, is {put.body[name]!r}"


def _replacements(journal: Sequence[Seen]) -> Iterator[tuple[Seen, Mapping[str, Any] | None]]:
    """Every PUT of a product or SKU with what the latest GET of that record, since its last PUT, showed."""
    shown: dict[tuple[str | None, str], Mapping[str, Any]] = {}
    for seen in journal:
        key = (seen.account, seen.path)
        if seen.method == "GET" and seen.ok and isinstance(seen.answer, Mapping):
            shown[key] = seen.answer
        elif seen.method == "PUT" and kind(seen):
            yield seen, shown.pop(key, None)


def a_price_is_read_before_it_is_replaced_and_keeps_its_fixed_prices(journal: Sequence[Seen]) -> Iterator[str]:
    """3, 12.1"""
    shown: dict[tuple[str | None, str], Any] = {}
    for seen in journal:
        key = (seen.account, seen.path)
        if re.fullmatch(r"GET /pricing/prices/[^/]+", seen.call):
            shown[key] = seen.answer if seen.ok and isinstance(seen.answer, Mapping) else {}
        elif re.fullmatch(r"PUT /pricing/prices/[^/]+", seen.call):
            document = shown.pop(key, None)
            if document is None:
                yield f"{seen}: not read before"
                continue
            sent = [_fixed(price) for price in seen.body.get("fixedPrices", ())]
            kept = [_fixed(price) for price in document.get("fixedPrices") or ()]
            yield from (f"{seen}: lost {price}" for price in kept if price not in sent)


def _fixed(price: Mapping[str, Any]) -> tuple[Any, ...]:
    dates = price.get("dateRange") or {}
    amounts = [None if price.get(name) is None else Decimal(price[name]) for name in ("value", "listPrice")]
    return str(price.get("tradePolicyId")), price.get("minQuantity"), *amounts, dates.get("from"), dates.get("to")


def a_ref_id_is_looked_up_before_it_is_created(journal: Sequence[Seen]) -> Iterator[str]:
    """2, 2.10: before the first POST, and again before one that follows a POST which VTEX did not plainly refuse."""
    looked_up: set[tuple[Any, ...]] = set()
    for seen in journal:
        if seen.path.startswith(BY_REF_ID):
            looked_up.add((seen.account, PRODUCT, seen.path.removeprefix(BY_REF_ID)))
        elif seen.call == f"GET {SKU}":
            looked_up.add((seen.account, SKU, dict(seen.query).get("RefId")))
        elif key := _creation(seen):
            if key not in looked_up:
                yield f"{seen}: {seen.body['RefId']} was not looked up"
            elif seen.status != 409:
                looked_up.discard(key)


def no_creation_is_repeated_once_it_was_answered(journal: Sequence[Seen]) -> Iterator[str]:
    """2.10"""
    answered: set[tuple[Any, ...]] = set()
    for seen in journal:
        if key := _creation(seen):
            if key in answered:
                yield f"{seen}: {seen.body['RefId']} exists"
            if seen.ok:
                answered.add(key)


def _creation(seen: Seen) -> tuple[Any, ...] | None:
    made = kind(seen) if seen.method == "POST" else None
    return (seen.account, made, seen.body.get("RefId")) if made else None


def a_name_is_looked_for_before_it_is_created(journal: Sequence[Seen]) -> Iterator[str]:
    """2.2: categories in the tree; brands in a list that is newer than the last creation, since ids are chosen."""
    read: set[tuple[str | None, str]] = set()
    for seen in journal:
        if seen.call.startswith("GET /api/catalog_system/pub/category/tree/"):
            read.add((seen.account, "category"))
        elif seen.call == "GET /api/catalog_system/pvt/brand/list":
            read.add((seen.account, "brand"))
        elif match := re.fullmatch(r"POST /api/catalog/pvt/(category|brand)", seen.call):
            if (seen.account, match[1]) not in read:
                yield f"{seen}: {seen.body.get('Name')}"
            if match[1] == "brand":
                read.discard((seen.account, "brand"))


def images_are_listed_before_one_is_added_except_to_a_new_sku(journal: Sequence[Seen]) -> Iterator[str]:
    """2.6 [K:1425160]"""
    free: set[tuple[str | None, str]] = set()
    for seen in journal:
        if seen.call == f"POST {SKU}" and seen.ok and isinstance(seen.answer, Mapping):
            free.add((seen.account, f"{SKU}/{seen.answer['Id']}/file"))
        elif re.fullmatch(rf"GET {SKU}/[^/]+/file", seen.call):
            free.add((seen.account, seen.path))
        elif re.fullmatch(rf"POST {SKU}/[^/]+/file", seen.call):
            if (seen.account, seen.path) not in free:
                yield f"{seen}"
            free.discard((seen.account, seen.path))


def a_sku_is_activated_only_with_an_image(journal: Sequence[Seen]) -> Iterator[str]:
    """2.1, 2.7, 12.2: an active SKU stays active in a PUT; one that is not is activated after its image is there."""
    with_image: set[tuple[str | None, str]] = set()
    active: dict[tuple[str | None, str], Any] = {}
    for seen in journal:
        key = (seen.account, seen.path.removesuffix("/file"))
        if re.fullmatch(rf"(GET|POST) {SKU}/[^/]+/file", seen.call):
            if seen.ok and seen.answer:
                with_image.add(key)
        elif re.fullmatch(rf"GET {SKU}/[^/]+", seen.call) and isinstance(seen.answer, Mapping):
            active[key] = seen.answer.get("IsActive")
        elif seen.method == "PUT" and kind(seen) == SKU:
            is_switched_on = seen.body.get("IsActive") is True and active.get(key) is not True
            yield from [f"{seen}"] * (is_switched_on and key not in with_image)


def prices_and_stocks_are_those_of_skus_that_vtex_showed(journal: Sequence[Seen]) -> Iterator[str]:
    """4: some accounts take the stock of a SKU that does not exist."""
    shown: set[str] = set()
    for seen in journal:
        if seen.path.startswith(SKU) and seen.ok and isinstance(seen.answer, Mapping):
            shown.add(str(seen.answer.get("Id")))
        match = re.match(r"PUT /(?:pricing/prices|api/logistics/pvt/inventory/skus)/([^/]+)", seen.call)
        if match and match[1] not in shown:
            yield f"{seen}"


def a_warehouse_is_known_before_its_first_stock(journal: Sequence[Seen]) -> Iterator[str]:
    """4, DESIGN.md section 9"""
    known: dict[str | None, set[str]] = defaultdict(set)
    for seen in journal:
        if seen.call == "GET /api/logistics/pvt/configuration/warehouses" and isinstance(seen.answer, list):
            known[seen.account].update(one["id"] for one in seen.answer)
        match = re.fullmatch(r"PUT /api/logistics/.*/warehouses/([^/]+)", seen.call)
        if match and match[1] not in known[seen.account]:
            yield f"{seen}"


def a_specification_is_of_a_field_that_vtex_showed(journal: Sequence[Seen]) -> Iterator[str]:
    """2.4: by name, field and values are made where one is spelled otherwise; by id, only what exists is filled."""
    shown: set[tuple[str | None, int]] = set()
    for seen in journal:
        if "/specification/field/list" in seen.path and isinstance(seen.answer, list):
            shown.update((seen.account, field["FieldId"]) for field in seen.answer)
        elif seen.path.endswith("/specificationvalue"):
            yield f"{seen}: by name"
        elif seen.method != "GET" and re.search(r"/(products|stockkeepingunit)/[^/]+/specification$", seen.path):
            sent = [one.get("Id") for one in seen.body] if isinstance(seen.body, list) else [seen.body.get("FieldId")]
            yield from (f"{seen}: field {one}" for one in sent if (seen.account, one) not in shown)


def a_sku_gets_a_first_specification_only_where_it_has_none(journal: Sequence[Seen]) -> Iterator[str]:
    """2.4: a second one in a field is refused with 409. Known of a SKU made a moment ago, or by reading."""
    held: dict[tuple[str | None, str], set[int] | None] = {}
    for seen in journal:
        if seen.call == f"POST {SKU}" and seen.ok and isinstance(seen.answer, Mapping):
            held[seen.account, f"{SKU}/{seen.answer['Id']}/specification"] = set()
        elif re.fullmatch(rf"GET {SKU}/[^/]+/specification", seen.call) and isinstance(seen.answer, list):
            held[seen.account, seen.path] = {one["FieldId"] for one in seen.answer}
        elif re.fullmatch(rf"POST {SKU}/[^/]+/specification", seen.call):
            known = held.get((seen.account, seen.path))
            if known is None or seen.body["FieldId"] in known:
                yield f"{seen}"
            held[seen.account, seen.path] = (known or set()) | {seen.body["FieldId"]} if seen.ok else None


RULES = {
    rule.__name__: rule
    for rule in (
        a_put_leaves_out_nothing_that_was_read,
        a_put_changes_only_the_fields_of_the_export,
        a_price_is_read_before_it_is_replaced_and_keeps_its_fixed_prices,
        a_ref_id_is_looked_up_before_it_is_created,
        no_creation_is_repeated_once_it_was_answered,
        a_name_is_looked_for_before_it_is_created,
        images_are_listed_before_one_is_added_except_to_a_new_sku,
        a_sku_is_activated_only_with_an_image,
        prices_and_stocks_are_those_of_skus_that_vtex_showed,
        a_warehouse_is_known_before_its_first_stock,
        a_specification_is_of_a_field_that_vtex_showed,
        a_sku_gets_a_first_specification_only_where_it_has_none,
    )
}
