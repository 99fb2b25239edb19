"""``vtexmon config`` and ``vtexmon init``."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from vtexmon.config import load
from vtexmon.errors import ConfigurationError, UsageError

Run = Callable[..., Result]


@dataclass
class Context:
    config_path: Path | None = None
    json: bool = False


@pytest.fixture
def run(tmp_path: Path, account: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a verb on tmp_path/vtexmon.toml, with the context that main would have made."""
    file = tmp_path / "vtexmon.toml"
    file.write_text(account, encoding="utf-8")
    context = Context(file)
    if importlib.util.find_spec("vtexmon.cli.context") is None:
        stand_in = ModuleType("vtexmon.cli.context")
        stand_in.current = lambda: context  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "vtexmon.cli.context", stand_in)
    verbs = [importlib.import_module(f"vtexmon.cli.{name}") for name in ("config", "init")]
    for verb in verbs:
        monkeypatch.setattr(verb, "current", lambda: context)
    app = typer.Typer()
    app.add_typer(verbs[0].app, name="config")
    app.command("init")(verbs[1].init)

    def invoke(*arguments: str, json: bool = False, environ: dict[str, str] | None = None) -> Result:
        context.json = json
        given = {"SP_KEY": "valor-da-chave", "SP_TOKEN": "valor-do-token"} if environ is None else environ
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(app, list(arguments))

    return invoke


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def test_show_gives_each_value_with_its_origin_and_no_secret(run: Run) -> None:
    result = run("config", "show")

    assert result.exit_code == 0
    assert 'accounts.sp.account_name = "lojasp"  # arquivo:3' in result.stdout
    assert 'accounts.sp.app_key = "env:SP_KEY"  # arquivo:5; segredo encontrado' in result.stdout
    assert "resend.max_attempts = (vazio)  # padrão" in result.stdout
    assert "valor-d" not in result.output


def test_show_says_which_reference_has_no_value(run: Run) -> None:
    result = run("config", "show", environ={"SP_KEY": "valor"})

    assert "arquivo:6; SEM VALOR: a variável de ambiente SP_TOKEN não está definida" in result.stdout


@pytest.mark.parametrize("globally", [True, False])
def test_show_as_json_is_one_document(globally: bool, run: Run) -> None:
    result = run("config", "show", *([] if globally else ["--json"]), json=globally)

    shown = parsed(result)["settings"]
    assert shown["engine.lease"] == {"value": "3m", "origin": "padrão"}
    assert shown["accounts.sp.app_key"]["value"] == "env:SP_KEY"
    assert shown["accounts.sp.app_key"]["available"] is True
    assert "valor-d" not in result.output


def test_check_is_quiet_on_stdout_and_warns_on_stderr(run: Run) -> None:
    result = run("config", "check")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "nenhum problema" in result.stderr
    assert "NENHUM registro em Erro será reenviado" in result.stderr


def test_check_raises_with_every_problem_and_unresolved_reference(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "vtexmon.toml").open("a") as file:
        file.write("[resend]\nmax_attempts = -1\n")

    result = run("config", "check", environ={})

    assert isinstance(result.exception, ConfigurationError)
    assert result.exception.exit_code == 2
    assert len(result.exception.problems) == 3


def test_check_as_json_prints_the_document_and_still_fails(run: Run) -> None:
    result = run("config", "check", "--json", environ={"SP_KEY": "x"})

    document = parsed(result)
    assert document["ok"] is False
    assert [(problem["line"], problem["key"]) for problem in document["problems"]] == [(6, "accounts.sp.app_token")]
    assert isinstance(result.exception, ConfigurationError)


def test_schema_is_json(run: Run) -> None:
    properties = parsed(run("config", "schema"))["properties"]

    assert properties["engine"]["properties"]["lease"]["default"] == "3m"
    assert properties["accounts"]["additionalProperties"]["required"] == ["account_name", "app_key", "app_token"]


def test_init_writes_a_file_that_loads(run: Run, tmp_path: Path) -> None:
    result = run("init", str(tmp_path / "nova" / "pasta"))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "vtexmon config check" in result.stderr
    assert load(tmp_path / "nova" / "pasta" / "vtexmon.toml", {}).catalog.b2c == "nacional"


def test_init_as_json_names_the_file(run: Run, tmp_path: Path) -> None:
    assert parsed(run("init", str(tmp_path / "nova"), json=True)) == {"file": str(tmp_path / "nova" / "vtexmon.toml")}


def test_init_never_overwrites(run: Run, tmp_path: Path) -> None:
    before = (tmp_path / "vtexmon.toml").read_text()

    result = run("init", str(tmp_path))

    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert (tmp_path / "vtexmon.toml").read_text() == before
