"""``vtexmon export`` against the sandbox: what it prints, what it sends, how it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RECORDS, REFUSE_PRODUCTS, Station, wait_until
from vtexmon.sandbox import RunningSandbox, running_sandbox

SKIPPED = ["unchanged", "open", "no_account", "inactive", "missing_at_source"]


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    return Station.create(tmp_path, sandbox)


def test_the_first_export_sends_everything_and_the_second_nothing(station: Station, sandbox: RunningSandbox) -> None:
    first = station.json("export")
    seen = sandbox.last_request()
    second = station.json("export")

    assert list(first) == ["created", "skipped", "by_status", "by_module", "requests", "writes", "seconds"]
    assert (first["created"], first["by_status"]) == (RECORDS, {"Sucesso": RECORDS})
    assert first["by_module"]["sku"] == {"Sucesso": 2}
    assert list(first["skipped"]) == SKIPPED
    assert first["requests"] >= first["writes"] > 0
    assert (second["created"], second["skipped"]["unchanged"], second["writes"]) == (0, RECORDS, 0)
    assert [one for one in sandbox.requests(seen) if one["method"] != "GET"] == []


def test_only_what_changed_is_sent(station: Station) -> None:
    station.run("export")
    station.change_data("precos.csv", "950,00", "980,00")

    changed = station.json("export")

    assert (changed["created"], changed["by_module"], changed["writes"]) == (1, {"price": {"Sucesso": 1}}, 1)


def test_a_dry_run_sends_and_writes_nothing(station: Station, sandbox: RunningSandbox) -> None:
    planned = station.json("export", "--dry-run")

    assert (planned["created"], planned["by_status"], planned["dry_run"]) == (RECORDS, {"Pendente": RECORDS}, True)
    assert sandbox.requests() == []
    assert not station.database_file.exists()


def test_scope_by_module_and_key(station: Station) -> None:
    assert station.json("export", "--module", "Categoria", "--module", "brand")["created"] == 3
    assert station.json("export", "--key", "ajusta")["by_module"] == {"product": {"Sucesso": 1}}
    assert station.json("export", "--branch", "99")["created"] == 0


def test_force_makes_a_new_log_of_a_record_that_succeeded(station: Station) -> None:
    station.run("export")

    forced = station.json("export", "--key", "AJUSTA", "--force")

    assert (forced["created"], forced["by_status"]) == (1, {"Sucesso": 1})
    assert len(station.logs("modulo:produto chave:AJUSTA")) == 2


def test_force_resends_an_open_error_and_waits_for_it(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults(f"{REFUSE_PRODUCTS},body=AJUSTA")
    station.run("export")
    sandbox.set_faults()

    forced = station.json("export", "--key", "AJUSTA", "--force")

    assert forced["by_status"] == {"Sucesso": 1}
    assert station.logs("modulo:produto chave:AJUSTA")[0]["attempts"] == 1


def test_a_refused_record_ends_with_3_and_holds_its_children(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults(f"{REFUSE_PRODUCTS},body=AJUSTA")

    exported = station.json("export", code=3)

    assert exported["by_status"] == {"Sucesso": RECORDS - 4, "Erro": 1, "Pendente": 3}
    assert [log["attempts"] for log in station.logs("status:erro")] == [0]
    assert {log["wait_reason"] for log in station.logs("status:pendente")} == {"parent"}


def test_an_export_leaves_the_open_error_alone(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults(f"{REFUSE_PRODUCTS},body=AJUSTA")
    station.run("export")
    time.sleep(1.1)

    again = station.json("export", code=3)

    assert (again["created"], again["skipped"]["open"], again["writes"]) == (0, 4, 0)
    assert [log["attempts"] for log in station.logs("status:erro")] == [0]


def test_an_outage_ends_with_5_and_spends_no_attempt(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox)

    exported = station.json("export", code=5)

    assert exported["by_status"] == {"Pendente": RECORDS}
    assert {log["attempts"] for log in station.logs()} == {0}


def test_refused_credentials_end_with_5(station: Station) -> None:
    station.environ["VTEX_NACIONAL_APP_TOKEN"] = "outro-token"

    assert station.run("export").code == 5


def test_an_unreadable_layout_ends_with_2_before_anything_is_sent(station: Station, sandbox: RunningSandbox) -> None:
    station.change_data("cursos.csv", "codcurso", "curso")

    result = station.run("export")

    assert result.code == 2
    assert "cursos.csv" in result.stderr
    assert sandbox.requests() == []


def test_a_source_that_is_not_there_ends_without_sending(station: Station, sandbox: RunningSandbox) -> None:
    (station.folder / "dados").rename(station.folder / "outros")

    assert station.run("export").code in (2, 5)
    assert sandbox.requests() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_export_ends_with_130_and_goes_on_later(
    station: Station, sandbox: RunningSandbox, number: signal.Signals
) -> None:
    sandbox.set_faults("slow:match=POST /api/catalog/pvt/product$,delay=0.8")
    process = station.start("export")
    wait_until(lambda: any(one["path"].endswith("/product") for one in sandbox.requests()))

    process.send_signal(number)
    process.communicate(timeout=20)
    sandbox.set_faults()

    assert process.returncode == 130
    assert station.json("export")["by_status"].keys() == {"Sucesso"}
    assert sandbox.state()["totals"]["products"] == 2


def test_wait_max_ends_the_wait(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults("slow:match=POST /api/catalog/pvt/category$,delay=1.5")

    result = station.run("export", "--wait-max", "300ms")

    assert result.code == 3
    assert "--wait-max" in result.stderr


def test_an_emptied_source_is_held_until_somebody_confirms_it(station: Station, sandbox: RunningSandbox) -> None:
    station.run("export")
    station.change_data("precos.csv", "1;12;EL-T1;B2C;1200,50;;2026-11-01 08:00:00\n", "")
    station.change_data("precos.csv", "950,00", "980,00")

    held = station.json("export", "--module", "price", code=3)
    told = station.run("export", "--module", "price").stderr
    confirmed = station.json("export", "--module", "price", "--confirm-vanished")
    afterwards = station.json("export", "--module", "price")

    assert (held["created"], held["skipped"]["held"], held["skipped"]["missing_at_source"]) == (0, 1, 1)
    assert "Preço retido: 1 de 2" in told
    assert (confirmed["created"], confirmed["by_module"]) == (1, {"price": {"Sucesso": 1}})
    assert (afterwards["created"], "held" in afterwards["skipped"]) == (0, False)
    assert afterwards["skipped"]["missing_at_source"] == 1
