"""The state machine of a record (DESIGN.md section 4): statuses, phases and what each event makes of them.

Pure: the next state is a function of the state, the event and the policy; no SQL, no time zones, no VTEX.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vtexmon.core.failures import Failure


class Status(StrEnum):
    """The manual's four values, shown verbatim (``domain/totvs.md`` 4.2 and 4.4)."""

    PENDING = "Pendente"
    SUCCESS = "Sucesso"
    ERROR = "Erro"
    CANCELLED = "Cancelado"


class Phase(StrEnum):
    """What the engine is doing with the record, beside its status."""

    IDLE = "idle"
    QUEUED = "queued"
    SENDING = "sending"
    VERIFYING = "verifying"
    WAITING = "waiting"


class WaitReason(StrEnum):
    """Why a record in phase ``waiting`` waits."""

    RETRY = "retry"
    PARENT = "parent"
    TARGET = "target"
    LIMIT = "limit"
    PAUSED = "paused"
    CREDENTIAL = "credential"


class ResendKind(StrEnum):
    """Who asked for the resend that is queued or running."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True)
class RetryPolicy:
    """*Número de tentativas de reenvio* and the delays; ``max_attempts`` None or 0 = no automatic resend."""

    max_attempts: int | None
    first_delay: timedelta = timedelta(seconds=60)
    max_delay: timedelta = timedelta(hours=6)
    leave_data_errors: bool = False

    def __post_init__(self) -> None:
        if self.max_attempts == 0:
            object.__setattr__(self, "max_attempts", None)

    def delay(self, failures: int, jitter: float) -> timedelta:
        """The wait after the ``failures``-th failure; ``jitter`` is drawn from [0.5, 1]."""
        wait = self.first_delay
        for _failure in range(failures - 1):
            if wait >= self.max_delay:
                break
            wait *= 2
        return min(self.max_delay, wait) * jitter


@dataclass(frozen=True)
class RecordState:
    """The part of a log row that the state machine owns."""

    status: Status
    phase: Phase
    attempts: int = 0
    wait_reason: WaitReason | None = None
    next_attempt_at: datetime | None = None
    resend_kind: ResendKind | None = None
    failure: Failure | None = None

    @property
    def is_resend(self) -> bool:
        """Whether what is queued or running is a resend; a first send never is one."""
        return self.status is not Status.PENDING

    @property
    def attempt(self) -> int:
        """The number that the running attempt's items carry: 0 for the first send, else the count it will make."""
        return self.attempts + 1 if self.is_resend else 0


def succeeded(state: RecordState) -> RecordState:
    """The wanted state was read or answered at VTEX."""
    return RecordState(Status.SUCCESS, Phase.IDLE, attempts=state.attempt)


def failed(state: RecordState, failure: Failure, policy: RetryPolicy, now: datetime, jitter: float) -> RecordState:
    """A send was refused, or its outcome was read back as "did not arrive"; this spends the attempt of a resend."""
    attempts = state.attempt
    base = RecordState(Status.ERROR, Phase.IDLE, attempts=attempts, failure=failure)
    maximum = policy.max_attempts
    reached = maximum is not None and attempts >= maximum
    if state.is_resend and reached:
        return replace(base, status=Status.CANCELLED)
    if state.status is Status.CANCELLED and maximum is None:
        return replace(base, status=Status.CANCELLED)
    return waits_for_retry(base, policy, now, jitter)


def waits_for_retry(state: RecordState, policy: RetryPolicy, now: datetime, jitter: float) -> RecordState:
    """An Erro with its next automatic resend planned; idle when nothing will resend it by itself."""
    held = policy.leave_data_errors and state.failure is not None and state.failure.left_to_people
    if policy.max_attempts is None or held:
        return replace(state, phase=Phase.IDLE, wait_reason=None, next_attempt_at=None)
    due = now + policy.delay(state.attempts + 1, jitter)
    return replace(state, phase=Phase.WAITING, wait_reason=WaitReason.RETRY, next_attempt_at=due)


def not_sent(state: RecordState, reason: WaitReason, until: datetime | None) -> RecordState:
    """Nothing left this machine, or VTEX said "not processed": as before, waiting; no attempt is spent."""
    return replace(state, phase=Phase.WAITING, wait_reason=reason, next_attempt_at=until)


def in_doubt(state: RecordState, read_back_at: datetime) -> RecordState:
    """The outcome is unknown: as before, verifying; the read-back decides about the attempt."""
    return replace(state, phase=Phase.VERIFYING, wait_reason=None, next_attempt_at=read_back_at)


def gone_from_source(state: RecordState, failure: Failure) -> RecordState:
    """The record is no longer at the source when it is to be sent: Cancelado, attempts unchanged."""
    return RecordState(Status.CANCELLED, Phase.IDLE, attempts=state.attempts, failure=failure)


def over_the_maximum(state: RecordState) -> RecordState:
    """The maximum was lowered below the attempts of an Erro: Cancelado at its next automatic turn."""
    return replace(
        state,
        status=Status.CANCELLED,
        phase=Phase.IDLE,
        wait_reason=None,
        next_attempt_at=None,
        resend_kind=None,
    )


def queued_for_resend(state: RecordState, kind: ResendKind, now: datetime) -> RecordState:
    """A resend (or, for a waiting Pendente, its first send brought forward) was ordered."""
    kind_of_send = kind if state.is_resend else None
    return replace(state, phase=Phase.QUEUED, wait_reason=None, next_attempt_at=now, resend_kind=kind_of_send)


def may_resend_automatically(state: RecordState, policy: RetryPolicy) -> bool:
    """Whether the schedules may resend this record now, its due time aside."""
    if state.status is not Status.ERROR or state.phase not in (Phase.IDLE, Phase.WAITING):
        return False
    if state.phase is Phase.WAITING and state.wait_reason is not WaitReason.RETRY:
        return False
    if policy.max_attempts is None or state.attempts >= policy.max_attempts:
        return False
    return not (policy.leave_data_errors and state.failure is not None and state.failure.left_to_people)


def refused_turn(state: RecordState, policy: RetryPolicy) -> RecordState | None:
    """What an automatic resend that was queued under another maximum is left in when it is claimed; None = send it."""
    at_rest = replace(state, phase=Phase.IDLE, wait_reason=None, next_attempt_at=None)
    if state.resend_kind is not ResendKind.AUTOMATIC or may_resend_automatically(at_rest, policy):
        return None
    if policy.max_attempts is not None and state.attempts >= policy.max_attempts:
        return over_the_maximum(state)
    return replace(at_rest, resend_kind=None)


def settled(phase: Phase, wait_reason: WaitReason | None, parent_settled: bool = True) -> bool:
    """Whether the record is held by something that does not end by itself within a command (DESIGN.md section 8)."""
    if phase is Phase.IDLE:
        return True
    if phase is not Phase.WAITING or wait_reason is WaitReason.LIMIT:
        return False
    return parent_settled if wait_reason is WaitReason.PARENT else True
