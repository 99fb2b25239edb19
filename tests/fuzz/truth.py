"""What VTEX really holds, field by field, against what the source wants: worked out from the sandbox's state alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.engine.bench import Bench
from tests.fuzz.sick_vtex import SickVtex
from vtexmon.core.records import LogRecord
from vtexmon.core.text import fold
from vtexmon.integrations.fixed_price import WantedFixedPrice
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.registry import INTEGRATIONS

State = dict[str, Any]


def false_successes(bench: Bench, vtex: SickVtex, logs: list[LogRecord]) -> list[str]:
    """Every newest log in Sucesso whose record VTEX does not hold as the source wants it, or under another id."""
    national, regional = vtex.state("lojanacional"), vtex.state("lojasp")
    newest = {(log.module, log.key_values, log.account, log.channel): log for log in logs}
    offer = Offer(bench.source.snapshot, bench.config)
    found = []
    planned = {
        (one.key.module, ";".join(one.key.key_values), one.key.account, one.key.channel): one.outcome
        for integration in INTEGRATIONS.values()
        for one in integration.plan_all(offer)
    }
    for key, log in newest.items():
        if log.status.value == "Sucesso":
            state = regional if log.module in ("price", "stock") else national
            problems = CHECKS[log.module](planned[key], state, log.external_id or "", national)
            found += [f"{log.module} {log.key_values}: {problem}" for problem in problems]
    return found


def _named(kind: str, wanted: Any, state: State, external_id: str) -> Iterator[str]:
    held = [one for one in state[kind] if fold(one["Name"]) == fold(wanted.name)]
    if external_id not in [str(one["Id"]) for one in held]:
        yield f"{external_id} is not among {[one['Id'] for one in held]}"


def _category(wanted: Any, state: State, external_id: str, _national: State) -> Iterator[str]:
    yield from _named("categories", wanted, state, external_id)


def _brand(wanted: Any, state: State, external_id: str, _national: State) -> Iterator[str]:
    yield from _named("brands", wanted, state, external_id)


def _differing(wanted: State, held: State) -> Iterator[str]:
    for name, value in wanted.items():
        if held.get(name) != value and (held.get(name) or "", value) != ("", ""):
            yield f"{name} is {held.get(name)!r}, not {value!r}"


def _record(kind: str, ref_id: str, state: State, external_id: str) -> State | None:
    held = [one for one in state[kind] if one["RefId"] == ref_id]
    return held[0] if len(held) == 1 and str(held[0]["Id"]) == external_id else None


def _product(wanted: Any, state: State, external_id: str, _national: State) -> Iterator[str]:
    held = _record("products", wanted.ref_id, state, external_id)
    if held is None:
        yield f"VTEX does not hold it as {external_id}"
        return
    fields = {"Name": wanted.name, "Title": wanted.name, "Description": wanted.description, "KeyWords": wanted.keywords}
    yield from _differing({**fields, "IsActive": wanted.active, "IsVisible": wanted.active}, held)


def _sku(wanted: Any, state: State, external_id: str, _national: State) -> Iterator[str]:
    held = _record("skus", wanted.ref_id, state, external_id)
    if held is None:
        yield f"VTEX does not hold it as {external_id}"
        return
    yield from _differing({"Name": wanted.name, "IsActive": wanted.activate, "MeasurementUnit": "un"}, held)
    if [image["Name"] for image in held["images"]].count(wanted.image_name) != 1:
        yield f"images are {[image['Name'] for image in held['images']]}"


def _sku_id(ref_id: str, national: State) -> str:
    return next((str(one["Id"]) for one in national["skus"] if one["RefId"] == ref_id), "")


def _price(wanted: Any, state: State, external_id: str, national: State) -> Iterator[str]:
    held = state["prices"].get(_sku_id(wanted.sku_ref_id, national), {})
    by_policy = {one["tradePolicyId"]: one["value"] for one in held.get("fixedPrices", [])}
    if isinstance(wanted, WantedFixedPrice):
        if by_policy.get(str(wanted.policy_id)) != wanted.amount_cents / 100:
            yield f"fixed prices are {by_policy}"
        return
    listed = held.get("listPrice")
    if held.get("basePrice") != wanted.base_cents / 100:
        yield f"basePrice is {held.get('basePrice')}, not {wanted.base_cents / 100}"
    allowed = (None, held.get("basePrice")) if wanted.list_cents is None else (wanted.list_cents / 100,)
    if listed not in allowed:
        yield f"listPrice is {listed}, not {wanted.list_cents}"


def _stock(wanted: Any, state: State, external_id: str, national: State) -> Iterator[str]:
    sku_id = _sku_id(wanted.sku_ref_id, national)
    lines = [one for one in state["stocks"] if str(one["skuId"]) == sku_id and one["warehouseId"] == wanted.warehouse]
    held = [(line["quantity"], line["unlimitedQuantity"]) for line in lines]
    if held != [(wanted.quantity, wanted.unlimited)]:
        yield f"stock is {held}, not {wanted.quantity, wanted.unlimited}"


CHECKS = {
    "category": _category,
    "brand": _brand,
    "product": _product,
    "sku": _sku,
    "price": _price,
    "stock": _stock,
}


def twice(vtex: SickVtex) -> list[str]:
    """Everything of which VTEX holds more than one."""
    state = vtex.state("lojanacional")
    counts = Counter(("category", fold(one["Name"])) for one in state["categories"])
    counts.update(("brand", fold(one["Name"])) for one in state["brands"])
    counts.update(("product", one["RefId"]) for one in state["products"])
    counts.update(("sku", one["RefId"]) for one in state["skus"])
    counts.update((f"image of {sku['RefId']}", image["Name"]) for sku in state["skus"] for image in sku["images"])
    return [f"{kind} {name} × {count}" for (kind, name), count in counts.items() if count > 1]


def crashes(bench: Bench, logs: list[LogRecord]) -> list[str]:
    """Logs and items that an exception of ours ended, and facts of an engine that failed."""
    messages = [str(row[0]) for row in bench.rows("SELECT message FROM log_item")]
    messages += [log.message for log in logs if log.message]
    found = {message for message in messages if "erro do próprio vtexmon" in message}
    return [*sorted(found), *(str(fact) for fact in bench.facts if "Failed" in type(fact).__name__)]


def unclean(bench: Bench) -> list[str]:
    """Messages that hold something a terminal would obey."""
    texts = [str(row[0]) for row in bench.rows("SELECT message FROM log_item UNION SELECT message FROM log") if row[0]]
    return [repr(text) for text in texts if not text.isprintable()]


RESTS = {
    ("Pendente", "waiting"): ("parent", "target", "limit", "credential"),
    ("Erro", "waiting"): ("retry", "parent", "target", "limit", "credential"),
    ("Pendente", "verifying"): (None,),
    ("Erro", "verifying"): (None,),
    ("Sucesso", "idle"): (None,),
    ("Erro", "idle"): (None,),
    ("Cancelado", "idle"): (None,),
}
"""Where a log may be after a while (DESIGN.md section 4): at its end, or waiting for something that has a name."""


def is_allowed(log: LogRecord) -> bool:
    return log.wait_reason in RESTS.get((log.status.value, log.phase.value), ())
