"""A schedule, and a run of it, as lines of the Agendamentos."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from textwrap import wrap

from screens.theme import Palette
from screens.widgets.columns import Column
from screens.widgets.dialog import WIDTH, Question
from screens.widgets.rows import Line
from vtexmon.config import Schedule
from vtexmon.core.formats import clock, date_time, duration_ms, relative, span, thousands
from vtexmon.core.records import ScheduleRunRecord, ScheduleState
from vtexmon.i18n import _

_STYLES = {
    "running": "pending",
    "done": "success",
    "held": "error",
    "failed": "error",
    "missed": "warning",
    "skipped": "warning",
}


def schedule_columns() -> tuple[Column, ...]:
    """Of the upper list."""
    return (
        Column("name", _("Agendamento"), 24, 24, priority=9),
        Column("rule", _("Regra"), 16, 12, priority=6),
        Column("next", _("Próxima"), 22, 17, priority=8),
        Column("last", _("Última"), 18, 12, priority=7, tinted=True),
        Column("missed", _("Perdidas"), 8, 8, "right", 5),
    )


def run_columns() -> tuple[Column, ...]:
    """Of the lower list."""
    return (
        Column("due", _("Prevista para"), 19, 16, priority=9),
        Column("outcome", _("Resultado"), 10, 10, priority=8, tinted=True),
        Column("took", _("Duração"), 8, 8, "right", 7),
        Column("who", _("Quem"), 12, 9, priority=5),
        Column("summary", _("Resumo"), 60, 20, priority=6),
    )


def schedule_line(
    number: int, state: ScheduleState, rule: Schedule | None, now: datetime, zone: tzinfo, palette: Palette
) -> Line:
    """One schedule; ``number`` counts down through the list, as the table wants its highest id first."""
    run = state.last_run
    last = palette.glyphs.dash if run is None else f"{outcome_words(run.outcome)} {clock(run.due_at, zone, now)}"
    style = "quiet" if run is None else _STYLES.get(run.outcome, "")
    missed = thousands(state.missed) if state.missed else palette.glyphs.dash
    cells = (state.label, rule_words(rule) or palette.glyphs.dash, next_words(state, now, zone), last, missed)
    return Line(number, cells, style)


def rule_words(rule: Schedule | None) -> str:
    """When it is to run, in words where that is short: ``a cada 15min``, ``diário 22:00``, else the crontab line."""
    if rule is None:
        return ""
    if rule.every is not None:
        return _("a cada {time}").format(time=_interval(rule.every))
    daily = re.fullmatch(r"(\d{1,2}) (\d{1,2}) \* \* \*", rule.cron or "")
    if daily:
        return _("diário {time}").format(time=f"{int(daily[2]):02}:{int(daily[1]):02}")
    return rule.cron or ""


def _interval(every: timedelta) -> str:
    seconds = int(every.total_seconds())
    return f"{seconds}s" if seconds % 60 else span(every)


def next_words(state: ScheduleState, now: datetime, zone: tzinfo) -> str:
    """When it runs next, or why it does not."""
    if not state.enabled:
        return _("desligado")
    if state.paused:
        if state.paused_until is None:
            return _("em pausa")
        return _("pausa até {time}").format(time=clock(state.paused_until, zone, now))
    due = state.next_due_at
    return _("nunca") if due is None else f"{clock(due, zone, now)} ({relative(due, now)})"


def run_line(run: ScheduleRunRecord, zone: tzinfo, palette: Palette) -> Line:
    """One run."""
    took = palette.glyphs.dash
    if run.started_at is not None and run.finished_at is not None:
        took = duration_ms(int((run.finished_at - run.started_at).total_seconds() * 1000))
    cells = (date_time(run.due_at, zone), outcome_words(run.outcome), took, run.started_by, run.summary)
    return Line(run.id, cells, _STYLES.get(run.outcome, ""))


def vanished_question(run: ScheduleRunRecord) -> Question:
    """What a run holds back, before somebody says that it is meant to be gone."""
    told = [line for sentence in run.summary.split(" · ")[1:] for line in wrap(sentence, WIDTH - 6)]
    asked = wrap(_("Confirmar envia o que falta: o que ficou inativo é desativado na VTEX, com estoque 0."), WIDTH - 6)
    lines = tuple(((line, ""),) for line in (*told, "", *asked))
    return Question(_("O que sumiu da origem"), lines, _("s confirma e exporta   enter deixa retido"), letter="s")


def outcome_words(outcome: str) -> str:
    """What became of a run, in a word."""
    return {
        "running": _("executando"),
        "done": _("ok"),
        "held": _("retido"),
        "failed": _("falhou"),
        "missed": _("perdida"),
        "skipped": _("pulada"),
    }.get(outcome, outcome)
