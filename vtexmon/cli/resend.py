"""``vtexmon resend``: the plan in words, a confirmation, the order, and waiting for what became of it.

Nothing given = all Erro. ``--filter`` means the Erro among what it matches, unless it names statuses itself
(``status:cancelado``): then those. What may not be resent is left out and counted by reason.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

import typer

from vtexmon import program
from vtexmon.cli.context import commands_of, current, database_of, load_config, read_filter, writer_of
from vtexmon.cli.output import print_document, print_line, say
from vtexmon.cli.running import counted, exit_code, running_engine, wait_until_settled, words
from vtexmon.cli.times import read_duration
from vtexmon.config import Config, require_credentials
from vtexmon.core import resend_plan
from vtexmon.core.formats import decimal, thousands
from vtexmon.core.records import ResendProgress
from vtexmon.core.resend_plan import Ignored, ResendPlan
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection
from vtexmon.core.status import Status
from vtexmon.engine.commands import Commands
from vtexmon.engine.runtime import EngineOptions
from vtexmon.errors import Refused, UsageError
from vtexmon.i18n import _
from vtexmon.store import log_pages, logs
from vtexmon.store.claims import ClaimScope
from vtexmon.store.database import Database
from vtexmon.store.settling import Tally, resend_members, tally


@dataclass(frozen=True)
class _Order:
    """What is to be resent: the selection, what it is in words, and what a resend of it would do."""

    chosen: Explicit | Matching
    described: str
    plan: ResendPlan


def resend(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Ids dos registros.")] = None,
    query: Annotated[str, typer.Option("--filter", metavar="Q", help="Os Erro que este filtro mostra.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Só mostra o plano.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Não pergunta.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Deixa na fila para um motor em execução.")] = False,
    note: Annotated[str, typer.Option("--note", metavar="T", help="Observação que fica na auditoria.")] = "",
    wait_max: Annotated[str, typer.Option("--wait-max", metavar="T", help="Quanto esperar, no máximo.")] = "30m",
) -> None:
    """Reenvia registros em Erro ou Cancelado e espera o resultado. Sem Id e sem filtro: todos os Erro.

    Cada reenvio conta uma tentativa e lê a origem de novo. Sem terminal é preciso --yes.
    """
    config, limit, started = load_config(), read_duration(wait_max, "--wait-max"), time.monotonic()
    if ids and query:
        raise UsageError(_("use Ids ou --filter, não os dois"))
    if not dry_run:
        writer_of(config)
        if not no_wait:
            require_credentials(config)
    with database_of(config) as database:
        commands = commands_of(config, database)
        order = _order(commands, config, ids or [], query)
        _tell(order)
        if dry_run or not order.plan.sent:
            _report(order.plan, order.plan.sent if dry_run else 0, Tally(), started, dry_run)
            return
        _confirm(order.plan, yes)
        code = _carry_out(commands, order, note, None if no_wait else limit, started)
    raise typer.Exit(code)


def _order(commands: Commands, config: Config, ids: list[int], query: str) -> _Order:
    database = commands.database
    selection: Selection = Explicit(frozenset(ids)) if ids else Nothing()
    if isinstance(selection, Explicit):
        _all_known(database, selection.ids)
    wanted = read_filter(query, config)
    if wanted.statuses:
        selection = Matching(wanted, database.read(logs.highest_id))
    chosen = commands.select(selection, wanted, replace(wanted, statuses=frozenset()))
    plan = commands.plan_resend(chosen)
    return _Order(chosen, resend_plan.title(selection, plan, query=query), plan)


def _all_known(database: Database, ids: frozenset[int]) -> None:
    unknown = sorted(ids - {log.id for log in database.read(lambda c: log_pages.by_ids(c, ids))})
    if unknown:
        raise UsageError(_("não há registro de log com o Id {0}").format(", ".join(map(str, unknown))))


def _tell(order: _Order) -> None:
    heading = [order.described] if order.plan.selected else []
    for line in (*heading, *resend_plan.lines(order.plan)):
        say(line)


def _confirm(plan: ResendPlan, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(_("sem terminal não há como confirmar: repita com --yes"))
    if plan.needs_typed_number:
        answer = _ask(_("Para confirmar, digite o número de registros ({0}): ").format(plan.sent))
        confirmed = answer.replace(".", "") == str(plan.sent)
    else:
        confirmed = _ask(_("Reenviar {0}? [s/N] ").format(thousands(plan.sent))).casefold() in ("s", "sim", "y", "yes")
    if not confirmed:
        raise Refused(_("não confirmado: nada foi reenviado"))


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _carry_out(commands: Commands, order: _Order, note: str, limit: timedelta | None, started: float) -> int:
    config, database = commands.config, commands.database
    if limit is not None:
        program.make_source(config)
    progress = commands.resend(order.chosen, order.described, note)
    members = resend_members(progress.id)
    if limit is None:
        say(_("reenvio {0} na fila; um motor em execução o fará").format(progress.id))
        _report(order.plan, progress.total, database.read(lambda c: tally(c, members)), started)
        return 0
    try:
        settled = _wait(commands, progress, limit)
    except KeyboardInterrupt:
        say(_("interrompido: o que falta do reenvio {0} continua na fila").format(progress.id))
        raise
    if not settled:
        say(_("o tempo de --wait-max acabou antes do fim; o que falta continua na fila"))
    became = database.read(lambda c: tally(c, members))
    _report(order.plan, progress.total, became, started)
    return exit_code(database, became, settled)


def _wait(commands: Commands, progress: ResendProgress, limit: timedelta) -> bool:
    options = EngineOptions("resend", schedules=False, scope=ClaimScope(resend_id=progress.id))
    with running_engine(commands.config, commands.database, options):
        return wait_until_settled(commands.database, resend_members(progress.id), limit, _("reenviando"))


def _report(plan: ResendPlan, sent: int, became: Tally, started: float, dry_run: bool = False) -> None:
    ignored = {reason.value: number for reason, number in plan.ignored}
    if plan.sent > sent:
        ignored[Ignored.CHANGED_MEANWHILE.value] = plan.sent - sent
    seconds = round(time.monotonic() - started, 3)
    if current().json:
        document: dict[str, Any] = {"selected": plan.selected, "sent": sent, "ignored": ignored}
        document |= {"by_status": counted(became)["by_status"], "seconds": seconds}
        print_document(document | ({"dry_run": True} if dry_run else {}))
    elif sent and not dry_run:
        failed = became.not_successful
        print_line(_("Reenviados: {0} · {1} · {2} s").format(thousands(sent), words(became), decimal(seconds)))
        if failed and became.by_status[Status.ERROR]:
            say(_("veja a causa com: vtexmon logs --filter status:erro"))
