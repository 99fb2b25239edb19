"""The verdict over a run: every promise of the program as a rule over what the server saw and the tables hold.

Imports nothing of the program. A rule yields one sentence for each breach; no sentence from any rule is a clean run.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.chaos.processes.evidence import Evidence, Item, Log, Request
from tests.chaos.processes.shop import Shop, Thing

Rule = Callable[[Evidence], Iterator[str]]


def lost(evidence: Evidence) -> Iterator[str]:
    """Every record of the source has exactly one log, and that ended in Sucesso unless it was refused on purpose."""
    logs: dict[Thing, list[Log]] = defaultdict(list)
    for log in evidence.logs:
        logs[log.module, log.key].append(log)
    wanted = expected(evidence)
    for record in sorted(wanted | logs.keys()):
        found = logs[record]
        told = f"{record[0]} {record[1]}"
        if record not in wanted:
            yield f"{told}: a log of what the source does not have"
        elif len(found) != 1:
            yield f"{told}: {len(found)} logs"
        elif found[0].status not in _endings(evidence, record):
            log = found[0]
            yield f"{told}: log {log.id} ended as {log.status} ({log.phase}, attempts {log.attempts}): {log.message}"


def _endings(evidence: Evidence, record: Thing) -> tuple[str, ...]:
    return ("Erro", "Cancelado") if record in evidence.terms.refused else ("Sucesso",)


def expected(evidence: Evidence) -> set[Thing]:
    """Module and key of every record that the source's rows are."""
    source, terms = evidence.source, evidence.terms
    found: set[Thing] = set()
    for row in source.courses:
        found.add(("product", _key(row, "codcurso")))
        found.add(("category", f"{terms.catalogue};{row['categoria']}"))
        found.add(("brand", f"{terms.catalogue};{row['marca'] or terms.brand}"))
    found |= {("sku", _key(row, "codturma")) for row in source.classes}
    found |= {("price", _key(row, "codturma", "canal")) for row in source.prices}
    return found | {("stock", _key(row, "codturma", "deposito")) for row in source.stocks}


def _key(row: dict[str, str], *names: str) -> str:
    return ";".join(row[name] for name in ("codcoligada", "codfilial", *names))


def created_twice(evidence: Evidence) -> Iterator[str]:
    """Nothing was created by two requests that the server carried out, and it holds nothing twice."""
    shop = Shop(evidence.state)
    made: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for request in evidence.requests:
        thing = shop.created_by(request) if request.applied_at is not None else None
        if thing is not None:
            made[thing].append(request.number)
    for thing, numbers in made.items():
        if len(numbers) > 1:
            yield f"{' '.join(thing)}: created by requests {numbers}"
    for thing, number in shop.holdings().items():
        if number > 1:
            yield f"{' '.join(thing)}: held {number} times"


def in_flight_twice(evidence: Evidence) -> Iterator[str]:
    """No two writes of a product, or of a SKU's price and stock, at a time; none while one may be on its way."""
    shop = Shop(evidence.state)
    by_key: dict[tuple[str, ...], list[Request]] = defaultdict(list)
    for request in evidence.requests:
        if request.is_write:
            by_key[shop.serial_key(request)].append(request)
    for key, requests in by_key.items():
        before: Request | None = None
        for request in sorted(requests, key=lambda one: one.began):
            if before is not None and request.began < _over(before, evidence):
                late = _over(before, evidence) - request.began
                yield f"{' '.join(key)}: request {request.number} came {late:.3f} s before {before.number} was over"
            if before is None or _over(request, evidence) > _over(before, evidence):
                before = request


def _over(request: Request, evidence: Evidence) -> float:
    """When nothing more could come of it; without an answer its sender cannot know before the grace has passed."""
    ended = request.ended if request.ended is not None else float("inf")
    return max(ended, request.began + evidence.terms.grace_seconds) if request.status is None else ended


def false_success(evidence: Evidence) -> Iterator[str]:
    """What a Sucesso says is held by the server, under the id it tells, with the fields the source wants."""
    shop, terms = Shop(evidence.state), evidence.terms
    wanted = wanted_fields(evidence)
    for log in evidence.logs:
        if log.status != "Sucesso" or (log.module, log.key) not in wanted:
            continue
        account = terms.accounts[log.account]
        held = shop.held(log.module, account, log.external_id or "")
        fields = wanted[log.module, log.key]
        if held is None:
            yield f"{log.module} {log.key}: log {log.id} tells id {log.external_id}, which the server does not hold"
            continue
        wrong = {name: (held.get(name), value) for name, value in fields.items() if held.get(name) != value}
        if wrong:
            yield f"{log.module} {log.key}: log {log.id} is Sucesso, but the server holds (held, wanted) {wrong}"


def wanted_fields(evidence: Evidence) -> dict[Thing, dict[str, Any]]:
    """What the server must hold of every record, in its own names, worked out from the CSV files alone."""
    source, terms = evidence.source, evidence.terms
    found: dict[Thing, dict[str, Any]] = {}
    for row in source.courses:
        name, brand = row["nome"], row["marca"] or terms.brand
        found["category", f"{terms.catalogue};{row['categoria']}"] = {"Name": row["categoria"]}
        found["brand", f"{terms.catalogue};{brand}"] = {"Name": brand, "Active": True}
        texts = {"Name": name, "Title": name, "Description": row["descricao"], "KeyWords": row["palavras_chave"]}
        flags = {"IsActive": True, "IsVisible": True, "ShowWithoutStock": False}
        placed = {"RefId": _ref(row, "codcurso"), "category": row["categoria"], "brand": brand}
        found["product", _key(row, "codcurso")] = {**texts, **flags, **placed}
    for row in source.classes:
        fields = {"Name": row["nome"], "RefId": _ref(row, "codturma"), "IsActive": True, "image_count": 1}
        found["sku", _key(row, "codturma")] = {**fields, "product": _ref(row, "codcurso")}
    for row in source.prices:
        listed = _amount(row["preco_de"]) if row["preco_de"] else None
        price = {"sku": _ref(row, "codturma"), "basePrice": _amount(row["preco"]), "listPrice": listed}
        found["price", _key(row, "codturma", "canal")] = {**price, "fixedPrices": []}
    for row in source.stocks:
        stock = {"sku": _ref(row, "codturma"), "quantity": int(row["quantidade"])}
        warehouse = {"warehouseId": row["deposito"], "unlimitedQuantity": row["ilimitado"] == "S"}
        found["stock", _key(row, "codturma", "deposito")] = {**stock, **warehouse}
    return found


def _ref(row: dict[str, str], name: str) -> str:
    return "-".join((row["codcoligada"], row["codfilial"], row[name]))


def _amount(text: str) -> float:
    return float(text.replace(".", "").replace(",", "."))


def over_the_maximum(evidence: Evidence) -> Iterator[str]:
    """No resend by itself at or above the maximum: more attempts than that need a person's order for each."""
    for log in evidence.logs:
        allowed = evidence.terms.max_attempts + log.orders
        highest = max((item.attempt for item in evidence.items if item.log_id == log.id), default=0)
        if max(log.attempts, highest) > allowed:
            told = f"attempts {log.attempts}, items up to attempt {highest}"
            yield f"{log.module} {log.key}: log {log.id} has {told}; {allowed} were allowed ({log.orders} by hand)"


def miscounted(evidence: Evidence) -> Iterator[str]:
    """Attempts are the resends that were made: each has an item, none is made that is not counted."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for item in evidence.items:
        numbers[item.log_id].add(item.attempt)
    for log in evidence.logs:
        made = numbers[log.id] - {0}
        if log.status == "Pendente" and log.attempts:
            yield f"{log.module} {log.key}: log {log.id} is Pendente with attempts {log.attempts}"
        if made != set(range(1, log.attempts + 1)):
            counted = f"counts {log.attempts} attempts, its items are of {sorted(made)}"
            yield f"{log.module} {log.key}: log {log.id} {counted}"


def without_intent(evidence: Evidence) -> Iterator[str]:
    """Every write that reached the server has an item of its own, stored before it, with the body that was sent."""
    alias = {name: shown for shown, name in evidence.terms.accounts.items()}
    account_of = {log.id: log.account for log in evidence.logs}
    stored: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in sorted(evidence.items, key=lambda one: one.created, reverse=True):
        stored[account_of.get(item.log_id, ""), item.method, item.endpoint, item.sent].append(item)
    for request in sorted((one for one in evidence.requests if one.is_write), key=lambda one: one.began):
        endpoint = re.sub(rf"^/{re.escape(request.account)}/pricing/", "/pricing/", request.path)
        intents = stored[alias.get(request.account, ""), request.method, endpoint, request.body]
        if intents and intents[-1].created <= request.began:
            intents.pop()
        else:
            yield f"request {request.number} ({request.method} {endpoint}) has no item that was stored before it"


def open_intents(evidence: Evidence) -> Iterator[str]:
    """At rest no intent is open."""
    for item in evidence.items:
        if not item.completed:
            yield f"item {item.id} of log {item.log_id} ({item.method} {item.endpoint}) is still open"


RULES: dict[str, Rule] = {
    "lost": lost,
    "created twice": created_twice,
    "in flight twice": in_flight_twice,
    "false Sucesso": false_success,
    "over the maximum": over_the_maximum,
    "miscounted": miscounted,
    "without intent": without_intent,
    "open intent": open_intents,
}


@dataclass(frozen=True)
class Verdict:
    """The breaches by rule."""

    breaches: dict[str, list[str]]

    @property
    def clean(self) -> bool:
        return not any(self.breaches.values())

    @property
    def sentences(self) -> list[str]:
        """Every breach with the rule it breaks."""
        return [f"{rule}: {sentence}" for rule, found in self.breaches.items() for sentence in found]

    def counts(self) -> Counter[str]:
        """How many breaches of each rule."""
        return Counter({rule: len(found) for rule, found in self.breaches.items()})


def judge(evidence: Evidence) -> Verdict:
    """Hold the evidence against every rule."""
    return Verdict({name: list(rule(evidence)) for name, rule in RULES.items()})
