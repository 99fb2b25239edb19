"""One claimed record from beginning to end: settle an earlier doubt, read the source again, send, leave the result.

Decides nothing about VTEX (the integrations do) and nothing about statuses (``core/status.py`` does): it maps what came
of the attempt to one event of the state machine and writes it in one fenced transaction.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.failures import Failure, FailureClass, advice_for
from vtexmon.core.filters import search_text
from vtexmon.core.status import (
    Status,
    WaitReason,
    failed,
    gone_from_source,
    in_doubt,
    not_sent,
    refused_turn,
    succeeded,
)
from vtexmon.engine import recovery
from vtexmon.engine.context import Context
from vtexmon.engine.facts import LogsChanged
from vtexmon.engine.gate import HeldBack
from vtexmon.engine.step import EngineStep, Lease, LeaseDistrusted
from vtexmon.errors import Unreachable, UsageError, VtexmonError
from vtexmon.i18n import _
from vtexmon.integrations.contract import AttemptEnded, Integration, RecordFailed, RecordKey, Skip, Wanted
from vtexmon.integrations.planning import rejected_hash, wanted_hash
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.store import claims, sending
from vtexmon.store.claims import Claim, LostClaim
from vtexmon.store.sending import Aftermath, ItemResult, state_of

READ_AGAIN = timedelta(seconds=5)
"""When nothing tells how long to wait."""


class _NoAccount:
    """Stands for an account that is no longer configured: nothing can be sent to it."""

    async def exchange(self, request: Request) -> Answer:
        """Refuse as a missing credential does."""
        words = _("a conta não está configurada")
        failure = Failure(FailureClass.CREDENTIAL, words, request.path, advice_for(FailureClass.CREDENTIAL, words))
        return Answer(request, Verdict.CREDENTIAL, failure=failure)


NO_ACCOUNT = _NoAccount()


@dataclass
class Dispatcher:
    """Runs claims; any number of them at a time on the engine's loop."""

    context: Context

    async def run(self, claim: Claim, lease: Lease) -> None:
        """Bring one claim to its end. Raises only when it is cancelled or the database fails: neither is the record's
        failure, and it is left in order, or to whoever takes it over when its lease ends.
        """
        step = self._step(claim, lease)
        try:
            after = await self._attempt(claim, step)
            await self._leave(claim, step, after)
        except LostClaim:
            return
        except asyncio.CancelledError:
            await asyncio.shield(self._stopped(claim, step))
            raise
        except DBAPIError:
            with suppress(DBAPIError):
                await self._stopped(claim, step)
            raise
        self.context.facts.tell(LogsChanged((claim.log.id,)))

    def _step(self, claim: Claim, lease: Lease) -> EngineStep:
        context = self.context
        return EngineStep(
            claim=claim,
            lease=lease,
            client=context.clients.get(claim.log.account, NO_ACCOUNT),
            gate=context.gate,
            database=context.database,
            clock=context.clock,
            settings=context.config.engine,
            shared=context.shared,
            encode=context.encode,
            count=context.tally.count,
            repeated=claim.repeated,
        )

    async def _attempt(self, claim: Claim, step: EngineStep) -> Aftermath | None:
        """The state the attempt ends in; None = give the record back as it was."""
        integration = INTEGRATIONS[claim.log.module]
        if (no_longer := self._refused_turn(claim)) is not None:
            return no_longer
        try:
            undecided = await recovery.find_out(self.context, integration, step) if claim.intent is not None else None
            return undecided or await self._send(claim, integration, step)
        except AttemptEnded as ended:
            return self._after_answer(claim, step, ended.answer)
        except RecordFailed as refused:
            self._record_deciding_read(claim, step, Status.ERROR, refused.failure.message)
            return self._failed(claim, refused.failure)
        except HeldBack as held:
            return self._held(claim, step, held.reason, held.until)
        except LeaseDistrusted:
            return None
        except (Unreachable, UsageError) as error:  # of the source: VTEX's never come as these
            return self._held(claim, step, WaitReason.TARGET, self._soon(), self._source_failure(str(error)))
        except (LostClaim, asyncio.CancelledError, DBAPIError):
            raise
        except Exception as bug:
            return self._failed(claim, our_mistake(bug))

    def _refused_turn(self, claim: Claim) -> Aftermath | None:
        """The maximum may have been lowered or emptied while an automatic resend waited; what is in doubt goes on."""
        if claim.intent is not None:
            return None
        log = claim.log
        failure = Failure(FailureClass(log.failure_class), log.message) if log.failure_class else None
        state = refused_turn(replace(state_of(claim), failure=failure), self.context.config.retry_policy)
        return None if state is None else Aftermath(replace(state, failure=None), keeps_failure=True)

    async def _send(self, claim: Claim, integration: Integration, step: EngineStep) -> Aftermath:
        offer = await self.context.offers.current()
        planned = integration.plan(offer, record_key(claim))
        if planned is None or isinstance(planned.outcome, Skip):
            return Aftermath(gone_from_source(state_of(claim), not_at_source()))
        if isinstance(planned.outcome, Failure):
            failure = planned.outcome
            return replace(self._failed(claim, failure), wanted_hash=rejected_hash(failure.message))
        wanted = planned.outcome
        known = await self._known_ids(wanted)
        missing = next((parent for parent in wanted.parents if parent not in known), None)
        if missing is not None:
            return Aftermath(not_sent(state_of(claim), WaitReason.PARENT, None), parent_key=missing)
        sent = await integration.send(wanted, known, step)
        new_id = sent.external_id if sent.external_id != step.external_id else None
        text = search_text(claim.log.key_values, title=wanted.title, external_id=sent.external_id)
        after = Aftermath(succeeded(state_of(claim)), wanted_hash(wanted), external_id=new_id, search_text=text)
        self._record_deciding_read(claim, step, Status.SUCCESS, sent.message)
        return after

    async def _known_ids(self, wanted: Wanted) -> dict[str, str]:
        parents = list(wanted.parents)
        if not parents:
            return {}
        return await asyncio.to_thread(self.context.database.read, lambda c: sending.known_ids(c, parents))

    def _after_answer(self, claim: Claim, step: EngineStep, answer: Answer) -> Aftermath:
        now, state = self.context.clock.now(), state_of(claim)
        failure = answer.failure or Failure(FailureClass.UNKNOWN, _("resposta sem explicação"), answer.request.path)
        if step.open_item is None:
            self._record_deciding_read(claim, step, Status.ERROR, failure.message)
        match answer.verdict:
            case Verdict.UNKNOWN if step.open_item is not None:
                return Aftermath(in_doubt(state, now + self.context.config.engine.verify_grace), repeated=step.repeated)
            case Verdict.NOT_SENT:
                return self._held(claim, step, WaitReason.TARGET, self._reopening(step, answer), failure)
            case Verdict.CREDENTIAL:
                return self._held(claim, step, WaitReason.CREDENTIAL, self._reopening(step, answer), failure)
            case Verdict.NOT_PROCESSED:
                wait = answer.retry_after or READ_AGAIN
                return self._held(claim, step, WaitReason.LIMIT, now + wait, failure)
            case Verdict.UNKNOWN if not answer.answered:  # a read without an answer: nothing was sent
                return self._held(claim, step, WaitReason.TARGET, self._reopening(step, answer), failure)
            case _:
                return self._failed(claim, failure)

    def _failed(self, claim: Claim, failure: Failure) -> Aftermath:
        context = self.context
        state = failed(state_of(claim), failure, context.config.retry_policy, context.clock.now(), context.jitter())
        log = claim.log
        text = search_text(log.key_values, external_id=log.external_id, message=failure.message)
        return Aftermath(state, search_text=text)

    def _held(
        self,
        claim: Claim,
        step: EngineStep,
        reason: WaitReason,
        until: datetime | None,
        failure: Failure | None = None,
    ) -> Aftermath:
        """Nothing was sent. An open doubt stays one: it is looked at again when the target may be asked."""
        state = state_of(claim)
        if claim.intent is not None and not step.wrote_item:
            later = until or self.context.clock.now() + self.context.config.engine.verify_grace
            return Aftermath(
                in_doubt(state, later),
                not_found=claim.not_found,
                unreadable=claim.unreadable,
                repeated=step.repeated,
            )
        shown = failure if claim.log.status is Status.PENDING else None
        return Aftermath(replace(not_sent(state, reason, until), failure=shown), repeated=step.repeated)

    def _reopening(self, step: EngineStep, answer: Answer) -> datetime:
        """When the answer's target is to be tried again."""
        closed = self.context.gate.closed.get((step.account, answer.request.api.value))
        return closed.closed_until if closed and closed.closed_until else self._soon()

    def _soon(self) -> datetime:
        return self.context.clock.now() + min(READ_AGAIN, self.context.config.engine.verify_grace)

    def _source_failure(self, message: str) -> Failure:
        return Failure(FailureClass.TRANSIENT, message, "", _("Verifique a origem dos dados; nada foi enviado."))

    def _record_deciding_read(self, claim: Claim, step: EngineStep, status: Status, message: str) -> None:
        """A log whose attempt wrote nothing still shows the request that decided it."""
        answer = step.last_read
        if step.wrote_item or answer is None:
            return
        result = ItemResult(answer, status, message or _("já estava assim na VTEX"))
        step.wrote_item = True

        def write(connection: Connection, now: datetime) -> None:
            sending.record_read(connection, claim, _("ler"), answer.request, result, now)

        step.hold(write)

    async def _leave(self, claim: Claim, step: EngineStep, after: Aftermath | None) -> None:
        pending, now = step.pending, self.context.clock.now()

        def work(connection: Connection) -> None:
            for write in pending:
                write(connection, now)
            if after is None:
                claims.give_back(connection, claim, now)
                return
            sending.leave(connection, claim, after, now)

        await asyncio.wrap_future(self.context.database.write(work))

    async def _stopped(self, claim: Claim, step: EngineStep) -> None:
        """Being stopped is no failed attempt: a request in flight becomes a doubt, anything else goes back unsent."""
        after: Aftermath | None = None
        if step.open_item is not None or claim.intent is not None:
            due = self.context.clock.now() + self.context.config.engine.verify_grace
            after = Aftermath(in_doubt(state_of(claim), due), repeated=step.repeated)
        try:
            await self._leave(claim, step, after)
        except LostClaim:
            return


def record_key(claim: Claim) -> RecordKey:
    """The key of a claimed log, as the integrations know it."""
    log = claim.log
    identity = claim.record_key.split("|", 3)[3]
    return RecordKey(
        log.module,
        log.account,
        log.channel,
        tuple(log.key_values.split(";")),
        log.company,
        log.branch,
        log.education_level,
        tuple(log.key_fields.split(";")),
        "" if identity == log.key_values else identity,
    )


def not_at_source() -> Failure:
    """The record vanished from the source."""
    return Failure(
        FailureClass.CONTEXT,
        _("não está mais na origem"),
        "",
        _("Se deveria estar, corrija no SGE; o próximo envio cria um novo registro de log."),
    )


def our_mistake(bug: Exception) -> Failure:
    """An error of the program's own: the record fails, the engine goes on."""
    where = f"{type(bug).__name__}: {bug}" if isinstance(bug, VtexmonError) else type(bug).__name__
    return Failure(
        FailureClass.UNKNOWN,
        _("erro do próprio vtexmon: {0}").format(where),
        "",
        advice_for(FailureClass.UNKNOWN, where),
    )
