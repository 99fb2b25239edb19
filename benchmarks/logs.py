"""Logs to work on, made as an export makes them; and bodies of about 1.8 KB, as VTEX's product API exchanges them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from vtexmon.core.exchange import Answer, Api, Request, Verdict
from vtexmon.core.filters import folded_key, search_text
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Status, succeeded
from vtexmon.store import claims, planning, sending
from vtexmon.store.claims import Claim
from vtexmon.store.conditions import key_folded
from vtexmon.store.database import Database
from vtexmon.store.planning import NewLog
from vtexmon.store.sending import Aftermath, ItemResult

LEASE = timedelta(minutes=30)
VOCABULARY = (
    "aprenda operar ajustar montar medir torno fresa solda segurança qualidade leitura desenho técnico manutenção "
    "preventiva automação elétrica comandos norma indústria certificado prática oficina laboratório instrutor aluno"
)
WORDS = tuple(VOCABULARY.split())


def new_log(number: int, serial: str = "") -> NewLog:
    """One class's SKU; records with the same ``serial`` are never sent together."""
    module = MODULES["sku"]
    values = f"1;12;T-{number}"
    return NewLog(
        record_key=f"sku|nacional|B2C|{values}",
        serial_key=serial or f"nacional|sku|{number}",
        module=module.id,
        feature=module.feature.value,
        company=1,
        branch=12,
        education_level="FIC",
        account="nacional",
        channel="B2C",
        environment="vtexcommercestable",
        key_fields=";".join(module.key_fields),
        key_values=values,
        key_folded=key_folded(folded_key(values)),
        source_hash=f"{number:032x}",
        search_text=search_text(values, title="Operador de processos"),
        external_id=None,
    )


def claimed(database: Database, numbers: range) -> list[Claim]:
    """Logs of these numbers, made and claimed."""
    now = datetime.now(UTC)
    found: list[Claim] = []
    for start in range(numbers.start, numbers.stop, 200):
        logs = [new_log(number) for number in range(start, min(start + 200, numbers.stop))]
        database.write_now(lambda c, logs=logs: planning.create_logs(c, logs, now, "bench"))
        found += database.write_now(lambda c: claims.claim(c, "bench", now, now + LEASE, 200))
    return found


def bodies(seed: int) -> Iterator[tuple[str, str]]:
    """What is sent and received, without end: fields in common, words of their own."""
    rng = random.Random(seed)
    while True:
        number = rng.randrange(10**9)
        text = " ".join(rng.choice(WORDS) for _word in range(155))
        product = {"Name": f"Curso {number}", "CategoryId": 7, "BrandId": 1, "RefId": f"1-12-{number}"}
        product |= {"LinkId": f"curso-{number}", "IsVisible": True, "Description": text, "Title": f"Curso {number}"}
        product |= {"KeyWords": text[:200], "IsActive": True, "ShowWithoutStock": False}
        answer = {"Id": number, **product, "DepartmentId": 7, "ReleaseDate": "2026-11-24T00:00:00", "TaxCode": ""}
        answer |= {"MetaTagDescription": text[:160], "SupplierId": None, "Score": None}
        yield _text(product), _text(answer)


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


REQUEST = Request(Api.CATALOG, "POST", "/api/catalog/pvt/product", {"Name": "Curso"})


def end_of(claim: Claim, received: str) -> tuple[ItemResult, Aftermath]:
    """What an answered attempt writes down last."""
    answer = Answer(REQUEST, Verdict.DONE, 200, received, {}, request_id=f"{claim.log.id:032x}", duration_ms=150)
    result = ItemResult(answer, Status.SUCCESS, "aceito pela VTEX")
    after = Aftermath(
        succeeded(sending.state_of(claim)),
        wanted_hash=claim.log.source_hash,
        external_id=str(claim.log.id),
        search_text=search_text(claim.log.key_values, title="Operador de processos", external_id=str(claim.log.id)),
    )
    return result, after
