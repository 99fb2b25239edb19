"""What compare says of each record, against the real sandbox; and that it leaves nothing behind, there or here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.engine.bench import copy_of
from tests.integrations.school import CLASS, MemorySource, course_class, price, school, stock
from tests.integrations.shop import Shop, config_for
from vtexmon.clock import SystemClock
from vtexmon.config import EngineSettings, Secret
from vtexmon.core.exchange import Answer, Request
from vtexmon.engine import compare
from vtexmon.engine.compare import AT_ONCE, Compared, Result, compare_with_vtex, differing
from vtexmon.engine.exports import ExportScope, export
from vtexmon.engine.facts import Facts
from vtexmon.engine.runtime import Engine, EngineOptions, Surroundings, make_context
from vtexmon.sandbox import RunningSandbox, running_sandbox
from vtexmon.sge.source import ClassKey, RejectedRow, Snapshot
from vtexmon.store import targets
from vtexmon.store.database import Database
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.client import VtexClient

SHORT = EngineSettings(
    lease=timedelta(seconds=6), request_deadline=timedelta(seconds=2), verify_grace=timedelta(seconds=0.5)
)

EVERYTHING = ExportScope()


@dataclass
class Traffic:
    """What went out, and how much of it at once."""

    sent: list[Request] = field(default_factory=list)
    in_flight: int = 0
    most: int = 0


@dataclass
class Watched:
    """A client whose traffic is seen."""

    client: VtexClient
    traffic: Traffic

    async def exchange(self, request: Request) -> Answer:
        self.traffic.sent.append(request)
        self.traffic.in_flight += 1
        self.traffic.most = max(self.traffic.most, self.traffic.in_flight)
        try:
            return await self.client.exchange(request)
        finally:
            self.traffic.in_flight -= 1


class World:
    """A school, what was exported of it to a sandbox, and the comparison of the two."""

    def __init__(self, path: Path, sandbox: RunningSandbox) -> None:
        self.database = Database(f"sqlite:///{path}")
        self.sandbox = sandbox
        self.source = MemorySource()
        self.config = config_for(sandbox, engine=SHORT)
        self.shop = Shop(sandbox, self.config)
        self.traffic = Traffic()

    def export(self) -> None:
        engine = Engine(self.config, self.database, self.source, EngineOptions("teste", schedules=False))
        engine.start()
        try:
            engine.submit(lambda context: export(context, ExportScope(), "teste")).result(timeout=20)
            open_logs = text("SELECT count(*) FROM log WHERE phase <> 'idle'")
            while self.database.read(lambda c: c.execute(open_logs).scalar_one()):
                engine.kick()
        finally:
            engine.stop()

    def compare(self, scope: ExportScope = EVERYTHING) -> list[Compared]:
        async def run() -> list[Compared]:
            self.traffic = Traffic()
            accounts = self.config.accounts.items()
            clients = {
                name: Watched(VtexClient(account, self.config.engine), self.traffic) for name, account in accounts
            }
            around = Surroundings(self.config, self.database, self.source, SystemClock(), Facts(), "")
            try:
                return await compare_with_vtex(make_context(around, clients), scope)
            finally:
                for watched in clients.values():
                    await watched.client.aclose()

        return asyncio.run(run())

    def unequal(self, scope: ExportScope = EVERYTHING) -> list[tuple[str, Result]]:
        return [(one.key.module, one.result) for one in self.compare(scope) if one.result is not Result.EQUAL]

    def only(self) -> Compared:
        (found,) = [one for one in self.compare() if one.result is not Result.EQUAL]
        return found

    def everything_stored(self) -> list[Any]:
        """But for the pace, which every request counts against."""
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'pace' AND name NOT LIKE 'log_search%'"
        tables = text(query)

        def work(connection: Any) -> list[Any]:
            names = sorted(connection.execute(tables).scalars())
            return [(name, *map(tuple, connection.execute(text(f"SELECT * FROM {name}")))) for name in names]

        return self.database.read(work)


@pytest.fixture
def world(template: Path, tmp_path: Path) -> Iterator[World]:
    with running_sandbox() as sandbox:
        found = World(copy_of(template, tmp_path), sandbox)
        yield found
        found.database.close()


@pytest.fixture
def exported(world: World) -> World:
    world.export()
    return world


def the_id(world: World, module: str) -> int:
    (found,) = [one for one in world.compare() if one.key.module == module]
    assert found.external_id is not None
    return int(found.external_id)


def change_product(world: World, **fields: Any) -> None:
    existing = world.shop.by_hand("nacional", catalog.get_product(the_id(world, "product")))
    world.shop.by_hand("nacional", catalog.update_product(existing["Id"], {**existing, **fields}))


def change_sku(world: World, **fields: Any) -> None:
    existing = world.shop.by_hand("nacional", catalog.get_sku(the_id(world, "sku")))
    world.shop.by_hand("nacional", catalog.update_sku(existing["Id"], {**existing, **fields}))


def delete_image(world: World) -> None:
    sku_id = the_id(world, "sku")
    (image,) = world.shop.by_hand("nacional", catalog.sku_files(sku_id))
    listing = catalog.sku_files(sku_id)
    world.shop.by_hand("nacional", replace(listing, method="DELETE", path=f"{listing.path}/{image['Id']}"))


def change_price(world: World) -> None:
    world.shop.by_hand("sp", pricing.put_price(the_id(world, "sku"), 100_000, 206_482))


def change_stock(world: World) -> None:
    world.shop.by_hand("sp", logistics.put_inventory(the_id(world, "sku"), "1", 7, False))


def test_after_an_export_everything_is_equal(exported: World) -> None:
    found = exported.compare()

    assert [one.key.module for one in found] == ["category", "brand", "product", "sku", "price", "stock"]
    assert {(one.result, one.detail, one.unreachable) for one in found} == {(Result.EQUAL, "", False)}
    assert all(one.external_id for one in found)


EDITS: dict[str, tuple[Callable[[World], None], str, str]] = {
    "a product's name": (
        lambda world: change_product(world, Name="Outro"),
        "product",
        "atualizar produto: PUT /api/catalog/pvt/product/{id}; Name «Outro» → «Ajustador Mecânico»",
    ),
    "a price": (
        change_price,
        "price",
        "gravar preço: PUT /pricing/prices/{id}; basePrice 1000 → 1795.5",
    ),
    "a deleted image": (delete_image, "sku", "incluir imagem: POST /api/catalog/pvt/stockkeepingunit/{id}/file"),
    "a deactivated SKU": (
        lambda world: change_sku(world, IsActive=False, ActivateIfPossible=False),
        "sku",
        "atualizar SKU: PUT /api/catalog/pvt/stockkeepingunit/{id}; ActivateIfPossible não → sim",
    ),
    "a stock": (
        change_stock,
        "stock",
        "gravar estoque: PUT /api/logistics/pvt/inventory/skus/{id}/warehouses/1; quantity 2",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_what_somebody_changed_at_vtex_is_told(exported: World, case: str) -> None:
    edit, module, words = EDITS[case]
    edit(exported)
    external_id = the_id(exported, "product" if module == "product" else "sku")

    found = exported.only()

    assert (found.key.module, found.result) == (module, Result.DIFFERS)
    assert found.detail.startswith(words.replace("{id}", str(external_id)))
    assert found.external_id == str(external_id)


def test_it_sends_no_write_and_stores_nothing(exported: World) -> None:
    change_product(exported, Name="Outro")
    change_price(exported)
    exported.source.snapshot = with_a_new_class()
    seen, stored, held = exported.sandbox.last_request(), exported.everything_stored(), exported.sandbox.state()

    assert len(exported.unequal()) == 5

    sent = exported.sandbox.requests(seen)
    assert sent
    assert {one["method"] for one in sent} == {"GET"}
    assert exported.everything_stored() == stored
    assert exported.sandbox.state() == held


def with_a_new_class() -> Snapshot:
    new = course_class(key=ClassKey(1, 12, "CQ.2"), name="Ajustador - CQ.2")
    return school(
        classes=[CLASS, new],
        prices=[price(), price(key=new.key)],
        stocks=[stock(), stock(key=new.key)],
    )


def test_what_vtex_does_not_hold_is_missing_and_its_children_wait(exported: World) -> None:
    exported.source.snapshot = with_a_new_class()

    sku, its_price, its_stock = [one for one in exported.compare() if one.result is not Result.EQUAL]

    assert (sku.key.module, sku.result, sku.external_id) == ("sku", Result.MISSING, None)
    assert sku.detail == "criar SKU: POST /api/catalog/pvt/stockkeepingunit"
    assert {its_price.result, its_stock.result} == {Result.NOT_COMPARABLE}
    assert its_price.detail == its_stock.detail == "aguardando SKU 1;12;CQ.2"


def test_a_price_that_is_gone_is_missing(exported: World) -> None:
    path = pricing.get_price(the_id(exported, "sku"))
    exported.shop.by_hand("sp", replace(path, method="DELETE"))

    assert exported.unequal() == [("price", Result.MISSING)]


def test_before_the_first_export_nothing_but_names_can_be_compared(world: World) -> None:
    found = {one.key.module: one.result for one in world.compare()}

    waits = dict.fromkeys(("product", "sku", "price", "stock"), Result.NOT_COMPARABLE)
    assert found == {"category": Result.MISSING, "brand": Result.MISSING} | waits


def test_a_stock_of_0_that_is_0_at_vtex_is_equal_though_it_is_always_sent(world: World) -> None:
    world.source.snapshot = school(stocks=[stock(quantity=0)])
    world.export()

    assert world.unequal() == []


def test_an_inactive_class_that_was_never_sent_is_left_out(world: World) -> None:
    world.source.snapshot = school(classes=[course_class(active=False)])
    world.export()

    assert "price" not in {one.key.module for one in world.compare()}


def test_a_row_that_cannot_be_read_is_told_with_its_reason(exported: World) -> None:
    row = RejectedRow("price", "precos.csv", 3, "preco", "-1", "negativo", ("1", "12", "X", "B2C"))
    exported.source.snapshot = replace(school(), rejected=(row,))

    found = exported.only()

    assert (found.result, found.unreachable) == (Result.NOT_COMPARABLE, False)
    assert "precos.csv, linha 3" in found.detail


def test_scope_narrows_it(exported: World) -> None:
    assert [one.key.module for one in exported.compare(ExportScope(modules=frozenset({"sku"})))] == ["sku"]
    assert exported.compare(ExportScope(branches=frozenset({99}))) == []


def test_a_refused_credential_is_told_and_closes_nothing_for_others(exported: World) -> None:
    national = replace(exported.config.accounts["nacional"], app_token=Secret("env:TOKEN", "wrong-token"))
    exported.config = replace(exported.config, accounts=exported.config.accounts | {"nacional": national})

    found = {one.key.module: one for one in exported.compare()}

    assert (found["product"].result, found["product"].unreachable) == (Result.NOT_COMPARABLE, True)
    assert "recusou a credencial" in found["product"].detail
    assert found["price"].result is Result.EQUAL
    assert exported.database.read(targets.closed) == []


def test_a_vtex_that_does_not_answer_is_told(exported: World) -> None:
    exported.sandbox.set_faults("drop:match=GET /")

    found = exported.compare()

    assert {(one.result, one.unreachable) for one in found} == {(Result.NOT_COMPARABLE, True)}
    assert exported.database.read(targets.closed) == []


def test_a_request_to_wait_is_heeded(exported: World) -> None:
    exported.sandbox.set_faults("status:match=GET /pricing,status=429,retry_after=1,times=1")

    assert exported.unequal() == []
    assert exported.sandbox.faults()[0]["hits"] == 1


def test_a_paused_account_is_not_asked(exported: World) -> None:
    exported.database.write_now(lambda c: targets.pause(c, "sp", None, SystemClock().now(), "ana"))

    found = {one.key.module: one for one in exported.compare()}

    assert (found["price"].result, found["price"].unreachable) == (Result.NOT_COMPARABLE, False)
    assert found["price"].detail == "a conta sp está em pausa"
    assert found["sku"].result is Result.EQUAL


def test_a_mistake_of_ours_spoils_one_record_only(exported: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError

    price_module = replace(compare.INTEGRATIONS["price"], send=broken)
    monkeypatch.setitem(compare.INTEGRATIONS, "price", price_module)

    found = exported.only()

    assert (found.key.module, found.result) == ("price", Result.NOT_COMPARABLE)
    assert "ZeroDivisionError" in found.detail


def test_many_are_compared_at_once_but_not_more_and_lists_are_read_once(world: World) -> None:
    rows = [course_class(key=ClassKey(1, 12, f"T{n}"), name=f"Turma {n}") for n in range(20)]
    prices, stocks = [price(key=row.key) for row in rows], [stock(key=row.key) for row in rows]
    world.source.snapshot = school(classes=rows, prices=prices, stocks=stocks)
    world.export()
    world.sandbox.set_faults("slow:match=GET /,delay=0.02")

    found = world.compare()

    assert [one.key.text for one in found] == [one.key.text for one in world.compare()]
    assert 1 < world.traffic.most <= AT_ONCE
    asked = [request.target for request in world.traffic.sent]
    assert asked.count(catalog.category_tree().target) == 1


def test_progress_is_told(exported: World) -> None:
    told: list[tuple[int, int]] = []
    around = Surroundings(exported.config, exported.database, exported.source, SystemClock(), Facts(), "")

    asyncio.run(compare_with_vtex(make_context(around, {}), ExportScope(), lambda *pair: told.append(pair)))

    assert told == [(number, 6) for number in range(1, 7)]


DIFFERENCES = {
    "a value that differs": ({"Name": "A", "RefId": "1"}, {"Name": "B", "RefId": "1"}, ["Name «B» → «A»"]),
    "null stands for empty": ({"KeyWords": ""}, {"KeyWords": None}, []),
    "what was empty": ({"KeyWords": "x"}, {"KeyWords": None}, ["KeyWords vazio → «x»"]),
    "whole and decimal": ({"PackagedWeightKg": 550}, {"PackagedWeightKg": 550.0}, []),
    "flags": ({"IsActive": True}, {"IsActive": False}, ["IsActive não → sim"]),
    "no reading": ({"quantity": 2, "unlimitedQuantity": False}, None, ["quantity 2", "unlimitedQuantity não"]),
    "a list of parts": ([{"tradePolicyId": "2", "value": 9.5}], {}, ["tradePolicyId «2»", "value 9.5"]),
    "lists are not told": ({"fixedPrices": [1]}, {"fixedPrices": []}, []),
    "long values are cut": ({"D": "a" * 90}, {"D": "b"}, [f"D «b» → «{'a' * 59}…»"]),
    "no body": (None, {}, []),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_which_fields_differ(case: str) -> None:
    body, read, expected = DIFFERENCES[case]

    assert list(differing(body, read)) == expected
