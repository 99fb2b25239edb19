"""What a resend would do, before it is done: how many rows, which are left out and why, by what cause.

``eligibility`` is the one rule of what may be resent; the plan counts with it and the claim asks it again. A plan is
made of groups of equal rows, so that the store can count millions with one GROUP BY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from vtexmon.core.formats import thousands
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection
from vtexmon.core.status import Phase, RetryPolicy, Status, WaitReason
from vtexmon.i18n import _, ngettext

CONFIRMED_BY_ONE_LETTER = 20
"""Up to so many rows one letter confirms; above it the number is typed."""

CAUSES_SHOWN = 3
_CAUSE_WIDTH = 40


class Eligible(StrEnum):
    """What sending the row now would be."""

    RESEND = "resend"
    FIRST_SEND = "first_send"  # a waiting Pendente, brought forward


class Ignored(StrEnum):
    """Why a row is left out; the values are the keys of ``"ignored"`` on the command line."""

    SUCCESS = "success"
    QUEUED = "queued"
    SENDING = "sending"
    VERIFYING = "verifying"
    CHANGED_MEANWHILE = "changed_meanwhile"  # found at the claim: another process was there between plan and claim


Eligibility: TypeAlias = Eligible | Ignored


class HasState(Protocol):
    """What eligibility depends on: a log row, a state or a group."""

    @property
    def status(self) -> Status:
        """The manual's status."""

    @property
    def phase(self) -> Phase:
        """What the engine is doing with it."""


@dataclass(frozen=True)
class PlanGroup:
    """``count`` rows that are equal in everything the plan looks at; ``message`` is any one of theirs."""

    status: Status
    phase: Phase
    wait_reason: WaitReason | None
    source_changed: bool
    attempts: int
    count: int
    fingerprint: str | None
    message: str


@dataclass(frozen=True)
class Cause:
    """How many of the rows to be sent have one cause; ``fingerprint`` None = no failure recorded."""

    fingerprint: str | None
    message: str
    count: int


@dataclass(frozen=True)
class ResendPlan:
    """The counts that a person confirms. ``ignored`` and ``causes`` are the largest first and add up to their totals.

    ``last_attempt`` counts the Erro that become Cancelado if this resend fails; ``hidden`` the marks that the current
    filter hides.
    """

    error: int
    cancelled: int
    brought_forward: int
    ignored: tuple[tuple[Ignored, int], ...]
    causes: tuple[Cause, ...]
    source_changed: int
    last_attempt: int
    hidden: int = 0

    @property
    def sent(self) -> int:
        """How many rows will be sent: the number that is typed to confirm."""
        return self.error + self.cancelled + self.brought_forward

    @property
    def left_out(self) -> int:
        """How many rows are ignored."""
        return sum(count for _reason, count in self.ignored)

    @property
    def selected(self) -> int:
        """How many rows the plan is about."""
        return self.sent + self.left_out

    @property
    def needs_typed_number(self) -> bool:
        """Whether one letter is not enough to confirm."""
        return self.sent > CONFIRMED_BY_ONE_LETTER


_BUSY: Mapping[Phase, Ignored] = {
    Phase.QUEUED: Ignored.QUEUED,
    Phase.SENDING: Ignored.SENDING,
    Phase.VERIFYING: Ignored.VERIFYING,
}


def eligibility(row: HasState) -> Eligibility:
    """Whether a person may have this row sent now (DESIGN.md section 4): held Erro, Cancelado and Pendente."""
    if row.status is Status.SUCCESS:
        return Ignored.SUCCESS
    if row.phase in _BUSY:
        return _BUSY[row.phase]
    return Eligible.FIRST_SEND if row.status is Status.PENDING else Eligible.RESEND


def group_of(record: LogRecord) -> PlanGroup:
    """One record as a group of one."""
    return PlanGroup(
        record.status,
        record.phase,
        record.wait_reason,
        record.source_changed,
        record.attempts,
        1,
        record.fingerprint,
        record.message,
    )


def plan(groups: Iterable[PlanGroup], policy: RetryPolicy, hidden: int = 0) -> ResendPlan:
    """Count what a resend of these rows does; the order of the groups does not matter."""
    sent: Counter[Status] = Counter()
    ignored: Counter[Ignored] = Counter()
    causes: Counter[str | None] = Counter()
    messages: dict[str | None, str] = {}
    source_changed = last_attempt = 0
    for group in groups:
        verdict = eligibility(group)
        if isinstance(verdict, Ignored):
            ignored[verdict] += group.count
            continue
        sent[group.status] += group.count
        causes[group.fingerprint] += group.count
        messages[group.fingerprint] = min(group.message, messages.get(group.fingerprint, group.message))
        source_changed += group.count if group.source_changed else 0
        last_attempt += group.count if _is_last_attempt(group, policy) else 0
    return ResendPlan(
        error=sent[Status.ERROR],
        cancelled=sent[Status.CANCELLED],
        brought_forward=sent[Status.PENDING],
        ignored=tuple(sorted(ignored.items(), key=lambda item: (-item[1], item[0]))),
        causes=_causes(causes, messages),
        source_changed=source_changed,
        last_attempt=last_attempt,
        hidden=hidden,
    )


def plan_of_records(records: Iterable[LogRecord], policy: RetryPolicy, hidden: int = 0) -> ResendPlan:
    """The plan for records that are at hand."""
    return plan((group_of(record) for record in records), policy, hidden)


def ignored_words(reason: Ignored) -> str:
    """The reason as the screen says it."""
    return {
        Ignored.SUCCESS: Status.SUCCESS.value,
        Ignored.QUEUED: _("na fila"),
        Ignored.SENDING: _("em envio"),
        Ignored.VERIFYING: _("em verificação"),
        Ignored.CHANGED_MEANWHILE: _("mudaram enquanto isso"),
    }[reason]


def title(selection: Selection, resend_plan: ResendPlan, scope: str = "", query: str = "") -> str:
    """What the plan is about, in words. ``scope`` is the context line's text, ``query`` the filter's (or its words)."""
    count = resend_plan.selected
    number = thousands(count)
    where = (_(" de {scope}").format(scope=scope) if scope else "") + (
        _(", filtro {query}").format(query=query) if query else ""
    )
    match selection:
        case Nothing():
            all_of = ngettext(
                "NADA marcado: o único com status Erro", "NADA marcado: todos os {n} com status Erro", count
            )
            return all_of.format(n=number) + where
        case Explicit():
            return ngettext("{n} marcado", "{n} marcados", count).format(n=number) + _hidden(resend_plan)
        case Matching():
            text = ngettext("o único registro marcado", "todos os {n} marcados", count).format(n=number) + where
            return text + _single_marks(selection) + _hidden(resend_plan)


def lines(resend_plan: ResendPlan, causes_shown: int = CAUSES_SHOWN) -> list[str]:
    """The plan as lines of text, for the screen and for ``--dry-run``."""
    total = thousands(resend_plan.sent)
    width = max(len(total), len(thousands(resend_plan.left_out)), 4)
    rows = [_row(_("serão reenviados"), total, width, _sent_words(resend_plan))]
    if not resend_plan.sent:
        rows = [_("nada a reenviar")]
    if resend_plan.left_out:
        reasons = [(ignored_words(reason), count) for reason, count in resend_plan.ignored]
        rows.append(_row(_("serão ignorados"), thousands(resend_plan.left_out), width, reasons))
    if resend_plan.sent:
        rows.append(_row(_("por causa"), "", width, _cause_words(resend_plan.causes, causes_shown)))
    if resend_plan.source_changed:
        changed = thousands(resend_plan.source_changed)
        rows.append(_("fonte alterada desde o erro: {n} de {total}").format(n=changed, total=total))
    if resend_plan.last_attempt:
        last = thousands(resend_plan.last_attempt)
        rows.append(_("última tentativa (vira Cancelado se falhar): {n}").format(n=last))
    return rows


def _is_last_attempt(group: PlanGroup, policy: RetryPolicy) -> bool:
    maximum = policy.max_attempts
    return group.status is Status.ERROR and maximum is not None and group.attempts + 1 >= maximum


def _causes(counts: Counter[str | None], messages: Mapping[str | None, str]) -> tuple[Cause, ...]:
    causes = (Cause(fingerprint, messages[fingerprint], count) for fingerprint, count in counts.items())
    return tuple(sorted(causes, key=lambda cause: (-cause.count, cause.message, cause.fingerprint or "")))


def _sent_words(resend_plan: ResendPlan) -> list[tuple[str, int]]:
    parts = [
        (Status.ERROR.value, resend_plan.error),
        (Status.CANCELLED.value, resend_plan.cancelled),
        (ngettext("adiantado", "adiantados", resend_plan.brought_forward), resend_plan.brought_forward),
    ]
    return [(words, count) for words, count in parts if count]


def _cause_words(causes: tuple[Cause, ...], shown: int) -> list[tuple[str, int]]:
    told = [(_short(cause.message) if cause.fingerprint else _("sem falha"), cause.count) for cause in causes[:shown]]
    rest = sum(cause.count for cause in causes[shown:])
    return [*told, (_("outras"), rest)] if rest else told


def _short(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _CAUSE_WIDTH else text[: _CAUSE_WIDTH - 1] + "…"


def _row(label: str, total: str, width: int, parts: list[tuple[str, int]]) -> str:
    return f"{label:<18} {total:>{width}}   {_counted(parts)}"


def _counted(parts: list[tuple[str, int]]) -> str:
    return " · ".join(f"{words} {thousands(count)}" for words, count in parts)


def _hidden(resend_plan: ResendPlan) -> str:
    hidden = resend_plan.hidden
    text = ngettext(" ({n} oculto pelo filtro)", " ({n} ocultos pelo filtro)", hidden)
    return text.format(n=thousands(hidden)) if hidden else ""


def _single_marks(selection: Matching) -> str:
    minus = ngettext(", menos {n} desmarcado", ", menos {n} desmarcados", len(selection.minus))
    plus = ngettext(", mais {n} marcado", ", mais {n} marcados", len(selection.plus))
    parts = ((minus, len(selection.minus)), (plus, len(selection.plus)))
    return "".join(text.format(n=thousands(count)) for text, count in parts if count)
