"""The rim: what is imported, how errors become exit codes, where options may stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from vtexmon import __version__
from vtexmon.cli import context
from vtexmon.cli.main import main
from vtexmon.cli.root import VERBS, hoisted
from vtexmon.cli.words import error_words
from vtexmon.errors import UsageError

HEAVY = ("textual", "rich", "sqlmodel", "sqlalchemy", "httpx", "apscheduler", "alembic", "screens")
CONFIG = """
[accounts.sp]
account_name = "lojasp"
stage = "homologacao"
app_key = "env:SP_KEY"
app_token = "env:SP_TOKEN"
"""


def imported_by(arguments: Sequence[str]) -> set[str]:
    program = (
        f"import sys; from vtexmon.cli.main import main; code = main({list(arguments)!r}); "
        "sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["config", "--help"], ["init", "--help"]])
def test_version_and_help_import_nothing_heavy(arguments: list[str]) -> None:
    assert not imported_by(arguments) & set(HEAVY)


def test_version_needs_not_even_typer() -> None:
    assert "typer" not in imported_by(["--version"])


def test_version_is_printed_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == main(["--json", "--version"]) == 0
    assert capsys.readouterr().out == f"vtexmon {__version__}\n" * 2


@pytest.mark.parametrize("verb", [*VERBS, "schedules run", "config show", "db check"])
def test_every_verb_has_a_help_in_portuguese(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*verb.split(), "--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"Uso: vtexmon {verb} [OPÇÕES]")
    assert not {"Usage", "Options:", "Show this"} & set(shown.replace("\n", " ").split(" "))
    assert "--config" in shown


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["logs", "--json", "--limit", "3"], ["--json", "logs", "--limit", "3"]),
        (["logs", "--config", "a.toml"], ["--config", "a.toml", "logs"]),
        (["show", "3", "--lang=en", "--config=b"], ["--lang=en", "--config=b", "show", "3"]),
        (["resend", "--", "--json"], ["resend", "--", "--json"]),
    ],
)
def test_global_options_are_brought_to_the_front(given: list[str], expected: list[str]) -> None:
    assert hoisted(given) == expected


def test_words_of_typer_that_are_not_known_stay() -> None:
    assert error_words("Something new.") == "Something new."


def _fail(*_arguments: object) -> NoReturn:
    raise RuntimeError("não devia: valor-do-token")


def test_an_unexpected_failure_leaves_a_report_without_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vtexmon.toml").write_text(CONFIG)
    monkeypatch.setenv("SP_KEY", "valor-da-chave")
    monkeypatch.setenv("SP_TOKEN", "valor-do-token")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "estado"))
    monkeypatch.setattr("vtexmon.cli.logs.read_filter", _fail)

    code = main(["logs", "--config", str(tmp_path / "vtexmon.toml"), "--filter", "valor-da-chave"])

    (report,) = (tmp_path / "estado" / "vtexmon").iterdir()
    text = report.read_text()
    told = capsys.readouterr()
    assert code == 1
    assert (report.stat().st_mode & 0o777) == 0o600
    assert str(report) in told.err
    assert "RuntimeError" in text
    assert "valor-d" not in text + told.err
    assert told.out == ""


def test_the_state_of_one_call_does_not_reach_the_next() -> None:
    assert main(["--json", "--read-only", "--version"]) == 0
    context.begin(context.Invocation(json=True))
    main(["logs", "--config", "nada.toml"])

    assert context.current().json is False


def test_all_problems_of_a_configuration_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "vtexmon.toml"
    file.write_text("cor = 1\n[resend]\nmax_attempts = -1\n")

    assert main(["config", "check", "--config", str(file)]) == UsageError.exit_code
    assert {"vtexmon.toml:1", "vtexmon.toml:3"} <= {
        line.split(": ")[0].rpartition("/")[2] for line in capsys.readouterr().err.splitlines()
    }
