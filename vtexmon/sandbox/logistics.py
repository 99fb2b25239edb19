"""Warehouses and stock (``domain/vtex.md`` 4). Errors are plain text.

Two writes at once on one SKU and warehouse are refused with 423 by ``service.py``; stock on a kit is accepted, as
VTEX does, although it means nothing.
"""

import re
from typing import Any

from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_text

NO_LEAD_TIME = "00:00:00"
MAX_QUANTITY = 2_147_483_647
_LEAD_TIME = re.compile(r"(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def list_warehouses(call: Call) -> Answer:
    """GET all warehouses; also the read-only connection test."""
    return json_answer(list(call.account.warehouses.values()))


def get_warehouse(call: Call) -> Answer:
    """GET one warehouse; ids are case-sensitive."""
    warehouse = call.account.warehouses.get(call.params["warehouse_id"])
    if warehouse is None:
        raise refuse_text(404, "Warehouse not found")
    return json_answer(warehouse)


def put_stock(call: Call) -> Answer:
    """PUT the absolute quantity of a SKU in a warehouse; answers ``true``."""
    body = _object(call)
    _change_stock(call, _quantity(body) | {"leadTime": _lead_time(body)})
    return json_answer(True)


def patch_quantity(call: Call) -> Answer:
    """PATCH only the quantity."""
    _change_stock(call, _quantity(_object(call)))
    return empty_answer(204)


def patch_lead_time(call: Call) -> Answer:
    """PATCH only the lead time."""
    _change_stock(call, {"leadTime": _lead_time(_object(call))})
    return empty_answer(204)


def get_stock(call: Call) -> Answer:
    """GET the balance of a SKU in every warehouse of the account."""
    sku_id = call.known_sku_id()
    balance = [_balance(call, sku_id, warehouse) for warehouse in call.account.warehouses.values()]
    return json_answer({"skuId": str(sku_id), "balance": balance})


def _object(call: Call) -> Record:
    """The body, after everything that the path names is known to exist, so that a refused write leaves no trace."""
    call.known_sku_id()
    if call.params["warehouse_id"] not in call.account.warehouses:
        raise refuse_text(400, f"Warehouse {call.params['warehouse_id']} not found")
    body = call.json()
    if not isinstance(body, dict):
        raise refuse_text(400, "Invalid inventory: an object is expected")
    return body


def _change_stock(call: Call, changes: Record) -> None:
    """Store checked values; a stock that was never written starts at zero."""
    key = (call.known_sku_id(), call.params["warehouse_id"])
    blank = {"quantity": 0, "unlimitedQuantity": False, "leadTime": NO_LEAD_TIME}
    before = call.account.stocks.get(key, {"skuId": key[0], "warehouseId": key[1]} | blank)
    call.account.stocks[key] = before | changes


def _quantity(body: Record) -> Record:
    quantity, unlimited = body.get("quantity"), body.get("unlimitedQuantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity <= MAX_QUANTITY:
        raise refuse_text(400, "Invalid inventory: quantity must be an integer, at least 0")
    if not isinstance(unlimited, bool):
        raise refuse_text(400, "Invalid inventory: unlimitedQuantity must be a boolean")
    return {"quantity": quantity, "unlimitedQuantity": unlimited}


def _lead_time(body: Record) -> str:
    value: Any = body.get("leadTime")
    if not isinstance(value, str) or not _LEAD_TIME.fullmatch(value):
        raise refuse_text(400, "Invalid inventory: leadTime must be D.HH:MM:SS")
    return value


def _balance(call: Call, sku_id: int, warehouse: Record) -> Record:
    stock = call.account.stocks.get((sku_id, warehouse["id"]), {})
    return {
        "warehouseId": warehouse["id"],
        "warehouseName": warehouse["name"],
        "totalQuantity": stock.get("quantity", 0),
        "reservedQuantity": 0,
        "hasUnlimitedQuantity": stock.get("unlimitedQuantity", False),
        "timeToRefill": None,
        "dateOfSupplyUtc": None,
        "leadTime": stock.get("leadTime", NO_LEAD_TIME),
    }


_WAREHOUSES = "/api/logistics/pvt/configuration/warehouses"
_SKU = "/api/logistics/pvt/inventory/skus/{sku_id}"
_STOCK = f"{_SKU}/warehouses/{{warehouse_id}}"

ROUTES = (
    Route("GET", _WAREHOUSES, list_warehouses, "logistics"),
    Route("GET", f"{_WAREHOUSES}/{{warehouse_id}}", get_warehouse, "logistics"),
    Route("GET", _SKU, get_stock, "logistics"),
    Route("PUT", _STOCK, put_stock, "logistics", writes=True, locks=True),
    Route("PATCH", f"{_STOCK}/quantity", patch_quantity, "logistics", writes=True, locks=True),
    Route("PATCH", f"{_STOCK}/lead-time", patch_lead_time, "logistics", writes=True, locks=True),
)
