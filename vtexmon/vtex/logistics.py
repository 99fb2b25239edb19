"""Stock: the requests for warehouses and inventory (``domain/vtex.md`` 4), and how their answers are read.

The quantity is absolute, so a repeated PUT is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vtexmon.core.exchange import Api, Json, Request
from vtexmon.vtex.wire import VtexId, read_id, segment, stripped

LOGISTICS = "/api/logistics/pvt"
NO_LEAD_TIME = "00:00:00"


class StockState(NamedTuple):
    """What VTEX holds for one SKU in one warehouse; reservations are not taken off ``quantity``."""

    quantity: int
    unlimited: bool


def warehouses() -> Request:
    """All warehouses; also the connection test of logistics."""
    return Request(Api.LOGISTICS, "GET", f"{LOGISTICS}/configuration/warehouses")


def warehouse_ids(answer_json: Json) -> frozenset[str]:
    """The ids in the answer of ``warehouses``; they are case-sensitive."""
    if not isinstance(answer_json, list):
        return frozenset()
    ids = (item.get("id") for item in answer_json if isinstance(item, Mapping))
    return frozenset(str(warehouse) for warehouse in ids if isinstance(warehouse, str | int))


def get_inventory(sku_id: VtexId) -> Request:
    """The stock of one SKU in every warehouse."""
    return Request(Api.LOGISTICS, "GET", f"{LOGISTICS}/inventory/skus/{segment(sku_id)}")


def put_inventory(sku_id: VtexId, warehouse: str, quantity: int, unlimited: bool) -> Request:
    """Set the stock of one SKU in one warehouse; 0 is sent, too."""
    path = f"{LOGISTICS}/inventory/skus/{segment(sku_id)}/warehouses/{segment(warehouse)}"
    body = {"quantity": quantity, "unlimitedQuantity": unlimited, "leadTime": NO_LEAD_TIME}
    return Request(Api.LOGISTICS, "PUT", path, stripped(body))


def stock_state(answer_json: Json, warehouse: str) -> StockState | None:
    """What the answer of ``get_inventory`` says of one warehouse; None when it does not name it readably."""
    balance = answer_json.get("balance") if isinstance(answer_json, Mapping) else None
    for line in balance if isinstance(balance, list) else ():
        if isinstance(line, Mapping) and str(line.get("warehouseId")) == warehouse.strip():
            quantity = read_id(line.get("totalQuantity"))
            return None if quantity is None else StockState(quantity, line.get("hasUnlimitedQuantity") is True)
    return None
