"""``vtexmon sandbox``: the loopback VTEX alone, in the foreground, with all that is needed to talk to it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from vtexmon import sandbox as package
from vtexmon.cli.context import current
from vtexmon.cli.output import print_block, print_document, print_line
from vtexmon.cli.signals import Interrupted, until_told
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.sandbox import DEFAULT_PORT, SandboxSettings, environment, parse_fault, render_config, serve, write_folder

INTERRUPTED = 130
SAMPLE = Path(package.__file__).parent / "sample"
"""Course data that goes with the program."""


def sandbox(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Porta; 0 = livre.")
    ] = DEFAULT_PORT,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="REGRA", help="TIPO:match=MÉTODO /caminho,status=N…; pode repetir."),
    ] = None,
    latency: Annotated[float, typer.Option("--latency", metavar="S", min=0, help="Segundos antes de responder.")] = 0.0,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Faz uma pasta pronta para usar com este sandbox.")
    ] = None,
) -> None:
    """Uma VTEX de mentira nesta máquina, com estado, limites e falhas. Ctrl-C termina.

    Imprime endereços, credenciais e um vtexmon.toml pronto; --write grava tudo numa pasta.
    """
    settings = SandboxSettings(port=port, faults=tuple(fault or ()), latency_seconds=latency)
    try:
        for rule in settings.faults:
            parse_fault(rule)
    except ValueError as error:
        raise UsageError(str(error)) from None
    try:
        asyncio.run(until_told(serve(settings, lambda url: _ready(settings, url, write))))
    except FileExistsError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(_("a porta {0} não pôde ser aberta: {1}").format(port, error.strerror or error)) from None
    except Interrupted as stop:
        raise typer.Exit(INTERRUPTED if stop.by_user else 0) from None


def _ready(settings: SandboxSettings, url: str, folder: Path | None) -> None:
    written = [] if folder is None else write_folder(folder, settings, url, SAMPLE)
    if current().json:
        accounts = [
            {
                "account_name": account.name,
                "base_url": url,
                "pricing_url": f"{url}/{account.name}",
                "app_key": account.app_key,
                "app_token": account.app_token,
            }
            for account in settings.accounts
        ]
        document = {"url": url, "accounts": accounts, "environment": environment(settings)}
        print_document(document | {"config": render_config(settings, url), "written": [str(file) for file in written]})
        return
    print_line(_("sandbox em {0} (estado: {0}/_sandbox/state)").format(url))
    for account in settings.accounts:
        print_line(f"  {account.name}: {url} · {url}/{account.name} · {account.app_key} · {account.app_token}")
    if folder is not None:
        print_line(_("pasta pronta: cd {0} && vtexmon export").format(folder))
    else:
        print_line()
        print_block("".join(f"export {name}={value}\n" for name, value in environment(settings).items()))
        print_block(render_config(settings, url))
    sys.stdout.flush()
