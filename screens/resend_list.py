"""The rows of a resend plan one by one: which would be sent, which are left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from screens.theme import STATUS_STYLES, Palette
from screens.widgets.columns import Column
from screens.widgets.rows import Line
from vtexmon.core import modules
from vtexmon.core.formats import thousands
from vtexmon.core.records import LogRecord
from vtexmon.core.resend_plan import Ignored, ResendPlan, eligibility, ignored_words
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import Status
from vtexmon.i18n import _, ngettext
from vtexmon.store import resends

LONGEST: Final = 1000
"""Rows of each kind that are listed; the plan counts them all."""


@dataclass(frozen=True)
class PlanRows:
    """The newest rows that would be sent, and the newest that are left out."""

    sent: tuple[LogRecord, ...]
    ignored: tuple[LogRecord, ...]


def read_rows(connection: Connection, selection: Explicit | Matching) -> PlanRows:
    """At most ``LONGEST`` rows of each kind."""
    sent, ignored = (tuple(resends.listed(connection, selection, kind, LONGEST)) for kind in (True, False))
    return PlanRows(sent, ignored)


def columns() -> tuple[Column, ...]:
    """Id and key as in the monitor, and what happens to the row."""
    return (
        Column("id", _("Id Log"), 8, 7, "right", 9),
        Column("status", _("Status"), 11, 11, priority=8, tinted=True),
        Column("module", _("Módulo"), 9, 7, priority=5),
        Column("values", _("Valores Chave"), 30, 14, priority=7),
        Column("fate", _("O que acontece"), 30, 14, priority=6),
    )


def lines(rows: PlanRows, palette: Palette) -> list[Line]:
    """The rows to be sent, then those left out."""
    return [_line(record, palette) for record in (*rows.sent, *rows.ignored)]


def heading(plan: ResendPlan) -> str:
    """How many of each kind there are, and that not all are listed."""
    ignored = ngettext("{n} ignorado", "{n} ignorados", plan.left_out).format(n=thousands(plan.left_out))
    words = _("{n} a reenviar").format(n=thousands(plan.sent)) + f" · {ignored}"
    if max(plan.sent, plan.left_out) > LONGEST:
        words += " " + _("(os {n} mais novos de cada)").format(n=thousands(LONGEST))
    return words


def _line(record: LogRecord, palette: Palette) -> Line:
    verdict = eligibility(record)
    if isinstance(verdict, Ignored):
        fate = _("ignorado: {reason}").format(reason=ignored_words(verdict))
    else:
        fate = _("adiantado") if record.status is Status.PENDING else _("reenviado")
    cells = (str(record.id), palette.status(record.status), modules.label(record.module), record.key_values, fate)
    return Line(record.id, cells, STATUS_STYLES[record.status])
