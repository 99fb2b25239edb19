"""What VTEX holds against what the source wants, record by record; nothing is sent and nothing is written down.

Each integration's own ``send`` is asked, through a step that reads but ends at the first write: what it would write is
the difference. So no rule about VTEX is told a second time here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from vtexmon.core.exchange import Answer, Json, Request, Verdict
from vtexmon.core.failures import Failure
from vtexmon.core.formats import parent_text
from vtexmon.core.status import WaitReason
from vtexmon.engine import exports
from vtexmon.engine.context import Context
from vtexmon.engine.dispatcher import NO_ACCOUNT, our_mistake
from vtexmon.engine.exports import ExportScope
from vtexmon.engine.gate import Gate, HeldBack
from vtexmon.engine.step import Exchange, SharedReads
from vtexmon.i18n import _
from vtexmon.integrations.contract import (
    Arrived,
    AttemptEnded,
    Integration,
    Intent,
    Planned,
    RecordFailed,
    RecordKey,
    Skip,
    Wanted,
)
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.store import planning

AT_ONCE = 8
"""Records compared at the same time."""

TRIES = 4
"""How often a read is tried while VTEX asks to wait."""

LONGEST_WAIT = timedelta(seconds=60)
LONGEST_VALUE = 60

_UNREACHABLE = (Verdict.NOT_SENT, Verdict.CREDENTIAL, Verdict.UNKNOWN)
_UNREACHABLE_WAITS = (WaitReason.TARGET, WaitReason.CREDENTIAL)


class Result(StrEnum):
    """How a comparison ended, as ``--json`` words it."""

    EQUAL = "equal"
    DIFFERS = "differs"
    MISSING = "missing"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Compared:
    """One record; ``unreachable``: not compared because VTEX does not answer or refuses the credential."""

    key: RecordKey
    result: Result
    detail: str = ""
    external_id: str | None = None
    unreachable: bool = False


class WouldWrite(Exception):  # noqa: N818 - it is what is looked for
    """The integration came to a write; it was not sent."""

    def __init__(self, step: str, request: Request) -> None:
        super().__init__(step)
        self.step = step
        self.request = request


class ReadingGate(Gate):
    """The gate for whoever only looks: paces and heeds what is closed, and keeps what it learns to itself."""

    async def _write(self, work: Callable[[Connection], None]) -> None:
        return


@dataclass
class ComparingStep:
    """``integrations.contract.Step`` that reads. ``last_read`` is the last answer about this record alone."""

    account: str
    client: Exchange
    gate: Gate
    shared: SharedReads
    count: Callable[[Request], None]
    known_id: str | None = None
    external_id: str | None = None
    last_read: Answer | None = None

    async def read(self, request: Request, shared: bool = False) -> Answer:
        """A read; raises ``AttemptEnded`` unless it was answered (DONE) or found nothing (MISSING)."""
        if shared:
            answer = await self._read_shared(request)
        else:
            answer = self.last_read = await self._exchange(request)
        if answer.verdict not in (Verdict.DONE, Verdict.MISSING):
            raise AttemptEnded(answer)
        return answer

    async def _read_shared(self, request: Request) -> Answer:
        clock = self.gate.clock
        async with self.shared.lock(self.account, request):
            known = self.shared.get(self.account, request, clock.monotonic())
            if known is not None:
                return known
            answer = await self._exchange(request)
            if answer.verdict is Verdict.DONE:
                self.shared.keep(self.account, request, answer, clock.monotonic())
            return answer

    def forget_shared(self, request: Request) -> None:
        """A shared read is out of date."""
        self.shared.forget(self.account, request)

    def learned(self, external_id: str) -> None:
        """VTEX's id of this record; shown, not stored."""
        self.external_id = external_id

    async def write(self, step: str, request: Request, tolerate: Callable[[Answer], bool] | None = None) -> Answer:
        """Never sends."""
        raise WouldWrite(step, request)

    async def _exchange(self, request: Request) -> Answer:
        if request.is_write:
            raise WouldWrite(_("ler"), request)
        for _try in range(TRIES - 1):
            try:
                answer = await self._once(request)
            except HeldBack as held:
                if held.reason is not WaitReason.LIMIT or held.until is None:
                    raise
                wait = held.until - self.gate.clock.now()
            else:
                if answer.verdict is not Verdict.NOT_PROCESSED:
                    return answer
                wait = answer.retry_after or timedelta(seconds=1)
            await asyncio.sleep(max(0.0, min(wait, LONGEST_WAIT).total_seconds()))
        return await self._once(request)

    async def _once(self, request: Request) -> Answer:
        await self.gate.pass_through(self.account, request)
        self.count(request)
        answer = await self.client.exchange(request)
        await self.gate.tell(self.account, answer)
        return answer


@dataclass
class _Comparison:
    """One run over one reading of the source; ``ids`` are VTEX's ids by record key."""

    context: Context
    gate: Gate
    ids: Mapping[str, str]
    open_records: frozenset[str]
    shared: SharedReads = field(default_factory=SharedReads)

    def is_left_out(self, one: Planned) -> bool:
        """What an export does not send either: no account, or inactive and never sent."""
        if isinstance(one.outcome, Failure | Skip):
            return isinstance(one.outcome, Skip)
        key = one.key.text
        return one.outcome.only_if_known and key not in self.ids and key not in self.open_records

    async def record(self, one: Planned) -> Compared:
        """Compare one record; raises nothing but for being cancelled."""
        if isinstance(one.outcome, Failure | Skip):
            words = one.outcome.message if isinstance(one.outcome, Failure) else one.outcome.reason
            return Compared(one.key, Result.NOT_COMPARABLE, words)
        missing = next((parent for parent in one.outcome.parents if parent not in self.ids), None)
        if missing is not None:
            words = _("aguardando {0}").format(parent_text(missing))
            return Compared(one.key, Result.NOT_COMPARABLE, words)
        step = self._step(one.key)
        result, detail, unreachable = await self._looked_at(one.key, one.outcome, step)
        return Compared(one.key, result, detail, step.external_id or self.ids.get(one.key.text), unreachable)

    async def _looked_at(self, key: RecordKey, wanted: Wanted, step: ComparingStep) -> tuple[Result, str, bool]:
        integration = INTEGRATIONS[key.module]
        try:
            try:
                sent = await integration.send(wanted, self.ids, step)
            except WouldWrite as would:
                return (*await self._difference(integration, would, step, key), False)
            step.external_id = sent.external_id
            return Result.EQUAL, "", False
        except AttemptEnded as ended:
            return Result.NOT_COMPARABLE, _words(ended.answer), ended.answer.verdict in _UNREACHABLE
        except RecordFailed as refused:
            return Result.NOT_COMPARABLE, refused.failure.message, False
        except HeldBack as held:
            return Result.NOT_COMPARABLE, self._held_words(key, held), held.reason in _UNREACHABLE_WAITS
        except Exception as bug:  # one record's bad luck is not the others'
            return Result.NOT_COMPARABLE, our_mistake(bug).message, False

    async def _difference(
        self, integration: Integration, would: WouldWrite, step: ComparingStep, key: RecordKey
    ) -> tuple[Result, str]:
        """A replacement may be sent though nothing differs (a stock of 0): the read-back of it knows."""
        request, read = would.request, step.last_read
        if request.method == "PUT":
            intent = Intent(would.step, request.method, request.path, request.body, self.ids.get(key.text))
            if isinstance(await integration.verify(intent, self._step(key)), Arrived):
                return Result.EQUAL, ""
        is_new = step.external_id is None
        found_nothing = read is not None and read.verdict is Verdict.MISSING
        if is_new and (request.method == "POST" or found_nothing):
            return Result.MISSING, _would_do(would)
        fields = ", ".join(differing(request.body, read.json if read else None))
        return Result.DIFFERS, f"{_would_do(would)}; {fields}" if fields else _would_do(would)

    def _step(self, key: RecordKey) -> ComparingStep:
        context = self.context
        client = context.clients.get(key.account, NO_ACCOUNT)
        known_id = self.ids.get(key.text)
        return ComparingStep(key.account, client, self.gate, self.shared, context.tally.count, known_id)

    def _held_words(self, key: RecordKey, held: HeldBack) -> str:
        reasons = {
            WaitReason.PAUSED: _("a conta {0} está em pausa"),
            WaitReason.CREDENTIAL: _("a VTEX recusou a credencial da conta {0}"),
            WaitReason.LIMIT: _("o limite da VTEX para a conta {0} foi atingido"),
        }
        return reasons.get(held.reason, _("a VTEX não responde à conta {0}")).format(key.account)


async def compare_with_vtex(
    context: Context, scope: ExportScope, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Compared]:
    """Compare every record of the source in scope, in the source's order; ``tell`` hears how many of how many.

    Writes nothing, to VTEX or to the database. Raises what reading the source raises.
    """
    offer = await context.offers.current()
    planned = await asyncio.to_thread(exports.in_scope, offer, scope)
    held = await asyncio.to_thread(context.database.read, lambda c: planning.known_records(c, INTEGRATIONS))
    ids = {key: one.external_id for key, one in held.items() if one.external_id is not None}
    still_open = frozenset(key for key, one in held.items() if one.open_log is not None)
    gate = ReadingGate(context.database, context.config, context.clock, context.facts, context.owner)
    await gate.look()
    comparison = _Comparison(context, gate, ids, still_open)
    records = [one for one in planned if not comparison.is_left_out(one)]
    found: dict[int, Compared] = {}
    waiting = enumerate(records)

    async def work() -> None:
        for number, one in waiting:
            found[number] = await comparison.record(one)
            tell(len(found), len(records))

    async with asyncio.TaskGroup() as group:
        for _number in range(AT_ONCE):
            group.create_task(work())
    return [found[number] for number in range(len(records))]


def differing(body: Json, read: Json) -> Iterator[str]:
    """The single values of a body that were read otherwise; where none can be told from the reading, all of them."""
    if isinstance(body, list):
        for part in body:
            yield from differing(part, None)
    if not isinstance(body, Mapping):
        return
    told = {name: value for name, value in body.items() if isinstance(value, str | int | float | bool)}
    comparable = {name: value for name, value in told.items() if isinstance(read, Mapping) and name in read}
    if not comparable:
        yield from (f"{name} {_value(value)}" for name, value in told.items())
        return
    for name, value in comparable.items():
        if (read[name] or "") != (value or ""):  # VTEX answers null for an empty text
            yield f"{name} {_value(read[name])} → {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("sim") if value else _("não")
    text = _("vazio") if value in (None, "") else str(value)
    shown = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    return f"«{shown}»" if isinstance(value, str) and value else shown


def _would_do(would: WouldWrite) -> str:
    return f"{would.step}: {would.request.method} {would.request.target}"


def _words(answer: Answer) -> str:
    return answer.failure.message if answer.failure else _("resposta sem explicação")
