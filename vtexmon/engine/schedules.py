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


CATALOG_EXPORT = "catalog_export"


@dataclass(frozen=True)
class Done:
    """What a run did, in a sentence; ``outcome`` is one of ``store.schedules``'."""

    summary: str
    outcome: str = schedules.DONE


async def _catalog_export(context: Context) -> Done:
    return await _exported(context, ExportScope(), SCHEDULER)


async def _exported(context: Context, scope: ExportScope, who: str) -> Done:
    exported = await export(context, scope, who)
    unchanged = exported.skipped.get("unchanged", 0)
    created = ngettext("{n} registro novo", "{n} registros novos", exported.created).format(n=exported.created)
    words = [created + _(", {n} inalterados").format(n=unchanged), *exported.held.values()]
    return Done(" · ".join(words), schedules.HELD if exported.held else schedules.DONE)


async def _resend(context: Context) -> Done:
    return await _automatic(context, due_only=True)


async def _resend_all(context: Context) -> Done:
    return await _automatic(context, due_only=False)


async def _automatic(context: Context, due_only: bool) -> Done:
    policy = context.config.retry_policy
    if policy.max_attempts is None:
        return Done(_("nada: o número de tentativas de reenvio está vazio"))
    now = context.clock.now()

    def work(connection: Connection) -> tuple[int, int]:
        return resends.take_automatic_turn(connection, policy, now, SCHEDULER, due_only)

    queued, cancelled = await asyncio.wrap_future(context.database.write(work))
    words = ngettext("{n} reenviado", "{n} reenviados", queued).format(n=queued)
    return Done(words + (_(", {n} cancelados").format(n=cancelled) if cancelled else ""))


@dataclass(frozen=True)
class Action:
    """What a schedule does; ``label`` gives its name for people."""

    label: Callable[[], str]
    run: Callable[[Context], Awaitable[Done]]


ACTIONS: dict[str, Action] = {
    CATALOG_EXPORT: Action(lambda: _("Exportação do catálogo"), _catalog_export),
    "resend": Action(lambda: _("Reenvio do que venceu"), _resend),
    "resend_all": Action(lambda: _("Reenvio de todos os Erro"), _resend_all),
}


async def run_tick(context: Context, name: str, due_at: datetime, who: str) -> bool:
    """Run one tick if no other process has it; True when it was ours. A failure is a row, not an exception."""
    return await _tick(context, name, due_at, who, ACTIONS[name].run)


async def confirm_vanished(context: Context, who: str) -> bool:
    """Export once now, as somebody who says that what is gone at the source is meant to be gone."""
    scope = ExportScope(confirm_vanished=True)

    async def work(context: Context) -> Done:
        return await _exported(context, scope, who)

    return await _tick(context, CATALOG_EXPORT, context.clock.now(), who, work)


async def _tick(
    context: Context, name: str, due_at: datetime, who: str, work: Callable[[Context], Awaitable[Done]]
) -> bool:
    now = context.clock.now()
    begun = context.database.write(lambda c: schedules.begin(c, name, due_at, now, who))
    run_id = await asyncio.wrap_future(begun)
    if run_id is None:
        return False
    context.facts.tell(ScheduleChanged(name))
    try:
        done = await work(context)
        outcome, summary = done.outcome, done.summary
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
