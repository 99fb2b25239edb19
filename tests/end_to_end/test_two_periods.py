"""``periodo_letivo``: two classes of one code are two records everywhere, from the source to VTEX and to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import DATA, Station
from vtexmon.sandbox import NATIONAL_ACCOUNT, REGIONAL_ACCOUNT, RunningSandbox, running_sandbox

TEMPLATE = 'sku_ref_id = "{codcoligada}-{codfilial}-{codturma}-{periodo_letivo}"'
FIRST, SECOND = "1;12;AJ-N1;2027/1", "1;12;AJ-N1;2027/2"


def with_periods(text: str, changes: Mapping[str, str]) -> str:
    """The header and the row of AJ-N1, once for each period; ``changes`` is what the second has otherwise."""
    header, row = text.splitlines()[:2]
    second = row
    for old, new in changes.items():
        assert old in second
        second = second.replace(old, new)
    return f"{header};periodo_letivo\n{row};2027/1\n{second};2027/2\n"


TWO_PERIODS = {
    "cursos.csv": "".join(DATA["cursos.csv"].splitlines(keepends=True)[:2]),
    "turmas.csv": with_periods(DATA["turmas.csv"], {"noite;N": "noite 2;N"}),
    "precos.csv": with_periods(DATA["precos.csv"], {"950,00;1100,00": "990,00;"}),
    "estoques.csv": with_periods(DATA["estoques.csv"], {";18;": ";7;"}),
}


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    return Station.create(tmp_path, sandbox, data=TWO_PERIODS, schedules=False)


@pytest.fixture
def told_apart(station: Station) -> Station:
    """With the period in the reference."""
    station.change_config("[catalog]\n", f"[catalog]\n{TEMPLATE}\n")
    return station


def offered(sandbox: RunningSandbox) -> dict[str, tuple[Any, ...]]:
    """What VTEX holds of each SKU: name, price, seats, whether it is active."""
    accounts = sandbox.state()["accounts"]
    prices, stocks = accounts[REGIONAL_ACCOUNT.name]["prices"], accounts[REGIONAL_ACCOUNT.name]["stocks"]
    seats = {one["skuId"]: one["quantity"] for one in stocks}
    return {
        sku["RefId"]: (sku["Name"], prices[str(sku["Id"])]["basePrice"], seats[sku["Id"]], sku["IsActive"])
        for sku in accounts[NATIONAL_ACCOUNT.name]["skus"]
    }


def writes(sandbox: RunningSandbox, since: int) -> list[str]:
    return sorted(f"{one['method']} {one['path']}" for one in sandbox.requests(since) if one["method"] != "GET")


def test_two_periods_of_a_class_are_two_skus_with_their_own_price_and_seats(
    told_apart: Station, sandbox: RunningSandbox
) -> None:
    assert told_apart.json("export")["by_module"] == {
        **{name: {"Sucesso": 1} for name in ("category", "brand", "product")},
        **{name: {"Sucesso": 2} for name in ("sku", "price", "stock")},
    }

    name = "Ajustador Mecânico - noite"
    assert offered(sandbox) == {
        "1-12-AJ-N1-2027/1": (name, 950, 18, True),
        "1-12-AJ-N1-2027/2": (f"{name} 2", 990, 7, True),
    }


def test_what_changes_in_one_period_touches_nothing_of_the_other(told_apart: Station, sandbox: RunningSandbox) -> None:
    told_apart.json("export")
    before, seen = offered(sandbox), sandbox.last_request()
    skus = sandbox.state()["accounts"][NATIONAL_ACCOUNT.name]["skus"]
    (second,) = (sku["Id"] for sku in skus if sku["RefId"].endswith("/2"))

    told_apart.change_data("precos.csv", "990,00", "995,50")
    told_apart.change_data("estoques.csv", ";7;", ";6;")
    told_apart.change_data("turmas.csv", "noite 2", "noite dois")
    assert told_apart.json("export")["by_module"] == {name: {"Sucesso": 1} for name in ("sku", "price", "stock")}

    after = offered(sandbox)
    assert after["1-12-AJ-N1-2027/1"] == before["1-12-AJ-N1-2027/1"]
    assert after["1-12-AJ-N1-2027/2"] == ("Ajustador Mecânico - noite dois", 995.5, 6, True)
    assert writes(sandbox, seen) == [
        f"PUT /api/catalog/pvt/stockkeepingunit/{second}",
        f"PUT /api/logistics/pvt/inventory/skus/{second}/warehouses/1",
        f"PUT /{REGIONAL_ACCOUNT.name}/pricing/prices/{second}",
    ]


def test_people_see_ask_for_and_resend_each_by_its_own_key(told_apart: Station, sandbox: RunningSandbox) -> None:
    told_apart.json("export")

    by_period = {(log["module"], log["key_values"]) for log in told_apart.logs("chave:2027/2")}
    assert by_period == {("SKU", SECOND), ("Preço", "1;12;AJ-N1;B2C;2027/2"), ("Estoque", "1;12;AJ-N1;1;2027/2")}
    assert len(told_apart.logs("chave:AJ-N1")) == 6
    (log,) = told_apart.logs(f"modulo:sku chave:{SECOND}")
    assert log["key_fields"] == "CODCOLIGADA;CODFILIAL;CODTURMA;PERIODOLETIVO"

    assert told_apart.json("export", "--key", SECOND, "--force")["by_module"] == {"sku": {"Sucesso": 1}}
    assert len(told_apart.logs(f"modulo:sku chave:{FIRST}")) == 1
    assert len(told_apart.logs(f"modulo:sku chave:{SECOND}")) == 2

    told_apart.change_data("precos.csv", "990,00", "991,00")
    sandbox.set_faults("status:match=PUT /.*/pricing/.*,status=400,text=recusado,times=1")
    told_apart.json("export", code=3)
    sandbox.set_faults()
    assert told_apart.json("resend", "--filter", "chave:2027/1", "--yes")["selected"] == 0
    assert told_apart.json("resend", "--filter", "chave:2027/2", "--yes")["by_status"] == {"Sucesso": 1}
    assert offered(sandbox)["1-12-AJ-N1-2027/2"][1] == 991


def test_a_comparison_names_the_period_that_differs(told_apart: Station) -> None:
    told_apart.json("export")
    told_apart.change_data("turmas.csv", "noite 2", "noite dois")

    result = told_apart.run("compare", "--json")

    assert [one["key_values"] for one in result.lines] == [SECOND]


def test_without_the_period_in_the_reference_both_are_refused_and_nothing_of_them_is_sent(
    station: Station, sandbox: RunningSandbox
) -> None:
    station.json("export", code=3)

    refused = station.logs("modulo:sku")
    assert {(log["key_values"], log["status"], log["failure_class"]) for log in refused} == {
        (key, "Erro", "contexto") for key in (FIRST, SECOND)
    }
    assert all(FIRST in log["message"] and SECOND in log["message"] for log in refused)
    assert sandbox.state()["totals"]["skus"] == 0
    assert {log["wait_reason"] for log in station.logs("modulo:preco,estoque")} == {"parent"}

    station.change_config("[catalog]\n", f"[catalog]\n{TEMPLATE}\n")
    station.json("resend", "--yes")
    station.json("export")
    assert set(offered(sandbox)) == {"1-12-AJ-N1-2027/1", "1-12-AJ-N1-2027/2"}


def test_two_periods_under_one_reference_never_share_a_sku_that_is_found_by_reference(
    station: Station, sandbox: RunningSandbox
) -> None:
    """The regional has one SKU of that reference: neither price may be written to it."""
    station.change_config('sku_id = "catalog"', 'sku_id = "lookup"')
    seen = sandbox.last_request()

    station.json("export", code=3)

    assert [line for line in writes(sandbox, seen) if "pricing" in line or "logistics" in line] == []
    found = station.logs("modulo:preco,estoque")
    assert {(log["status"], log["failure_class"]) for log in found} == {("Erro", "contexto")}
    assert len(found) == 4
