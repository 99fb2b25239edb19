"""``vtexmon db backup FILE``."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RECORDS, Station
from vtexmon.sandbox import RunningSandbox, running_sandbox
from vtexmon.store import schema


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def station(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A station after its first export; only copied."""
    made = Station.create(tmp_path_factory.mktemp("estacao"), sandbox)
    assert made.run("export").code == 0
    return made


def test_it_says_what_the_copy_holds(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "cópia de hoje.db"

    made = station.json("db", "backup", str(file))

    assert list(made) == ["file", "bytes", "revision", "logs", "seconds"]
    assert (made["file"], made["bytes"]) == (str(file), file.stat().st_size)
    assert (made["revision"], made["logs"]) == (schema.HEAD, RECORDS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_in_words(station: Station, tmp_path: Path) -> None:
    said = station.run("db", "backup", str(tmp_path / "copia.db"))

    assert (said.code, said.stderr) == (0, "")
    assert f"{RECORDS} registros de log" in said.stdout


def test_a_copy_put_in_the_place_of_the_database_works(station: Station, tmp_path: Path) -> None:
    station.run("db", "backup", str(tmp_path / "copia.db"))
    restored = Station(station.folder, station.environ)
    config = tmp_path / "restaurado.toml"
    text = station.config_file.read_text(encoding="utf-8")
    assert "vtexmon.db" in text
    config.write_text(text.replace("vtexmon.db", str(tmp_path / "copia.db")), encoding="utf-8")

    listed = restored.run("--config", str(config), "logs", "--json", "--limit", "1000")
    checked = restored.run("--config", str(config), "db", "check", "--json")

    assert listed.lines == station.logs()
    assert (checked.code, checked.document["ok"]) == (0, True)


def test_a_relative_name_is_of_the_folder_it_is_run_in(station: Station) -> None:
    made = station.json("db", "backup", "hoje.db")

    assert made["file"] == str(station.folder / "hoje.db")


def test_an_existing_file_is_refused(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "copia.db"
    file.write_text("minha")

    refused = station.run("db", "backup", str(file))

    assert (refused.code, refused.stdout, file.read_text()) == (2, "", "minha")
    assert f"{file} já existe" in refused.stderr


def test_a_folder_that_does_not_exist_is_refused(station: Station, tmp_path: Path) -> None:
    refused = station.run("db", "backup", str(tmp_path / "sem" / "copia.db"))

    assert (refused.code, "não existe" in refused.stderr) == (2, True)


def test_there_must_be_a_database(sandbox: RunningSandbox, tmp_path: Path) -> None:
    station = Station.create(tmp_path, sandbox)

    refused = station.run("db", "backup", str(tmp_path / "copia.db"))

    assert (refused.code, "ainda não existe" in refused.stderr) == (2, True)
    assert not station.database_file.exists()


def test_postgresql_is_left_to_its_own_tool_and_no_password_is_shown(sandbox: RunningSandbox, tmp_path: Path) -> None:
    station = Station.create(tmp_path, sandbox)
    text = station.config_file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("url = ") and "sqlite" in line)
    station.change_config(line, 'url = "postgresql+psycopg://ana:segredo123@banco.local:5433/vtexmon"')

    refused = station.run("db", "backup", str(tmp_path / "copia.db"))

    assert refused.code == 2
    assert "pg_dump -Fc -h banco.local -p 5433 -U ana -f ARQUIVO vtexmon" in refused.stderr
    assert "segredo123" not in refused.stderr
