"""What the sandbox's VTEX holds: catalogues, prices and stock per account, and how it is shown as JSON.

Fields keep VTEX's own names and are stored as records, because this is what VTEX would answer; what only relates
records is typed. Ids are unique over all accounts and over kinds as far as practical, so that an id used in the wrong
place or account is not found instead of hitting another record.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vtexmon.sandbox.settings import AccountSettings, SandboxSettings
from vtexmon.sandbox.wire import Record

MAIN_SALES_CHANNEL = 1


@dataclass(slots=True)
class Product:
    """A product's VTEX fields, its trade policies and its specifications, one row for each value."""

    fields: Record
    sales_policies: set[int] = field(default_factory=lambda: {MAIN_SALES_CHANNEL})
    specifications: list[Record] = field(default_factory=list)
    sku_ids: list[int] = field(default_factory=list)

    def to_json(self) -> Record:
        """The fields, with the relations under ``SalesPolicies``, ``Specifications``, ``SkuIds``."""
        return {
            **self.fields,
            "SalesPolicies": sorted(self.sales_policies),
            "Specifications": by_field(self.specifications),
            "SkuIds": self.sku_ids,
        }


@dataclass(slots=True)
class Sku:
    """A SKU's VTEX fields, its images in order of arrival, and the components if it is a kit."""

    fields: Record
    images: list[Record] = field(default_factory=list)
    specifications: list[Record] = field(default_factory=list)
    components: dict[int, Record] = field(default_factory=dict)
    complements: list[Record] = field(default_factory=list)

    def to_json(self) -> Record:
        """The fields, with the relations under ``images``, ``Specifications``, ``Components``, ``Complements``."""
        return {
            **self.fields,
            "images": self.images,
            "Specifications": by_field(self.specifications),
            "Components": list(self.components.values()),
            "Complements": self.complements,
        }


def by_field(rows: list[Record]) -> list[Record]:
    """Rows of specifications, the values of each field together."""
    fields: dict[int, Record] = {}
    for row in rows:
        shown = fields.setdefault(
            row["FieldId"], {"FieldId": row["FieldId"], "FieldName": row["FieldName"], "FieldValues": []}
        )
        shown["FieldValues"].append(row["Text"])
    return list(fields.values())


@dataclass(slots=True)
class Catalog:
    """Categories, brands, products and SKUs by id, with the indexes that uniqueness and look-ups need."""

    categories: dict[int, Record] = field(default_factory=dict)
    brands: dict[int, Record] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    skus: dict[int, Sku] = field(default_factory=dict)
    product_by_ref_id: dict[str, int] = field(default_factory=dict)
    product_by_link_id: dict[str, int] = field(default_factory=dict)
    sku_by_ref_id: dict[str, int] = field(default_factory=dict)
    child_categories: dict[int | None, list[int]] = field(default_factory=dict)
    tree_snapshots: dict[int, tuple[float, list[Record]]] = field(default_factory=dict)
    specification_groups: dict[int, Record] = field(default_factory=dict)
    specification_fields: dict[int, Record] = field(default_factory=dict)
    specification_values: dict[int, Record] = field(default_factory=dict)

    def path_to(self, category_id: int | None) -> list[int]:
        """Ids from the root down to a category; empty for none. The first one is the department."""
        path: list[int] = []
        while category_id is not None:
            path.insert(0, category_id)
            category_id = self.categories[category_id]["FatherCategoryId"]
        return path

    def fields_of(self, category_id: int) -> list[Record]:
        """The specification fields that apply in a category: its own, those above it, and those of every category."""
        places = {None, 0, *self.path_to(category_id)}
        return [field for field in self.specification_fields.values() if field["CategoryId"] in places]


@dataclass(slots=True)
class Account:
    """One VTEX account.

    ``stocks`` is keyed by SKU and warehouse; both it and ``prices`` take SKU ids of any account.
    """

    settings: AccountSettings
    catalog: Catalog
    warehouses: dict[str, Record]
    prices: dict[int, Record] = field(default_factory=dict)
    stocks: dict[tuple[int, str], Record] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The account's name, as in its URLs."""
        return self.settings.name


@dataclass(slots=True)
class Ids:
    """Where new ids come from; the ranges lie apart so that one kind is not taken for another."""

    category: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    brand: Iterator[int] = field(default_factory=lambda: itertools.count(2_000_000))
    product: Iterator[int] = field(default_factory=lambda: itertools.count(1_001))
    sku: Iterator[int] = field(default_factory=lambda: itertools.count(500_001))
    image: Iterator[int] = field(default_factory=lambda: itertools.count(90_001))
    specification: Iterator[int] = field(default_factory=lambda: itertools.count(301))
    complement: Iterator[int] = field(default_factory=lambda: itertools.count(701))


class World:
    """All accounts of one sandbox. Only the server's loop touches it. ``clock`` gives monotonic seconds."""

    def __init__(self, settings: SandboxSettings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.clock = clock
        self.ids = Ids()
        self.accounts: dict[str, Account] = {}
        self.busy_stocks: set[tuple[str, str, str]] = set()
        for account in settings.accounts:
            shared = self.accounts[account.catalog_of].catalog if account.catalog_of else Catalog()
            self.accounts[account.name] = Account(account, shared, _warehouses(settings))
        self._by_app_key = {account.settings.app_key: account for account in self.accounts.values()}

    def account_of_key(self, app_key: str) -> Account | None:
        """The account that an AppKey belongs to, whatever the token."""
        return self._by_app_key.get(app_key)

    def first_account(self) -> Account:
        """Who answers public routes that come without a key."""
        return next(iter(self.accounts.values()))

    def has_sku(self, sku_id: int) -> bool:
        """Is it in any account's catalogue? A regional account prices and stocks the SKUs of the catalogue account."""
        return any(sku_id in account.catalog.skus for account in self.accounts.values())

    def to_json(self) -> Record:
        """The whole state with totals, as ``/_sandbox/state`` shows it.

        A shared catalogue is shown at its owner only.
        """
        accounts = {account.name: _account_json(account) for account in self.accounts.values()}
        shown = list(accounts.values())
        totals = {
            kind: sum(len(account[kind]) for account in shown)
            for kind in ("categories", "brands", "products", "skus", "prices", "stocks")
        }
        skus = [sku for account in shown for sku in account["skus"]]
        totals["active_skus"] = sum(sku["IsActive"] for sku in skus)
        totals["images"] = sum(len(sku["images"]) for sku in skus)
        return {"accounts": accounts, "totals": totals}


def _account_json(account: Account) -> Record:
    catalog = Catalog() if account.settings.catalog_of else account.catalog
    return {
        "catalog_of": account.settings.catalog_of,
        "categories": list(catalog.categories.values()),
        "brands": list(catalog.brands.values()),
        "products": [product.to_json() for product in catalog.products.values()],
        "skus": [sku.to_json() for sku in catalog.skus.values()],
        "prices": {str(sku_id): price for sku_id, price in account.prices.items()},
        "stocks": list(account.stocks.values()),
        "warehouses": list(account.warehouses.values()),
    }


def _warehouses(settings: SandboxSettings) -> dict[str, Record]:
    return {
        warehouse_id: {
            "id": warehouse_id,
            "name": name,
            "warehouseDocks": [{"dockId": f"{warehouse_id}_dock", "time": "00:00:00", "cost": 0}],
            "pickupPointIds": [],
            "priority": 0,
            "isActive": True,
        }
        for warehouse_id, name in settings.warehouses.items()
    }


def slug(text: str) -> str:
    """A URL part as VTEX makes it from a name: no accents, hyphens between words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()


def now_text() -> str:
    """The present as the catalogue writes it: UTC, no zone."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
