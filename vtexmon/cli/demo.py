"""``vtexmon demo``: a believable day, really sent to a sandbox, with a database of its own."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Sem o monitor: uma linha por mudança, até ser interrompida.")
    ] = False,
) -> None:
    """Um dia de demonstração: sandbox, dados de exemplo e banco próprios, e o monitor. Não toca em nada seu."""
    from vtexmon.sandbox.demo import run_demo

    raise typer.Exit(run_demo(headless))
