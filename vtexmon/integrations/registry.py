"""The table of all integrations, parents before children. A new one is its module and one line here."""

from __future__ import annotations

from vtexmon.integrations.brand import BRAND
from vtexmon.integrations.category import CATEGORY
from vtexmon.integrations.contract import Integration
from vtexmon.integrations.price import PRICE
from vtexmon.integrations.product import PRODUCT
from vtexmon.integrations.sku import SKU
from vtexmon.integrations.stock import STOCK

INTEGRATIONS: dict[str, Integration] = {
    integration.info.id: integration for integration in (CATEGORY, BRAND, PRODUCT, SKU, PRICE, STOCK)
}
