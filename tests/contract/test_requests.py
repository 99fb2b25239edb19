"""What a record costs, counted at VTEX over the whole program, is what the table of ``docs/requests.md`` says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.contract.runs import Hand, fields_by_hand
from tests.support import DATA, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox

DOCUMENT = Path(__file__).parents[2] / "docs" / "requests.md"
MODULES = {"Categoria": "category", "Marca": "brand", "Produto": "product", "SKU": "sku", "Estoque": "stock"}
ONE_OF_EACH = {name: "".join(text.splitlines(keepends=True)[:2]) for name, text in DATA.items()}
B2B = "1;12;AJ-N1;B2B;900,00;;2026-11-01 08:00:00\n"
SPECIFICATIONS = """
[catalog.specifications]
product = { Carga = "carga_horaria" }
sku = { Turno = "turno" }
"""
CHANGES = (
    ("cursos.csv", "Curso de ajustagem.", "Curso de ajustagem, com prática."),
    ("turmas.csv", "Ajustador Mecânico - noite", "Ajustador Mecânico - turma da noite"),
    ("precos.csv", "950,00", "955,00"),
    ("estoques.csv", "AJ-N1;1;18", "AJ-N1;1;17"),
)
PREFIX = re.compile(r"/lojasp/pricing/|/api/(?:catalog_system/(?:pub|pvt)|catalog/pvt|logistics/pvt)/")


def table() -> Mapping[str, list[list[str]]]:
    """By record: the requests when new and when changed."""
    rows = [line.strip("|").split("|") for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return {cells[0].strip(): [_requests_in(cells[1]), _requests_in(cells[2], also=cells[1])] for cells in rows[2:]}


def _requests_in(cell: str, also: str = "") -> list[str]:
    """``also``: the cell whose shared requests are meant by "the shared ones"."""
    shared = re.findall(r"shared `([^`]+)`", also) if "the shared one" in cell else []
    return shared + re.findall(r"`([^`]+)`", cell)


def short(method: str, path: str, query: str) -> str:
    place = re.sub(r"(?<=[/=])(?:1-12-[\w-]+)", "{ref}", PREFIX.sub("", path) + (f"?{query}" if query else ""))
    in_template = re.sub(r"(?<=/)\d+(?=/|$)", "{id}", place)
    return f"{method} {in_template.replace('tree/{id}', 'tree/3')}"


def requests(sandbox: RunningSandbox, since: int) -> Iterator[str]:
    for one in sandbox.requests(since):
        yield short(one["method"], one["path"], one["query"])


def cost(station: Station, sandbox: RunningSandbox, module: str) -> list[str]:
    since = sandbox.last_request()
    station.json("export", "--module", module)
    return list(requests(sandbox, since))


def test_every_record_costs_what_the_document_says(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox, data=ONE_OF_EACH, schedules=False)
        modules = {**MODULES, "Preço": "price"}
        order = ("Categoria", "Marca", "Produto", "SKU", "Preço", "Estoque")

        new = {name: cost(station, sandbox, modules[name]) for name in order}
        for file, old, text in CHANGES:
            station.change_data(file, old, text)
        changed = {name: cost(station, sandbox, modules[name]) for name in order}
        unchanged = [cost(station, sandbox, modules[name]) for name in order]

    documented = table()
    assert new == {name: documented[name][0] for name in order}
    assert changed == {name: documented[name][1] for name in order}
    assert unchanged == [[]] * len(order)


def test_a_b2b_price_in_the_account_of_b2c_costs_what_the_document_says(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox, data=ONE_OF_EACH, schedules=False)
        station.change_config('b2c = "nacional"', 'b2c = "nacional"\nb2b = "nacional"')
        station.change_config('b2c = "sp"', 'b2c = "sp"\nb2b = "sp"')
        station.json("export")
        prices = ONE_OF_EACH["precos.csv"]

        station.write_data({"precos.csv": prices + B2B})
        new = cost(station, sandbox, "price")
        station.write_data({"precos.csv": prices + B2B.replace("900", "901")})
        changed = cost(station, sandbox, "price")

    assert [new, changed] == table()["Preço B2B"]


def test_specifications_cost_what_the_document_says(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox, data=ONE_OF_EACH, schedules=False, extra=SPECIFICATIONS)
        fields_by_hand(Hand(sandbox))
        for module in ("category", "brand"):
            cost(station, sandbox, module)

        new = [cost(station, sandbox, module) for module in ("product", "sku")]
        station.change_data("cursos.csv", "SENAI;160;", "SENAI;200;")
        station.change_data("turmas.csv", "noite;N;", "noite;T;")
        changed = [cost(station, sandbox, module) for module in ("product", "sku")]

    for name, own_new, own_changed in zip(("Produto", "SKU"), new, changed, strict=True):
        of_record, of_specifications = table()[name], table()[f"Especificações de {name}"]
        assert sorted(own_new) == sorted(of_record[0] + of_specifications[0])
        unchanged = [request for request in of_record[1] if not request.startswith("PUT")]
        assert sorted(own_changed) == sorted(unchanged + of_specifications[1])


def test_the_sum_that_the_document_names_is_that_of_its_table() -> None:
    documented = table()
    of_a_class = [request for name in ("SKU", "Preço", "Estoque") for request in documented[name][0]]
    own = [request for request in of_a_class if request != "GET configuration/warehouses"]

    words = {6: "six", 7: "seven", 8: "eight"}
    assert f"A new class costs {words[len(own)]}, its price and stock included" in DOCUMENT.read_text(encoding="utf-8")
