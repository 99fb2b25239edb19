"""The words above and below the list: where we are, how things stand, what is filtered and marked, what is wrong.

Functions from values to pieces of text with the names of their styles; nothing here draws or reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from screens.theme import STATUS_STYLES, Palette, Stage
from screens.view import MarkCounts
from screens.widgets.rows import Position
from vtexmon.config import Config
from vtexmon.core.filter_help import describe
from vtexmon.core.filters import Filter
from vtexmon.core.formats import clock, span, thousands
from vtexmon.core.records import OpenCounts, ScheduleState, TargetState
from vtexmon.core.status import Status, WaitReason
from vtexmon.i18n import _, ngettext

if TYPE_CHECKING:
    from screens.reads import Overview
    from vtexmon.store.workers import WorkerRecord

Piece = tuple[str, str]
CAP: Final = 10_000
"""Counts stop here (``store/log_pages.COUNT_CAP``)."""


def capped(count: int) -> str:
    """A count that stops at the cap: ``226``, ``10.000+``."""
    return f"{thousands(CAP)}+" if count > CAP else thousands(count)


def context(config: Config, scope: Filter, zone: tzinfo | None, palette: Palette) -> list[Piece]:
    """Program, stage, regional and branch: the left of the first line, what may be cut last."""
    stages = {account.stage for account in config.accounts.values()}
    where: Piece = (f"  {_scope(config, scope, zone, palette)}", "")
    if not stages:
        return [(" vtexmon", "header"), ("  ", ""), (_("nenhuma conta configurada"), "warning"), where]
    stage = Stage(min(stages))
    return [(" vtexmon", "header"), ("  ", ""), (palette.stage(stage)[0], stage.value), where]


def _scope(config: Config, scope: Filter, zone: tzinfo | None, palette: Palette) -> str:
    if zone is not None and not scope.is_empty:
        return describe(scope, zone)
    match config.regionals:
        case ():
            return _("sem regional")
        case (only,):
            branches = ", ".join(str(branch) for branch in only.branches)
            words = _("Filial {n}").format(n=branches) if branches else _("todas as filiais")
            return f"{only.name} {palette.glyphs.separator} {words}"
        case several:
            return _("{n} regionais").format(n=len(several))


def vtex_health(targets: Iterable[TargetState], now: datetime, zone: tzinfo, palette: Palette) -> Piece:
    """``● VTEX ok``, or the worst that holds it."""
    held = [one for one in targets if one.closed_until is None or one.closed_until > now]
    worst = min(held, key=lambda one: _WORST.index(one.closed_reason or ""), default=None)
    if worst is None:
        return f"{palette.glyphs.connected} {_('VTEX ok')}", "success"
    until = "" if worst.closed_until is None else _(" até {time}").format(time=clock(worst.closed_until, zone, now))
    sign = palette.glyphs.error
    match worst.closed_reason:
        case WaitReason.TARGET:
            return f"{sign} {_('VTEX parada')}{until}", "alert"
        case WaitReason.CREDENTIAL:
            return f"{sign} {_('credencial recusada: {account}').format(account=worst.account)}", "alert"
        case WaitReason.PAUSED:
            return f"{sign} {_('{account} em pausa').format(account=worst.account)}{until}", "warning"
        case _:
            return f"{palette.glyphs.connected} {_('limite da VTEX')}{until}", "warning"


_WORST: Final = (WaitReason.TARGET, WaitReason.CREDENTIAL, WaitReason.PAUSED, WaitReason.LIMIT, "")


def last_change(moment: datetime | None, now: datetime, zone: tzinfo, palette: Palette) -> Piece:
    """``⟳ 14:32:07``: when a record was last written, not a clock; with the day when it is not today's."""
    if moment is None:
        return f"{palette.glyphs.live} {palette.glyphs.dash} ", ""
    local = moment.astimezone(zone)
    shown = local.strftime("%H:%M:%S") if local.date() == now.astimezone(zone).date() else clock(moment, zone, now)
    return f"{palette.glyphs.live} {shown} ", ""


def counts(found: OpenCounts, now: datetime, palette: Palette) -> list[Piece]:
    """The second line: the open states, today's successes, the oldest that waits."""
    pieces: list[Piece] = [(" ", "")]
    numbers = ((Status.ERROR, found.error), (Status.CANCELLED, found.cancelled), (Status.PENDING, found.pending))
    for status, number in numbers:
        sign = getattr(palette.glyphs, STATUS_STYLES[status])
        pieces += [
            (f"{sign} {thousands(number)} {status.value}", STATUS_STYLES[status] if number else "quiet"),
            ("  ", ""),
        ]
    if found.success_today is not None:
        words = _("{n} Sucesso hoje").format(n=thousands(found.success_today))
        pieces.append((f"{palette.glyphs.success} {words}", "success" if found.success_today else "quiet"))
    if found.oldest_open_at is not None:
        pieces.append((f"  {_('mais antigo {time}').format(time=span(now - found.oldest_open_at))}", ""))
    return pieces


def filter_line(text: str, only_marked: bool) -> list[Piece]:
    """The third line: what is filtered."""
    if only_marked:
        return [(" / ", "key"), (_("só os marcados (V mostra todos)"), "warning")]
    return [(" / ", "key"), (text, "")] if text else [(" / ", "key"), (_("sem filtro"), "quiet")]


def totals(found: Overview, palette: Palette) -> str:
    """``226 de ≈1.204.331``."""
    total = ("" if found.exact else palette.glyphs.about) + thousands(found.total)
    if found.matching is None:
        return ngettext("{n} registro ", "{n} registros ", found.total).format(n=total)
    return _("{n} de {total} ").format(n=capped(found.matching), total=total)


def marks(found: MarkCounts, in_range: bool, message: str, palette: Palette) -> list[Piece]:
    """The line below the list: what is marked, and what of it the filter hides; else the cursor row's whole message."""
    if in_range:
        return [(" ", ""), (_("faixa começada: v marca até aqui, esc desiste"), "warning")]
    if not found.marked and message:
        return [(f" {message}", "")]
    if not found.marked:
        return [(" ", ""), (_("nada marcado: R reenvia todos os Erro do filtro"), "quiet")]
    marked = ngettext("{n} marcado", "{n} marcados", found.marked).format(n=capped(found.marked))
    hidden = ngettext("{n} oculto", "{n} ocultos", found.hidden).format(n=thousands(found.hidden))
    separator = f" {palette.glyphs.separator} "
    return [(f" {marked}{separator}", ""), (hidden, "hidden-marks" if found.hidden else "")]


def place(position: Position, total: int | None, palette: Palette) -> str:
    """``linha 3 de 226 · 1 %``; only what is known of it, and the rows that arrived above."""
    newer = ngettext("{n} novo acima", "{n} novos acima", position.newer).format(n=thousands(position.newer))
    parts = [newer] if position.newer else []
    known = None if total is None or total > CAP else total
    rank = position.rank
    if rank is None and position.from_end is not None and known is not None:
        rank = known - position.from_end + 1
    if rank is not None and known:
        share = min(100, max(1, round(100 * rank / known)))
        parts += [_("linha {n} de {total}").format(n=thousands(rank), total=thousands(known)), f"{share} %"]
    elif rank is not None:
        parts.append(_("linha {n}").format(n=thousands(rank)))
    elif position.from_end is not None:
        parts.append(_("linha {n} a contar do fim").format(n=thousands(position.from_end)))
    return f" {palette.glyphs.separator} ".join(parts) + " "


def no_automatic_resend(config: Config, palette: Palette) -> list[Piece]:
    """The loud line when *Número de tentativas de reenvio* is empty; nothing when it is set."""
    if config.retry_policy.max_attempts is not None:
        return []
    words = _("SEM REENVIO AUTOMÁTICO: «Número de tentativas de reenvio» está vazio")
    return [(f" {palette.glyphs.error} {words} ", "producao")]


def warnings(config: Config, found: Overview | None, now: datetime, zone: tzinfo) -> list[str]:
    """What somebody has to know besides, the worst first."""
    words = [
        _("conta {name} sem credencial").format(name=account.name)
        for account in config.accounts.values()
        if not account.has_credentials
    ]
    if found is None:
        return words
    words += [text for state in found.schedules if (text := schedule_trouble(state, now, zone))]
    if found.fingerprints > 1:
        words.append(_("motores com configurações diferentes (tela 5)"))
    return words


def schedule_trouble(state: ScheduleState, now: datetime, zone: tzinfo) -> str:
    """What is wrong with a schedule, in a few words; empty when nothing is."""
    name = state.label
    if state.paused:
        until = "" if state.paused_until is None else _(" até {time}").format(time=clock(state.paused_until, zone, now))
        return _("{name}: em pausa{until}").format(name=name, until=until)
    if state.enabled and state.last_run is not None and state.last_run.outcome == "failed":
        return _("{name}: falhou às {time}").format(name=name, time=clock(state.last_run.due_at, zone, now))
    if state.enabled and state.missed:
        missed = ngettext("{name}: {n} execução perdida em 24h", "{name}: {n} execuções perdidas em 24h", state.missed)
        return missed.format(name=name, n=thousands(state.missed))
    return ""


def why_empty(view_is_marked: bool, filtered: bool, engine: bool) -> str:
    """Why there are no rows, and what to press."""
    if view_is_marked:
        return _("Nenhum registro marcado. V mostra todos de novo.")
    if filtered:
        return _("Nenhum registro passa neste filtro.\n/ muda o filtro, esc o retira.")
    if engine:
        return "\n".join(
            (
                _("Nenhum registro ainda: nada foi enviado à VTEX."),
                _("A exportação roda sozinha; 5 mostra os agendamentos e executa uma agora."),
            )
        )
    return _("Nenhum registro ainda: nada foi enviado à VTEX.\nEste monitor está sem motor; «vtexmon export» envia.")


def engine_words(alive: Iterable[WorkerRecord], palette: Palette) -> list[Piece]:
    """Which engines run, and whether they run with one configuration."""
    found = list(alive)
    if not found:
        return [(f" {palette.glyphs.error} {_('nenhum motor ativo: nada é enviado nem executado')}", "alert")]
    separator = f" {palette.glyphs.separator} "
    names = separator.join(f"{worker.kind} {worker.host}:{worker.pid}" for worker in found)
    words = ngettext("{n} motor ativo", "{n} motores ativos", len(found)).format(n=len(found))
    pieces = [(f" {palette.glyphs.connected} ", "success"), (f"{words}: {names}", "")]
    if len({worker.config_fingerprint for worker in found}) > 1:
        warning = _("configurações diferentes: reinicie os motores com a mesma")
        pieces.insert(0, (f" ! {warning}{separator.rstrip()}", "alert"))
    return pieces


def pause_words(targets: Iterable[TargetState], now: datetime, zone: tzinfo) -> list[Piece]:
    """Accounts that somebody paused."""
    paused = [one for one in targets if one.closed_reason == WaitReason.PAUSED]
    held = [one for one in paused if one.closed_until is None or one.closed_until > now]
    if not held:
        return []
    names = ", ".join(
        one.account
        + ("" if one.closed_until is None else _(" até {time}").format(time=clock(one.closed_until, zone, now)))
        for one in held
    )
    return [(_(" contas em pausa: {names} (vtexmon unpause)").format(names=names), "warning")]
