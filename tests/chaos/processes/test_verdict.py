"""The verdict itself: it imports nothing of the program, and a run that breaks a promise is never called clean."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.processes.evidence import Evidence, Item, Log, Request, Source, Terms
from tests.chaos.processes.verdict import RULES, judge

HERE = Path(__file__).parent
CATALOG = "/api/catalog/pvt/"
GRACE = 0.8

COURSE = {
    "codcoligada": "1",
    "codfilial": "12",
    "codcurso": "C1",
    "nome": "Solda",
    "categoria": "Metal",
    "marca": "",
    "descricao": "Curso de solda.",
    "palavras_chave": "solda",
}
PLACE = {"codcoligada": "1", "codfilial": "12", "codturma": "T1"}
SOURCE = Source(
    [COURSE],
    [{**PLACE, "codcurso": "C1", "nome": "Solda noite"}],
    [{**PLACE, "canal": "B2C", "preco": "1.100,50", "preco_de": ""}],
    [{**PLACE, "deposito": "1", "quantidade": "8", "ilimitado": "N"}],
)
TERMS = Terms("nacional", "sp", {"nacional": "lojanacional", "sp": "lojasp"}, "SENAI", 3, GRACE)

WRITES = (
    ("lojanacional", "POST", CATALOG + "category", '{"Name":"Metal"}'),
    ("lojanacional", "POST", CATALOG + "brand", '{"Name":"SENAI"}'),
    ("lojanacional", "POST", CATALOG + "product", '{"RefId":"1-12-C1"}'),
    ("lojanacional", "POST", CATALOG + "stockkeepingunit", '{"RefId":"1-12-T1","ProductId":11}'),
    ("lojanacional", "POST", CATALOG + "stockkeepingunit/21/file", '{"Name":"curso"}'),
    ("lojasp", "PUT", "/lojasp/pricing/prices/21", '{"basePrice":1100.5}'),
    ("lojasp", "PUT", "/api/logistics/pvt/inventory/skus/21/warehouses/1", '{"quantity":8}'),
)
"""One write of each kind, each a second after the one before, each of a tenth of a second."""

LOGS = ("category", "brand", "product", "sku", "sku", "price", "stock")
"""The module whose log made each write; the SKU's made two."""

KEYS = {
    "category": ("nacional", "nacional;Metal", "1"),
    "brand": ("nacional", "nacional;SENAI", "2"),
    "product": ("nacional", "1;12;C1", "11"),
    "sku": ("nacional", "1;12;T1", "21"),
    "price": ("sp", "1;12;T1;B2C", "21"),
    "stock": ("sp", "1;12;T1;1", "21"),
}
IDS = {module: number for number, module in enumerate(KEYS, 1)}


def state() -> dict[str, Any]:
    """What the server holds when everything went well."""
    flags = {"IsActive": True, "IsVisible": True, "ShowWithoutStock": False}
    texts = {"Name": "Solda", "Title": "Solda", "Description": "Curso de solda.", "KeyWords": "solda"}
    product = {"Id": 11, "RefId": "1-12-C1", "CategoryId": 1, "BrandId": 2, **flags, **texts}
    sku = {"Id": 21, "RefId": "1-12-T1", "ProductId": 11, "Name": "Solda noite", "IsActive": True}
    national = {
        "categories": [{"Id": 1, "Name": "Metal"}],
        "brands": [{"Id": 2, "Name": "SENAI", "Active": True}],
        "products": [product],
        "skus": [sku | {"images": [{"Name": "curso"}]}],
        "prices": {},
        "stocks": [],
    }
    price: dict[str, Any] = {"basePrice": 1100.5, "listPrice": None, "fixedPrices": []}
    stock = {"skuId": 21, "warehouseId": "1", "quantity": 8, "unlimitedQuantity": False}
    nothing: dict[str, Any] = {"categories": [], "brands": [], "products": [], "skus": []}
    regional = {**nothing, "prices": {"21": price}, "stocks": [stock]}
    return {"accounts": {"lojanacional": national, "lojasp": regional}}


def a_request(which: int, /, **changes: Any) -> Request:
    account, method, path, body = WRITES[which]
    began = 100.0 + which
    return replace(Request(which + 1, account, method, path, body, began, began + 0.1, began + 0.1, 200), **changes)


def an_item(number: int, **changes: Any) -> Item:
    _account, method, path, body = WRITES[number]
    endpoint = path.removeprefix("/lojasp") if "/pricing/" in path else path
    return replace(Item(number + 1, IDS[LOGS[number]], 0, method, endpoint, body, 99.9 + number, True), **changes)


def a_log(module: str, **changes: Any) -> Log:
    account, key, external_id = KEYS[module]
    return replace(Log(IDS[module], module, account, key, "Sucesso", "idle", 0, external_id), **changes)


def good() -> Evidence:
    """A clean run of one course with one class."""
    numbers = range(len(WRITES))
    requests, items = [a_request(number) for number in numbers], [an_item(number) for number in numbers]
    return Evidence(requests, state(), [a_log(module) for module in KEYS], items, SOURCE, TERMS)


def with_request(evidence: Evidence, request: Request, item: Item | None) -> Evidence:
    items = [*evidence.items, item] if item else evidence.items
    return replace(evidence, requests=[*evidence.requests, request], items=items)


def with_log(evidence: Evidence, module: str, **changes: Any) -> Evidence:
    return replace(evidence, logs=[a_log(one, **(changes if one == module else {})) for one in KEYS])


def with_held(evidence: Evidence, account: str, kind: str, **fields: Any) -> Evidence:
    evidence.state["accounts"][account][kind][0] |= fields
    return evidence


def again(evidence: Evidence, number: int, after: float, **changes: Any) -> Evidence:
    """The same write once more, so long after it had begun, with an intent of its own."""
    began = 100.0 + number + after
    times = {"began": began, "ended": began + 0.1, "applied_at": began + 0.1}
    request = a_request(number, number=90, **{**times, **changes})
    return with_request(evidence, request, an_item(number, id=90, created=began - 0.01))


def test_a_run_without_a_fault_is_clean() -> None:
    assert judge(good()).sentences == []


BREACHES: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "a record without a log": ("lost", lambda e: replace(e, logs=e.logs[:-1])),
    "two logs of a record": ("lost", lambda e: replace(e, logs=[*e.logs, a_log("sku", id=99)])),
    "a log of nothing": ("lost", lambda e: replace(e, logs=[*e.logs, a_log("sku", id=99, key="1;12;T9")])),
    "a record left in Pendente": ("lost", lambda e: with_log(e, "stock", status="Pendente", phase="waiting")),
    "a record left in Erro": ("lost", lambda e: with_log(e, "stock", status="Erro")),
    "a category made twice": ("created twice", lambda e: again(e, 0, 5)),
    "a brand made twice": ("created twice", lambda e: again(e, 1, 5)),
    "a brand made in two spellings": ("created twice", lambda e: again(e, 1, 5, body='{"Name":"Sénai"}')),
    "a product made twice": ("created twice", lambda e: again(e, 2, 5)),
    "a SKU made twice": ("created twice", lambda e: again(e, 3, 5)),
    "an image added twice": ("created twice", lambda e: again(e, 4, 5)),
    "an image held twice": ("created twice", lambda e: with_held(e, "lojanacional", "skus", images=[{}, {}])),
    "two writes of a SKU at once": ("in flight twice", lambda e: again(e, 4, 0.05, applied_at=None)),
    "a SKU written while its product is": (
        "in flight twice",
        lambda e: replace(e, requests=[*e.requests[:2], a_request(2, ended=103.05), *e.requests[3:]]),
    ),
    "a stock written while its price is": (
        "in flight twice",
        lambda e: replace(e, requests=[*e.requests[:5], a_request(5, ended=106.05), e.requests[6]]),
    ),
    "a write while one without an end is open": (
        "in flight twice",
        lambda e: again(replace(e, requests=[*e.requests[:6], a_request(6, ended=None)]), 6, 5),
    ),
    "a write before an unanswered one is surely over": (
        "in flight twice",
        lambda e: again(replace(e, requests=[*e.requests[:6], a_request(6, status=None)]), 6, GRACE - 0.01),
    ),
    "a Sucesso under another id": ("false Sucesso", lambda e: with_log(e, "price", external_id="22")),
    "a Sucesso without an id": ("false Sucesso", lambda e: with_log(e, "sku", external_id=None)),
    "another name": ("false Sucesso", lambda e: with_held(e, "lojanacional", "skus", Name="Solda")),
    "a SKU that is not active": ("false Sucesso", lambda e: with_held(e, "lojanacional", "skus", IsActive=False)),
    "a SKU without image": ("false Sucesso", lambda e: with_held(e, "lojanacional", "skus", images=[])),
    "a product without description": (
        "false Sucesso",
        lambda e: with_held(e, "lojanacional", "products", Description=""),
    ),
    "another category": (
        "false Sucesso",
        lambda e: with_held(e, "lojanacional", "products", CategoryId=9),
    ),
    "another quantity": ("false Sucesso", lambda e: with_held(e, "lojasp", "stocks", quantity=7)),
    "no stock": ("false Sucesso", lambda e: _without_stock(e)),
    "another price": ("false Sucesso", lambda e: _with_price(e, 1100)),
    "a fourth resend by itself": ("over the maximum", lambda e: with_log(e, "sku", attempts=4)),
    "two above the maximum by one order": ("over the maximum", lambda e: with_log(e, "sku", attempts=5, orders=1)),
    "an item of a fourth resend": (
        "over the maximum",
        lambda e: replace(e, items=[*e.items, an_item(3, id=90, attempt=4, created=200)]),
    ),
    "an attempt without an item": ("miscounted", lambda e: with_log(e, "sku", attempts=1)),
    "an attempt that is not counted": (
        "miscounted",
        lambda e: replace(e, items=[*e.items[:-1], an_item(6, attempt=1)]),
    ),
    "a first send that was counted": ("miscounted", lambda e: with_log(e, "sku", status="Pendente", attempts=1)),
    "a write without an item": ("without intent", lambda e: replace(e, items=e.items[1:])),
    "a write before its item": (
        "without intent",
        lambda e: replace(e, items=[*e.items[:-1], an_item(6, created=106.01)]),
    ),
    "a write with another body": (
        "without intent",
        lambda e: replace(e, items=[*e.items[:-1], an_item(6, sent='{"quantity":9}')]),
    ),
    "two writes with one item": ("without intent", lambda e: with_request(e, a_request(6, began=120.0), None)),
    "an intent left open": ("open intent", lambda e: replace(e, items=[*e.items[:-1], an_item(6, completed=False)])),
}


def _without_stock(evidence: Evidence) -> Evidence:
    evidence.state["accounts"]["lojasp"]["stocks"] = []
    return evidence


def _with_price(evidence: Evidence, amount: float) -> Evidence:
    evidence.state["accounts"]["lojasp"]["prices"]["21"]["basePrice"] = amount
    return evidence


@pytest.mark.parametrize("breach", BREACHES)
def test_every_breach_is_found(breach: str) -> None:
    rule, broken = BREACHES[breach]
    verdict = judge(broken(good()))
    assert verdict.breaches[rule], verdict.sentences
    assert not verdict.clean


def test_every_rule_has_a_breach_that_it_finds() -> None:
    assert {rule for rule, _broken in BREACHES.values()} == set(RULES)


def test_a_refused_record_ends_in_error_and_not_in_success() -> None:
    refusing = replace(TERMS, refused=frozenset({("stock", "1;12;T1;1")}))
    evidence = replace(good(), terms=refusing)
    assert judge(with_log(evidence, "stock", status="Cancelado")).breaches["lost"] == []
    assert judge(evidence).breaches["lost"] != []


def test_a_resend_by_hand_may_go_above_the_maximum() -> None:
    tries = [an_item(6, id=90 + attempt, attempt=attempt, created=200.0) for attempt in range(1, 5)]
    evidence = replace(good(), items=[*good().items, *tries])
    assert judge(with_log(evidence, "stock", attempts=4, orders=1)).sentences == []
    assert judge(with_log(evidence, "stock", attempts=4)).counts()["over the maximum"] == 1


def test_a_write_may_follow_an_unanswered_one_after_the_grace() -> None:
    unanswered = replace(good(), requests=[*good().requests[:6], a_request(6, status=None)])
    assert judge(again(unanswered, 6, GRACE + 0.01)).breaches["in flight twice"] == []


def test_an_intent_that_was_never_sent_is_no_breach() -> None:
    assert judge(replace(good(), items=[*good().items, an_item(6, id=90, created=200)])).sentences == []


@pytest.mark.parametrize("module", ["evidence", "shop", "verdict"])
def test_the_verdict_imports_nothing_of_the_program(module: str) -> None:
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in imported if name.split(".")[0] in ("vtexmon", "screens", "tests")}
    allowed = {f"tests.chaos.processes.{name}" for name in ("evidence", "shop", "verdict")}
    assert imported - ours, "nothing was found"
    assert ours <= allowed
