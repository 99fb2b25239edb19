"""The contract of DESIGN.md section 8: fields, streams and exit codes that scripts rely on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RECORDS, REFUSE_PRODUCTS, Station
from vtexmon.cli.logs import csv_cell
from vtexmon.sandbox import RunningSandbox, running_sandbox

LOG_FIELDS = """
    id company branch education_level key_fields key_values status phase wait_reason feature module created_at
    updated_at attempts created_by updated_by channel account environment failure_class message next_attempt_at
    external_id
"""
ITEM_FIELDS = """
    id log_id message status sent received created_at updated_at attempt step method endpoint http_status duration_ms
"""
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def station(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A station after its first export, in which one product was refused once. Only looked at."""
    made = Station.create(tmp_path_factory.mktemp("estacao"), sandbox)
    sandbox.set_faults(f"{REFUSE_PRODUCTS},body=ELETRI")
    assert made.run("export").code == 3
    sandbox.set_faults()
    return made


def test_a_log_has_exactly_the_fields_of_the_contract(station: Station) -> None:
    log = station.logs("modulo:produto chave:AJUSTA")[0]

    assert list(log) == LOG_FIELDS.split()
    assert (log["module"], log["feature"]) == ("Produto", "Exportação de Dados")
    assert (log["key_fields"], log["key_values"]) == ("CODCOLIGADA;CODFILIAL;CODCURSO", "1;12;AJUSTA")
    assert (log["company"], log["branch"], log["attempts"]) == (1, 12, 0)
    assert (log["status"], log["phase"], log["wait_reason"]) == ("Sucesso", "idle", None)
    assert UTC_TIME.fullmatch(log["created_at"])


def test_a_failed_log_says_class_message_and_next_attempt(station: Station) -> None:
    log = station.logs("status:erro")[0]

    assert (log["failure_class"], log["phase"], log["wait_reason"]) == ("dado", "waiting", "retry")
    assert "Nome recusado" in log["message"]
    assert UTC_TIME.fullmatch(log["next_attempt_at"])


def test_show_gives_log_and_items_with_the_texts_as_sent(station: Station) -> None:
    log_id = station.logs("status:erro")[0]["id"]

    shown = station.json("show", str(log_id))

    assert list(shown) == ["log", "items"]
    assert list(shown["log"]) == LOG_FIELDS.split()
    item = shown["items"][0]
    assert list(item) == ITEM_FIELDS.split()
    assert (item["log_id"], item["method"], item["http_status"]) == (log_id, "POST", 400)
    assert (item["attempt"], item["endpoint"]) == (0, "/api/catalog/pvt/product")
    assert '"RefId":"1-12-ELETRI"' in item["sent"]
    assert item["received"] == "Nome recusado"


def test_lists_are_json_lines_newest_first_and_continue_below_an_id(station: Station) -> None:
    ids = [log["id"] for log in station.logs()]

    first = station.run("logs", "--json", "--limit", "4").lines
    rest = station.run("logs", "--json", "--after", str(first[-1]["id"])).lines

    assert ids == sorted(ids, reverse=True)
    assert [log["id"] for log in first + rest] == ids


def test_count_is_one_document(station: Station) -> None:
    assert station.json("logs", "--count", "--filter", "conta:sp") == {"count": 4}
    assert station.run("logs", "--count").stdout == f"{RECORDS}\n"


def test_csv_has_the_json_names_as_header(station: Station) -> None:
    rows = list(csv.DictReader(io.StringIO(station.run("logs", "--csv", "--filter", "modulo:produto").stdout)))

    assert list(rows[0]) == LOG_FIELDS.split()
    assert {row["key_values"] for row in rows} == {"1;12;AJUSTA", "1;12;ELETRI"}


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("-2", "'-2"), ("@x", "'@x"), ("a\x1b[31m", "a␛[31m"), (None, ""), (3, 3), ("1;12", "1;12")],
)
def test_a_cell_runs_no_formula_and_moves_no_cursor(value: object, cell: object) -> None:
    assert csv_cell(value) == cell


def test_the_table_for_people_is_portuguese_and_plain(station: Station) -> None:
    lines = station.run("logs", "--filter", "status:erro").stdout.splitlines()

    assert lines[0].split()[:4] == ["Id", "Status", "Módulo", "Chave"]
    assert "1;12;ELETRI" in lines[1]
    assert "\x1b" not in "".join(lines)
    assert station.run("logs", "--filter", "filial:99").stdout == "nenhum registro\n"


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("form", ["--config {0}", "--config={0}"])
def test_config_may_stand_before_or_after_the_verb(station: Station, tmp_path: Path, before: bool, form: str) -> None:
    elsewhere = Station(tmp_path, station.environ)
    option = form.format(station.config_file).split(" ")
    verb = ["logs", "--count"]

    result = elsewhere.run(*((*option, "--json", *verb) if before else (*verb, "--json", *option)))

    assert (result.code, result.document) == (0, {"count": RECORDS})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "99999"], "99999"),
        (["resend", "99999", "--yes"], "99999"),
        (["resend", "1", "--filter", "status:erro"], "não os dois"),
        (["logs", "--filter", "cor:azul"], "os campos são status, modulo"),
        (["export", "--module", "kits"], "categoria, marca, produto"),
        (["export", "--force"], "--key"),
        (["export", "--key", "*"], "COMEÇO*"),
        (["export", "--wait-max", "logo"], "30m"),
        (["pause", "rj"], "nacional, sp"),
        (["pause", "sp", "--until", "25:00"], "14:30"),
        (["pause", "sp", "--until", "2020-01-01T00:00"], "já passou"),
        (["schedules", "pause", "almoço"], "catalog_export"),
        (["schedules", "run", "almoço"], "catalog_export"),
        (["logs", "--limite", "3"], "--limite não existe"),
        (["logs", "--limit", "zero"], "número inteiro"),
        (["logs", "--limit", "0"], "no mínimo 1"),
        (["show"], "falta o argumento ID"),
        (["lgos"], "logs"),
        (["logs", "--config"], "precisa de um valor"),
        (["logs", "--config", "nada.toml"], "nada.toml"),
        (["logs", "--lang", "fr"], "pt_BR ou en"),
        (["sandbox", "--port", "0", "--fault", "chuva:"], "chuva"),
    ],
)
def test_what_is_wrong_with_the_arguments_ends_with_2_and_says_what(
    station: Station, arguments: list[str], words: str
) -> None:
    result = station.run(*arguments)

    assert result.code == 2, result.stderr
    assert words in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("verb", [["resend", "--yes"], ["pause", "sp"], ["export"], ["worker", "--once"]])
def test_read_only_refuses_whatever_writes(station: Station, verb: list[str]) -> None:
    result = station.run("--read-only", *verb)

    assert result.code == 4
    assert "somente leitura" in result.stderr


@pytest.mark.parametrize("verb", [["export"], ["worker", "--once"], ["resend", "--yes"]])
def test_who_sends_needs_every_credential(station: Station, verb: list[str]) -> None:
    poor = Station(station.folder, {name: value for name, value in station.environ.items() if "TOKEN" not in name})

    result = poor.run(*verb)

    assert result.code == 2
    assert "VTEX_SP_APP_TOKEN" in result.stderr
    assert poor.run("logs", "--count").code == 0


def test_without_a_terminal_the_monitor_says_what_to_do(station: Station) -> None:
    result = station.run()

    assert result.code == 2
    assert "vtexmon logs" in result.stderr
