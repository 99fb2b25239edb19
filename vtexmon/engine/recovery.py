"""After doubt: read back what the stored intent wanted, and only then decide (DESIGN.md section 4, step 8).

By the time this runs the quarantine is over: a claim with an open intent is due only after the grace. Found = adopt and
go on; not found, twice = it did not arrive; unreadable = ask again, a limited number of times.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from vtexmon.core.exchange import Answer, Verdict
from vtexmon.core.failures import Failure, FailureClass, advice_for
from vtexmon.core.status import Status, failed, in_doubt
from vtexmon.engine.context import Context
from vtexmon.engine.step import EngineStep
from vtexmon.i18n import _
from vtexmon.integrations.contract import Arrived, AttemptEnded, Integration, Intent
from vtexmon.store import claims, payloads, sending
from vtexmon.store.claims import Claim, OpenIntent
from vtexmon.store.sending import Aftermath, ItemResult, state_of

BETWEEN_LOOKS = timedelta(seconds=5)
"""Between the first "not there" and the second."""


async def find_out(context: Context, integration: Integration, step: EngineStep) -> Aftermath | None:
    """Look for what the open intent of a claim wanted. None = that is settled and the attempt goes on."""
    claim = step.claim
    assert claim.intent is not None
    intent = await _stored(context, claim, claim.intent)
    try:
        verification = await integration.verify(intent, step)
    except AttemptEnded as ended:
        return _unreadable(context, claim, step, ended.answer)
    _record_read_back(step, claim, isinstance(verification, Arrived))
    if isinstance(verification, Arrived):
        if verification.external_id is not None:
            step.learned(verification.external_id)
        _close(step, claim.intent, Status.SUCCESS, _("confirmado por leitura"))
        await step.flush()
        return None
    return await _not_there(context, claim, claim.intent, step)


async def _not_there(context: Context, claim: Claim, intent: OpenIntent, step: EngineStep) -> Aftermath | None:
    now = context.clock.now()
    if claim.not_found == 0:
        again = now + min(BETWEEN_LOOKS, context.config.engine.verify_grace)
        return _carry(claim, Aftermath(in_doubt(state_of(claim), again), not_found=1))
    _close(step, intent, Status.ERROR, _("não chegou à VTEX (lido duas vezes)"))
    if not intent.item.message:  # nobody was there to see the answer: that this program ended is no failure of VTEX
        await step.flush()
        return None
    if not intent.answered and not step.repeated:
        step.repeated = True
        step.hold(lambda connection, _now: claims.change(connection, claim, {"repeated": True}))
        await step.flush()
        return None
    failure = _did_not_arrive(intent)
    return Aftermath(failed(state_of(claim), failure, context.config.retry_policy, now, context.jitter()))


def _did_not_arrive(intent: OpenIntent) -> Failure:
    words = intent.item.message or _("a VTEX não respondeu")
    endpoint = f"{intent.item.method} {intent.item.endpoint}"
    return Failure(FailureClass.TRANSIENT, words, endpoint, advice_for(FailureClass.TRANSIENT, words))


def _unreadable(context: Context, claim: Claim, step: EngineStep, answer: Answer) -> Aftermath:
    """The read-back itself failed: no connection does not count, anything else up to ``verify_attempts`` times."""
    now = context.clock.now()
    state = state_of(claim)
    later = now + max(context.config.engine.verify_grace, answer.retry_after or timedelta(0))
    if answer.verdict in (Verdict.NOT_SENT, Verdict.NOT_PROCESSED, Verdict.CREDENTIAL):
        return _carry(claim, Aftermath(in_doubt(state, later), not_found=claim.not_found, unreadable=claim.unreadable))
    _record_read_back(step, claim, None)
    unreadable = claim.unreadable + 1
    if unreadable < context.config.engine.verify_attempts:
        return _carry(claim, Aftermath(in_doubt(state, later), not_found=claim.not_found, unreadable=unreadable))
    assert claim.intent is not None
    _close(step, claim.intent, Status.ERROR, _("resultado desconhecido, confira na VTEX"))
    failure = Failure(
        FailureClass.UNKNOWN,
        _("resultado desconhecido, confira na VTEX"),
        answer.request.path,
        _("Confira o registro na VTEX; o reenvio procura por ele antes de criar."),
    )
    return Aftermath(failed(state, failure, context.config.retry_policy, now, context.jitter()))


def _carry(claim: Claim, after: Aftermath) -> Aftermath:
    return Aftermath(after.state, not_found=after.not_found, unreadable=after.unreadable, repeated=claim.repeated)


def _close(step: EngineStep, intent: OpenIntent, status: Status, message: str) -> None:
    item_id, claim = intent.item.id, step.claim
    step.hold(
        lambda connection, now: sending.complete_item(
            connection, claim, item_id, ItemResult(None, status, message), now
        )
    )


def _record_read_back(step: EngineStep, claim: Claim, found: bool | None) -> None:
    """One item for each read-back: what was read and what it told."""
    answer = step.last_read
    if answer is None:
        return
    words = {
        True: _("leitura de conferência: o enviado está na VTEX"),
        False: _("leitura de conferência: o enviado não está na VTEX"),
        None: _("leitura de conferência: resposta ilegível"),
    }[found]
    status = Status.SUCCESS if found is not None else Status.ERROR
    result = ItemResult(answer, status, words)
    step.wrote_item = True
    step.hold(
        lambda connection, now: _discard(
            sending.record_read(connection, claim, _("conferir"), answer.request, result, now)
        )
    )


def _discard(_value: Any) -> None:
    return None


async def _stored(context: Context, claim: Claim, intent: OpenIntent) -> Intent:
    item = intent.item

    def load(connection: Connection) -> str | None:
        return payloads.load(connection, item.sent_hash)

    text = context.database.read(load)
    body = json.loads(text) if text else {}
    path = item.endpoint.split("?", 1)[0]
    return Intent(item.step, item.method, path, body, claim.log.external_id)
