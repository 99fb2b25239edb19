"""``vtexmon config``: what is in force and where it is from, what is wrong with it, and what there is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from vtexmon import config as configuration
from vtexmon.cli.context import current
from vtexmon.config import Setting
from vtexmon.config.places import origin_words
from vtexmon.errors import ConfigurationError
from vtexmon.i18n import _

app = typer.Typer(help="Mostra e confere a configuração.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Imprime um documento JSON.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Mostra cada valor em vigor e de onde ele vem. Segredos aparecem só como referência."""
    config = configuration.load(current().config_path)
    listed = configuration.settings(config)
    if as_json or current().json:
        _print_json({"file": str(config.path), "settings": {setting.key: _as_json(setting) for setting in listed}})
        return
    typer.echo(f"# {config.path}")
    for setting in listed:
        typer.echo(_line(setting))


@app.command()
def check(as_json: AsJson = False) -> None:
    """Confere tudo, também as referências a segredos. Termina com 0 (sem problemas) ou 2."""
    path = current().config_path
    file = configuration.find(path)
    problems = configuration.check(path)
    notices = [] if problems else configuration.warnings(configuration.load(path))
    if as_json or current().json:
        listed = [asdict(problem) for problem in problems]
        _print_json({"file": str(file), "ok": not problems, "problems": listed, "warnings": notices})
    if problems:
        raise ConfigurationError(problems)
    for notice in notices:
        typer.echo(notice, err=True)
    typer.echo(_("{file}: nenhum problema.").format(file=file), err=True)


@app.command()
def schema() -> None:
    """Imprime o JSON Schema do arquivo de configuração."""
    _print_json(configuration.json_schema())


def _as_json(setting: Setting) -> dict[str, Any]:
    fields: dict[str, Any] = {"value": setting.value, "origin": setting.origin}
    if setting.secret is None:
        return fields
    return fields | {"available": setting.secret.value is not None, "problem": setting.secret.problem}


def _line(setting: Setting) -> str:
    value = _("(vazio)") if setting.value is None else json.dumps(setting.value, ensure_ascii=False)
    return f"{setting.key} = {value}  # {origin_words(setting.origin)}{_resolution(setting)}"


def _resolution(setting: Setting) -> str:
    if setting.secret is None:
        return ""
    if setting.secret.value is not None:
        return _("; segredo encontrado")
    return _("; SEM VALOR: {problem}").format(problem=setting.secret.problem)


def _print_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
