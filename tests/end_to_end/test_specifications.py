"""``[catalog.specifications]`` with the whole program: sent, compared, found after doubt, and refused before anything
is sent where the source has no such column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import DATA, Station
from vtexmon.sandbox import NATIONAL_ACCOUNT, RunningSandbox, running_sandbox

CONFIG = """
[catalog.specifications.product]
"Carga horária" = "carga_horaria"

[catalog.specifications.sku]
"Turno" = "turno"
"Acessível" = "acessivel"
"""
ONE = {name: "".join(text.splitlines(keepends=True)[:2]) for name, text in DATA.items()}
CLASSES = ONE["turmas.csv"].replace("alterado_em\n", "alterado_em;Acessivel\n").replace(" 08:00:00\n", " 08:00:00;S\n")


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    """With the category and its fields there, as a shop would have made them; nothing exported yet."""
    data = {**ONE, "turmas.csv": CLASSES}
    made = Station.create(tmp_path, sandbox, data=data, schedules=False, extra=CONFIG)
    made.json("export", "--module", "category")
    (category,) = sandbox.state()["accounts"][NATIONAL_ACCOUNT.name]["categories"]
    group = post(sandbox, "specificationgroup", {"CategoryId": category["Id"], "Name": "Curso"})["Id"]
    for name, type_id, values in (("Carga horária", 1, ()), ("Turno", 5, ("N", "M")), ("Acessível", 6, ("S", "N"))):
        body = {"FieldTypeId": type_id, "FieldGroupId": group, "Name": name, "IsStockKeepingUnit": bool(values)}
        field = post(sandbox, "specification", body | {"CategoryId": category["Id"], "IsRequired": name == "Turno"})[
            "Id"
        ]
        for value in values:
            post(sandbox, "specificationvalue", {"FieldId": field, "Name": value})
    return made


def post(sandbox: RunningSandbox, path: str, body: Any) -> Any:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    headers |= {"X-VTEX-API-AppKey": NATIONAL_ACCOUNT.app_key, "X-VTEX-API-AppToken": NATIONAL_ACCOUNT.app_token}
    answer = httpx.post(f"{sandbox.url}/api/catalog/pvt/{path}", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(sandbox: RunningSandbox) -> dict[str, list[str]]:
    account = sandbox.state()["accounts"][NATIONAL_ACCOUNT.name]
    records = (*account["products"], *account["skus"])
    return {one["FieldName"]: one["FieldValues"] for record in records for one in record["Specifications"]}


def test_they_are_sent_once_and_again_when_they_change(station: Station, sandbox: RunningSandbox) -> None:
    assert station.json("export")["by_status"] == {"Sucesso": 5}
    assert held(sandbox) == {"Carga horária": ["160"], "Turno": ["N"], "Acessível": ["S"]}
    assert [sku["IsActive"] for sku in sandbox.state()["accounts"][NATIONAL_ACCOUNT.name]["skus"]] == [True]
    assert station.json("export")["requests"] == 0

    station.change_data("turmas.csv", "noite;N;", "manhã;M;")
    station.change_data("cursos.csv", ";160;", ";;")
    assert station.json("export")["by_module"] == {"product": {"Sucesso": 1}, "sku": {"Sucesso": 1}}
    assert held(sandbox) == {"Turno": ["M"], "Acessível": ["S"]}


def test_a_comparison_shows_them(station: Station, sandbox: RunningSandbox) -> None:
    station.json("export")
    assert station.run("compare").code == 0

    station.change_data("turmas.csv", ";20;2;S;", ";20;2;S;")  # the same text: nothing differs
    station.change_data("turmas.csv", "noite;N;", "noite;M;")
    station.change_data("cursos.csv", ";160;", ";200;")
    before = held(sandbox)
    result = station.run("compare", "--json")

    details = {one["module"]: one["detail"] for one in result.lines}
    assert result.code == 3
    assert "Carga horária: «160» → «200»" in details["Produto"]
    assert "Turno: «N» → «M»" in details["SKU"]
    assert held(sandbox) == before


def test_a_value_that_may_have_arrived_is_read_back_and_not_sent_again(
    station: Station, sandbox: RunningSandbox
) -> None:
    sandbox.set_faults(
        "applied:match=POST /.*/stockkeepingunit/[0-9]+/specification$,status=500",
        "applied:match=POST /.*/products/[0-9]+/specification$,status=500",
    )

    assert station.json("export")["by_status"] == {"Sucesso": 5}

    sent = [(one["path"], one["body"]) for one in sandbox.requests() if re.search(r"/\d+/specification$", one["path"])]
    writes = [one for one in sent if one[1]]
    assert len(writes) == len(set(writes)) == 3  # one for the course, two for the class
    assert held(sandbox) == {"Carga horária": ["160"], "Turno": ["N"], "Acessível": ["S"]}


def test_a_column_that_the_source_has_not_ends_with_2_and_nothing_is_sent(
    station: Station, sandbox: RunningSandbox
) -> None:
    station.change_data("turmas.csv", ";Acessivel\n", ";outra\n")
    seen = sandbox.last_request()

    result = station.run("export")

    assert result.code == 2
    assert "«acessivel»" in result.stderr
    assert "turmas.csv" in result.stderr
    assert sandbox.requests(seen) == []


def test_a_field_that_is_missing_at_vtex_is_told_and_found_once_it_is_made(
    station: Station, sandbox: RunningSandbox
) -> None:
    station.change_config('"Turno" = "turno"', '"Turno" = "turno"\n"Modalidade" = "modalidade"')
    first = station.json("export", code=3)
    assert first["by_module"]["sku"] == {"Erro": 1}
    (log,) = station.logs("status:erro")
    assert (log["failure_class"], "«Modalidade»" in log["message"]) == ("contexto", True)

    group = post(sandbox, "specificationgroup", {"CategoryId": None, "Name": "Curso"})["Id"]
    body = {"FieldTypeId": 5, "FieldGroupId": group, "Name": "Modalidade", "IsStockKeepingUnit": True}
    field = post(sandbox, "specification", body)["Id"]
    post(sandbox, "specificationvalue", {"FieldId": field, "Name": "Presencial"})

    assert station.json("resend", "--yes")["by_status"] == {"Sucesso": 1}
    assert held(sandbox)["Modalidade"] == ["Presencial"]
