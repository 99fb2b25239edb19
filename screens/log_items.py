"""The Itens de Log: the manual's eight fields (``domain/totvs.md`` 4.3) and what each request was, as table rows."""

from __future__ import annotations

from datetime import datetime, tzinfo

from screens.theme import STATUS_STYLES, Palette
from screens.widgets.columns import Column
from screens.widgets.rows import Line
from vtexmon.core.formats import NOTHING, date_time, decimal, thousands
from vtexmon.core.records import LogItemRecord
from vtexmon.i18n import _


def item_columns() -> tuple[Column, ...]:
    """The columns; where they do not all fit, those that the item's own line tells (message, sizes, dates) go first."""
    return (
        Column("id", _("Id. Item Log"), 12, 12, "right", 20),
        Column("log", _("Id. Log"), 8, 7, "right", 1),
        Column("attempt", _("Tent."), 5, 5, "right", 18),
        Column("status", _("Status"), 11, 11, priority=19, tinted=True),
        Column("step", _("Etapa"), 24, 12, priority=17),
        Column("http", _("HTTP"), 4, 4, "right", 16),
        Column("ms", _("ms"), 6, 5, "right", 15),
        Column("sent", _("Dados Enviados"), 14, 14, priority=3),
        Column("received", _("Dados Recebidos"), 15, 15, priority=4),
        Column("created", _("Data de Criação"), 19, 15, priority=14),
        Column("updated", _("Data da última Alteração"), 24, 19, priority=2),
        Column("message", _("Mensagem"), 60, 16, priority=5),
    )


def item_line(item: LogItemRecord, palette: Palette, zone: tzinfo, now: datetime) -> Line:
    """One item as a row."""
    cells = (
        str(item.id),
        str(item.log_id),
        str(item.attempt) if item.attempt else palette.glyphs.dash,
        palette.status(item.status),
        _step(item),
        NOTHING if item.http_status is None else str(item.http_status),
        NOTHING if item.duration_ms is None else thousands(item.duration_ms),
        _("sim") if item.sent_hash else palette.glyphs.dash,
        _("sim") if item.received_hash else palette.glyphs.dash,
        _moment(item.created_at, zone, now),
        date_time(item.updated_at, zone, seconds=True),
        item.message,
    )
    return Line(item.id, cells, STATUS_STYLES[item.status])


def item_words(item: LogItemRecord, zone: tzinfo, now: datetime) -> list[tuple[str, str]]:
    """What the narrow table leaves out, in one line: when it changed last and its message."""
    message = item.message or (_("ainda sem resposta") if item.completed_at is None else NOTHING)
    return [
        (f" {_('Data da última Alteração')}", "quiet"),
        (f"  {_moment(item.updated_at, zone, now)}  ", ""),
        (_("Mensagem"), "quiet"),
        (f"  {message}", STATUS_STYLES[item.status]),
    ]


def request_words(item: LogItemRecord) -> str:
    """The request: ``POST /api/catalog/…``."""
    return f"{item.method} {item.endpoint}"


def size_words(size: int) -> str:
    """``212 B``, ``1,2 KB``, ``1,0 MB``."""
    if size < 1000:
        return f"{size} B"
    return f"{decimal(size / 1000)} KB" if size < 1_000_000 else f"{decimal(size / 1_000_000)} MB"


def _step(item: LogItemRecord) -> str:
    return f"{item.step} · {request_words(item)}" if item.step else request_words(item)


def _moment(moment: datetime, zone: tzinfo, now: datetime) -> str:
    local = moment.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M:%S" if today else _("%d/%m/%y %H:%M"))
