"""``vtexmon resend``: attempts, the maximum, what is touched, confirmation."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import REFUSE_PRODUCTS, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox

REFUSE_ONE = f"{REFUSE_PRODUCTS},body=AJUSTA"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(faults=[REFUSE_ONE]) as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    """A station whose first export left the product AJUSTA in Erro."""
    made = Station.create(tmp_path, sandbox)
    assert made.run("export").code == 3
    return made


def product(station: Station) -> tuple[int, str, int]:
    log = station.logs("modulo:produto chave:AJUSTA")[0]
    return log["id"], log["status"], log["attempts"]


def answer_on_a_terminal(station: Station, answer: str, *arguments: str) -> int:
    master, slave = os.openpty()
    try:
        process = subprocess.Popen(
            station.command(*arguments),
            cwd=station.folder,
            env=station.process_environment(),
            stdin=slave,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.write(master, f"{answer}\n".encode())
        return process.wait(timeout=30)
    finally:
        os.close(master)
        os.close(slave)


def test_every_resend_counts_and_the_maximum_cancels(station: Station, sandbox: RunningSandbox) -> None:
    log_id, status, attempts = product(station)
    assert (status, attempts) == ("Erro", 0)

    first = station.json("resend", str(log_id), "--yes", code=3)

    assert list(first) == ["selected", "sent", "ignored", "by_status", "seconds"]
    assert (first["selected"], first["sent"], first["ignored"]) == (1, 1, {})
    assert first["by_status"] == {"Erro": 1}
    assert product(station) == (log_id, "Erro", 1)
    station.run("resend", str(log_id), "--yes")
    assert station.json("resend", str(log_id), "--yes", code=3)["by_status"] == {"Cancelado": 1}
    assert product(station) == (log_id, "Cancelado", 3)
    sandbox.set_faults()
    assert station.json("resend", str(log_id), "--yes")["by_status"] == {"Sucesso": 1}
    assert product(station) == (log_id, "Sucesso", 4)


def test_nothing_given_touches_only_the_errors(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults()
    before = {log["id"]: log["updated_at"] for log in station.logs("status:sucesso")}

    done = station.json("resend", "--yes", "--note", "corrigido no SGE")

    assert (done["selected"], done["sent"], done["by_status"]) == (1, 1, {"Sucesso": 1})
    after = {log["id"]: log["updated_at"] for log in station.logs()}
    assert {log_id: after[log_id] for log_id in before} == before
    assert {log["status"] for log in station.logs("modulo:sku chave:AJ-N1")} == {"Pendente"}


def test_a_resend_that_finds_nothing_ends_0_and_says_so(station: Station) -> None:
    success = station.logs("status:sucesso")[0]["id"]

    nothing = station.run("resend", "--yes", "--filter", "filial:99")
    ignored = station.json("resend", str(success), "--yes")

    assert nothing.code == 0
    assert "nada a reenviar" in nothing.stderr
    assert (ignored["selected"], ignored["sent"], ignored["ignored"]) == (1, 0, {"success": 1})


def test_a_filter_means_its_errors_unless_it_names_statuses(station: Station) -> None:
    assert station.json("resend", "--dry-run", "--filter", "filial:12")["selected"] == 1
    assert station.json("resend", "--dry-run", "--filter", "status:pendente")["selected"] == 3


def test_a_dry_run_tells_the_plan_and_changes_nothing(station: Station) -> None:
    before = station.logs()

    result = station.run("resend", "--dry-run")

    assert result.code == 0
    assert "todos" in result.stderr or "único" in result.stderr
    assert "serão reenviados" in result.stderr
    assert station.logs() == before


def test_without_a_terminal_nothing_is_resent_unconfirmed(station: Station) -> None:
    result = station.run("resend")

    assert result.code == 4
    assert "--yes" in result.stderr
    assert product(station)[2] == 0


@pytest.mark.parametrize(("answer", "code", "attempts"), [("n", 4, 0), ("", 4, 0), ("s", 3, 1)])
def test_on_a_terminal_one_letter_confirms(station: Station, answer: str, code: int, attempts: int) -> None:
    assert answer_on_a_terminal(station, answer, "resend") == code
    assert product(station)[2] == attempts


def test_no_wait_leaves_it_to_a_running_engine(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults()

    ordered = station.json("resend", "--yes", "--no-wait")

    assert (ordered["sent"], ordered["by_status"]) == (1, {"Erro": 1})
    assert station.logs("status:erro")[0]["phase"] == "queued"
    assert station.run("worker", "--once").code == 0
    assert product(station)[1:] == ("Sucesso", 1)


def test_a_resend_during_an_outage_ends_with_5_and_spends_no_attempt(tmp_path: Path) -> None:
    with running_sandbox(faults=[REFUSE_ONE]) as sandbox:
        station = Station.create(tmp_path, sandbox)
        station.run("export")

    assert station.json("resend", "--yes", code=5)["by_status"] == {"Erro": 1}
    assert product(station)[1:] == ("Erro", 0)


def test_a_paused_account_holds_the_resend(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults()
    station.run("pause", "nacional")

    assert station.json("resend", "--yes", code=3)["by_status"] == {"Erro": 1}
    assert station.logs("status:erro")[0]["wait_reason"] == "paused"
    assert station.json("unpause", "all") == {"unpaused": ["nacional"]}
    assert station.run("worker", "--once").code == 0
    assert product(station)[1:] == ("Sucesso", 1)
