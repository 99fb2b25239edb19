"""The verbs that run without anybody looking: worker and schedules."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RECORDS, REFUSE_PRODUCTS, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    return Station.create(tmp_path, sandbox)


def test_once_makes_the_automatic_resends_that_are_due(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.set_faults(f"{REFUSE_PRODUCTS},times=2")
    station.run("export")
    time.sleep(1.1)

    result = station.run("worker", "--once")

    assert (result.code, result.stdout) == (0, "")
    assert {(log["status"], log["attempts"]) for log in station.logs("modulo:produto")} == {("Sucesso", 1)}
    assert len(station.logs("status:sucesso")) == RECORDS
    assert "Produto 1;12;AJUSTA" in result.stderr


def test_an_empty_maximum_is_said_loudly_and_nothing_is_resent(tmp_path: Path, sandbox: RunningSandbox) -> None:
    station = Station.create(tmp_path, sandbox, max_attempts=None)
    sandbox.set_faults(f"{REFUSE_PRODUCTS},times=2")
    station.run("export")

    result = station.run("worker", "--once")

    assert "NENHUM registro em Erro" in result.stderr
    assert {(log["status"], log["attempts"]) for log in station.logs("modulo:produto")} == {("Erro", 0)}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)], ids=["TERM", "HUP", "INT"]
)
def test_a_signal_ends_the_worker_cleanly(station: Station, number: signal.Signals, code: int) -> None:
    process = station.start("worker")
    assert process.stderr is not None
    for line in process.stderr:
        if "motor em execução" in line:
            break

    process.send_signal(number)
    _out, told = process.communicate(timeout=20)

    assert process.returncode == code
    assert "motor parado" in told
    warned = [check for check in station.json("doctor")["checks"] if check["name"] == "motores"]
    assert "nenhum motor" in warned[0]["sentence"]


def test_a_schedule_is_run_paused_and_resumed_by_hand(station: Station) -> None:
    ran = station.json("schedules", "run", "catalog_export")
    station.run("schedules", "pause", "resend", "--until", "2h")
    listed = {state["name"]: state for state in station.run("schedules", "list", "--json").lines}

    assert (ran["outcome"], ran["schedule"]) == ("done", "catalog_export")
    assert len(station.logs("status:sucesso")) == RECORDS
    assert listed["catalog_export"]["last_run"]["outcome"] == "done"
    assert (listed["resend"]["paused"], listed["resend_all"]["enabled"]) == (True, False)
    assert station.json("schedules", "resume", "resend")["was_paused"] is True


def test_two_workers_share_one_database(station: Station, sandbox: RunningSandbox) -> None:
    workers: list[subprocess.Popen[str]] = [station.start("worker") for _number in range(2)]
    try:
        exported = station.json("export")
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.communicate(timeout=20)

    assert exported["by_status"] == {"Sucesso": RECORDS}
    created = [one for one in sandbox.requests() if one["method"] == "POST" and one["path"].endswith("/pvt/product")]
    assert len(created) == 2
