"""How values look for people: numbers, times, statuses, and what happens next with a record.

Words and separators follow the language in use; the fixed short forms fit the monitor's columns at 80×24.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from vtexmon.core import modules
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.i18n import _

NOTHING = "–"
_GLYPHS = {Status.ERROR: "✗", Status.CANCELLED: "⊘", Status.PENDING: "…", Status.SUCCESS: "✓"}
_ASCII_GLYPHS = {Status.ERROR: "!", Status.CANCELLED: "x", Status.PENDING: ".", Status.SUCCESS: "+"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def thousands(number: int) -> str:
    """``1.204.331``."""
    return f"{number:,}".replace(",", _("1.234")[1])


def decimal(number: float, places: int = 1) -> str:
    """``1.234,5``."""
    whole, point, fraction = f"{number:,.{places}f}".partition(".")
    return whole.replace(",", _("1.234")[1]) + (_("1,5")[1] + fraction if point else "")


def duration_ms(milliseconds: int) -> str:
    """``212 ms``, ``1,2 s``, ``2min05``."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{decimal(milliseconds / 1000)} s"
    minutes, seconds = divmod(round(milliseconds / 1000), _MINUTE)
    return f"{thousands(minutes)}min{seconds:02}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: ``3min``, ``2h10``, ``5d4h``; parts below a minute are dropped."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    if days:
        return f"{thousands(days)}d{hours}h" if hours else f"{thousands(days)}d"
    if hours:
        return f"{hours}h{minutes:02}" if minutes else f"{hours}h"
    return f"{minutes}min"


def relative(moment: datetime, now: datetime) -> str:
    """``em 3min`` (rounded up, so that it never says too early), ``há 2h10``, or ``agora`` within the last minute."""
    if moment > now:
        whole_minutes = -((now - moment) // timedelta(minutes=1))
        return _("em {span}").format(span=span(timedelta(minutes=whole_minutes)))
    past = now - moment
    return _("agora") if past < timedelta(minutes=1) else _("há {span}").format(span=span(past))


def until(moment: datetime | None, now: datetime) -> str:
    """When something due will happen: ``em 3min``, or ``agora`` however long it is due; – for no time."""
    return NOTHING if moment is None else relative(max(moment, now), now)


def date_time(moment: datetime, tz: tzinfo, seconds: bool = False) -> str:
    """``24/11/2026 14:25`` in the zone."""
    return moment.astimezone(tz).strftime(_("%d/%m/%Y %H:%M") + (":%S" if seconds else ""))


def clock(moment: datetime, tz: tzinfo, now: datetime) -> str:
    """As much of a time as is needed: ``14:30`` today, ``25/11 14:30`` this year, else with the year."""
    local, today = moment.astimezone(tz), now.astimezone(tz)
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime(_("%d/%m %H:%M")) if local.year == today.year else date_time(moment, tz)


def status_glyph(status: Status, ascii_only: bool = False) -> str:
    """The sign of a status; never the only difference, the word stands beside it."""
    return (_ASCII_GLYPHS if ascii_only else _GLYPHS)[status]


def status_text(status: Status, ascii_only: bool = False) -> str:
    """``✗ Erro``, or ``x Erro`` where the terminal's font has no more."""
    return f"{status_glyph(status, ascii_only)} {status.value}"


def parent_text(parent_key: str, labels: Callable[[str], str] = modules.label) -> str:
    """``Produto 1;12;AJUSTA`` of ``product|nacional|b2c|1;12;AJUSTA``; anything else as it is."""
    parts = parent_key.split("|", 3)
    return f"{labels(parts[0])} {parts[3]}" if len(parts) == 4 else parent_key


def next_words(record: LogRecord, now: datetime, ascii_only: bool = False) -> str:
    """The column *Próxima*: at most ten characters, and ↻ (``*``) when the source changed since the failure."""
    words = _next(record, now)
    changed = record.source_changed and record.status is not Status.SUCCESS
    return f"{words} {'*' if ascii_only else '↻'}" if changed else words


def phase_words(record: LogRecord, tz: tzinfo, now: datetime, labels: Callable[[str], str] = modules.label) -> str:
    """What happens next with the record, in full: ``aguardando Produto 1;12;AJUSTA``, ``em pausa até 14:30``."""
    match record.phase:
        case Phase.QUEUED:
            return _("na fila")
        case Phase.SENDING:
            return _("enviando")
        case Phase.VERIFYING:
            return _("verificando na VTEX")
        case Phase.WAITING:
            return _waiting_words(record, tz, now, labels)
        case Phase.IDLE:
            return _("concluído") if record.status is Status.SUCCESS else _("parado: só por reenvio manual")


def _next(record: LogRecord, now: datetime) -> str:
    match record.phase:
        case Phase.IDLE:
            return NOTHING
        case Phase.QUEUED:
            return _("na fila")
        case Phase.SENDING:
            return _("enviando")
        case Phase.VERIFYING:
            return _("verifica")
        case Phase.WAITING:
            return _wait(record, now)


def _wait(record: LogRecord, now: datetime) -> str:
    held = {
        WaitReason.PARENT: _("aguarda"),
        WaitReason.PAUSED: _("em pausa"),
        WaitReason.CREDENTIAL: _("credencial"),
    }
    if record.wait_reason in held:
        return held[record.wait_reason]
    return _("aguarda") if record.next_attempt_at is None else until(record.next_attempt_at, now)


def _waiting_words(record: LogRecord, tz: tzinfo, now: datetime, labels: Callable[[str], str]) -> str:
    if record.wait_reason is WaitReason.RETRY:
        return _("reenvio {when}").format(when=until(record.next_attempt_at, now))
    if record.wait_reason is WaitReason.PARENT:
        parent = parent_text(record.parent_key, labels) if record.parent_key else _("o registro de que depende")
        return _("aguardando {parent}").format(parent=parent)
    reasons = {
        WaitReason.TARGET: _("aguardando a VTEX"),
        WaitReason.LIMIT: _("aguardando o limite da VTEX"),
        WaitReason.PAUSED: _("em pausa"),
        WaitReason.CREDENTIAL: _("aguardando a credencial da conta {account}").format(account=record.account),
    }
    words = reasons.get(record.wait_reason, _("aguardando")) if record.wait_reason else _("aguardando")
    due = record.next_attempt_at
    return words if due is None or due <= now else _("{words} até {time}").format(words=words, time=clock(due, tz, now))
