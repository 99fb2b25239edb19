"""The server's state with eyes to look into it: what a request creates, whose write it is, what is held under an id.

Imports nothing of the program; the routes are VTEX's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from tests.chaos.processes.evidence import Request

Thing = tuple[str, str]
"""A module and the key of a record."""

Fields = dict[str, Any]

_CATALOG = "/api/catalog/pvt/"
_IMAGE = re.compile(_CATALOG + r"stockkeepingunit/(\d+)/file")
_SKU = re.compile(_CATALOG + r"stockkeepingunit/(\d+)")
_PRODUCT = re.compile(_CATALOG + r"product/(\d+)(?:/salespolicy/\d+)?")
_PRICE = re.compile(r"/[^/]+/pricing/prices/(\d+)(?:/fixed.*)?")
_STOCK = re.compile(r"/api/logistics/pvt/inventory/skus/(\d+)/warehouses/[^/]+")

_CREATIONS = {
    _CATALOG + "category": ("category", "Name"),
    _CATALOG + "brand": ("brand", "Name"),
    _CATALOG + "product": ("product", "RefId"),
    _CATALOG + "stockkeepingunit": ("sku", "RefId"),
}
_HELD = {"category": "categories", "brand": "brands", "product": "products", "sku": "skus"}


class Shop:
    """All accounts of the server as they are at the end."""

    def __init__(self, state: Fields) -> None:
        self._accounts: dict[str, Fields] = state["accounts"]
        self._products = {int(one["Id"]): one for one in self._all("products")}
        self._skus = {int(one["Id"]): one for one in self._all("skus")}

    def _all(self, kind: str) -> list[Fields]:
        return [one for account in self._accounts.values() for one in account[kind]]

    def created_by(self, request: Request) -> tuple[str, ...] | None:
        """What a request makes when it is carried out; None for one that creates nothing."""
        if request.method != "POST":
            return None
        kind, field = _CREATIONS.get(request.path, ("", ""))
        if kind:
            name = str(request.json.get(field, ""))
            return kind, request.account, fold(name) if field == "Name" else name
        image = _IMAGE.fullmatch(request.path)
        return ("image", request.account, self._sku_ref(int(image[1]))) if image else None

    def holdings(self) -> Counter[tuple[str, ...]]:
        """How often each thing is held, by account and name or reference."""
        found: Counter[tuple[str, ...]] = Counter()
        for name, account in self._accounts.items():
            found.update(("category", name, fold(one["Name"])) for one in account["categories"])
            found.update(("brand", name, fold(one["Name"])) for one in account["brands"])
            found.update(("product", name, str(one["RefId"])) for one in account["products"])
            for sku in account["skus"]:
                found["sku", name, str(sku["RefId"])] += 1
                found["image", name, str(sku["RefId"])] += len(sku["images"])
        return found

    def serial_key(self, request: Request) -> tuple[str, ...]:
        """Whose write it is: of a product with its SKUs, a SKU's price and stock, all brands, a category."""
        path, body, account = request.path, request.json, request.account
        if path == _CATALOG + "category":
            return account, "category", fold(str(body.get("Name", "")))
        if path == _CATALOG + "brand":
            return account, "brand"
        if path == _CATALOG + "product":
            return account, "product", str(body.get("RefId", ""))
        if path == _CATALOG + "stockkeepingunit":
            return account, "product", self._product_ref(int(body.get("ProductId") or 0))
        if product := _PRODUCT.fullmatch(path):
            return account, "product", self._product_ref(int(product[1]))
        if sku := _IMAGE.fullmatch(path) or _SKU.fullmatch(path):
            return account, "product", self._product_ref(int(self._skus.get(int(sku[1]), {}).get("ProductId", 0)))
        if sold := _PRICE.fullmatch(path) or _STOCK.fullmatch(path):
            return account, "sku", self._sku_ref(int(sold[1]))
        return account, path

    def held(self, module: str, account: str, external_id: str) -> Fields | None:
        """What an account holds of a module under an id, with what it belongs to told by name; None = nothing."""
        if module == "price":
            price: Fields | None = self._accounts[account]["prices"].get(external_id)
            return {**price, "sku": self._sku_ref(int(external_id))} if price else None
        if module == "stock":
            lines = [one for one in self._accounts[account]["stocks"] if str(one["skuId"]) == external_id]
            return lines[0] | {"sku": self._sku_ref(int(external_id))} if len(lines) == 1 else None
        held: list[Fields] = self._accounts[account][_HELD[module]]
        found = next((one for one in held if str(one["Id"]) == external_id), None)
        return {**found, **self._relations(module, account, found)} if found else None

    def _relations(self, module: str, account: str, found: Fields) -> Fields:
        if module == "sku":
            return {"image_count": len(found["images"]), "product": self._product_ref(found["ProductId"])}
        if module == "product":
            names = {kind: self._names(account, kind) for kind in ("categories", "brands")}
            return {
                "category": names["categories"].get(found["CategoryId"]),
                "brand": names["brands"].get(found["BrandId"]),
            }
        return {}

    def _names(self, account: str, kind: str) -> dict[int, str]:
        return {one["Id"]: one["Name"] for one in self._accounts[account][kind]}

    def _product_ref(self, product_id: int) -> str:
        return str(self._products.get(product_id, {}).get("RefId", f"id {product_id}"))

    def _sku_ref(self, sku_id: int) -> str:
        return str(self._skus.get(sku_id, {}).get("RefId", f"id {sku_id}"))


def fold(text: str) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().strip()
