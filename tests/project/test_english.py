"""English as people meet it: on the command line, in the file that ``init`` writes, and on the screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.project.test_catalogue import foreign
from tests.screens.world import change, monitor, run, session, settled
from tests.support import RECORDS, REFUSE_PRODUCTS, Station
from vtexmon.cli.main import main
from vtexmon.cli.root import VERBS
from vtexmon.core.failures import FailureClass, advice_for
from vtexmon.i18n import _, use_language
from vtexmon.sandbox import RunningSandbox, running_sandbox

# the command line


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, sandbox: RunningSandbox) -> Station:
    """A station whose configuration says English."""
    station = Station.create(tmp_path, sandbox)
    station.change_config('language = "pt_BR"', 'language = "en"')
    return station


@pytest.mark.parametrize("verb", ["", *VERBS, "schedules run", "schedules pause", "config show", "db backup"])
def test_every_help_is_in_english(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", *verb.split(), "--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: vtexmon {verb}".rstrip())
    assert "Shows this help." in shown
    assert foreign(shown) == []


@pytest.mark.parametrize("way", ["option", "environment", "file", "broken file"])
def test_the_language_is_known_before_anything_is_said(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if way == "environment":
        monkeypatch.setenv("VTEXMON_LANGUAGE", "en")
    elif way != "option":
        broken = "= = =\n" if way == "broken file" else ""
        (tmp_path / "vtexmon.toml").write_text(f'# language = "pt_BR"\nlanguage = "en"\n{broken}[accounts.x]\n')

    assert main(["exprt", *(["--lang=en"] if way == "option" else [])]) == 2
    assert capsys.readouterr().err == "there is no command «exprt»; did you mean «export»?\n"


def test_the_option_wins_over_environment_and_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outro.toml"
    file.write_text('language = "en"\n')
    monkeypatch.setenv("VTEXMON_LANGUAGE", "en")

    assert main(["--config", str(file), "--lang", "pt_BR", "exprt"]) == 2
    assert "não existe" in capsys.readouterr().err


def test_a_language_inside_a_table_is_not_the_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "outro.toml"
    file.write_text('[catalog.specifications.sku]\nlanguage = "en"\n')

    assert main(["--config", str(file), "exprt"]) == 2
    assert "não existe" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["logs", "--limit", "x"], "error: --limit: use a whole number"),
        (["logs", "--filter", "cor:azul"], "filter: position 1: unknown field: “cor”"),
        (["show", "4711"], "there is no log with the Id 4711"),
        (["export", "--force"], "--force needs --key"),
        (["sandbox", "--fault", "chuva"], "fault 'chuva': unknown kind 'chuva'"),
    ],
)
def test_errors_are_in_english(station: Station, arguments: list[str], words: str) -> None:
    result = station.run(*arguments)

    assert result.code == 2
    assert words in result.stderr


def test_problems_of_the_configuration_are_in_english(station: Station) -> None:
    station.change_config("max_attempts = 3", "max_attempts = -1\ncolour = 1")
    station.environ["VTEXMON_TIMEZONE"] = "Europe/Sao_Paulo"

    said = station.run("config", "check").stderr

    assert "environment VTEXMON_TIMEZONE: timezone: there is no time zone" in said
    assert "resend.max_attempts: -1 is out of range. Use a whole number: at least 0." in said
    assert "resend.colour: unknown key." in said


def test_the_export_reports_in_english(station: Station, sandbox: RunningSandbox) -> None:
    sandbox.add_faults(f"{REFUSE_PRODUCTS},times=1")

    result = station.run("export")
    refused = station.logs("status:erro")[0]
    shown = station.run("show", str(refused["id"])).stdout

    assert result.code == 3
    assert f"Created: {RECORDS}" in result.stdout
    assert " requests, " in result.stdout
    assert refused["message"] == "Nome recusado (VTEX 400)"
    assert refused["failure_class"] == FailureClass.DATA.value
    assert re.search(r"^Class:\s+data$", shown, re.MULTILINE)
    assert "Correct the record at the source as VTEX's message says and resend." in shown
    assert refused["feature"] == "Exportação de Dados"


def test_the_doctor_speaks_english_and_its_json_keeps_its_names(station: Station) -> None:
    said = station.run("doctor").stdout
    names = {check["name"].split()[0] for check in station.json("doctor")["checks"]}

    assert "ok  source: CSV files of the folder" in said
    assert re.search(r"^ok  account sp · \w+: lojasp answered in ", said, re.MULTILINE)
    assert said.endswith("all is well\n")
    assert foreign(said.replace(str(station.folder), "")) == []
    assert {"configuração", "segredos", "banco", "origem", "conta", "depósito"} <= names


@pytest.mark.parametrize("kind", FailureClass)
def test_every_failure_class_has_a_name_and_an_advice_in_english(kind: FailureClass) -> None:
    portuguese = advice_for(kind)
    use_language("en")

    assert _(kind) == kind.name.lower()
    assert advice_for(kind) != portuguese
    assert foreign(advice_for(kind)) == []


def test_init_writes_the_template_of_the_language(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "a"), "--lang", "en"]) == main(["init", str(tmp_path / "b")]) == 0

    assert (tmp_path / "a" / "vtexmon.toml").read_text(encoding="utf-8").startswith("# Configuration of vtexmon.")
    assert (tmp_path / "b" / "vtexmon.toml").read_text(encoding="utf-8").startswith("# Configuração do vtexmon.")


# the screens


def rows(pilot: Pilot[Any]) -> list[str]:
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def test_the_monitor_is_in_english_and_fits_80_columns(tmp_path: Path) -> None:
    use_language("en")

    async def look() -> dict[str, list[str]]:
        app = monitor(world)
        seen = {}
        async with app.run_test(size=(80, 24)) as pilot:
            for name, key in (("logs", ""), ("help", "question_mark"), ("schedules", "escape"), ("plan", "1")):
                await pilot.press(*filter(None, [key, {"schedules": "5", "plan": "R"}.get(name, "")]))
                await settled(pilot)
                seen[name] = rows(pilot)
        return seen

    with session(tmp_path) as world:
        change(world.database, 54, source_changed=True)
        seen = run(look())

    assert seen["logs"][0].startswith(" vtexmon  SANDBOX  SENAI-SP · Branch 12")
    assert re.search(r"✓ 30 Sucesso today  oldest \d", seen["logs"][1])
    assert seen["logs"][2].rstrip().endswith("60 logs")
    assert seen["logs"][-1].startswith(" R resend  ␣ mark  A all  / filter")
    assert "Help for this screen" in seen["help"][0]
    assert "Schedules" in seen["schedules"][0]
    assert any("to be resent" in row for row in seen["plan"])
    assert [row for row in seen["help"] if "…" in row or foreign(row)] == []
    assert [row for row in seen["schedules"] if "…" in row] == []
