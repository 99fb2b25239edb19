"""``vtexmon schedules``: how what runs by itself stands, and running, pausing and resuming it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from vtexmon.cli.context import clock, commands_of, current, database_of, load_config, writer_of
from vtexmon.cli.events import Events, outcome_words
from vtexmon.cli.output import print_document, print_json_line, print_line, table, utc_text
from vtexmon.cli.running import NOT_ALL_SUCCEEDED, running_engine
from vtexmon.cli.times import read_until
from vtexmon.cli.worker import wait_until_quiet
from vtexmon.config import require_credentials
from vtexmon.core import formats
from vtexmon.core.records import ScheduleRunRecord, ScheduleState
from vtexmon.engine import schedules as actions
from vtexmon.engine.runtime import EngineOptions
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.store import schedules as store

app = typer.Typer(help="Lista, executa, pausa e retoma os agendamentos.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NOME", help="Nome do agendamento, como catalog_export.")]


@app.command("list")
def list_schedules() -> None:
    """Lista os agendamentos, o próximo horário e a última execução de cada um."""
    config = load_config()
    now, zone = clock().now(), ZoneInfo(config.timezone)
    with database_of(config) as database:
        states = database.read(lambda c: actions.states(c, config, now))
    if current().json:
        for state in states:
            print_json_line(_state_json(state))
        return
    headings = (_("Nome"), _("Agendamento"), _("Regra"), _("Próxima"), _("Última"), _("Resultado"))
    for line in table(headings, (_row(state, now, zone) for state in states)):
        print_line(line)


@app.command()
def run(name: Name) -> None:
    """Executa um agendamento agora, e envia o que ele pôs na fila."""
    config = load_config()
    _known(name)
    require_credentials(config)
    who = writer_of(config)
    with database_of(config) as database:
        events = Events(config, database)
        with running_engine(config, database, EngineOptions("schedules", schedules=False)) as engine:
            engine.facts.listen(events.hear)
            due = clock().now()
            engine.submit(lambda context: actions.run_tick(context, name, due, who)).result()
            engine.kick()
            wait_until_quiet(engine, database, events)
        done = database.read(lambda c: store.last_run(c, name))
    assert done is not None, "the tick wrote its row"
    if current().json:
        print_document(_run_json(done))
    else:
        print_line(f"{actions.ACTIONS[name].label()}: {outcome_words(done)}")
    raise typer.Exit(NOT_ALL_SUCCEEDED if done.outcome == store.FAILED else 0)


@app.command()
def pause(
    name: Name,
    until: Annotated[str, typer.Option("--until", metavar="T", help="Até quando: 14:30, ISO, ou 2h.")] = "",
) -> None:
    """Pausa um agendamento até T, ou até «resume»."""
    config = load_config()
    now, zone = clock().now(), ZoneInfo(config.timezone)
    end = read_until(until, now, zone) if until else None
    with database_of(config) as database:
        commands_of(config, database).pause_schedule(name, end)
    if current().json:
        print_document({"schedule": name, "paused": True, "until": utc_text(end)})
        return
    when = _("até {0}").format(formats.clock(end, zone, now)) if end else _("até «vtexmon schedules resume»")
    print_line(_("{0}: em pausa {1}").format(name, when))


@app.command()
def resume(name: Name) -> None:
    """Retoma um agendamento em pausa."""
    config = load_config()
    with database_of(config) as database:
        was_paused = commands_of(config, database).resume_schedule(name)
    if current().json:
        print_document({"schedule": name, "paused": False, "was_paused": was_paused})
        return
    print_line(_("{0}: retomado").format(name) if was_paused else _("{0}: não estava em pausa").format(name))


def _known(name: str) -> None:
    if name not in actions.ACTIONS:
        known = ", ".join(actions.ACTIONS)
        raise UsageError(_("o agendamento «{0}» não existe; existem: {1}").format(name, known))


def _state_json(state: ScheduleState) -> dict[str, Any]:
    return {
        "name": state.name,
        "label": state.label,
        "rule": state.rule,
        "enabled": state.enabled,
        "paused": state.paused,
        "paused_until": utc_text(state.paused_until),
        "next_due_at": utc_text(state.next_due_at),
        "last_run": _run_json(state.last_run) if state.last_run else None,
        "missed": state.missed,
    }


def _run_json(run: ScheduleRunRecord) -> dict[str, Any]:
    return {
        "schedule": run.schedule,
        "outcome": run.outcome,
        "summary": run.summary,
        "due_at": utc_text(run.due_at),
        "started_at": utc_text(run.started_at),
        "finished_at": utc_text(run.finished_at),
        "started_by": run.started_by,
    }


def _row(state: ScheduleState, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    if state.paused:
        until = _("até {0}").format(formats.clock(state.paused_until, zone, now)) if state.paused_until else ""
        following = f"{_('em pausa')} {until}".rstrip()
    elif not state.enabled:
        following = _("desligado")
    else:
        following = formats.until(state.next_due_at, now)
    last = state.last_run
    when = formats.clock(last.started_at, zone, now) if last and last.started_at else formats.NOTHING
    return state.name, state.label, state.rule or formats.NOTHING, following, when, outcome_words(last) if last else ""
