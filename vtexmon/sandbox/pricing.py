"""Pricing v2 (``domain/vtex.md`` 3): a PUT replaces the whole price, fixed prices included. Errors are plain text.

Negative values are accepted, as VTEX does (known issue 774548). Of basePrice, costPrice and markup two at most may be
sent; the third is computed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_text

_VALID_FOR = timedelta(minutes=5)


def put_price(call: Call) -> Answer:
    """PUT the price of a SKU."""
    sku_id, body = call.known_sku_id(), call.json()
    if not isinstance(body, dict):
        raise refuse_text(400, "Invalid price: an object is expected")
    for name in ("basePrice", "costPrice", "markup", "listPrice"):
        _check_number(body.get(name), name, required=False)
    fixed = _fixed_prices(body.get("fixedPrices") or [], table=None)
    call.account.prices[sku_id] = {
        "itemId": str(sku_id),
        "listPrice": body.get("listPrice"),
        **_base(body.get("basePrice"), body.get("costPrice"), body.get("markup")),
        "fixedPrices": fixed,
    }
    return empty_answer()


def get_price(call: Call) -> Answer:
    """GET the price of a SKU: 404 when there is none."""
    return json_answer(_price(call))


def delete_price(call: Call) -> Answer:
    """DELETE the price of a SKU, fixed prices included."""
    _price(call)
    del call.account.prices[call.known_sku_id()]
    return empty_answer()


def list_fixed(call: Call) -> Answer:
    """GET all fixed prices of a SKU."""
    return json_answer(_price(call)["fixedPrices"])


def merge_fixed(call: Call) -> Answer:
    """PATCH fixed prices: adds, and updates those of the same table, quantity and dates."""
    price = _price(call)
    by_identity = {_identity(fixed): fixed for fixed in price["fixedPrices"]}
    by_identity |= {_identity(fixed): fixed for fixed in _fixed_prices(call.json(), table=None)}
    price["fixedPrices"] = list(by_identity.values())
    return empty_answer()


def get_fixed_of_table(call: Call) -> Answer:
    """GET the fixed prices of one table or trade policy: 404 when there is none."""
    found = [fixed for fixed in _price(call)["fixedPrices"] if fixed["tradePolicyId"] == call.params["table"]]
    if not found:
        raise refuse_text(404, "Fixed prices not found")
    return json_answer(found)


def replace_fixed_of_table(call: Call) -> Answer:
    """POST the fixed prices of one table, in place of those it had."""
    price, table = _price(call), call.params["table"]
    price["fixedPrices"] = _without_table(price, table) + _fixed_prices(call.json(), table)
    return empty_answer()


def delete_fixed_of_table(call: Call) -> Answer:
    """DELETE the fixed prices of one table."""
    price = _price(call)
    price["fixedPrices"] = _without_table(price, call.params["table"])
    return empty_answer()


def list_computed(call: Call) -> Answer:
    """GET what the store would charge, for every trade policy and table."""
    price = _price(call)
    tables = [str(policy) for policy in call.world.settings.sales_channels]
    tables += [fixed["tradePolicyId"] for fixed in price["fixedPrices"]]
    return json_answer([_computed(call, price, table) for table in dict.fromkeys(tables)])


def get_computed(call: Call) -> Answer:
    """GET what the store would charge in one trade policy or table."""
    return json_answer(_computed(call, _price(call), call.params["table"]))


def get_config(call: Call) -> Answer:
    """GET the account's pricing settings; also the read-only connection test."""
    return json_answer(
        {
            "hasMigrated": True,
            "migrationStatus": "Completed",
            "defaultMarkup": 0,
            "priceVariation": {"upperLimit": None, "lowerLimit": None},
            "minimumMarkups": {str(policy): 0 for policy in call.world.settings.sales_channels},
            "tradePolicyConfigs": [],
            "sellersToOverride": [],
            "hasPriceInheritance": False,
            "priceInheritance": "never",
            "hasOptionalBasePrice": False,
            "blockAccount": False,
            "blockedRoutes": None,
            "priceTableSelectionStrategy": "first",
            "priceTableLimit": None,
        }
    )


def list_tables(call: Call) -> Answer:
    """GET the ids of the price tables."""
    return json_answer([str(policy) for policy in call.world.settings.sales_channels])


def _price(call: Call) -> Record:
    price = call.account.prices.get(call.known_sku_id())
    if price is None:
        raise refuse_text(404, "Price not found")
    return price


def _base(base: float | None, cost: float | None, markup: float | None) -> Record:
    """The three related figures; markup is in percent."""
    if base is not None and cost is not None and markup is not None:
        raise refuse_text(400, "Invalid price: send basePrice, or costPrice and markup, not the three of them")
    if base is None and cost is None:
        raise refuse_text(400, "Invalid price: basePrice is required")
    if base is not None and cost is not None:
        markup = round((base / cost - 1) * 100) if cost else 0
    markup = markup or 0
    if base is None and cost is not None:
        base = round(cost * (1 + markup / 100), 2)
    if cost is None and base is not None:
        cost = round(base / (1 + markup / 100), 2) if markup > -100 else 0
    return {"costPrice": cost, "markup": markup, "basePrice": base}


def _fixed_prices(value: Any, table: str | None) -> list[Record]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise refuse_text(400, "Invalid fixed prices: an array of objects is expected")
    return [_fixed_price(item, table) for item in value]


def _fixed_price(item: Record, table: str | None) -> Record:
    trade_policy = table or item.get("tradePolicyId")
    quantity = item.get("minQuantity")
    if not isinstance(trade_policy, str) or not trade_policy:
        raise refuse_text(400, "Invalid fixed price: tradePolicyId must be a string")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise refuse_text(400, "Invalid fixed price: minQuantity must be a positive integer")
    _check_number(item.get("value"), "value", required=True)
    _check_number(item.get("listPrice"), "listPrice", required=False)
    fixed = {
        "tradePolicyId": trade_policy,
        "value": item["value"],
        "listPrice": item.get("listPrice"),
        "minQuantity": quantity,
    }
    if item.get("dateRange") is not None:
        fixed["dateRange"] = _date_range(item["dateRange"])
    return fixed


def _date_range(value: Any) -> Record:
    try:
        dates = {end: datetime.fromisoformat(value[end]) for end in ("from", "to")}
    except (KeyError, TypeError, ValueError):
        raise refuse_text(400, "Invalid fixed price: dateRange needs from and to, in RFC 3339") from None
    if not all(date.tzinfo for date in dates.values()):
        raise refuse_text(400, "Invalid fixed price: dateRange needs a time zone")
    return {"from": value["from"], "to": value["to"]}


def _check_number(value: Any, name: str, required: bool) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and (required or value is not None):
        raise refuse_text(400, f"Invalid price: {name} must be a number")


def _identity(fixed: Record) -> tuple[Any, ...]:
    dates = fixed.get("dateRange") or {}
    return fixed["tradePolicyId"], fixed["minQuantity"], dates.get("from"), dates.get("to")


def _without_table(price: Record, table: str) -> list[Record]:
    return [fixed for fixed in price["fixedPrices"] if fixed["tradePolicyId"] != table]


def _computed(call: Call, price: Record, table: str) -> Record:
    asked = call.query().get("quantity", "1")
    quantity, now = int(asked) if asked.isdecimal() else 1, datetime.now(UTC)
    fitting = [
        fixed for fixed in price["fixedPrices"] if fixed["tradePolicyId"] == table and _valid(fixed, quantity, now)
    ]
    best: Record = max(fitting, key=lambda fixed: (fixed["minQuantity"], "dateRange" in fixed), default={})
    selling = best.get("value", price["basePrice"])
    list_price = best.get("listPrice") or price["listPrice"]
    return {
        "tradePolicyId": table,
        "listPrice": selling if list_price is None else list_price,
        "costPrice": price["costPrice"],
        "sellingPrice": selling,
        "priceValidUntil": (now + _VALID_FOR).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _valid(fixed: Record, quantity: int, now: datetime) -> bool:
    dates = fixed.get("dateRange")
    in_time = not dates or datetime.fromisoformat(dates["from"]) <= now <= datetime.fromisoformat(dates["to"])
    return in_time and bool(fixed["minQuantity"] <= quantity)


_PRICE = "/{account}/pricing/prices/{sku_id}"
_FIXED = f"{_PRICE}/fixed/{{table}}"

ROUTES = (
    Route("PUT", _PRICE, put_price, "pricing_write", writes=True),
    Route("GET", _PRICE, get_price, "pricing_read"),
    Route("DELETE", _PRICE, delete_price, "pricing_delete", writes=True),
    Route("GET", f"{_PRICE}/fixed", list_fixed, "pricing_read"),
    Route("PATCH", f"{_PRICE}/fixed", merge_fixed, "pricing_write", writes=True),
    Route("GET", _FIXED, get_fixed_of_table, "pricing_read"),
    Route("POST", _FIXED, replace_fixed_of_table, "pricing_write", writes=True),
    Route("DELETE", _FIXED, delete_fixed_of_table, "pricing_delete", writes=True),
    Route("GET", f"{_PRICE}/computed", list_computed, "pricing_read"),
    Route("GET", f"{_PRICE}/computed/{{table}}", get_computed, "pricing_read"),
    Route("GET", "/{account}/pricing/config", get_config, "pricing_read"),
    Route("GET", "/{account}/pricing/tables", list_tables, "pricing_read"),
)
