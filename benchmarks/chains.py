"""Product → SKU → price → stock: as the engine sends them, beside bare chains of the same nine requests."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from benchmarks import courses
from benchmarks.export import run_export
from benchmarks.report import Table, alternate
from benchmarks.vtex import headers, in_parallel, recorded, sandbox
from vtexmon.sandbox import NATIONAL_ACCOUNT, REGIONAL_ACCOUNT
from vtexmon.vtex import catalog

LATENCY = 0.15
CHAINS = 160
CATALOG = "/api/catalog/pvt"


def _export() -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as name, sandbox(LATENCY) as url:
        report = run_export(courses.folder(Path(name) / "w", url, CHAINS, 1))
        return report["seconds"], len(recorded(url))


def _bare() -> tuple[float, int]:
    with sandbox(LATENCY) as url:
        category, brand = _parents(url)
        numbers = iter(range(1, CHAINS + 1))

        async def work(client: httpx.AsyncClient) -> None:
            for number in numbers:
                await _chain(client, number, category, brand)

        return asyncio.run(in_parallel(url, work)), len(recorded(url))


def _parents(url: str) -> tuple[int, int]:
    """A category and a brand to hang the products under."""
    made = []
    with httpx.Client(base_url=url, headers=headers(NATIONAL_ACCOUNT.name), timeout=30, trust_env=False) as client:
        for request in (catalog.create_category("Metalmecânica"), catalog.create_brand("SENAI", 1)):
            made.append(client.request(request.method, request.path, json=request.body).raise_for_status().json()["Id"])
    return made[0], made[1]


async def _chain(client: httpx.AsyncClient, number: int, category: int, brand: int) -> None:
    national, regional = headers(NATIONAL_ACCOUNT.name), headers(REGIONAL_ACCOUNT.name)

    async def send(method: str, path: str, account: Mapping[str, str], body: Any = None) -> Any:
        answer = await client.request(method, path, json=body, headers=account)
        if answer.status_code not in (200, 404):  # 404: a price or a SKU that is looked up before it is made
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if method == "POST" else None

    name = f"Operador de processos industriais {number}"
    product = {"Name": name, "CategoryId": category, "BrandId": brand, "RefId": f"1-12-C{number}", "IsActive": True}
    product |= {"Title": name, "LinkId": f"c{number}", "IsVisible": True, "Description": name, "KeyWords": "operador"}
    sku = {"Name": name, "RefId": f"1-12-T{number}-1", "IsActive": False, "ActivateIfPossible": True}
    sku |= {"PackagedHeight": 1, "PackagedLength": 1, "PackagedWidth": 1, "PackagedWeightKg": 1}
    image = {"IsMain": True, "Name": "curso", "Url": "https://loja.example/curso.png", "Label": ""}
    await send("GET", f"/api/catalog_system/pvt/products/productgetbyrefid/{product['RefId']}", national)
    product_id = (await send("POST", f"{CATALOG}/product", national, product))["Id"]
    await send("GET", f"{CATALOG}/stockkeepingunit?RefId={sku['RefId']}", national)
    sku_id = (await send("POST", f"{CATALOG}/stockkeepingunit", national, sku | {"ProductId": product_id}))["Id"]
    await send("POST", f"{CATALOG}/stockkeepingunit/{sku_id}/file", national, image)
    await send("GET", f"{CATALOG}/stockkeepingunit/{sku_id}", national)
    price = f"/{REGIONAL_ACCOUNT.name}/pricing/prices/{sku_id}"
    await send("GET", price, regional)
    await send("PUT", price, regional, {"basePrice": 500.5})
    stock = f"/api/logistics/pvt/inventory/skus/{sku_id}/warehouses/1"
    quantity = {"quantity": 9, "unlimitedQuantity": False, "leadTime": "00:00:00"}
    await send("PUT", stock, regional, quantity)


def table(rounds: int) -> Table:
    """Chains a second, ours and bare."""
    ours, bare = alternate(rounds, _export, _bare)
    rows = []
    for name, found in (("vtexmon export", ours), ("bare chains", bare)):
        seconds = statistics.median(one for one, _requests in found)
        rows.append({"chains": name, "chains/s": CHAINS / seconds, "requests": found[0][1], "seconds": seconds})
    ratio = statistics.median(one for one, _n in bare) / statistics.median(one for one, _n in ours)
    for row, times in zip(rows, (ratio, 1.0), strict=True):
        row["× bare"] = times
    note = f"{CHAINS} chains at 150 ms, 4 clients × 8 connections, {rounds} rounds each, median; nine requests each"
    return Table("chains product → SKU → price → stock", rows, [note])
