"""The step an integration works through: every write has its intent on disk first, every answer goes there next.

What an answer changes (item, external id) is held until the next thing is written down, so that the last answer of an
attempt, the log's new state and everything that follows from it are one transaction (DESIGN.md section 4, step 7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from vtexmon.clock import Clock
from vtexmon.config import EngineSettings
from vtexmon.core.exchange import Answer, Json, Request, Verdict
from vtexmon.core.status import Status
from vtexmon.engine.gate import Gate
from vtexmon.i18n import _
from vtexmon.integrations.contract import AttemptEnded
from vtexmon.store import sending
from vtexmon.store.claims import Claim
from vtexmon.store.database import Database
from vtexmon.store.sending import ItemResult

SHARED_FOR = timedelta(minutes=5)
"""How long a shared read (category tree, brand list, warehouses) is believed."""

Write = Callable[[Connection, datetime], None]


class Exchange(Protocol):
    """What sends a request: the VTEX client, or a test's."""

    async def exchange(self, request: Request) -> Answer:
        """Send it; never raises for what VTEX or the network does."""


class LeaseDistrusted(Exception):  # noqa: N818 - a fact the dispatcher acts on
    """The lease may end before a request sent now would have: give the record back unsent."""


@dataclass
class Lease:
    """Until when a claim may be trusted, by the monotonic clock; the heartbeat moves it on."""

    confirmed_at: float

    def trusted(self, now: float, settings: EngineSettings) -> bool:
        """Whether a request sent now ends, its grace included, before another worker could take the record."""
        window = settings.lease - settings.request_deadline - settings.verify_grace
        return now - self.confirmed_at <= window.total_seconds()


@dataclass
class SharedReads:
    """Answers that many records ask for, each fetched once at a time, per account."""

    _answers: dict[tuple[str, str], tuple[float, Answer]] = field(default_factory=dict)
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)

    def lock(self, account: str, request: Request) -> asyncio.Lock:
        """Held by whoever asks."""
        return self._locks.setdefault((account, request.target), asyncio.Lock())

    def get(self, account: str, request: Request, now: float) -> Answer | None:
        """The answer, if it is young enough."""
        found = self._answers.get((account, request.target))
        return found[1] if found and now - found[0] < SHARED_FOR.total_seconds() else None

    def keep(self, account: str, request: Request, answer: Answer, now: float) -> None:
        """Remember an answer."""
        self._answers[account, request.target] = (now, answer)

    def forget(self, account: str, request: Request) -> None:
        """It is out of date."""
        self._answers.pop((account, request.target), None)


@dataclass
class EngineStep:
    """``integrations.contract.Step`` over one claim. ``repeated``: a request without an answer was sent once more."""

    claim: Claim
    lease: Lease
    client: Exchange
    gate: Gate
    database: Database
    clock: Clock
    settings: EngineSettings
    shared: SharedReads
    encode: Callable[[Json], str]
    count: Callable[[Request], None]
    external_id: str | None = None
    wrote_item: bool = False
    last_read: Answer | None = None
    open_item: int | None = None
    repeated: bool = False
    _pending: list[Write] = field(default_factory=list)

    @property
    def account(self) -> str:
        """The account this record is sent to."""
        return self.claim.log.account

    @property
    def known_id(self) -> str | None:
        """VTEX's id of this record as far as it is known by now."""
        return self.external_id or self.claim.log.external_id

    async def read(self, request: Request, shared: bool = False) -> Answer:
        """A read; raises ``AttemptEnded`` unless it was answered (DONE) or found nothing (MISSING)."""
        await self.flush()
        answer = await (self._read_shared(request) if shared else self._exchange(request))
        self.last_read = answer
        if answer.verdict not in (Verdict.DONE, Verdict.MISSING):
            raise AttemptEnded(answer)
        return answer

    async def _read_shared(self, request: Request) -> Answer:
        async with self.shared.lock(self.account, request):
            known = self.shared.get(self.account, request, self.clock.monotonic())
            if known is not None:
                return known
            answer = await self._exchange(request)
            if answer.verdict is Verdict.DONE:
                self.shared.keep(self.account, request, answer, self.clock.monotonic())
            return answer

    def forget_shared(self, request: Request) -> None:
        """A shared read is out of date."""
        self.shared.forget(self.account, request)

    async def write(self, step: str, request: Request, tolerate: Callable[[Answer], bool] | None = None) -> Answer:
        """Intent, request, answer. Raises ``AttemptEnded`` unless done, or refused in a way that ``tolerate`` takes."""
        await self.gate.pass_through(self.account, request, self.claim.priority)
        self._trust_lease()
        self.open_item = await self._record_intent(step, request)
        self.wrote_item = True
        try:
            self._trust_lease()
        except LeaseDistrusted:  # the disk was slow, or this process stood still: somebody may be reading back by now
            self._take_back(self.open_item)
            raise
        answer = await self._exchange(request, passed=True)
        self._hold_answer(self.open_item, answer)
        if answer.verdict is Verdict.DONE or (answer.verdict is Verdict.REFUSED and tolerate and tolerate(answer)):
            return answer
        raise AttemptEnded(answer)

    def _trust_lease(self) -> None:
        if not self.lease.trusted(self.clock.monotonic(), self.settings):
            raise LeaseDistrusted

    def _take_back(self, item_id: int) -> None:
        """What was stored as about to be sent was not; that is written down with the end of the attempt."""
        result = ItemResult(None, Status.ERROR, _("não enviado: a gravação levou tempo demais"))
        self.open_item = None
        self.hold(lambda connection, now: sending.complete_item(connection, self.claim, item_id, result, now))

    async def _record_intent(self, step: str, request: Request) -> int:
        sent = None if request.body is None else self.encode(request.body)
        pending, now = tuple(self._pending), self.clock.now()
        deadline = now + self.settings.request_deadline + self.settings.verify_grace

        def work(connection: Connection) -> int:
            for write in pending:
                write(connection, now)
            return sending.record_intent(connection, self.claim, step, request, sent, now, deadline)

        item_id = await asyncio.wrap_future(self.database.write(work))
        self._pending.clear()
        return item_id

    def _hold_answer(self, item_id: int, answer: Answer) -> None:
        result = replace(item_result(answer), quiet=self.settings.verify_grace)
        if result.done:
            self.open_item = None
        self._pending.append(
            lambda connection, now: sending.complete_item(connection, self.claim, item_id, result, now)
        )

    async def _exchange(self, request: Request, passed: bool = False) -> Answer:
        if not passed:
            await self.gate.pass_through(self.account, request, self.claim.priority)
        self.count(request)
        answer = await self.client.exchange(request)
        await self.gate.tell(self.account, answer)
        return answer

    def learned(self, external_id: str) -> None:
        """Keep VTEX's id with the next thing written down."""
        if external_id == self.external_id:
            return
        self.external_id = external_id
        self._pending.append(
            lambda connection, now: sending.learn_external_id(connection, self.claim, external_id, now)
        )

    def hold(self, write: Write) -> None:
        """Write this with the next thing written down."""
        self._pending.append(write)

    @property
    def pending(self) -> tuple[Write, ...]:
        """What is held, for the transaction that ends the attempt."""
        return tuple(self._pending)

    async def flush(self) -> None:
        """Write down what is held; where that fails it stays held."""
        pending, now = self.pending, self.clock.now()
        if pending:
            await asyncio.wrap_future(self.database.write(lambda c: [write(c, now) for write in pending]))
            self._pending.clear()


def item_result(answer: Answer) -> ItemResult:
    """What an item says of its answer; an unknown outcome leaves it open."""
    message = answer.failure.message if answer.failure else ""
    match answer.verdict:
        case Verdict.DONE | Verdict.MISSING:
            return ItemResult(answer, Status.SUCCESS, message or _("aceito pela VTEX"))
        case Verdict.UNKNOWN:
            return ItemResult(answer, Status.PENDING, message or _("resultado desconhecido"), done=False)
        case Verdict.NOT_SENT:
            return ItemResult(answer, Status.ERROR, _("não enviado: {0}").format(message))
        case _:
            return ItemResult(answer, Status.ERROR, message)
