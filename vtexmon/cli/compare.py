"""``vtexmon compare``: what VTEX holds against what the source wants, without sending anything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Annotated, Any

import typer

from vtexmon import program
from vtexmon.cli.context import clock, current, database_of, load_config
from vtexmon.cli.output import print_json_line, print_line, table
from vtexmon.cli.progress import Progress
from vtexmon.cli.running import NOT_ALL_SUCCEEDED, UNREACHABLE
from vtexmon.config import Config, require_credentials
from vtexmon.core import modules
from vtexmon.core.filter_values import FilterError, Item, read_module
from vtexmon.core.formats import thousands
from vtexmon.engine.compare import Compared, Result, compare_with_vtex
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.facts import Facts
from vtexmon.engine.runtime import Surroundings, make_clients, make_context
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.store.database import Database, sqlite_path


def compare(
    module: Annotated[
        list[str] | None, typer.Option("--module", metavar="M", help="Só este módulo (id ou nome); pode repetir.")
    ] = None,
    branch: Annotated[
        list[int] | None, typer.Option("--branch", metavar="N", help="Só turmas desta filial; pode repetir.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Lista também o que está igual.")] = False,
) -> None:
    """Compara o que a VTEX tem com o que a origem quer. Nada é enviado.

    Termina com 0 (tudo igual), 3 (há diferenças ou registros não comparados) ou 5 (VTEX ou origem inacessível).
    """
    config, scope = load_config(), _scope(module or [], branch or [])
    require_credentials(config)
    path = sqlite_path(config.database_url)
    if path is not None and not path.exists():
        raise UsageError(
            _("o banco de dados {0} ainda não existe; é ele que sabe o que foi enviado: vtexmon export").format(path)
        )
    with database_of(config) as database:
        found = asyncio.run(_compare(config, database, scope))
    _report(found, everything)
    raise typer.Exit(_exit_code(found))


def _scope(names: list[str], branches: list[int]) -> ExportScope:
    try:
        chosen = frozenset(read_module(Item("--module", name, 0)) for name in names)
    except FilterError as error:
        raise UsageError(error.what) from None
    return ExportScope(chosen, frozenset(branches))


async def _compare(config: Config, database: Database, scope: ExportScope) -> list[Compared]:
    around = Surroundings(config, database, program.make_source(config), clock(), Facts(), "")
    progress = Progress()

    def tell(done: int, total: int) -> None:
        progress.show(lambda: _("comparando: {0} de {1}").format(thousands(done), thousands(total)))

    async with AsyncExitStack() as stack:
        clients = make_clients(config)
        for client in clients.values():
            stack.push_async_callback(client.aclose)
        stack.callback(progress.end)
        return await compare_with_vtex(make_context(around, clients), scope, tell)


def _exit_code(found: list[Compared]) -> int:
    if any(one.unreachable for one in found):
        return UNREACHABLE
    return NOT_ALL_SUCCEEDED if any(one.result is not Result.EQUAL for one in found) else 0


def _report(found: list[Compared], everything: bool) -> None:
    listed = [one for one in found if everything or one.result is not Result.EQUAL]
    if current().json:
        for one in listed:
            print_json_line(_as_json(one))
        return
    if listed:
        headings = (_("Módulo"), _("Chave"), _("Conta"), _("Canal"), _("Resultado"), _("Detalhe"))
        for line in table(headings, [_as_row(one) for one in listed]):
            print_line(line)
    counts = Counter(one.result for one in found)
    words = [f"{thousands(counts[result])} {name()}" for result, name in _COUNTED.items() if counts[result]]
    print_line(" · ".join(words) or _("nenhum registro"))


def _as_json(one: Compared) -> dict[str, Any]:
    return {
        "module": modules.label(one.key.module),
        "key_values": ";".join(one.key.key_values),
        "account": one.key.account,
        "channel": one.key.channel,
        "result": one.result.value,
        "detail": one.detail,
        "external_id": one.external_id,
    }


def _as_row(one: Compared) -> tuple[str, ...]:
    key = one.key
    shown = (modules.label(key.module), ";".join(key.key_values), key.account, key.channel or "–")
    return (*shown, _RESULTS[one.result](), one.detail)


_RESULTS: dict[Result, Callable[[], str]] = {
    Result.EQUAL: lambda: _("igual"),
    Result.DIFFERS: lambda: _("diferente"),
    Result.MISSING: lambda: _("falta na VTEX"),
    Result.NOT_COMPARABLE: lambda: _("não comparado"),
}

_COUNTED: dict[Result, Callable[[], str]] = {
    Result.EQUAL: lambda: _("iguais"),
    Result.DIFFERS: lambda: _("diferentes"),
    Result.MISSING: lambda: _("faltam na VTEX"),
    Result.NOT_COMPARABLE: lambda: _("não comparados"),
}
