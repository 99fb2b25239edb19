"""``vtexmon export``: find what changed at the source, send it, and return when it has come to rest.

The engine of this command claims only the command's own logs: those it made, changed or found open. Among these it also
carries out resends (a forced one, one that became due because the source changed, or one that another process had
queued and left), else it would wait for them in vain. An Erro that merely waits for its retry is never touched, because
such a row is due for nobody until the ``resend`` schedule queues it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from vtexmon import program
from vtexmon.cli.context import clock, current, database_of, load_config, writer_of
from vtexmon.cli.output import print_document, print_line, say
from vtexmon.cli.running import NOT_ALL_SUCCEEDED, counted, exit_code, running_engine, wait_until_settled, words
from vtexmon.cli.times import read_duration
from vtexmon.config import Config, require_credentials
from vtexmon.core import modules
from vtexmon.core.filter_values import FilterError, Item, read_key, read_module
from vtexmon.core.filters import KeyTerm
from vtexmon.core.formats import decimal, thousands
from vtexmon.core.status import Status
from vtexmon.engine import exports
from vtexmon.engine.context import Context
from vtexmon.engine.exports import ExportPlan, ExportScope
from vtexmon.engine.facts import Facts
from vtexmon.engine.gate import Gate
from vtexmon.engine.offers import Offers
from vtexmon.engine.runtime import EngineOptions, new_owner
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.store.claims import ClaimScope, drop_scope
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.settling import Tally, command_members, tally

SKIPPED = ("unchanged", "open", "no_account", "inactive", "missing_at_source")


def export(
    module: Annotated[
        list[str] | None, typer.Option("--module", metavar="M", help="Só este módulo (id ou nome); pode repetir.")
    ] = None,
    branch: Annotated[
        list[int] | None, typer.Option("--branch", metavar="N", help="Só turmas desta filial; pode repetir.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="K", help="Só esta chave: X, X* ou *X*; pode repetir.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Com --key: envia de novo mesmo depois de Sucesso.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Só mostra; nada é enviado nem gravado.")] = False,
    confirm_vanished: Annotated[
        bool, typer.Option("--confirm-vanished", help="O que sumiu da origem ou ficou inativo está certo assim.")
    ] = False,
    wait_max: Annotated[str, typer.Option("--wait-max", metavar="T", help="Quanto esperar, no máximo.")] = "30m",
) -> None:
    """Envia à VTEX o que mudou na origem e espera terminar.

    Termina com 0 (tudo em Sucesso), 3 (algo não está), 5 (VTEX ou origem inacessível) ou 2 (configuração ou leiaute).
    """
    config, limit = load_config(), read_duration(wait_max, "--wait-max")
    scope = replace(_scope(module or (), branch or (), key or (), force), confirm_vanished=confirm_vanished)
    require_credentials(config)
    who = writer_of(config)
    if dry_run:
        _report_plan(_find_changes(config, scope))
        return
    raise typer.Exit(_send(config, scope, who, limit))


def _send(config: Config, scope: ExportScope, who: str, limit: timedelta) -> int:
    """Export, wait, report; gives the exit code."""
    started, owner = time.monotonic(), new_owner("export")
    options = EngineOptions("export", schedules=False, scope=ClaimScope(command=owner))
    with database_of(config) as database, running_engine(config, database, options, owner) as engine:
        members = command_members(owner)
        try:
            exported = engine.submit(lambda context: exports.export(context, scope, who, owner)).result()
            engine.kick()
            settled = wait_until_settled(database, members, limit, _("exportando"))
            became = database.read(lambda c: tally(c, members))
            code = exit_code(database, became, settled)
        finally:
            database.write_now(lambda c: drop_scope(c, owner))
        sent = engine.context.tally if engine.context else None
    if not settled:
        say(_("o tempo de --wait-max acabou antes do fim; o que falta continua na fila"))
    figures = {
        "requests": sent.requests if sent else 0,
        "writes": sent.writes if sent else 0,
        "seconds": round(time.monotonic() - started, 3),
    }
    for words_of_module in exported.held.values():
        say(words_of_module)
    _report(exported.created, exported.skipped, became, figures)
    return code or (NOT_ALL_SUCCEEDED if exported.held else 0)


def _scope(
    names: list[str] | tuple[()], branches: list[int] | tuple[()], keys: list[str] | tuple[()], force: bool
) -> ExportScope:
    if force and not keys:
        raise UsageError(_("--force precisa de --key: diga que registros enviar de novo"))
    try:
        chosen = frozenset(read_module(Item("--module", name, 0)) for name in names)
        terms = frozenset(_key_term(text) for text in keys)
    except FilterError as error:
        raise UsageError(error.what) from None
    return ExportScope(chosen, frozenset(branches), terms, force)


def _key_term(text: str) -> KeyTerm:
    return read_key(Item("--key", text, 0, text.startswith("*"), text.endswith("*")))


def _find_changes(config: Config, scope: ExportScope) -> ExportPlan:
    """What an export would do, found without an engine: nothing is sent, and no row is written."""
    with _existing_database(config) as database:
        now_clock, facts = clock(), Facts()
        context = Context(
            config=config,
            database=database,
            clock=now_clock,
            facts=facts,
            gate=Gate(database, config, now_clock, facts, ""),
            offers=Offers(program.make_source(config), config),
            clients={},
            encode=str,
            owner="",
        )
        return asyncio.run(exports.find_changes(context, scope))


@contextmanager
def _existing_database(config: Config) -> Iterator[Database]:
    """The configured database; where there is none yet, an empty one that is thrown away: a dry run makes no file."""
    path = sqlite_path(config.database_url)
    if path is None or path.exists():
        with database_of(config) as database:
            yield database
        return
    with TemporaryDirectory(prefix="vtexmon-") as folder:
        empty = Path(folder) / "vazio.db"
        empty.touch(mode=0o600)
        with database_of(replace(config, database_url=f"sqlite:///{empty}")) as database:
            yield database


def _report_plan(plan: ExportPlan) -> None:
    became = Tally()
    for record_key, log in plan.new.items():
        status = Status.ERROR if record_key in plan.failures else Status.PENDING
        became.by_status[status] += 1
        became.by_module.setdefault(log.module, Counter())[status] += 1
    say(_("simulação: nada foi enviado nem gravado"))
    figures = {"requests": 0, "writes": 0, "seconds": 0.0, "dry_run": True}
    _report(len(plan.new), dict(plan.skipped), became, figures)


def _report(created: int, skipped: dict[str, int], became: Tally, figures: dict[str, Any]) -> None:
    left_out = {reason: skipped.get(reason, 0) for reason in SKIPPED} | skipped
    if current().json:
        print_document({"created": created, "skipped": left_out} | counted(became) | figures)
        return
    print_line(_("Criados: {0} · {1}").format(thousands(created), words(became)))
    for module, counts in became.by_module.items():
        parts = " · ".join(f"{status.value} {thousands(number)}" for status, number in counts.items())
        print_line(f"  {modules.label(module)}: {parts}")
    reasons = {
        "unchanged": _("inalterados"),
        "open": _("já abertos"),
        "no_account": _("sem conta"),
        "inactive": _("inativos"),
        "missing_at_source": _("ausentes na origem"),
        "held": _("retidos"),
    }
    ignored = " · ".join(
        f"{reasons.get(name, name)} {thousands(number)}" for name, number in left_out.items() if number
    )
    if ignored:
        print_line(_("Ignorados: {0}").format(ignored))
    line = _("{0} requisições, {1} gravações, {2} s")
    print_line(line.format(thousands(figures["requests"]), thousands(figures["writes"]), decimal(figures["seconds"])))
