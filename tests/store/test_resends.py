from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.filters import Filter
from vtexmon.core.resend_plan import Eligible, eligibility
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import (
    Phase,
    RecordState,
    ResendKind,
    RetryPolicy,
    Status,
    WaitReason,
    may_resend_automatically,
    succeeded,
)
from vtexmon.store import claims, log_pages, logs, resends, sending
from vtexmon.store.audit import AUDIT
from vtexmon.store.rows import LOG
from vtexmon.store.sending import Aftermath

E, C, P, S = Status.ERROR, Status.CANCELLED, Status.PENDING, Status.SUCCESS
POLICY = RetryPolicy(3)
LEASE = timedelta(seconds=180)
EVERYTHING = Matching(Filter(), 2**62)
STATES = [
    (status, phase, reason)
    for status in Status
    for phase in Phase
    for reason in (WaitReason if phase is Phase.WAITING else [None])
]


def order(store, selection, now, note=""):
    return store.write(lambda c: resends.order(c, selection, "os marcados", note, now, "ana"))


def explicit(*ids):
    return Explicit(frozenset(ids))


def members(store, resend_id):
    query = select(resends.MEMBER.c.log_id).where(resends.MEMBER.c.resend_id == resend_id)
    return set(store.read(lambda c: c.execute(query).scalars().all()))


def progress(store, resend_id):
    return store.read(lambda c: resends.progress(c, resend_id))


def stop(store, resend_id, now, policy=POLICY):
    return store.write(lambda c: resends.stop(c, resend_id, policy, now, "ana"))


def turn(store, now, policy=POLICY, due_only=True, **options):
    return store.write(lambda c: resends.take_automatic_turn(c, policy, now, "agendador", due_only, **options))


def at_rest(store, status=E, **columns):
    return store.log(**{"status": status, "phase": Phase.IDLE, **columns})


def retrying(store, due, **columns):
    waiting = {"phase": Phase.WAITING, "wait_reason": WaitReason.RETRY, "next_attempt_at": due, "due_at": None}
    return store.log(**{"status": E, **waiting, **columns})


def test_an_order_takes_exactly_what_the_plan_calls_eligible(store, now):
    rows = [{"status": status, "phase": phase, "wait_reason": reason} for status, phase, reason in STATES]
    all_ids = store.logs(rows)
    records = store.read(lambda c: log_pages.by_ids(c, all_ids))
    eligible = {log.id for log in records if isinstance(eligibility(log), Eligible)}
    found = order(store, Explicit(frozenset(all_ids)), now)
    assert members(store, found.id) == eligible
    assert found.total == len(eligible)
    after = store.read(lambda c: log_pages.by_ids(c, all_ids))
    assert {log.id for log, before in zip(after, records, strict=True) if log != before} == eligible


@pytest.mark.parametrize("sent", [True, False])
def test_what_an_order_would_take_can_be_listed(store, sent):
    rows = [{"status": status, "phase": phase, "wait_reason": reason} for status, phase, reason in STATES]
    all_ids = store.logs(rows)
    records = store.read(lambda c: log_pages.by_ids(c, all_ids))
    expected = [log for log in records if isinstance(eligibility(log), Eligible) is sent]
    assert store.read(lambda c: resends.listed(c, EVERYTHING, sent, 1_000)) == expected
    assert store.read(lambda c: resends.listed(c, EVERYTHING, sent, 2)) == expected[:2]


@pytest.mark.parametrize(("status", "kind"), [(E, ResendKind.MANUAL), (C, ResendKind.MANUAL), (P, None)])
def test_what_is_ordered_is_due_at_once_before_bulk_work_under_the_persons_name(store, now, status, kind):
    columns = {"phase": Phase.WAITING, "wait_reason": WaitReason.PARENT, "parent_key": "x", "attempts": 2}
    log_id = store.log(status=status, **columns)
    found = order(store, explicit(log_id), now + LEASE)
    row = store.row(log_id)
    assert (row.status, row.attempts, row.phase, row.wait_reason, row.parent_key) == (
        status,
        2,
        Phase.QUEUED,
        None,
        None,
    )
    assert (row.due_at, row.next_attempt_at, row.priority) == (now + LEASE, now + LEASE, 0)
    assert (row.resend_kind, row.resend_id, row.updated_by, row.updated_at) == (kind, found.id, "ana", now + LEASE)


def test_sucesso_is_never_touched(store, now):
    ids = store.logs([{"status": S, "phase": Phase.IDLE} for _number in range(3)])
    before = [store.row(log_id) for log_id in ids]
    found = order(store, EVERYTHING, now)
    turn(store, now, due_only=False)
    assert (found.total, found.finished) == (0, True)
    assert [store.row(log_id) for log_id in ids] == before


def test_a_matching_takes_the_filter_up_to_its_moment_minus_and_plus(store, now):
    one, minus, branch, cancelled, late = (
        at_rest(store),
        at_rest(store),
        at_rest(store, branch=7),
        at_rest(store, status=C),
        at_rest(store),
    )
    selection = Matching(
        Filter(statuses=frozenset({E})),
        cancelled,
        minus=frozenset({minus}),
        plus=frozenset({cancelled}),
        scope=Filter(branches=frozenset({12})),
    )
    found = order(store, selection, now)
    assert members(store, found.id) == {one, cancelled}
    assert [store.row(log_id).phase for log_id in (minus, branch, late)] == [Phase.IDLE] * 3


def test_unknown_ids_are_no_members(store, now):
    assert order(store, explicit(987_654), now).total == 0


def test_a_row_that_is_being_claimed_when_it_is_ordered_is_not_queued_again(store, now, overlapping):
    columns = {"phase": Phase.WAITING, "wait_reason": WaitReason.TARGET, "due_at": now}
    log_id = store.log(status=P, **columns)
    taken, found = overlapping(
        lambda c: claims.claim(c, "a", now, now + LEASE, 5),
        lambda c: resends.order(c, explicit(log_id), "um", "", now, "ana"),
    )
    assert (len(taken), found.total) == (1, 0)
    assert (store.row(log_id).phase, store.row(log_id).lease_owner) == (Phase.SENDING, "a")


def test_two_orders_of_the_same_row_send_it_once(store, now, overlapping):
    log_id = at_rest(store)
    one, two = overlapping(
        lambda c: resends.order(c, explicit(log_id), "um", "", now, "ana"),
        lambda c: resends.order(c, explicit(log_id), "um", "", now, "rui"),
    )
    assert (one.total, two.total) == (1, 0)
    assert (store.row(log_id).resend_id, store.row(log_id).updated_by) == (one.id, "ana")


def test_an_order_and_an_automatic_turn_at_once_queue_a_row_once(store, now, overlapping):
    log_id = retrying(store, now)
    found, counted = overlapping(
        lambda c: resends.order(c, explicit(log_id), "um", "", now, "ana"),
        lambda c: resends.take_automatic_turn(c, POLICY, now, "agendador", True),
    )
    assert (found.total, counted) == (1, (0, 0))
    assert (store.row(log_id).resend_kind, store.row(log_id).resend_id) == (ResendKind.MANUAL, found.id)


def test_progress_counts_what_became_of_each_member(store, now):
    ids = [at_rest(store) for _number in range(5)]
    found = order(store, Explicit(frozenset(ids)), now, "chamado 123")
    assert (found.total, found.decided, found.finished, found.note, found.created_by, found.created_at) == (
        5,
        0,
        False,
        "chamado 123",
        "ana",
        now,
    )
    ends = {
        ids[0]: succeeded(RecordState(E, Phase.SENDING)),
        ids[1]: RecordState(E, Phase.WAITING, 1, WaitReason.RETRY, now),
        ids[2]: RecordState(C, Phase.IDLE, 3),
        ids[3]: RecordState(E, Phase.WAITING, 1, WaitReason.PAUSED, now + LEASE),
    }
    for claim in store.claim():
        if claim.log.id in ends:
            after = Aftermath(ends[claim.log.id])
            store.write(lambda c, claim=claim, after=after: sending.leave(c, claim, after, now))
    found = progress(store, found.id)
    assert (found.succeeded, found.failed, found.cancelled, found.skipped, found.waiting) == (1, 1, 1, 0, 1)
    assert (found.decided, found.finished, found.stopped) == (3, False, False)


def test_an_unknown_resend_is_told(store):
    with pytest.raises(LookupError):
        progress(store, 77)


def test_the_newest_resend_that_is_not_finished(store, now):
    assert store.read(resends.latest_unfinished) is None
    first = order(store, explicit(at_rest(store)), now)
    order(store, explicit(987_654), now)
    assert store.read(resends.latest_unfinished) == first.id


def test_a_stopped_resend_leaves_what_was_not_sent_as_it_was(store, now):
    ids = [at_rest(store, attempts=2), at_rest(store, status=C, attempts=3)]
    found = order(store, Explicit(frozenset(ids)), now)
    assert stop(store, found.id, now) == 2
    error, cancelled = store.row(ids[0]), store.row(ids[1])
    assert (error.status, error.attempts, error.phase, error.wait_reason) == (E, 2, Phase.WAITING, WaitReason.RETRY)
    assert (cancelled.status, cancelled.attempts, cancelled.phase, cancelled.wait_reason) == (C, 3, Phase.IDLE, None)
    assert [(row.due_at, row.resend_kind) for row in (error, cancelled)] == [(None, None)] * 2
    found = progress(store, found.id)
    assert (found.skipped, found.finished, found.stopped) == (2, True, True)
    assert store.claim() == []


def test_a_stopped_resend_without_automatic_resends_leaves_an_erro_idle(store, now):
    log_id = at_rest(store)
    found = order(store, explicit(log_id), now)
    stop(store, found.id, now, RetryPolicy(None))
    assert (store.row(log_id).phase, store.row(log_id).next_attempt_at) == (Phase.IDLE, None)


def test_what_a_stop_leaves_in_erro_takes_its_next_automatic_turn(store, now):
    found = order(store, explicit(at_rest(store)), now)
    stop(store, found.id, now)
    assert turn(store, now) == (1, 0)


def test_a_pendente_of_a_stopped_resend_is_still_sent_first(store, now):
    log_id = store.log(status=P, phase=Phase.WAITING, wait_reason=WaitReason.TARGET)
    found = order(store, explicit(log_id), now)
    assert stop(store, found.id, now) == 0
    assert [claim.log.id for claim in store.claim()] == [log_id]


def test_what_was_already_claimed_or_decided_is_not_stopped(store, now):
    running, done = at_rest(store), at_rest(store)
    found = order(store, explicit(running, done), now)
    first, second = store.claim()
    decided = next(claim for claim in (first, second) if claim.log.id == done)
    after = Aftermath(RecordState(E, Phase.WAITING, 1, WaitReason.RETRY, now + LEASE))
    store.write(lambda c: sending.leave(c, decided, after, now))
    before = store.row(running), store.row(done)
    assert stop(store, found.id, now) == 0
    assert (store.row(running), store.row(done)) == before


def test_a_stop_touches_no_other_resend(store, now):
    one, other = at_rest(store), at_rest(store)
    found = order(store, explicit(one), now)
    kept = order(store, explicit(other), now)
    stop(store, found.id, now)
    assert (store.row(other).phase, progress(store, kept.id).skipped) == (Phase.QUEUED, 0)


def test_orders_and_stops_are_in_the_audit(store, now):
    found = order(store, explicit(at_rest(store)), now, "chamado 123")
    stop(store, found.id, now)
    lines = store.read(lambda c: c.execute(select(AUDIT.c.who, AUDIT.c.action, AUDIT.c.detail)).all())
    assert [tuple(line) for line in lines] == [
        ("ana", "resend", f"{found.id}: os marcados — chamado 123"),
        ("ana", "resend_stopped", f"{found.id}: 1"),
    ]


POLICIES = [RetryPolicy(None), RetryPolicy(3), RetryPolicy(3, leave_data_errors=True)]


@pytest.mark.parametrize("due_only", [True, False])
@pytest.mark.parametrize("policy", POLICIES, ids=["empty", "three", "data errors are left to people"])
def test_the_automatic_turn_takes_exactly_what_the_core_allows(store, now, policy, due_only):
    moments = [None, now, now + timedelta(microseconds=1)]
    cases = list(product(STATES, [2, 3, 5], ["dado", None], moments))
    rows = [
        store.a_row(
            status=status,
            phase=phase,
            wait_reason=reason,
            attempts=attempts,
            failure_class=failure_class,
            next_attempt_at=moment,
            due_at=None,
            resend_id=4,
        )
        for (status, phase, reason), attempts, failure_class, moment in cases
    ]
    store.write(lambda c: c.execute(LOG.insert(), rows))
    every = range(1, store.read(logs.highest_id) + 1)
    before = {log.id: log for log in store.read(lambda c: log_pages.by_ids(c, every))}

    def state(log):
        failure = Failure(FailureClass(log.failure_class), "") if log.failure_class else None
        return RecordState(log.status, log.phase, log.attempts, log.wait_reason, log.next_attempt_at, None, failure)

    def due(log):
        return log.next_attempt_at is not None and log.next_attempt_at <= now if due_only else True

    def over(log):
        allowed = may_resend_automatically(replace(state(log), attempts=0, failure=None), policy)
        return allowed and log.attempts >= policy.max_attempts

    wanted = {log_id for log_id, log in before.items() if may_resend_automatically(state(log), policy) and due(log)}
    spent = {log_id for log_id, log in before.items() if policy.max_attempts is not None and over(log)}

    assert turn(store, now, policy, due_only) == (len(wanted), len(spent))

    after = {log.id: log for log in store.read(lambda c: log_pages.by_ids(c, every))}
    changed = {log_id for log_id in every if log_id in before and after[log_id] != before[log_id]}
    queued = {log_id for log_id, log in after.items() if log.resend_kind is ResendKind.AUTOMATIC}
    assert (changed, queued) == (wanted | spent, wanted)
    assert {after[log_id].status for log_id in spent} <= {C}


def test_what_is_taken_is_queued_as_an_automatic_resend_that_keeps_its_attempts(store, now):
    log_id = retrying(store, now - LEASE, attempts=2, priority=0, resend_id=9)
    assert turn(store, now) == (1, 0)
    row = store.row(log_id)
    assert (row.status, row.attempts, row.phase, row.wait_reason) == (E, 2, Phase.QUEUED, None)
    assert (row.resend_kind, row.resend_id, row.priority, row.due_at) == (ResendKind.AUTOMATIC, None, 1, now)
    assert (row.updated_by, row.updated_at) == ("agendador", now)


def test_what_is_over_the_maximum_says_who_cancelled_it_and_when(store, now):
    log_id = retrying(store, now, attempts=3, resend_kind=ResendKind.AUTOMATIC)
    assert turn(store, now + LEASE) == (0, 1)
    row = store.row(log_id)
    assert (row.status, row.phase, row.wait_reason, row.attempts) == (C, Phase.IDLE, None, 3)
    assert (row.next_attempt_at, row.due_at, row.resend_kind) == (None, None, None)
    assert (row.updated_by, row.updated_at) == ("agendador", now + LEASE)


def test_errors_left_to_people_do_not_hold_up_the_others(store, now):
    for _number in range(3):
        at_rest(store, failure_class="dado")
    due = retrying(store, now)
    policy = RetryPolicy(3, leave_data_errors=True)
    assert turn(store, now, policy, limit=2) == (1, 0)
    assert store.row(due).phase is Phase.QUEUED


def test_a_turn_has_a_limit_and_the_next_one_goes_on(store, now):
    for _number in range(5):
        retrying(store, now)
    assert [turn(store, now, limit=2)[0] for _turn in range(4)] == [2, 2, 1, 0]


def test_two_turns_at_once_queue_each_row_once(store, now, overlapping):
    for _number in range(3):
        retrying(store, now)
    one, two = overlapping(
        lambda c: resends.take_automatic_turn(c, POLICY, now, "a", True),
        lambda c: resends.take_automatic_turn(c, POLICY, now, "b", True),
    )
    assert (one, two) == ((3, 0), (0, 0))
