"""Finding what changed at the source since the last success, and making a log for each (DESIGN.md section 4).

Nothing is sent here. ``export`` never resends an open Erro or Cancelado whose wanted state is unchanged; where the
source changed under one, it is marked *fonte alterada* and, with automatic resend on, due at once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from vtexmon.config import Config
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.filters import KeyTerm, folded_key, search_text
from vtexmon.core.modules import label
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase, RecordState, RetryPolicy, Status, failed, may_resend_automatically
from vtexmon.engine.context import Context
from vtexmon.engine.vanished import HELD, Disappearance, disappearance
from vtexmon.i18n import _
from vtexmon.integrations.contract import Planned, Skip, Wanted
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.planning import rejected_hash, wanted_hash
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.store import audit, logs, planning, resends
from vtexmon.store.claims import add_to_scope
from vtexmon.store.conditions import key_folded
from vtexmon.store.database import Database
from vtexmon.store.planning import Known, NewLog

T = TypeVar("T")

_CHUNK = 200
_UNKNOWN = Known(None, None, None)


@dataclass(frozen=True)
class ExportScope:
    """What an export is about; empty = everything. ``force`` sends what ``keys`` name again, even after Sucesso.

    ``confirm_vanished``: what is gone at the source is meant to be gone (``vanished.py``).
    """

    modules: frozenset[str] = frozenset()
    branches: frozenset[int] = frozenset()
    keys: frozenset[KeyTerm] = frozenset()
    force: bool = False
    confirm_vanished: bool = False


@dataclass
class ExportPlan:
    """What an export found: records to make a log for (``failures``: those born in Erro), those it only marks, and the
    counted rest.
    """

    new: dict[str, NewLog] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    changed: list[tuple[int, str]] = field(default_factory=list)
    forced: list[int] = field(default_factory=list)
    open_ids: list[int] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    held: dict[str, str] = field(default_factory=dict)
    gone: Disappearance = field(default_factory=Disappearance)


@dataclass(frozen=True)
class Exported:
    """What an export wrote; ``log_ids`` are the logs it made, changed or found open in its scope.

    ``held`` are the modules of which too much is gone at once, by id, each with why and what to do.
    """

    created: int
    log_ids: tuple[int, ...]
    skipped: dict[str, int]
    held: dict[str, str]


def in_scope(offer: Offer, scope: ExportScope) -> list[Planned]:
    """The records of the source that an export is about: branches by class, with the parents of what they select."""
    planned = [one for integration in INTEGRATIONS.values() for one in integration.plan_all(offer)]
    if scope.branches:
        planned = _of_branches(planned, scope.branches)
    if scope.modules:
        planned = [one for one in planned if one.key.module in scope.modules]
    if scope.keys:
        planned = [one for one in planned if any(term.matches(";".join(one.key.key_values)) for term in scope.keys)]
    return planned


def _of_branches(planned: list[Planned], branches: frozenset[int]) -> list[Planned]:
    """Children before parents: what a selected record needs is selected, too."""
    needed: set[str] = set()
    chosen: list[Planned] = []
    for one in reversed(planned):
        if one.key.branch in branches or one.key.text in needed:
            chosen.append(one)
            if not isinstance(one.outcome, Failure | Skip):
                needed.update(one.outcome.parents)
    return chosen[::-1]


def compare(planned: Iterable[Planned], known: dict[str, Known], config: Config, force: bool) -> ExportPlan:
    """What is to be done for each record, given what is known of it."""
    plan = ExportPlan()
    for one in planned:
        match one.outcome:
            case Skip(reason):
                plan.skipped[reason] += 1
            case Failure() as failure:
                _consider(plan, one, known, rejected_hash(failure.message), config, False)
            case wanted:
                before = known.get(one.key.text, _UNKNOWN)
                if wanted.only_if_known and before.external_id is None and before.open_log is None:
                    plan.skipped["inactive"] += 1
                else:
                    _consider(plan, one, known, wanted_hash(wanted), config, force)
    return plan


def _consider(
    plan: ExportPlan, one: Planned, known: dict[str, Known], source_hash: str, config: Config, force: bool
) -> None:
    before = known.get(one.key.text, _UNKNOWN)
    log = before.open_log
    if log is not None:
        plan.open_ids.append(log.id)
        if force and log.status is not Status.PENDING and log.phase in (Phase.IDLE, Phase.WAITING):
            plan.forced.append(log.id)
            return
        plan.skipped["open"] += 1
        if log.source_hash != source_hash and log.status is not Status.PENDING:
            plan.changed.append((log.id, source_hash))
        return
    if before.success_hash == source_hash and not force:
        plan.skipped["unchanged"] += 1
        return
    plan.new.setdefault(one.key.text, _new_log(one, before, source_hash, config))
    if isinstance(one.outcome, Failure):
        plan.failures.setdefault(one.key.text, one.outcome)


def _new_log(one: Planned, before: Known, source_hash: str, config: Config) -> NewLog:
    key, outcome = one.key, one.outcome
    account = config.accounts.get(key.account)
    values = ";".join(key.key_values)
    failure = outcome if isinstance(outcome, Failure) else None
    wanted: Wanted | None = None if isinstance(outcome, Failure | Skip) else outcome
    return NewLog(
        record_key=key.text,
        serial_key=wanted.serial_key if wanted else key.text,
        module=key.module,
        feature=INTEGRATIONS[key.module].info.feature.value,
        company=key.company,
        branch=key.branch,
        education_level=key.education_level,
        account=key.account,
        channel=key.channel,
        environment=account.environment if account else "",
        key_fields=";".join(key.key_fields),
        key_values=values,
        key_folded=key_folded(folded_key(values)),
        source_hash=source_hash,
        search_text=search_text(
            values, title=wanted.title if wanted else "", message=failure.message if failure else ""
        ),
        external_id=before.external_id,
        parents=wanted.parents if wanted else (),
    )


async def export(context: Context, scope: ExportScope, who: str, command: str | None = None) -> Exported:
    """Find what changed and write it. ``command`` takes what it concerns into the command's own scope.

    Raises ``UsageError`` for a source whose layout cannot be read and ``Unreachable`` for one that does not answer.
    """
    plan = await find_changes(context, scope)
    database, now = context.database, context.clock.now()
    log_ids = set(plan.open_ids)
    for chunk in _chunks([_born(context, plan, log, now) for log in plan.new.values()]):
        log_ids.update(await _write(database, _creating(chunk, now, who, command)))
    for changes in _chunks(plan.changed):
        await _write(database, _marking(changes, context.config.retry_policy, now, who))
    if plan.forced:
        chosen, told = Explicit(frozenset(plan.forced)), _("envio forçado")
        await _write(database, lambda c: resends.order(c, chosen, told, "", now, who))
    if command is not None:
        await _write(database, lambda c: _take_upon(c, command, plan, now, who))
    await _note_what_is_gone(database, plan, now)
    return Exported(len(plan.new), tuple(sorted(log_ids)), dict(plan.skipped), plan.held)


def _take_upon(connection: Connection, command: str, plan: ExportPlan, now: datetime, who: str) -> None:
    """What was open already belongs to the command, too; and that a person exported is written down."""
    add_to_scope(connection, command, plan.open_ids)
    counts = f"{len(plan.new)} new, {len(plan.changed)} changed, {len(plan.forced)} forced"
    audit.write(connection, who, "export", counts, now)


def _born(context: Context, plan: ExportPlan, log: NewLog, now: datetime) -> NewLog:
    """A row that cannot be sent is a first send that failed: an Erro, with its automatic resends if there are any."""
    failure = plan.failures.get(log.record_key)
    if failure is None:
        return log
    first_send = RecordState(Status.PENDING, Phase.QUEUED)
    born = failed(first_send, failure, context.config.retry_policy, now, context.jitter())
    return replace(log, born=born)


async def find_changes(context: Context, scope: ExportScope) -> ExportPlan:
    """What an export would write: read the source, compare it with what is known; writes nothing."""
    offer = await context.offers.current()
    return await asyncio.to_thread(_find_changes, context, offer, scope)


def _find_changes(context: Context, offer: Offer, scope: ExportScope) -> ExportPlan:
    planned = in_scope(offer, scope)
    modules = scope.modules or frozenset(INTEGRATIONS)
    known = context.database.read(lambda c: planning.known_records(c, modules))
    gone = disappearance(planned, known, scope.branches) if not scope.keys else Disappearance()
    held = frozenset() if scope.confirm_vanished else gone.held(context.config.catalog.max_vanished_percent)
    plan = compare(
        [one for one in planned if one.key.module not in held], known, context.config, scope.force and bool(scope.keys)
    )
    plan.gone = gone
    plan.held = {module: gone.words(label(module), module) for module in sorted(held)}
    counts = {HELD: sum(one.key.module in held for one in planned), "missing_at_source": gone.missing}
    plan.skipped.update({reason: count for reason, count in counts.items() if count})
    return plan


async def _note_what_is_gone(database: Database, plan: ExportPlan, now: datetime) -> None:
    """From the next run on, what is gone now is no news; of a held module it stays news until it is confirmed."""
    newly = [key for key in plan.gone.newly_missing if key.split("|", 1)[0] not in plan.held]
    if newly:
        await _write(database, lambda c: planning.note_missing(c, newly, now))
    if plan.gone.back:
        await _write(database, lambda c: planning.note_missing(c, plan.gone.back, None))


def _chunks(values: list[T]) -> list[list[T]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]


def _creating(logs: list[NewLog], now: datetime, who: str, command: str | None) -> Callable[[Connection], list[int]]:
    def work(connection: Connection) -> list[int]:
        ids = planning.create_logs(connection, logs, now, who)
        if command is not None:
            add_to_scope(connection, command, ids)
        return ids

    return work


def _marking(
    changes: list[tuple[int, str]], policy: RetryPolicy, now: datetime, who: str
) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        for log_id, source_hash in changes:
            due_now = _may_resend(logs.find(connection, log_id), policy)
            planning.mark_source_changed(connection, log_id, source_hash, due_now, now, who)

    return work


def _may_resend(log: LogRecord | None, policy: RetryPolicy) -> bool:
    """A change at the source is no reason to pass the maximum, or to resend what is left to people."""
    if log is None:
        return False
    failure = Failure(FailureClass(log.failure_class), log.message) if log.failure_class else None
    state = RecordState(log.status, log.phase, log.attempts, log.wait_reason, failure=failure)
    return may_resend_automatically(state, policy)


async def _write(database: Database, work: Callable[[Connection], T]) -> T:
    return await asyncio.wrap_future(database.write(work))
