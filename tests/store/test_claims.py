import threading
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from vtexmon.core.exchange import Api, Request
from vtexmon.core.status import Phase, RecordState, ResendKind, Status, WaitReason, succeeded
from vtexmon.store import claims, sending
from vtexmon.store.claims import ClaimScope, LostClaim, Outlook
from vtexmon.store.rows import LOG
from vtexmon.store.sending import Aftermath

LEASE = timedelta(seconds=180)
SECOND = timedelta(seconds=1)
REQUEST = Request(Api.CATALOG, "POST", "/api/catalog/pvt/product", {"Name": "Ajustagem"})


def intent(store, claim, now):
    deadline = now + timedelta(seconds=60)
    return store.write(lambda c: sending.record_intent(c, claim, "criar", REQUEST, '{"Name":"x"}', now, deadline))


def change(store, log_id, **values):
    store.write(lambda c: c.execute(update(LOG).where(LOG.c.id == log_id).values(**values)))


def ids(taken):
    return [claim.log.id for claim in taken]


def test_a_claim_is_a_lease_with_the_next_epoch(store, now):
    log_id = store.log(epoch=6)
    claim = store.claim_one("a")
    row = store.row(log_id)
    assert (row.phase, row.lease_owner, row.lease_until, row.due_at) == (Phase.SENDING, "a", now + LEASE, now + LEASE)
    assert (row.epoch, claim.epoch, claim.owner, claim.record_key) == (7, 7, "a", row.record_key)
    assert claim.log.phase is Phase.SENDING


def test_a_claim_carries_what_is_known_of_an_earlier_doubt(store):
    store.log(not_found=1, unreadable=2, repeated=True, resend_id=4)
    claim = store.claim_one()
    assert (claim.not_found, claim.unreadable, claim.repeated, claim.resend_id) == (1, 2, True, 4)


DUE = [
    ("due", {"due_at": timedelta(0)}, True),
    ("long due", {"due_at": -timedelta(days=3)}, True),
    ("not yet", {"due_at": timedelta(microseconds=1)}, False),
    ("nothing happens by itself", {"due_at": None}, False),
    ("verifying and due", {"due_at": timedelta(0), "phase": Phase.VERIFYING}, True),
    ("verifying in quarantine", {"due_at": timedelta(seconds=60), "phase": Phase.VERIFYING}, False),
    ("waits for its limit", {"due_at": timedelta(0), "phase": Phase.WAITING, "wait_reason": WaitReason.LIMIT}, True),
    ("sending under a live lease", {"due_at": timedelta(seconds=9), "phase": Phase.SENDING}, False),
    ("sending, lease over", {"due_at": -timedelta(seconds=1), "phase": Phase.SENDING}, True),
]


@pytest.mark.parametrize(("columns", "taken"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_only_what_is_due_is_claimed(store, now, columns, taken):
    due = columns["due_at"]
    log_id = store.log(**{**columns, "due_at": None if due is None else now + due})
    assert ids(store.claim()) == ([log_id] if taken else [])


def test_peoples_orders_come_first_then_the_longest_due_then_the_oldest(store, now):
    late = store.log(due_at=now)
    later = store.log(due_at=now)
    early = store.log(due_at=now - SECOND)
    ordered = store.log(due_at=now, priority=0)
    assert ids(store.claim()) == [ordered, early, late, later]


def test_no_more_than_the_limit_is_taken(store):
    store.logs([{} for _number in range(5)])
    assert [len(store.claim(limit=2)) for _turn in range(4)] == [2, 2, 1, 0]


def test_one_record_of_each_serial_key_at_a_time(store, now):
    first = store.log(serial_key="nacional|P1")
    second = store.log(serial_key="nacional|P1")
    other = store.log(serial_key="nacional|P2")
    (one, _two) = store.claim()
    assert (one.log.id, _two.log.id) == (first, other)
    assert store.claim("b") == []
    store.write(lambda c: sending.leave(c, one, Aftermath(succeeded(RecordState(Status.PENDING, Phase.SENDING))), now))
    assert ids(store.claim("b")) == [second]


def test_a_busy_serial_key_does_not_hold_up_the_others(store):
    store.logs([{"serial_key": "nacional|P1"} for _number in range(30)])
    store.claim(limit=1)
    other = store.log()
    assert ids(store.claim(limit=1)) == [other]


def test_the_database_itself_refuses_two_running_records_of_one_serial_key(store):
    first, second = store.logs([{"serial_key": "nacional|P1"}] * 2)
    change(store, first, phase=Phase.SENDING)
    with pytest.raises(IntegrityError):
        change(store, second, phase=Phase.SENDING)


WRITES = {
    "change": lambda c, claim, item, now: claims.change(c, claim, {"message": "late"}),
    "still_ours": lambda c, claim, item, now: claims.still_ours(c, claim),
    "give_back": lambda c, claim, item, now: claims.give_back(c, claim, now),
    "record_intent": lambda c, claim, item, now: sending.record_intent(c, claim, "s", REQUEST, None, now, now),
    "record_read": lambda c, claim, item, now: sending.record_read(
        c, claim, "s", REQUEST, sending.ItemResult(None, Status.SUCCESS, ""), now
    ),
    "complete_item": lambda c, claim, item, now: sending.complete_item(
        c, claim, item, sending.ItemResult(None, Status.SUCCESS, ""), now
    ),
    "learn_external_id": lambda c, claim, item, now: sending.learn_external_id(c, claim, "77", now),
    "leave": lambda c, claim, item, now: sending.leave(c, claim, Aftermath(succeeded(sending.state_of(claim))), now),
}


@pytest.mark.parametrize("owner", ["b", "a"], ids=["another worker", "the same worker again"])
@pytest.mark.parametrize("write", WRITES)
def test_after_a_takeover_the_old_claim_writes_nothing(store, now, write, owner):
    log_id = store.log()
    old = store.claim_one("a")
    item = intent(store, old, now)
    later = now + LEASE + SECOND
    new = store.claim_one(owner, later)
    before, item_before = store.row(log_id), store.item(item)

    with pytest.raises(LostClaim):
        store.write(lambda c: WRITES[write](c, old, item, later))

    assert (store.row(log_id), store.item(item)) == (before, item_before)
    assert new.epoch == old.epoch + 1
    store.write(lambda c: claims.still_ours(c, new))


def test_an_expired_lease_with_an_open_intent_comes_back_with_the_intent(store, now):
    store.log()
    item_id = intent(store, store.claim_one("a"), now)
    assert store.claim("b", now + LEASE - SECOND) == []
    claim = store.claim_one("b", now + LEASE)
    assert (claim.intent.item.id, claim.intent.answered) == (item_id, False)
    assert claim.intent.deadline_at == now + timedelta(seconds=60)
    assert (claim.intent.item.step, claim.intent.item.completed_at) == ("criar", None)


def test_an_expired_lease_without_an_intent_comes_back_without(store, now):
    store.log()
    store.claim_one("a")
    assert store.claim_one("b", now + LEASE).intent is None


def test_a_renewed_lease_is_not_taken_over(store, now):
    log_id = store.log()
    claim = store.claim_one("a")
    until = now + 2 * LEASE
    assert store.write(lambda c: claims.renew(c, "a", [log_id], until)) == {log_id}
    assert store.claim("b", now + LEASE) == []
    store.write(lambda c: claims.still_ours(c, claim))
    assert ids(store.claim("b", until)) == [log_id]


def test_only_what_is_still_ours_is_renewed(store, now):
    mine, lost, ended = store.logs([{} for _number in range(3)])
    taken = {claim.log.id: claim for claim in store.claim("a")}
    change(store, lost, lease_owner="b")
    store.write(lambda c: claims.give_back(c, taken[ended], now))
    assert store.write(lambda c: claims.renew(c, "a", [mine, lost, ended], now + 2 * LEASE)) == {mine}
    assert store.row(lost).lease_until == now + LEASE


def test_given_back_it_is_as_it_was_and_due_at_once(store, now):
    log_id = store.log(status=Status.ERROR, attempts=2, priority=0, resend_kind=ResendKind.MANUAL, resend_id=4)
    before = store.row(log_id)
    claim = store.claim_one()
    store.write(lambda c: claims.give_back(c, claim, now + SECOND))
    after = store.row(log_id)
    assert (after.phase, after.due_at, after.lease_owner, after.lease_until) == (
        Phase.QUEUED,
        now + SECOND,
        None,
        None,
    )
    kept = ("status", "attempts", "priority", "resend_kind", "resend_id", "updated_at", "message")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.epoch == before.epoch + 1


def test_given_back_while_waiting_it_no_longer_says_what_it_waited_for(store, now):
    log_id = store.log(phase=Phase.WAITING, wait_reason=WaitReason.TARGET, due_at=now)
    claim = store.claim_one()
    store.write(lambda c: claims.give_back(c, claim, now))
    assert (store.row(log_id).phase, store.row(log_id).wait_reason) == (Phase.QUEUED, None)


def test_given_back_in_doubt_it_stays_a_doubt(store, now):
    log_id = store.log()
    intent(store, store.claim_one("a"), now)
    later = now + LEASE
    claim = store.claim_one("b", later)
    store.write(lambda c: claims.give_back(c, claim, later))
    assert (store.row(log_id).phase, store.row(log_id).due_at) == (Phase.VERIFYING, later)
    assert store.claim_one("c", later).intent is not None


def test_a_command_takes_only_what_it_took_upon_itself(store):
    mine, _other = store.logs([{}, {}])
    store.write(lambda c: claims.add_to_scope(c, "command", [mine, mine]))
    store.write(lambda c: claims.add_to_scope(c, "command", [mine]))
    store.write(lambda c: claims.add_to_scope(c, "another", [_other]))
    assert ids(store.claim(scope=ClaimScope(command="command"))) == [mine]


def test_a_scope_ends_with_its_command(store):
    log_id = store.log()
    store.write(lambda c: claims.add_to_scope(c, "command", [log_id]))
    store.write(lambda c: claims.drop_scope(c, "command"))
    assert store.claim(scope=ClaimScope(command="command")) == []


def test_a_resends_scope_is_its_members(store):
    member = store.log(status=Status.ERROR, resend_id=4, resend_kind=ResendKind.MANUAL)
    store.log(status=Status.ERROR, resend_id=5, resend_kind=ResendKind.MANUAL)
    store.log()
    assert ids(store.claim(scope=ClaimScope(resend_id=4))) == [member]


def test_an_export_leaves_resends_alone(store):
    store.log(status=Status.ERROR, resend_kind=ResendKind.AUTOMATIC)
    changed = store.log()
    assert ids(store.claim(scope=ClaimScope(resends=False))) == [changed]


def outlook(store, now):
    return store.read(lambda c: claims.outlook(c, now))


def test_nothing_to_come_is_nothing(store, now):
    store.log(phase=Phase.IDLE, due_at=None)
    assert outlook(store, now) == Outlook(held_back=False, next_due=None)


@pytest.mark.parametrize("priority", claims.PRIORITIES)
def test_what_is_due_next_is_known(store, now, priority):
    for seconds in (9, 3, 5):
        store.log(due_at=now + seconds * SECOND, priority=priority)
    store.log(due_at=now + 7 * SECOND, priority=1 - priority)
    assert outlook(store, now) == Outlook(held_back=False, next_due=now + 3 * SECOND)


def test_what_another_record_holds_back_does_not_hide_what_is_due_next(store, now):
    store.logs([{"serial_key": "nacional|P1"}] * 2)
    store.log(due_at=now + 3 * SECOND)
    store.claim()
    assert outlook(store, now) == Outlook(held_back=True, next_due=now + 3 * SECOND)


def test_the_end_of_a_lease_is_something_to_come(store, now):
    store.log()
    store.claim()
    assert outlook(store, now) == Outlook(held_back=False, next_due=now + LEASE)


def claim_until_empty(store, owner, now, limit):
    """As the engine does; gives the ids in the order they were taken."""
    taken = []
    while found := store.claim(owner, now, limit):
        taken += ids(found)
    return taken


def test_processes_never_take_the_same_record(store, another, now, at_once):
    store.write(lambda c: c.execute(LOG.insert(), [store.a_row() for _number in range(500)]))
    names = iter("abcd")
    taken = at_once(lambda one: claim_until_empty(one, next(names), now, 7), [store, another, store, another])
    claimed = [log_id for part in taken for log_id in part]
    assert (len(set(claimed)), len(claimed)) == (500, 500)


def test_processes_never_run_two_records_of_one_serial_key(store, another, now, at_once):
    rows = [store.a_row(serial_key=f"nacional|P{number % 40}") for number in range(200)]
    store.write(lambda c: c.execute(LOG.insert(), rows))
    names = iter("abcd")
    taken = at_once(lambda one: claim_until_empty(one, next(names), now, 3), [store, another, store, another])
    claimed = [log_id for part in taken for log_id in part]
    assert len(claimed) == len({store.row(log_id).serial_key for log_id in claimed})
    rest = claim_until_empty(store, "later", now, 3)  # a rival's choice is passed over, not waited for
    assert len(claimed) + len(rest) == 40


def test_a_claim_that_another_is_taking_is_passed_over(store, another, now, overlapping):
    store.logs([{} for _number in range(9)])

    def take(owner, limit):
        return lambda c: claims.claim(c, owner, now, now + LEASE, limit)

    one, two = overlapping(take("a", 1), take("b", 5))
    assert (len(one), len(two) > 0, set(ids(one)) & set(ids(two))) == (1, True, set())


def test_two_claims_that_overlap_take_one_record_of_a_serial_key(store, now, overlapping):
    rows = store.logs([{"serial_key": "nacional|P1"} for _number in range(9)])

    def take(owner):
        return lambda c: claims.claim(c, owner, now, now + LEASE, 1)

    one, two = overlapping(take("a"), take("b"))
    assert (ids(one), ids(two)) == (rows[:1], [])


def test_room_that_is_kept_is_for_people_only(store, now):
    store.logs([{"priority": claims.BULK} for _number in range(5)])
    ordered = store.logs([{"priority": claims.PEOPLE} for _number in range(2)])

    def take(limit, kept):
        return ids(store.write(lambda c: claims.claim(c, "a", now, now + LEASE, limit, kept=kept)))

    assert take(2, 2) == ordered
    assert take(3, 3) == []
    assert len(take(3, 1)) == 2


def test_the_claim_of_a_process_that_died_in_it_was_never_made(store, now):
    log_id, died = store.log(), threading.Event()

    def dies(connection):
        claims.claim(connection, "a", now, now + LEASE, 5)
        died.set()
        raise KeyboardInterrupt

    assert isinstance(store.database.write(dies).exception(5), KeyboardInterrupt)
    assert died.is_set()
    assert (store.row(log_id).phase, store.row(log_id).epoch) == (Phase.QUEUED, 0)
