"""Price: the requests of Pricing v2 (``domain/vtex.md`` 3), and how their answers are read.

A PUT replaces the whole document, so fixed prices are read and sent back; ``costPrice`` and ``markup`` are never sent,
because VTEX refuses all three together and computes them itself. Amounts are integer cents here, decimals on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from vtexmon.core.exchange import Api, Json, Request
from vtexmon.core.money import decimal_units
from vtexmon.vtex.wire import VtexId, read_id, segment, stripped

PRICES = "/pricing/prices"

FixedPrice = Mapping[str, Json]
"""One fixed price in VTEX's own shape: tradePolicyId, value, minQuantity, and maybe listPrice and dateRange."""


class PriceState(NamedTuple):
    """What VTEX holds for one SKU. ``base_cents`` None = a document without a base price."""

    base_cents: int | None
    list_cents: int | None
    fixed_prices: tuple[FixedPrice, ...]


def pricing_config() -> Request:
    """The account's pricing settings: the connection test of pricing (``domain/vtex.md`` 1.5)."""
    return Request(Api.PRICING, "GET", "/pricing/config")


def get_price(sku_id: VtexId) -> Request:
    """The price document of a SKU; 404 when there is none."""
    return Request(Api.PRICING, "GET", f"{PRICES}/{segment(sku_id)}")


def put_price(
    sku_id: VtexId, base_cents: int, list_cents: int | None, fixed_prices: Iterable[FixedPrice] = ()
) -> Request:
    """Replace the price document; ``fixed_prices`` are those that were read (and ours), since the PUT wipes them."""
    body: dict[str, Json] = {"basePrice": decimal_units(base_cents)}
    if list_cents is not None:
        body["listPrice"] = decimal_units(list_cents)
    kept = [cleaned for price in fixed_prices if (cleaned := _sendable(price))]
    if kept:
        body["fixedPrices"] = kept
    return Request(Api.PRICING, "PUT", f"{PRICES}/{segment(sku_id)}", stripped(body))


def patch_fixed_price(sku_id: VtexId, policy_id: int, amount_cents: int) -> Request:
    """Add or update the undated fixed price for one piece in a trade policy; all others stay."""
    body = [{"tradePolicyId": str(policy_id), "value": decimal_units(amount_cents), "minQuantity": 1}]
    return Request(Api.PRICING, "PATCH", f"{PRICES}/{segment(sku_id)}/fixed", stripped(body))


def price_state(answer_json: Json) -> PriceState | None:
    """What the answer of ``get_price`` says; None when it is no price document."""
    if not isinstance(answer_json, Mapping):
        return None
    fixed = answer_json.get("fixedPrices")
    prices = tuple(price for price in fixed if isinstance(price, Mapping)) if isinstance(fixed, list) else ()
    return PriceState(cents_of(answer_json.get("basePrice")), cents_of(answer_json.get("listPrice")), prices)


def fixed_price_of(state: PriceState, policy_id: int) -> int | None:
    """The cents of the undated fixed price for one piece in a trade policy; None when there is none."""
    found = (price.get("value") for price in state.fixed_prices if _is_plain_price_of(price, policy_id))
    return next((amount for value in found if (amount := cents_of(value)) is not None), None)


def with_fixed_price(fixed_prices: Iterable[FixedPrice], policy_id: int, amount_cents: int) -> tuple[FixedPrice, ...]:
    """The fixed prices with the undated one for one piece in that policy set; all others are left as they are."""
    others = [price for price in fixed_prices if not _is_plain_price_of(price, policy_id)]
    ours = {"tradePolicyId": str(policy_id), "value": decimal_units(amount_cents), "minQuantity": 1}
    return (*others, ours)


def without_fixed_price(fixed_prices: Iterable[FixedPrice], policy_id: int) -> tuple[FixedPrice, ...]:
    """The fixed prices without the undated one for one piece in that policy."""
    return tuple(price for price in fixed_prices if not _is_plain_price_of(price, policy_id))


def cents_of(value: Json) -> int | None:
    """A decimal amount of VTEX in integer cents; None for what is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value).strip())
        return int((amount * 100).to_integral_value(ROUND_HALF_UP))
    except (ArithmeticError, ValueError):
        return None


def _is_plain_price_of(price: FixedPrice, policy_id: int) -> bool:
    same_policy = str(price.get("tradePolicyId")).strip() == str(policy_id)
    return same_policy and read_id(price.get("minQuantity", 1)) == 1 and not price.get("dateRange")


def _sendable(price: FixedPrice) -> dict[str, Json]:
    """A fixed price as the PUT's schema takes it (GET answers nulls there); empty when it has no policy or value."""
    policy, value = price.get("tradePolicyId"), price.get("value")
    if policy is None or isinstance(value, bool) or not isinstance(value, int | float):
        return {}
    kept: dict[str, Json] = {"tradePolicyId": str(policy), "value": value}
    kept["minQuantity"] = read_id(price.get("minQuantity")) or 1
    listed, dates = price.get("listPrice"), price.get("dateRange")
    if isinstance(listed, int | float) and not isinstance(listed, bool):
        kept["listPrice"] = listed
    if isinstance(dates, Mapping) and isinstance(dates.get("from"), str) and isinstance(dates.get("to"), str):
        kept["dateRange"] = {"from": dates["from"], "to": dates["to"]}
    return kept
