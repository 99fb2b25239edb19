"""What VTEX really holds after a run, and what was done to it, against what the database says of it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text

from vtexmon.sandbox import RunningSandbox
from vtexmon.store.database import Database


class Rows(Protocol):
    """Asks a database that is open."""

    def __call__(self, sql: str, **values: Any) -> list[tuple[Any, ...]]: ...


def rows_of(database: Database) -> Rows:
    """With the program's own driver: a second SQLite library in this process would drop its locks on the file."""

    def rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return database.read(lambda c: [tuple(row) for row in c.execute(text(sql), values)])

    return rows


KINDS = {"category": "categories", "brand": "brands", "product": "products", "sku": "skus"}


def rows(database: Path | Rows, sql: str) -> list[tuple[Any, ...]]:
    """A query; a file is one that nobody, or another process, has open."""
    if not isinstance(database, Path):
        return database(sql)
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def open_intents(database: Path) -> int:
    """Requests that were stored as sent and whose outcome was not written down."""
    return int(rows(database, "SELECT count(*) FROM log_item WHERE completed_at IS NULL")[0][0])


def holdings(sandbox: RunningSandbox) -> dict[str, Counter[str]]:
    """How often each thing exists: categories and brands by name, products and SKUs by RefId, images by SKU."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in (*KINDS, "image", "price", "stock")}
    for account in sandbox.state()["accounts"].values():
        for kind, name in (("category", "categories"), ("brand", "brands")):
            found[kind].update(one["Name"] for one in account[name])
        for kind, name in (("product", "products"), ("sku", "skus")):
            found[kind].update(one["RefId"] for one in account[name])
        for sku in account["skus"]:
            found["image"][sku["RefId"]] += len(sku["images"])
        found["price"].update(account["prices"].keys())
        found["stock"].update(f"{line['skuId']}/{line['warehouseId']}" for line in account["stocks"])
    return found


def created_twice(sandbox: RunningSandbox) -> list[str]:
    """Everything that exists, or was created by a request that VTEX carried out, more than once."""
    twice = [f"{kind} {name} × {n}" for kind, names in holdings(sandbox).items() for name, n in names.items() if n > 1]
    creations: Counter[str] = Counter()
    for request in sandbox.requests():
        if request["method"] == "POST" and request["applied"]:
            body = json.loads(request["body"])
            creations[f"{request['path'].rsplit('/', 1)[1]} {body.get('RefId') or request['path'] + body['Name']}"] += 1
    return twice + [f"{what} created × {n}" for what, n in creations.items() if n > 1]


def in_flight_twice(sandbox: RunningSandbox) -> int:
    """Kept for the report: writes that VTEX saw more than once with one body, whatever became of them."""
    seen = Counter(
        (r["account"], r["method"], r["path"], r["body"]) for r in sandbox.requests() if r["method"] != "GET"
    )
    return sum(n - 1 for n in seen.values())


def not_held(sandbox: RunningSandbox, database: Path | Rows) -> list[str]:
    """Every Sucesso whose record VTEX does not hold under the id that the log tells, or not as the source wants it."""
    accounts = sandbox.state()["accounts"]
    national, regional = accounts["lojanacional"], accounts["lojasp"]
    ids = {kind: {str(one["Id"]) for one in national[name]} for kind, name in KINDS.items()}
    active = {str(sku["Id"]) for sku in national["skus"] if sku["IsActive"] and len(sku["images"]) == 1}
    ids |= {"sku": ids["sku"] & active, "price": set(regional["prices"])}
    ids["stock"] = {str(line["skuId"]) for line in regional["stocks"]}
    told = rows(database, "SELECT module, external_id, key_values FROM log WHERE status = 'Sucesso'")
    return [f"{module} {key}: {found}" for module, found, key in told if found not in ids[module]]


def wrong_amounts(sandbox: RunningSandbox, data: dict[str, str]) -> list[str]:
    """Prices and stocks at VTEX that are not what the CSV files say, worked out from the files alone."""
    accounts = sandbox.state()["accounts"]
    ref_of = {str(sku["Id"]): sku["RefId"] for sku in accounts["lojanacional"]["skus"]}
    prices = {ref_of[sku]: price["basePrice"] for sku, price in accounts["lojasp"]["prices"].items()}
    stocks = {ref_of[str(line["skuId"])]: line["quantity"] for line in accounts["lojasp"]["stocks"]}
    wrong = []
    for line in data["precos.csv"].splitlines()[1:]:
        company, branch, key, channel, amount = line.split(";")[:5]
        wanted = float(amount.replace(".", "").replace(",", "."))
        if channel == "B2C" and prices.get(f"{company}-{branch}-{key}") != wanted:
            wrong.append(f"price {key}: {prices.get(f'{company}-{branch}-{key}')}, not {wanted}")
    for line in data["estoques.csv"].splitlines()[1:]:
        company, branch, key, _warehouse, quantity = line.split(";")[:5]
        if stocks.get(f"{company}-{branch}-{key}") != int(quantity):
            wrong.append(f"stock {key}: {stocks.get(f'{company}-{branch}-{key}')}, not {quantity}")
    return wrong


def breaches(database: Path | Rows) -> list[str]:
    """What must hold in the database itself after a run: items, statuses and leases agree."""
    checks = {
        "a success without an item": "SELECT id FROM log WHERE NOT is_open AND id NOT IN (SELECT log_id FROM log_item)",
        "an open intent": "SELECT log_id FROM log_item WHERE completed_at IS NULL",
        "an open log that succeeded": "SELECT id FROM log WHERE (status = 'Sucesso') = is_open",
        "a lease at rest": "SELECT id FROM log WHERE phase = 'idle' AND lease_owner IS NOT NULL",
        "a first send that was counted": "SELECT id FROM log WHERE attempts <> 0",
    }
    return [f"{name}: log {found[0]}" for name, sql in checks.items() for found in rows(database, sql)]
