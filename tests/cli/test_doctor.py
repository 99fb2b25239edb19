"""``vtexmon doctor`` and ``vtexmon db``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import Station
from vtexmon.sandbox import RunningSandbox, running_sandbox


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    return Station.create(tmp_path, sandbox)


def levels(checks: list[dict[str, Any]], name: str) -> set[str]:
    return {check["level"] for check in checks if check["name"].startswith(name)}


def test_it_asks_every_api_of_every_account_and_writes_nothing(station: Station, sandbox: RunningSandbox) -> None:
    found = station.json("doctor")

    assert found["ok"] is True
    assert levels(found["checks"], "conta") == {"ok"}
    assert levels(found["checks"], "depósito") == {"ok"}
    assert len(sandbox.requests()) == 6
    assert {one["method"] for one in sandbox.requests()} == {"GET"}
    assert not station.database_file.exists()


def test_refused_credentials_end_with_5(station: Station) -> None:
    station.environ["VTEX_SP_APP_TOKEN"] = "outro-token"

    found = station.json("doctor", code=5)

    assert (levels(found["checks"], "conta sp"), levels(found["checks"], "conta nacional")) == ({"fail"}, {"ok"})
    assert "outro-token" not in str(found)


def test_an_outage_ends_with_5(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox)

    assert levels(station.json("doctor", code=5)["checks"], "conta") == {"fail"}


def test_a_warehouse_that_does_not_exist_is_named_with_those_that_do(station: Station) -> None:
    station.change_config('warehouse = "1"', 'warehouse = "7"')

    found = station.json("doctor", code=2)

    sentence = next(check["sentence"] for check in found["checks"] if check["name"].startswith("depósito"))
    assert "«7»" in sentence
    assert "1_1" in sentence


@pytest.mark.parametrize("name", ["VTEX_SP_APP_KEY", "VTEX_NACIONAL_APP_TOKEN"])
def test_a_missing_secret_ends_with_2(station: Station, name: str) -> None:
    del station.environ[name]

    assert levels(station.json("doctor", code=2)["checks"], "segredos") == {"fail"}


def test_a_broken_configuration_is_a_check_too(station: Station) -> None:
    station.change_config("max_attempts = 3", "max_attempts = -3")

    found = station.json("doctor", code=2)

    assert [check["level"] for check in found["checks"]] == ["fail"]
    assert "resend.max_attempts" in found["checks"][0]["sentence"]


def test_an_empty_maximum_and_a_pause_are_warnings(station: Station) -> None:
    station.change_config("max_attempts = 3", "")
    station.run("pause", "sp", "--until", "1h")

    sentences = " ".join(check["sentence"] for check in station.json("doctor")["checks"] if check["level"] == "warn")

    assert "NENHUM registro em Erro" in sentences
    assert "a conta sp está em pausa até" in sentences


def test_it_says_when_maintenance_was_done_and_by_whom(station: Station) -> None:
    station.run("db", "upgrade")

    def said() -> str:
        return next(one["sentence"] for one in station.json("doctor")["checks"] if one["name"] == "manutenção")

    assert said().startswith("ainda não foi feita")
    with sqlite3.connect(station.database_file) as connection:
        moment = int(datetime(2026, 1, 5, 12, 30, tzinfo=UTC).timestamp() * 1_000_000)
        values = ("maintenance", "b", moment * 2, moment, "maquina:4711", "workers=1")
        connection.execute("INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?)", values)
    connection.close()
    assert "09:30 por maquina:4711; em execução por b" in said()


def test_upgrade_prints_the_revision(station: Station) -> None:
    made = station.json("db", "upgrade")

    assert made["before"] is None
    assert station.json("db", "upgrade") == {"before": made["revision"], "revision": made["revision"]}


def test_check_finds_a_row_that_no_engine_would_take(station: Station) -> None:
    station.run("export")
    assert station.json("db", "check")["ok"] is True
    with sqlite3.connect(station.database_file) as connection:
        connection.execute("UPDATE log SET phase = 'queued', due_at = NULL WHERE id = 3")
    connection.close()

    found = station.json("db", "check", code=3)

    assert [(one["name"], one["log_ids"]) for one in found["findings"] if one["count"]] == [("never_due", [3])]


def test_a_database_that_is_none_is_said_in_a_sentence(station: Station) -> None:
    station.database_file.write_text("isto não é um banco de dados\n" * 100)

    result = station.run("logs")

    assert result.code == 5
    assert "banco de dados" in result.stderr
