"""The real good answer of every request that this program can build, as the sandbox gives it."""

from __future__ import annotations

import asyncio
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from tests.fuzz.sick_vtex import Given, SickVtex
from vtexmon.core.exchange import Request
from vtexmon.sandbox.specification_fields import insert_field, insert_group, insert_value
from vtexmon.vtex import catalog, logistics, pricing, specifications
from vtexmon.vtex.merging import merged_product, merged_sku
from vtexmon.vtex.wire import created_id

IMAGE = "https://loja.example/c.png"
SKU_FIELDS = {"Name": "Turma", "RefId": "T1", "ActivateIfPossible": True, "MeasurementUnit": "un", "UnitMultiplier": 1}
SIZES = {"PackagedHeight": 1, "PackagedLength": 1, "PackagedWidth": 1, "PackagedWeightKg": 1}


def builders() -> set[str]:
    """The names of everything that builds a request."""
    modules: tuple[ModuleType, ...] = (catalog, pricing, logistics, specifications)
    found = {(module, name) for module in modules for name in vars(module) if not name.startswith("_")}
    return {
        name
        for module, name in found
        if getattr(vars(module)[name], "__annotations__", {}).get("return") == "Request"
        and vars(module)[name].__module__ == module.__name__
    }


@cache
def good_answers() -> dict[str, Given]:
    """By the name of the builder."""
    return asyncio.run(_everything())


async def _everything() -> dict[str, Given]:
    vtex = SickVtex()
    client = vtex.clients()["nacional"]
    given: dict[str, Given] = {}

    async def ask(name: str, request: Request) -> Any:
        given[name] = await client.healthy(request)
        assert given[name].status in (200, 204), (name, given[name])
        return given[name].json

    category = await ask("create_category", catalog.create_category("Metalmecânica"))
    await ask("create_category_below", catalog.create_category("Solda", category["Id"]))
    brand = await ask("create_brand", catalog.create_brand("SENAI", 2_000_000))
    await ask("get_category", catalog.get_category(category["Id"]))
    await ask("get_brand", catalog.get_brand(brand["Id"]))
    await ask("category_tree", catalog.category_tree())
    await ask("brand_list", catalog.brand_list())
    await ask("sales_channels", catalog.sales_channels())
    fields = {"Name": "Ação", "RefId": "P1", "CategoryId": category["Id"], "BrandId": brand["Id"], "IsActive": True}
    product = created_id(await ask("create_product", catalog.create_product(fields))) or 0
    await ask("product_by_ref_id", catalog.product_by_ref_id("P1"))
    held = await ask("get_product", catalog.get_product(product))
    await ask("update_product", catalog.update_product(product, merged_product(held, {"Name": "Aço"})))
    await ask("add_product_trade_policy", catalog.add_product_trade_policy(product, 2))
    await ask("product_trade_policies", catalog.product_trade_policies(product))
    fields_of = _fields(vtex, category["Id"])
    await ask("category_fields", specifications.category_fields(category["Id"]))
    await ask("get_field", specifications.get_field(fields_of.of_product))
    await ask("field_values", specifications.field_values(fields_of.of_sku))
    await ask("set_of_product", specifications.set_of_product(product, {fields_of.of_product: ["40 h"]}))
    held = specifications.read_held(await ask("held_by_product", specifications.held_by_product(product)))
    await ask("remove_from_product", specifications.remove_from_product(product, held[0].id))
    await _of_a_sku(ask, product, fields_of)
    del given["create_category_below"]
    return given


class Fields(NamedTuple):
    """Specifications of a category, and two values of the one that a SKU has."""

    of_product: int
    of_sku: int
    values: tuple[int, int]


def _fields(vtex: SickVtex, category: int) -> Fields:
    world = vtex.service.world
    held = world.accounts["lojanacional"].catalog
    group = insert_group(world, held, "Geral", category)["Id"]
    common = {"CategoryId": category, "FieldGroupId": group}
    text = insert_field(world, held, {**common, "Name": "Carga", "FieldTypeId": 1, "IsStockKeepingUnit": False})
    combo = insert_field(world, held, {**common, "Name": "Turno", "FieldTypeId": 5, "IsStockKeepingUnit": True})
    night, day = (insert_value(world, held, {"FieldId": combo["Id"], "Name": name}) for name in ("Noite", "Manhã"))
    return Fields(text["Id"], combo["Id"], (night["FieldValueId"], day["FieldValueId"]))


async def _of_a_sku(ask: Any, product: int, fields_of: Fields) -> None:
    fields = {**SKU_FIELDS, **SIZES, "ProductId": product}
    sku = created_id(await ask("create_sku", catalog.create_sku(fields))) or 0
    await ask("add_sku_file", catalog.add_sku_file(sku, IMAGE, "c"))
    await ask("sku_files", catalog.sku_files(sku))
    await ask("sku_by_ref_id", catalog.sku_by_ref_id("T1"))
    held = await ask("get_sku", catalog.get_sku(sku))
    await ask("update_sku", catalog.update_sku(sku, merged_sku(held, {"Name": "Outra"})))
    night, day = fields_of.values
    await ask("add_to_sku", specifications.add_to_sku(sku, fields_of.of_sku, night))
    held = specifications.read_held(await ask("held_by_sku", specifications.held_by_sku(sku)))
    await ask("change_of_sku", specifications.change_of_sku(sku, held[0], day))
    await ask("remove_from_sku", specifications.remove_from_sku(sku, held[0].id))
    await ask("put_price", pricing.put_price(sku, 179_550, 200_000))
    await ask("patch_fixed_price", pricing.patch_fixed_price(sku, 2, 150_000))
    await ask("get_price", pricing.get_price(sku))
    await ask("pricing_config", pricing.pricing_config())
    await ask("put_inventory", logistics.put_inventory(sku, "1", 5, False))
    await ask("get_inventory", logistics.get_inventory(sku))
    await ask("warehouses", logistics.warehouses())
