"""A record as a line of the Monitor de Log: which columns there are at which width, and what stands in them.

At 80 columns seven short ones; the manual's eleven, under its own labels, where the terminal is wide enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Final

from screens.theme import STATUS_STYLES, Palette
from screens.widgets.columns import Column
from screens.widgets.rows import Line
from vtexmon.core import modules
from vtexmon.core.formats import NOTHING, date_time, next_words
from vtexmon.core.records import LogRecord
from vtexmon.i18n import _

WIDE: Final = 150
"""From this width on the manual's full labels stand over the columns."""


@dataclass(frozen=True)
class LineContext:
    """What a cell depends on beside the record."""

    now: datetime
    timezone: tzinfo
    max_attempts: int | None
    palette: Palette


def columns(width: int, id_digits: int = 6) -> tuple[Column, ...]:
    """The columns for a terminal of ``width`` cells and ids of so many digits, titles in the language in use."""
    id_width = max(id_digits, 6)
    if width < WIDE:
        return _narrow(id_width)
    return (
        Column("id", _("Id Log"), id_width, id_width, "right", 20),
        Column("status", _("Status"), 11, 11, priority=19, tinted=True),
        Column("module", _("Módulo"), 9, 9, priority=18),
        Column("feature", _("Funcionalidade"), 20, 19, priority=8),
        Column("fields", _("Campos Chave"), 36, 20, priority=5),
        Column("values", _("Valores Chave"), 24, 19, priority=17),
        Column("attempts", _("Número de tentativas de Reenvio"), 31, 31, "right", 14),
        Column("next", _("Próxima"), 10, 10, priority=15),
        Column("created", _("Data de Criação"), 16, 16, priority=12),
        Column("updated", _("Data da última alteração"), 24, 24, priority=11),
        Column("created_by", _("Criador por"), 12, 11, priority=7),
        Column("updated_by", _("Alterado Por"), 12, 12, priority=6),
        Column("message", _("Mensagem"), 60, 20, priority=16),
    )


def _narrow(id_width: int) -> tuple[Column, ...]:
    return (
        Column("id", _("Id Log"), id_width, id_width, "right", 20),
        Column("status", _("Status"), 11, 11, priority=19, tinted=True),
        Column("module", _("Módulo"), 9, 7, priority=15),
        Column("values", _("Valores Chave"), 24, 20, priority=16),
        Column("attempts", _("Tent."), 5, 5, "right", 14),
        Column("next", _("Próxima"), 10, 10, priority=18),
        Column("updated", _("Alterado"), 16, 16, priority=1),
        Column("message", _("Mensagem"), 40, 12, priority=17),
    )


def line(record: LogRecord, chosen: tuple[Column, ...], context: LineContext, marked: bool = False) -> Line:
    """The record under the chosen columns."""
    cells = tuple(_CELLS[column.id](record, context) for column in chosen)
    return Line(record.id, cells, STATUS_STYLES[record.status], marked)


def as_text(record: LogRecord, context: LineContext) -> str:
    """The record as one line of tab-separated text, for the clipboard."""
    wanted = ("id", "status", "module", "values", "attempts", "updated", "message")
    return "\t".join(_CELLS[name](record, context) for name in wanted)


def _attempts(record: LogRecord, context: LineContext) -> str:
    maximum = context.max_attempts
    return str(record.attempts) if maximum is None else f"{record.attempts}/{maximum}"


def _next(record: LogRecord, context: LineContext) -> str:
    words = next_words(record, context.now, context.palette.ascii_only)
    return words.replace(NOTHING, context.palette.glyphs.dash)


def _time(name: str, record: LogRecord, context: LineContext) -> str:
    return date_time(getattr(record, name), context.timezone)


def _plain(name: str, record: LogRecord, _context: LineContext) -> str:
    return str(getattr(record, name))


_CELLS: Final[dict[str, Callable[[LogRecord, LineContext], str]]] = {
    "id": partial(_plain, "id"),
    "status": lambda record, context: context.palette.status(record.status),
    "module": lambda record, _context: modules.label(record.module),
    "feature": partial(_plain, "feature"),
    "fields": partial(_plain, "key_fields"),
    "values": partial(_plain, "key_values"),
    "attempts": _attempts,
    "next": _next,
    "created": partial(_time, "created_at"),
    "updated": partial(_time, "updated_at"),
    "created_by": partial(_plain, "created_by"),
    "updated_by": partial(_plain, "updated_by"),
    "message": partial(_plain, "message"),
}
