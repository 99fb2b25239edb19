"""``vtexmon worker``: the engine without a terminal, for a service unit. Any number may share one database."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from vtexmon.cli.context import clock, database_of, load_config, writer_of
from vtexmon.cli.events import Events
from vtexmon.cli.output import say
from vtexmon.cli.running import POLL_SECONDS, running_engine
from vtexmon.cli.signals import Interrupted
from vtexmon.config import Config, Schedule, require_credentials
from vtexmon.core.status import RetryPolicy
from vtexmon.engine import schedules as actions
from vtexmon.engine import ticks
from vtexmon.engine.context import Context
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.i18n import _
from vtexmon.store import health, schedules
from vtexmon.store.database import Database

INTERRUPTED = 130
LISTEN_SECONDS = 1.0
RESEND = "resend"


def worker(
    once: Annotated[bool, typer.Option("--once", help="Faz o que está vencido agora e termina.")] = False,
) -> None:
    """O motor sem terminal: agendamentos, envios e reenvios. Uma linha por evento na saída de erro.

    SIGTERM e SIGHUP terminam sem perder nada (código 0); o que foi interrompido é conferido na próxima vez.
    """
    config = load_config()
    require_credentials(config)
    writer_of(config)
    warn_of_no_resends(config.retry_policy)
    with database_of(config) as database:
        events = Events(config, database)
        try:
            with running_engine(config, database, EngineOptions("worker", schedules=not once)) as engine:
                engine.facts.listen(events.hear)
                events.line(_("motor em execução: {0}").format(engine.owner))
                if once:
                    _run_once(engine, config, database, events)
                while not once:
                    events.tell(LISTEN_SECONDS)
        except Interrupted as stop:
            events.tell()
            events.line(_("motor parado"))
            raise typer.Exit(INTERRUPTED if stop.by_user else 0) from None
        events.tell()


def warn_of_no_resends(policy: RetryPolicy) -> None:
    """Say loudly that nothing is resent by itself, if so."""
    if policy.max_attempts is None:
        say(_("ATENÇÃO: resend.max_attempts está vazio: NENHUM registro em Erro será reenviado automaticamente."))


def wait_until_quiet(engine: Engine, database: Database, events: Events) -> None:
    """Wait until nothing is due now and the engine has nothing in hand."""
    while database.read(lambda c: health.is_busy(c, engine.owner, clock().now())):
        events.tell(POLL_SECONDS)
        time.sleep(POLL_SECONDS / 5)
    events.tell()


def _run_once(engine: Engine, config: Config, database: Database, events: Events) -> None:
    """Every schedule that is due, the automatic resends whatever their tick, and everything that became due by it."""
    engine.submit(lambda context: _run_due(context, config)).result()
    engine.kick()
    wait_until_quiet(engine, database, events)


async def _run_due(context: Context, config: Config) -> None:
    now = context.clock.now()
    paused = context.database.read(lambda c: schedules.paused(c, now))
    for name in actions.ACTIONS:
        rule = config.schedules.get(name)
        off = name in paused or (rule is not None and not rule.enabled)
        due = None if off else now if name == RESEND else _due(rule, config, now)
        if due is not None:
            await actions.run_tick(context, name, due, actions.SCHEDULER)


def _due(rule: Schedule | None, config: Config, now: datetime) -> datetime | None:
    return None if rule is None else ticks.latest_due(rule, config.timezone, now, now - ticks.CATCH_UP)
