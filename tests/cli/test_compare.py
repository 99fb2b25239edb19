"""``vtexmon compare`` against the sandbox: what it prints, how it ends, and that it only looks."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support import RECORDS, Station, wait_until
from vtexmon.core.exchange import Request, Verdict
from vtexmon.sandbox import RunningSandbox, running_sandbox
from vtexmon.vtex import catalog, pricing
from vtexmon.vtex.client import VtexClient

FIELDS = ["module", "key_values", "account", "channel", "result", "detail", "external_id"]


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    """A station after its first export."""
    made = Station.create(tmp_path, sandbox)
    assert made.run("export").code == 0
    return made


def by_hand(station: Station, account: str, request: Request) -> Any:
    """A request of somebody else: what people do in VTEX's own screens."""

    async def run() -> Any:
        client = VtexClient(station.config().accounts[account])
        try:
            return await client.exchange(request)
        finally:
            await client.aclose()

    answer = asyncio.run(run())
    assert answer.verdict is Verdict.DONE, answer
    return answer.json


def external_id(station: Station, query: str) -> int:
    return int(station.logs(query)[0]["external_id"])


def edit_everything(station: Station) -> None:
    """A product's name, a price, an image, a SKU's activation: one each."""
    product = by_hand(station, "nacional", catalog.get_product(external_id(station, "modulo:produto chave:AJUSTA")))
    by_hand(station, "nacional", catalog.update_product(product["Id"], {**product, "Name": "Outro nome"}))
    with_image, other = (external_id(station, f"modulo:sku chave:{key}") for key in ("AJ-N1", "EL-T1"))
    by_hand(station, "sp", pricing.put_price(with_image, 10_000, None))
    (image,) = by_hand(station, "nacional", catalog.sku_files(with_image))
    listing = catalog.sku_files(with_image)
    by_hand(station, "nacional", replace(listing, method="DELETE", path=f"{listing.path}/{image['Id']}"))
    sku = by_hand(station, "nacional", catalog.get_sku(other))
    by_hand(station, "nacional", catalog.update_sku(other, {**sku, "IsActive": False, "ActivateIfPossible": False}))


def unequal(station: Station) -> list[tuple[str, str, str]]:
    found = station.run("compare", "--json")
    assert found.code == (3 if found.lines else 0), found.stderr
    return [(one["module"], one["key_values"], one["result"]) for one in found.lines]


EDITED = [
    ("Produto", "1;12;AJUSTA", "differs"),
    ("SKU", "1;12;AJ-N1", "differs"),
    ("SKU", "1;12;EL-T1", "differs"),
    ("Preço", "1;12;AJ-N1;B2C", "differs"),
]


def test_after_an_export_there_is_nothing_to_list(station: Station) -> None:
    found = station.run("compare")

    assert (found.code, found.stdout) == (0, f"{RECORDS} iguais\n")
    assert station.run("compare", "--json").stdout == ""


def test_it_lists_exactly_what_was_changed_by_hand_and_sends_nothing(station: Station, sandbox: RunningSandbox) -> None:
    edit_everything(station)
    seen, logs = sandbox.last_request(), station.logs()

    assert unequal(station) == EDITED

    sent = sandbox.requests(seen)
    assert sent
    assert {one["method"] for one in sent} == {"GET"}
    assert station.logs() == logs


def test_after_a_forced_export_it_is_clean_again(station: Station) -> None:
    edit_everything(station)

    assert station.run("export", "--key", "AJUSTA", "--key", "AJ-N1", "--key", "EL-T1", "--force").code == 0

    assert unequal(station) == []


def test_the_fields_of_a_line(station: Station) -> None:
    edit_everything(station)

    product = station.run("compare", "--json", "--module", "produto").lines[0]

    assert list(product) == FIELDS
    assert (product["account"], product["channel"]) == ("nacional", "B2C")
    assert product["external_id"] == str(external_id(station, "modulo:produto chave:AJUSTA"))
    assert product["detail"].endswith("; Name «Outro nome» → «Ajustador Mecânico»")


def test_all_lists_what_is_equal_too(station: Station) -> None:
    found = station.run("compare", "--json", "--all")

    assert found.code == 0
    assert [one["result"] for one in found.lines] == ["equal"] * RECORDS
    assert [list(one) for one in found.lines] == [FIELDS] * RECORDS


def test_the_table_for_people(station: Station) -> None:
    edit_everything(station)
    station.change_data(
        "turmas.csv", "1;12;ELETRI;EL-T1", "1;12;ELETRI;EL-T9"
    )  # a class that VTEX has never seen, and a price and a stock without their class

    found = station.run("compare")

    lines = found.stdout.splitlines()
    assert found.code == 3
    assert lines[0].split() == ["Módulo", "Chave", "Conta", "Canal", "Resultado", "Detalhe"]
    assert any("1;12;EL-T9" in line and "falta na VTEX" in line for line in lines)
    assert any("1;12;EL-T1;B2C" in line and "não comparado" in line for line in lines)
    assert "diferentes" in lines[-1]
    assert "1 faltam na VTEX" in lines[-1]


def test_whoever_may_only_read_may_compare(station: Station) -> None:
    assert station.run("--read-only", "compare").code == 0


def test_module_and_branch_narrow_it(station: Station) -> None:
    assert station.run("compare", "--module", "sku", "--module", "Marca").stdout == "3 iguais\n"
    assert station.run("compare", "--branch", "99").stdout == "nenhum registro\n"
    assert station.run("compare", "--module", "turma").code == 2


def test_a_vtex_that_cannot_be_reached_ends_with_5(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox)
        station.run("export")

    found = station.run("compare")

    assert found.code == 5
    assert f"{RECORDS} não comparados" in found.stdout


def test_a_refused_credential_ends_with_5(station: Station) -> None:
    station.environ["VTEX_NACIONAL_APP_TOKEN"] = "outro-token"

    assert station.run("compare").code == 5


def test_without_a_database_there_is_nothing_to_compare_with(tmp_path: Path, sandbox: RunningSandbox) -> None:
    station = Station.create(tmp_path, sandbox)

    found = station.run("compare")

    assert (found.code, "ainda não existe" in found.stderr) == (2, True)
    assert not station.database_file.exists()
    assert sandbox.requests() == []


def test_ctrl_c_ends_it_at_once(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults("slow:match=GET /,delay=3")
    seen = sandbox.last_request()
    process = station.start("compare")
    wait_until(lambda: sandbox.last_request() > seen)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
