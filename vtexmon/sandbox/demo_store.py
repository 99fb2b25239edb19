"""What somebody typed into VTEX by hand before the demo's day: the integration has to get along with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from vtexmon.config import Account
from vtexmon.core.exchange import Request
from vtexmon.sandbox.demo_faults import GARBLED, UNFINDABLE
from vtexmon.vtex import catalog
from vtexmon.vtex.client import VtexClient
from vtexmon.vtex.wire import created_id

INACTIVE_CATEGORY = "Têxtil e Vestuário"
"""Its SKUs cannot be active, whatever is sent: VTEX says so itself (class negócio)."""

BRAND = "SENAI"

PRODUCTS: Mapping[str, str] = {UNFINDABLE: "Automação", GARBLED: "Desenho Técnico"}
"""The courses that have a product already, with its category."""


def stock_the_store(account: Account) -> None:
    """Type it in: one brand, three categories, two products."""
    asyncio.run(_type_in(account))


async def _type_in(account: Account) -> None:
    client = VtexClient(account)

    async def made(request: Request) -> int:
        answer = await client.exchange(request)
        made_id = created_id(answer.json)
        if made_id is None:
            raise RuntimeError(f"the sandbox refused {request.path}: {answer.text}")
        return made_id

    try:
        brand_id, _inactive, *category_ids = await asyncio.gather(
            made(catalog.create_brand(BRAND, catalog.FIRST_BRAND_ID)),
            made(_category(INACTIVE_CATEGORY, IsActive=False)),
            *(made(catalog.create_category(name)) for name in PRODUCTS.values()),
        )
        for course, category_id in zip(PRODUCTS, category_ids, strict=True):
            await made(_product(course, brand_id, category_id))
    finally:
        await client.aclose()


def _category(name: str, **changed: Any) -> Request:
    request = catalog.create_category(name)
    return Request(request.api, request.method, request.path, request.body | changed)


def _product(course: str, brand_id: int, category_id: int) -> Request:
    reference = f"1-12-{course}"
    owned = {"Name": f"Curso {course} (cadastro manual)", "RefId": reference, "LinkId": f"cadastro-manual-{reference}"}
    places = {"BrandId": brand_id, "CategoryId": category_id}
    return catalog.create_product({**owned, **places, "IsActive": True, "IsVisible": True})
