"""The table of DESIGN.md section 4, row by row, and what holds over every history of a record."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.resend_plan import Eligible, eligibility
from vtexmon.core.status import (
    Phase,
    RecordState,
    ResendKind,
    RetryPolicy,
    Status,
    WaitReason,
    failed,
    gone_from_source,
    in_doubt,
    may_resend_automatically,
    not_sent,
    over_the_maximum,
    queued_for_resend,
    settled,
    succeeded,
    waits_for_retry,
)

NOW = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
REFUSED = Failure(FailureClass.TRANSIENT, "HTTP 500 da VTEX")
BAD_DATA = Failure(FailureClass.DATA, "nome recusado")
FIVE, NONE = RetryPolicy(5), RetryPolicy(None)

PENDING, SUCCESS, ERROR, CANCELLED = Status.PENDING, Status.SUCCESS, Status.ERROR, Status.CANCELLED


def sending(status, attempts=0):
    return RecordState(status, Phase.SENDING, attempts)


def fail(state, policy=FIVE, failure=REFUSED):
    return failed(state, failure, policy, NOW, jitter=1.0)


@pytest.mark.parametrize(
    ("status", "attempts", "after"),
    [(PENDING, 0, 0), (ERROR, 0, 1), (ERROR, 4, 5), (CANCELLED, 5, 6)],
)
def test_a_send_that_succeeds_makes_sucesso_and_counts_if_it_was_a_resend(status, attempts, after):
    done = succeeded(sending(status, attempts))
    assert (done.status, done.phase, done.attempts) == (SUCCESS, Phase.IDLE, after)
    assert (done.failure, done.next_attempt_at) == (None, None)


@pytest.mark.parametrize(
    ("status", "attempts", "maximum", "status_after", "attempts_after"),
    [
        (PENDING, 0, 5, ERROR, 0),
        (PENDING, 0, 1, ERROR, 0),
        (PENDING, 0, None, ERROR, 0),
        (ERROR, 0, 5, ERROR, 1),
        (ERROR, 3, 5, ERROR, 4),
        (ERROR, 4, 5, CANCELLED, 5),
        (ERROR, 7, 5, CANCELLED, 8),
        (ERROR, 0, 1, CANCELLED, 1),
        (ERROR, 9, None, ERROR, 10),
        (CANCELLED, 5, 5, CANCELLED, 6),
        (CANCELLED, 5, 6, CANCELLED, 6),
        (CANCELLED, 5, 7, ERROR, 6),
        (CANCELLED, 5, None, CANCELLED, 6),
    ],
)
def test_a_send_that_fails(status, attempts, maximum, status_after, attempts_after):
    after = fail(sending(status, attempts), RetryPolicy(maximum))
    assert (after.status, after.attempts, after.failure) == (status_after, attempts_after, REFUSED)


def test_the_first_send_is_attempt_zero_and_a_resend_the_number_it_will_make():
    assert sending(PENDING).attempt == 0
    assert sending(ERROR, 0).attempt == 1
    assert sending(CANCELLED, 5).attempt == 6


@pytest.mark.parametrize(("status", "reason"), list(product([PENDING, ERROR, CANCELLED], WaitReason)))
def test_what_was_not_sent_stays_as_before_and_waits(status, reason):
    before = RecordState(status, Phase.SENDING, 3, resend_kind=ResendKind.MANUAL, failure=REFUSED)
    after = not_sent(before, reason, LATER)
    assert (after.phase, after.wait_reason, after.next_attempt_at) == (Phase.WAITING, reason, LATER)
    assert (after.status, after.attempts, after.failure) == (before.status, before.attempts, before.failure)


@pytest.mark.parametrize("status", [PENDING, ERROR, CANCELLED])
def test_an_unknown_outcome_is_verified_and_decides_about_the_attempt_only_then(status):
    doubtful = in_doubt(sending(status, 2), LATER)
    assert (doubtful.status, doubtful.phase, doubtful.attempts) == (status, Phase.VERIFYING, 2)
    assert doubtful.next_attempt_at == LATER
    assert succeeded(doubtful) == succeeded(sending(status, 2))
    assert fail(doubtful) == fail(sending(status, 2))


@pytest.mark.parametrize("status", [PENDING, ERROR, CANCELLED])
def test_a_record_that_left_the_source_is_cancelled_and_spends_nothing(status):
    gone = gone_from_source(sending(status, 2), BAD_DATA)
    assert (gone.status, gone.phase, gone.attempts, gone.failure) == (CANCELLED, Phase.IDLE, 2, BAD_DATA)


def test_an_erro_over_a_lowered_maximum_becomes_cancelado_and_keeps_its_count():
    waiting = RecordState(ERROR, Phase.WAITING, 4, WaitReason.RETRY, NOW, failure=REFUSED)
    assert not may_resend_automatically(waiting, RetryPolicy(4))
    assert over_the_maximum(waiting) == RecordState(CANCELLED, Phase.IDLE, 4, failure=REFUSED)


@pytest.mark.parametrize("status", [ERROR, CANCELLED])
@pytest.mark.parametrize("kind", ResendKind)
def test_a_resend_is_queued_with_who_asked_for_it(status, kind):
    queued = queued_for_resend(RecordState(status, Phase.IDLE, 2, failure=REFUSED), kind, NOW)
    assert (queued.status, queued.phase, queued.attempts) == (status, Phase.QUEUED, 2)
    assert (queued.resend_kind, queued.next_attempt_at) == (kind, NOW)


def test_a_pendente_brought_forward_is_still_a_first_send():
    waiting = RecordState(PENDING, Phase.WAITING, 0, WaitReason.PARENT)
    queued = queued_for_resend(waiting, ResendKind.MANUAL, NOW)
    assert (queued.phase, queued.resend_kind, queued.is_resend, queued.attempt) == (Phase.QUEUED, None, False, 0)


@pytest.mark.parametrize(
    ("failures", "jitter", "seconds"),
    [(1, 1.0, 60), (1, 0.5, 30), (2, 1.0, 120), (3, 0.5, 120), (9, 1.0, 15_360), (10, 1.0, 21_600), (99, 0.5, 10_800)],
)
def test_the_delay_doubles_up_to_six_hours_and_is_spread(failures, jitter, seconds):
    assert FIVE.delay(failures, jitter) == timedelta(seconds=seconds)


def test_the_nth_failure_waits_for_the_nth_delay():
    first = fail(sending(PENDING))
    assert (first.phase, first.wait_reason, first.next_attempt_at) == (Phase.WAITING, WaitReason.RETRY, LATER)
    assert fail(sending(ERROR, 0)).next_attempt_at == NOW + timedelta(minutes=2)


def test_without_a_maximum_nothing_is_resent_by_itself():
    after = fail(sending(PENDING), NONE)
    assert (after.phase, after.wait_reason, after.next_attempt_at) == (Phase.IDLE, None, None)
    assert not may_resend_automatically(after, NONE)


def test_data_errors_can_be_left_to_people():
    leaving = RetryPolicy(5, leave_data_errors=True)
    held = fail(sending(PENDING), leaving, BAD_DATA)
    assert (held.status, held.phase, held.next_attempt_at) == (ERROR, Phase.IDLE, None)
    assert not may_resend_automatically(held, leaving)
    assert may_resend_automatically(held, FIVE)
    assert fail(sending(PENDING), leaving, REFUSED).phase is Phase.WAITING


@pytest.mark.parametrize(
    ("phase", "reason", "allowed"),
    [
        (Phase.IDLE, None, True),
        (Phase.WAITING, WaitReason.RETRY, True),
        *[(Phase.WAITING, reason, False) for reason in WaitReason if reason is not WaitReason.RETRY],
        *[(phase, None, False) for phase in (Phase.QUEUED, Phase.SENDING, Phase.VERIFYING)],
    ],
)
def test_only_a_held_erro_is_resent_automatically(phase, reason, allowed):
    for status in Status:
        state = RecordState(status, phase, 0, reason)
        assert may_resend_automatically(state, FIVE) is (allowed and status is ERROR)


@pytest.mark.parametrize(
    ("phase", "reason", "parent_settled", "expected"),
    [
        (Phase.IDLE, None, False, True),
        (Phase.QUEUED, None, True, False),
        (Phase.SENDING, None, True, False),
        (Phase.VERIFYING, None, True, False),
        (Phase.WAITING, WaitReason.RETRY, False, True),
        (Phase.WAITING, WaitReason.TARGET, False, True),
        (Phase.WAITING, WaitReason.PAUSED, False, True),
        (Phase.WAITING, WaitReason.CREDENTIAL, False, True),
        (Phase.WAITING, WaitReason.LIMIT, True, False),
        (Phase.WAITING, WaitReason.PARENT, True, True),
        (Phase.WAITING, WaitReason.PARENT, False, False),
    ],
)
def test_settled_is_what_does_not_go_on_by_itself(phase, reason, parent_settled, expected):
    assert settled(phase, reason, parent_settled) is expected


POLICIES = st.builds(RetryPolicy, st.none() | st.integers(1, 6), leave_data_errors=st.booleans())
FAILURES = st.sampled_from([REFUSED, BAD_DATA])
OUTCOMES = st.sampled_from(["done", "refused", "not sent", "doubt, arrived", "doubt, lost", "gone"])
ORDERS = st.sampled_from([ResendKind.AUTOMATIC, ResendKind.MANUAL])
HISTORIES = st.lists(st.tuples(OUTCOMES, ORDERS, POLICIES, FAILURES, st.sampled_from(WaitReason)), max_size=15)


def outcome_of(name, state, policy, failure, reason):
    return {
        "done": lambda: succeeded(state),
        "refused": lambda: fail(state, policy, failure),
        "not sent": lambda: not_sent(state, reason, LATER),
        "doubt, arrived": lambda: succeeded(in_doubt(state, LATER)),
        "doubt, lost": lambda: fail(in_doubt(state, LATER), policy, failure),
        "gone": lambda: gone_from_source(state, failure),
    }[name]()


def lived(history):
    """Every (before, order, policy, after) of a record that is sent, and resent whenever that is allowed."""
    state = RecordState(PENDING, Phase.QUEUED)
    for outcome, order, policy, failure, reason in history:
        if state.phase is not Phase.QUEUED:
            automatic = order is ResendKind.AUTOMATIC
            allowed = may_resend_automatically(state, policy) if automatic else isinstance(eligibility(state), Eligible)
            if not allowed:
                continue
            state = queued_for_resend(state, order, NOW)
        after = outcome_of(outcome, state, policy, failure, reason)
        yield state, order, policy, after
        state = after


@given(HISTORIES)
def test_attempts_never_decrease_and_grow_one_by_one(history):
    for before, _order, _policy, after in lived(history):
        assert 0 <= after.attempts - before.attempts <= 1
        assert before.is_resend or after.attempts == 0


@given(HISTORIES)
def test_a_success_is_never_sent_again(history):
    assert all(before.status is not SUCCESS for before, *_rest in lived(history))


@given(HISTORIES)
def test_nothing_is_resent_automatically_at_or_above_the_maximum(history):
    for before, order, policy, _after in lived(history):
        if before.is_resend and order is ResendKind.AUTOMATIC:
            assert policy.max_attempts is not None
            assert before.attempts < policy.max_attempts


@given(HISTORIES)
def test_a_cancelado_is_only_left_by_hand(history):
    for before, order, _policy, _after in lived(history):
        assert before.status is not CANCELLED or order is ResendKind.MANUAL


@given(HISTORIES)
def test_every_state_is_one_that_the_design_knows(history):
    for _before, _order, _policy, after in lived(history):
        assert (after.phase is Phase.WAITING) == (after.wait_reason is not None)
        assert after.phase is Phase.IDLE or after.status is not SUCCESS
        planned = after.phase is Phase.WAITING and after.wait_reason is WaitReason.RETRY and after.status is ERROR
        assert not (planned and after.next_attempt_at is None)
        assert after.status is not ERROR or after.failure is not None


@given(POLICIES, st.integers(0, 60), st.floats(0.5, 1))
def test_a_planned_resend_lies_ahead_and_within_the_longest_delay(policy, attempts, jitter):
    state = waits_for_retry(RecordState(ERROR, Phase.IDLE, attempts, failure=REFUSED), policy, NOW, jitter)
    assert (state.next_attempt_at is None) == (policy.max_attempts is None)
    if state.next_attempt_at is not None:
        assert NOW < state.next_attempt_at <= NOW + policy.max_delay
