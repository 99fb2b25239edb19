"""VTEX's prose rules for one request (``domain/vtex.md``), each a function that yields what breaks it.

Rules that need what went before are in ``order.py``, those of time in ``pace.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.contract.journal import Seen

PRODUCT = "/api/catalog/pvt/product"
SKU = "/api/catalog/pvt/stockkeepingunit"
LONGEST = {
    PRODUCT: {"Name": 150, "RefId": 100, "LinkId": 255, "Title": 150, "TaxCode": 150},
    SKU: {"Name": 200, "RefId": 50},
}
RESERVED_LINK_IDS = {"a", "meta", "api", "admin"}
LARGEST_ID = 2_147_483_647
AMOUNTS = ("basePrice", "listPrice", "value")


def of(journal: Sequence[Seen], pattern: str) -> Iterator[Seen]:
    """The requests whose ``METHOD /path`` is of that form, with a JSON object or nothing as body."""
    form = re.compile(pattern)
    return (seen for seen in journal if form.fullmatch(seen.call))


def kind(seen: Seen) -> str | None:
    """``PRODUCT`` or ``SKU`` for the creation or replacement of one."""
    match = re.fullmatch(rf"POST ({PRODUCT}|{SKU})|PUT ({PRODUCT}|{SKU})/[^/]+", seen.call)
    return (match[1] or match[2]) if match and isinstance(seen.body, Mapping) else None


def a_sku_is_created_inactive(journal: Sequence[Seen]) -> Iterator[str]:
    """2.5"""
    yield from (f"{seen}" for seen in of(journal, f"POST {SKU}") if seen.body.get("IsActive") is not False)


def a_creation_names_category_and_brand_in_one_form(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3"""
    for seen in of(journal, f"POST {PRODUCT}"):
        given = set(seen.body) & {"CategoryId", "BrandId", "CategoryPath", "BrandName"}
        if given not in ({"CategoryId", "BrandId"}, {"CategoryPath", "BrandName"}):
            yield f"{seen}: {sorted(given)}"


def vtex_gives_the_ids_of_products_and_skus(journal: Sequence[Seen]) -> Iterator[str]:
    """1.6"""
    yield from (f"{seen}" for seen in of(journal, f"POST ({PRODUCT}|{SKU})") if "Id" in seen.body)


def ids_are_of_32_bits(journal: Sequence[Seen]) -> Iterator[str]:
    """1.6"""
    for seen in journal:
        own = [seen.body["Id"]] if isinstance(seen.body, Mapping) and "Id" in seen.body else []
        in_path = [int(part) for part in re.findall(r"(?:product|stockkeepingunit|prices|skus)/(\d+)", seen.path)]
        yield from (f"{seen}: {one}" for one in [*own, *in_path] if not 0 < one <= LARGEST_ID)


def no_string_has_outer_blanks(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3 [K:977033]"""
    for seen in journal:
        texts = [*_texts(seen.body), *(value for _name, value in seen.query), *seen.path.split("/")]
        yield from (f"{seen}: {text!r}" for text in texts if text != text.strip())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for item in value.values() for text in _texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _texts(item))


def strings_are_no_longer_than_vtex_takes(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3, 2.5"""
    for seen in journal:
        for name, longest in LONGEST.get(kind(seen) or "", {}).items():
            if len(seen.body.get(name) or "") > longest:
                yield f"{seen}: {name} has {len(seen.body[name])} characters"


def a_product_and_a_sku_have_a_ref_id(journal: Sequence[Seen]) -> Iterator[str]:
    """2.5: required where there is no EAN, and none is ever sent; the product's makes the export idempotent."""
    yield from (f"{seen}" for seen in journal if kind(seen) and not seen.body.get("RefId"))


def a_link_id_is_a_slug(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3"""
    for seen in journal:
        link_id = seen.body.get("LinkId") if kind(seen) == PRODUCT else None
        if link_id is not None and (not re.fullmatch(r"[A-Za-z0-9-]+", link_id) or link_id in RESERVED_LINK_IDS):
            yield f"{seen}: {link_id!r}"


def packaged_weight_is_whole_grams_above_zero(journal: Sequence[Seen]) -> Iterator[str]:
    """2.5"""
    for seen in journal:
        weight = seen.body.get("PackagedWeightKg") if kind(seen) == SKU else 1
        if type(weight) is not int or weight < 1:
            yield f"{seen}: {weight!r}"


def the_commercial_condition_is_never_0(journal: Sequence[Seen]) -> Iterator[str]:
    """2.5"""
    yield from (f"{seen}" for seen in journal if kind(seen) == SKU and seen.body.get("CommercialConditionId", 1) == 0)


def amounts_are_positive_with_two_decimals_at_most(journal: Sequence[Seen]) -> Iterator[str]:
    """1.6, 3 [K:774548]"""
    for seen in of(journal, r"(PUT|PATCH|POST) /pricing/prices/.+"):
        for amount in _amounts(seen.body):
            if isinstance(amount, bool) or not isinstance(amount, int | Decimal) or amount <= 0:
                yield f"{seen}: {amount!r}"
            elif Decimal(amount) != round(Decimal(amount), 2):
                yield f"{seen}: {amount}"


def _amounts(body: Any) -> Iterator[Any]:
    parts = body if isinstance(body, list) else [body, *body.get("fixedPrices", ())]
    yield from (part[name] for part in parts for name in AMOUNTS if name in part)


def cost_price_and_markup_are_never_sent(journal: Sequence[Seen]) -> Iterator[str]:
    """3; VTEX works them out from basePrice, which therefore always goes along."""
    for seen in of(journal, r"PUT /pricing/prices/[^/]+"):
        if "basePrice" not in seen.body or {"costPrice", "markup"} & set(seen.body):
            yield f"{seen}: {sorted(seen.body)}"


def list_price_is_above_base_price(journal: Sequence[Seen]) -> Iterator[str]:
    """3"""
    for seen in of(journal, r"PUT /pricing/prices/[^/]+"):
        if "listPrice" in seen.body and not (seen.body["listPrice"] or 0) > seen.body.get("basePrice", 0):
            yield f"{seen}: {seen.body['listPrice']} is not above {seen.body.get('basePrice')}"


def dates_of_prices_have_a_zone(journal: Sequence[Seen]) -> Iterator[str]:
    """1.6, 3"""
    for seen in of(journal, r"PUT /pricing/prices/[^/]+"):
        for date in (
            date for price in seen.body.get("fixedPrices", ()) for date in price.get("dateRange", {}).values()
        ):
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", date):
                yield f"{seen}: {date}"


def lead_time_is_days_and_clock(journal: Sequence[Seen]) -> Iterator[str]:
    """4"""
    for seen in of(journal, r"PUT /api/logistics/pvt/inventory/skus/.*"):
        if not re.fullmatch(r"(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d", str(seen.body.get("leadTime"))):
            yield f"{seen}: {seen.body.get('leadTime')!r}"


def stock_is_whole_and_not_negative(journal: Sequence[Seen]) -> Iterator[str]:
    """4"""
    for seen in of(journal, r"PUT /api/logistics/pvt/inventory/skus/.*"):
        quantity = seen.body.get("quantity")
        if type(quantity) is not int or not 0 <= quantity <= LARGEST_ID:
            yield f"{seen}: {quantity!r}"


def an_images_address_ends_in_its_extension(journal: Sequence[Seen]) -> Iterator[str]:
    """2.6"""
    for seen in of(journal, rf"POST {SKU}/[^/]+/file"):
        if not re.fullmatch(r"https?://[^/?#]+/[^?#]*\.[A-Za-z0-9]{2,5}", str(seen.body.get("Url"))):
            yield f"{seen}: {seen.body.get('Url')!r}"


def windows_and_pages_are_within_the_limits(journal: Sequence[Seen]) -> Iterator[str]:
    """2.3, 5.2, 9: 250 products a window, 30 pages of 100 orders."""
    for seen in journal:
        query = {name: int(value) for name, value in seen.query if value.isdigit()}
        if query.get("_to", 0) - query.get("_from", 1) >= 250:
            yield f"{seen}: {query}"
        if seen.path == "/api/oms/pvt/orders" and (query.get("per_page", 15) > 100 or query.get("page", 1) > 30):
            yield f"{seen}: {query}"


RULES = {
    rule.__name__: rule
    for rule in (
        a_sku_is_created_inactive,
        a_creation_names_category_and_brand_in_one_form,
        vtex_gives_the_ids_of_products_and_skus,
        ids_are_of_32_bits,
        no_string_has_outer_blanks,
        strings_are_no_longer_than_vtex_takes,
        a_product_and_a_sku_have_a_ref_id,
        a_link_id_is_a_slug,
        packaged_weight_is_whole_grams_above_zero,
        the_commercial_condition_is_never_0,
        amounts_are_positive_with_two_decimals_at_most,
        cost_price_and_markup_are_never_sent,
        list_price_is_above_base_price,
        dates_of_prices_have_a_zone,
        lead_time_is_days_and_clock,
        stock_is_whole_and_not_negative,
        an_images_address_ends_in_its_extension,
        windows_and_pages_are_within_the_limits,
    )
}
