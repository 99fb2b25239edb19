from datetime import timedelta

import pytest
from sqlalchemy import select

from vtexmon.core.records import TargetState
from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.store import targets
from vtexmon.store.audit import AUDIT

MINUTE = timedelta(minutes=1)


def close(store, now, account="nacional", api="catalog", reason="target", failures=5, until=MINUTE):
    state = TargetState(account, api, reason, now + until, failures, "sem resposta")
    store.write(lambda c: targets.close(c, state, now, "a"))
    return state


def closed(store):
    return store.read(targets.closed)


def waiting(store, reason, account="nacional", **columns):
    return store.log(account=account, phase=Phase.WAITING, wait_reason=reason, due_at=None, **columns)


def test_what_one_process_closes_is_closed_for_all(store, another, now):
    state = close(store, now)
    assert closed(another) == [state]


def test_closing_again_replaces_what_was_known(store, now):
    close(store, now)
    later = close(store, now, failures=6, until=2 * MINUTE)
    assert closed(store) == [later]


def test_each_api_of_each_account_is_its_own_target(store, now):
    for account, api in (("sp", "catalog"), ("nacional", "pricing"), ("nacional", "catalog")):
        close(store, now, account, api)
    names = [(state.account, state.api) for state in closed(store)]
    assert names == [("nacional", "catalog"), ("nacional", "pricing"), ("sp", "catalog")]


def test_an_answer_reopens_the_target_and_only_it(store, now):
    close(store, now)
    other = close(store, now, api="pricing")
    store.write(lambda c: targets.reopen(c, "nacional", "catalog", now))
    assert closed(store) == [other]


WOKEN = {
    "reopen": (WaitReason.TARGET, WaitReason.CREDENTIAL),
    "unpause": (WaitReason.PAUSED,),
}


@pytest.mark.parametrize("reason", list(WaitReason))
@pytest.mark.parametrize("action", WOKEN)
def test_what_waited_for_it_is_due_and_nothing_else(store, now, action, reason):
    log_id = waiting(store, reason)
    elsewhere = waiting(store, reason, account="sp")
    do = {
        "reopen": lambda c: targets.reopen(c, "nacional", "catalog", now),
        "unpause": lambda c: targets.unpause(c, "nacional", now, "ana"),
    }[action]
    store.write(do)
    woken = reason in WOKEN[action]
    assert store.row(log_id).due_at == (now if woken else None)
    assert store.row(elsewhere).due_at is None


def test_a_log_that_is_done_is_not_woken(store, now):
    log_id = waiting(store, WaitReason.PAUSED, status=Status.SUCCESS)
    store.write(lambda c: targets.unpause(c, "nacional", now, "ana"))
    assert store.row(log_id).due_at is None


@pytest.mark.parametrize("until", [None, MINUTE])
def test_a_pause_of_an_account_is_a_target_of_its_own(store, now, until):
    end = None if until is None else now + until
    store.write(lambda c: targets.pause(c, "nacional", end, now, "ana"))
    (state,) = closed(store)
    assert (state.account, state.api, state.closed_reason, state.closed_until) == ("nacional", "*", "paused", end)
    assert state.message == "ana"


def test_an_answer_does_not_end_a_persons_pause(store, now):
    store.write(lambda c: targets.pause(c, "nacional", None, now, "ana"))
    store.write(lambda c: targets.reopen(c, "nacional", "catalog", now))
    assert len(closed(store)) == 1


def test_resuming_ends_the_pause_and_says_whether_there_was_one(store, now):
    store.write(lambda c: targets.pause(c, "nacional", None, now, "ana"))
    kept = close(store, now)
    assert [store.write(lambda c: targets.unpause(c, "nacional", now, "ana")) for _time in range(2)] == [True, False]
    assert closed(store) == [kept]


STANDS = [("no pause", "none", False), ("until somebody acts", None, True), ("for a minute", MINUTE, True)]


@pytest.mark.parametrize(("until", "stands"), [case[1:] for case in STANDS], ids=[case[0] for case in STANDS])
def test_whether_a_pause_stands(store, now, until, stands):
    if until != "none":
        end = None if until is None else now + until
        store.write(lambda c: targets.pause(c, "nacional", end, now, "ana"))
    assert store.write(lambda c: targets.pause_stands(c, "nacional", now)) is stands
    assert store.write(lambda c: targets.pause_stands(c, "sp", now)) is False
    assert store.write(lambda c: targets.pause_stands(c, "nacional", now + MINUTE)) is (stands and until is None)


def test_pauses_are_in_the_audit(store, now):
    store.write(lambda c: targets.pause(c, "nacional", None, now, "ana"))
    store.write(lambda c: targets.unpause(c, "nacional", now, "rui"))
    lines = store.read(lambda c: c.execute(select(AUDIT.c.who, AUDIT.c.action, AUDIT.c.detail)).all())
    assert [tuple(line) for line in lines] == [("ana", "pause", "nacional"), ("rui", "unpause", "nacional")]
