"""What runs by itself: the table of schedules, one run of one of them, and how they stand.

A tick is a row (schedule, due time) that only one process can insert; whoever did runs it (DESIGN.md section 6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from vtexmon.config import Config
from vtexmon.core.records import ScheduleState
from vtexmon.engine import ticks
from vtexmon.engine.context import Context
from vtexmon.engine.exports import ExportScope, export
from vtexmon.engine.facts import LogsChanged, ScheduleChanged
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _, ngettext
from vtexmon.store import resends, schedules

SCHEDULER = "agendador"
"""Who stands in *Criador por* and *Alterado Por* for what runs by itself."""


async def _catalog_export(context: Context) -> str:
    exported = await export(context, ExportScope(), SCHEDULER)
    unchanged = exported.skipped.get("unchanged", 0)
    created = ngettext("{n} registro novo", "{n} registros novos", exported.created).format(n=exported.created)
    return " · ".join([created + _(", {n} inalterados").format(n=unchanged), *exported.held.values()])


async def _resend(context: Context) -> str:
    return await _automatic(context, due_only=True)


async def _resend_all(context: Context) -> str:
    return await _automatic(context, due_only=False)


async def _automatic(context: Context, due_only: bool) -> str:
    policy = context.config.retry_policy
    if policy.max_attempts is None:
        return _("nada: o número de tentativas de reenvio está vazio")
    now = context.clock.now()

    def work(connection: Connection) -> tuple[int, int]:
        return resends.take_automatic_turn(connection, policy, now, SCHEDULER, due_only)

    queued, cancelled = await asyncio.wrap_future(context.database.write(work))
    words = ngettext("{n} reenviado", "{n} reenviados", queued).format(n=queued)
    return words + (_(", {n} cancelados").format(n=cancelled) if cancelled else "")


@dataclass(frozen=True)
class Action:
    """What a schedule does; ``label`` gives its name for people, ``run`` a sentence of what was done."""

    label: Callable[[], str]
    run: Callable[[Context], Awaitable[str]]


ACTIONS: dict[str, Action] = {
    "catalog_export": Action(lambda: _("Exportação do catálogo"), _catalog_export),
    "resend": Action(lambda: _("Reenvio do que venceu"), _resend),
    "resend_all": Action(lambda: _("Reenvio de todos os Erro"), _resend_all),
}


async def run_tick(context: Context, name: str, due_at: datetime, who: str) -> bool:
    """Run one tick if no other process has it; True when it was ours. A failure is a row, not an exception."""
    now = context.clock.now()
    begun = context.database.write(lambda c: schedules.begin(c, name, due_at, now, who))
    run_id = await asyncio.wrap_future(begun)
    if run_id is None:
        return False
    context.facts.tell(ScheduleChanged(name))
    try:
        outcome, summary = schedules.DONE, await ACTIONS[name].run(context)
    except VtexmonError as error:
        outcome, summary = schedules.FAILED, str(error)
    except asyncio.CancelledError:
        await asyncio.shield(_finish(context, run_id, schedules.FAILED, _("interrompido: o programa terminou")))
        raise
    except Exception as bug:
        outcome, summary = schedules.FAILED, f"{type(bug).__name__}: {bug}"
    await _finish(context, run_id, outcome, summary)
    context.facts.tell(ScheduleChanged(name))
    context.facts.tell(LogsChanged())
    return True


async def _finish(context: Context, run_id: int, outcome: str, summary: str) -> None:
    now = context.clock.now()
    await asyncio.wrap_future(context.database.write(lambda c: schedules.finish(c, run_id, outcome, summary, now)))


def states(connection: Connection, config: Config, now: datetime) -> list[ScheduleState]:
    """How every schedule that this program can run stands, in the order of the table."""
    paused = schedules.paused(connection, now)
    found = []
    for name, action in ACTIONS.items():
        rule = config.schedules.get(name)
        enabled = rule is not None and rule.enabled
        due = ticks.next_due(rule, config.timezone, now) if rule is not None and enabled else None
        until = paused.get(name)
        if name in paused:
            due = None if until is None or rule is None else ticks.next_due(rule, config.timezone, until)
        found.append(
            ScheduleState(
                name=name,
                label=action.label(),
                rule=ticks.rule_text(rule) if rule else "",
                enabled=enabled,
                paused_until=until,
                paused=name in paused,
                next_due_at=due,
                last_run=schedules.last_run(connection, name),
                missed=schedules.count_not_run(connection, name, now - timedelta(days=1)),
            )
        )
    return found
