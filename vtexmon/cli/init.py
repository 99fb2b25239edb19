"""``vtexmon init``: an annotated ``vtexmon.toml`` to start from. It never overwrites one."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from vtexmon.cli.context import current
from vtexmon.config_file import FILE_NAME
from vtexmon.errors import UsageError
from vtexmon.i18n import _


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Pasta que recebe o arquivo.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Imprime um documento JSON.")] = False,
) -> None:
    """Escreve um vtexmon.toml comentado. Nunca substitui um que já existe."""
    file = directory.absolute() / FILE_NAME
    template = _("template.toml")  # the catalogue names the file whose comments are in its language
    text = files("vtexmon.config").joinpath(template).read_text(encoding="utf-8")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as written:
            written.write(text)
    except FileExistsError:
        message = _("{file} já existe e não foi alterado. Escolha outra pasta ou apague-o antes.")
        raise UsageError(message.format(file=file if file.exists() else directory)) from None
    except OSError as error:
        message = _("Não foi possível escrever {file}: {reason}.")
        raise UsageError(message.format(file=file, reason=error.strerror)) from None
    if as_json or current().json:
        typer.echo(json.dumps({"file": str(file)}, ensure_ascii=False))
    typer.echo(_("{file} foi criado. Ajuste-o e confira com: vtexmon config check").format(file=file), err=True)
