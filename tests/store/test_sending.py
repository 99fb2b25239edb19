from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vtexmon.core.exchange import Answer, Api, Request, Verdict
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.selection import Explicit
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
    not_sent,
    succeeded,
)
from vtexmon.store import claims, logs, payloads, planning, resends, sending, targets
from vtexmon.store.claims import LostClaim
from vtexmon.store.planning import create_logs
from vtexmon.store.sending import Aftermath, ItemResult, state_of

MINUTE = timedelta(minutes=1)
REQUEST = Request(Api.CATALOG, "PUT", "/api/catalog/pvt/product/9", {"Name": "Ajustagem"}, {"dry": "1"})
READ = Request(Api.CATALOG, "GET", "/api/catalog/pvt/product/9")
FAILURE = Failure(FailureClass.DATA, "Campo Title recusado", "PUT /product", "Corrija o nome.")
POLICY = RetryPolicy(3)


def intent(store, claim, now, sent="{}", request=REQUEST):
    return store.write(lambda c: sending.record_intent(c, claim, "criar", request, sent, now, now + MINUTE))


def complete(store, claim, item_id, now, result=None):
    result = result or ItemResult(None, Status.SUCCESS, "ok")
    store.write(lambda c: sending.complete_item(c, claim, item_id, result, now))


def leave(store, claim, after, now):
    store.write(lambda c: sending.leave(c, claim, after, now))


def external(store, record_key):
    query = select(sending.EXTERNAL).where(sending.EXTERNAL.c.record_key == record_key)
    return store.read(lambda c: c.execute(query).one_or_none())


def test_an_intent_says_what_is_about_to_be_sent(store, now):
    log_id = store.log()
    claim = store.claim_one()
    item = store.item(intent(store, claim, now, '{"Name":"Ajustagem"}'))
    assert (item.log_id, item.epoch, item.step, item.method) == (log_id, claim.epoch, "criar", "PUT")
    assert (item.endpoint, item.status) == ("/api/catalog/pvt/product/9?dry=1", Status.PENDING)
    assert (item.deadline_at, item.completed_at, item.answered) == (now + MINUTE, None, False)
    assert store.read(lambda c: payloads.load(c, item.sent_hash)) == '{"Name":"Ajustagem"}'


@pytest.mark.parametrize(
    ("status", "attempts", "number"),
    [(Status.PENDING, 0, 0), (Status.ERROR, 0, 1), (Status.ERROR, 2, 3), (Status.CANCELLED, 5, 6)],
)
def test_an_item_carries_the_number_of_its_attempt(store, now, status, attempts, number):
    store.log(status=status, attempts=attempts)
    assert store.item(intent(store, store.claim_one(), now)).attempt == number


def test_a_log_has_one_open_intent_at_most(store, now):
    store.log()
    claim = store.claim_one()
    first = intent(store, claim, now)
    with pytest.raises(IntegrityError):
        intent(store, claim, now)
    complete(store, claim, first, now)
    assert intent(store, claim, now) > first


def test_an_answer_completes_the_intent(store, now):
    store.log()
    claim = store.claim_one()
    item_id = intent(store, claim, now)
    answer = Answer(REQUEST, Verdict.REFUSED, 400, "recusado", request_id="r-1", duration_ms=87, failure=FAILURE)
    complete(store, claim, item_id, now + MINUTE, ItemResult(answer, Status.ERROR, "Campo Title recusado"))
    item = store.item(item_id)
    assert (item.status, item.message, item.http_status, item.duration_ms) == (
        Status.ERROR,
        "Campo Title recusado",
        400,
        87,
    )
    assert (item.request_id, item.failure_class, item.answered) == ("r-1", "dado", True)
    assert (item.completed_at, item.updated_at, item.created_at) == (now + MINUTE, now + MINUTE, now)
    assert store.read(lambda c: payloads.load(c, item.received_hash)) == "recusado"


def test_an_answer_that_settles_nothing_leaves_the_intent_open(store, now):
    store.log()
    claim = store.claim_one()
    item_id = intent(store, claim, now)
    answer = Answer(REQUEST, Verdict.UNKNOWN, 502, "<html>", failure=FAILURE)
    complete(store, claim, item_id, now, ItemResult(answer, Status.PENDING, "?", done=False))
    held = store.read(lambda c: claims.open_intent(c, claim.log.id))
    assert (held.item.id, held.answered, held.item.http_status) == (item_id, True, 502)


def test_a_completed_item_is_never_overwritten(store, now):
    store.log()
    claim = store.claim_one()
    item_id = intent(store, claim, now)
    complete(store, claim, item_id, now)
    before = store.item(item_id)
    with pytest.raises(LostClaim):
        complete(store, claim, item_id, now + MINUTE, ItemResult(None, Status.ERROR, "later"))
    assert store.item(item_id) == before


def test_a_deciding_read_is_a_complete_item_without_dados_enviados(store, now):
    store.log()
    claim = store.claim_one()
    result = ItemResult(Answer(READ, Verdict.DONE, 200, '{"Id":9}'), Status.SUCCESS, "já estava assim")
    item = store.item(store.write(lambda c: sending.record_read(c, claim, "ler", READ, result, now)))
    assert (item.sent_hash, item.completed_at, item.status) == (None, now, Status.SUCCESS)
    assert store.read(lambda c: payloads.load(c, item.received_hash)) == '{"Id":9}'
    assert store.read(lambda c: claims.open_intent(c, claim.log.id)) is None


def sending_state(status=Status.PENDING, attempts=0):
    return RecordState(status, Phase.SENDING, attempts)


LATER = timedelta(minutes=7)
ENDINGS = {
    "sucesso": (lambda s, at: succeeded(s), None),
    "erro without a retry": (lambda s, at: failed(s, FAILURE, RetryPolicy(None), at, 1.0), None),
    "erro that the schedule retries": (lambda s, at: failed(s, FAILURE, POLICY, at, 1.0), None),
    "gone from the source": (lambda s, at: gone_from_source(s, FAILURE), None),
    "waits for a parent": (lambda s, at: not_sent(s, WaitReason.PARENT, None), None),
    "paused until somebody acts": (lambda s, at: not_sent(s, WaitReason.CREDENTIAL, None), None),
    "waits for its limit": (lambda s, at: not_sent(s, WaitReason.LIMIT, at + LATER), LATER),
    "waits for the target": (lambda s, at: not_sent(s, WaitReason.TARGET, at + LATER), LATER),
    "in doubt": (lambda s, at: in_doubt(s, at + LATER), LATER),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("status", [Status.PENDING, Status.ERROR])
def test_when_the_engine_next_touches_what_an_attempt_left(store, now, ending, status):
    log_id = store.log(status=status, priority=0)
    claim = store.claim_one()
    make, due = ENDINGS[ending]
    state = make(state_of(claim), now)
    leave(store, claim, Aftermath(state), now + MINUTE)
    row = store.row(log_id)
    assert row.due_at == (None if due is None else now + due)
    assert (row.status, row.phase, row.wait_reason, row.attempts, row.next_attempt_at) == (
        state.status,
        state.phase,
        state.wait_reason,
        state.attempts,
        state.next_attempt_at,
    )
    assert (row.lease_owner, row.lease_until, row.priority, row.updated_at) == (None, None, 1, now + MINUTE)
    assert row.is_open is (state.status is not Status.SUCCESS)


def test_a_failure_is_kept_in_words(store, now):
    log_id = store.log()
    claim = store.claim_one()
    leave(store, claim, Aftermath(failed(state_of(claim), FAILURE, POLICY, now, 1.0)), now)
    row = store.row(log_id)
    assert (row.failure_class, row.fingerprint) == ("dado", FAILURE.fingerprint)
    assert (row.message, row.advice) == ("Campo Title recusado", "Corrija o nome.")


WAITS = {
    "waiting": lambda s, now: not_sent(s, WaitReason.LIMIT, now),
    "in doubt": in_doubt,
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_leaves_the_words_of_the_last_failure_standing(store, now, wait):
    log_id = store.log(status=Status.ERROR, message="antes", advice="faça", failure_class="dado", fingerprint="f")
    claim = store.claim_one()
    leave(store, claim, Aftermath(WAITS[wait](state_of(claim), now)), now)
    row = store.row(log_id)
    assert (row.message, row.advice, row.failure_class, row.fingerprint) == ("antes", "faça", "dado", "f")


def test_a_success_takes_the_words_of_the_failure_away(store, now):
    log_id = store.log(status=Status.ERROR, message="antes", advice="faça", failure_class="dado", fingerprint="f")
    claim = store.claim_one()
    leave(store, claim, Aftermath(succeeded(state_of(claim)), "wanted"), now)
    row = store.row(log_id)
    assert (row.message, row.advice, row.failure_class, row.fingerprint) == ("", "", None, None)


def test_a_success_remembers_what_was_wanted(store, now):
    log_id = store.log(source_changed=True)
    claim = store.claim_one()
    leave(store, claim, Aftermath(succeeded(state_of(claim)), "wanted"), now)
    row, held = store.row(log_id), external(store, claim.record_key)
    assert (row.source_hash, row.source_changed) == ("wanted", False)
    assert (held.success_hash, held.external_id, held.module, held.account) == ("wanted", None, "sku", "nacional")


def test_a_success_keeps_the_external_id_and_an_external_id_keeps_the_success(store, now):
    store.log()
    claim = store.claim_one()
    store.write(lambda c: sending.learn_external_id(c, claim, "77", now))
    leave(store, claim, Aftermath(succeeded(state_of(claim)), "wanted"), now)
    assert external(store, claim.record_key)[2:5] == ("nacional", "77", "wanted")
    store.log(record_key=claim.record_key)
    again = store.claim_one()
    store.write(lambda c: sending.learn_external_id(c, again, "78", now))
    assert external(store, claim.record_key)[2:5] == ("nacional", "78", "wanted")


@pytest.mark.parametrize("ending", ["erro without a retry", "in doubt", "gone from the source"])
def test_only_a_success_is_remembered(store, now, ending):
    store.log()
    claim = store.claim_one()
    leave(store, claim, Aftermath(ENDINGS[ending][0](state_of(claim), now), "wanted"), now)
    assert external(store, claim.record_key) is None


def test_a_doubt_carries_how_far_it_has_come(store, now):
    log_id = store.log()
    claim = store.claim_one()
    after = Aftermath(in_doubt(state_of(claim), now), not_found=1, unreadable=2, repeated=True)
    leave(store, claim, after, now)
    assert store.row(log_id)[-11:-8] is not None
    again = store.claim_one("b")
    assert (again.log.id, again.not_found, again.unreadable, again.repeated) == (log_id, 1, 2, True)


def test_the_words_to_find_it_by_change_only_when_given(store, now):
    log_id = store.log(search_text="antes")
    claim = store.claim_one()
    leave(store, claim, Aftermath(in_doubt(state_of(claim), now)), now)
    assert store.row(log_id).search_text == "antes"
    again = store.claim_one("b")
    leave(store, again, Aftermath(in_doubt(state_of(again), now), search_text="depois"), now)
    assert store.row(log_id).search_text == "depois"


def waiting_child(store, parent_key, **columns):
    return store.log(phase=Phase.WAITING, wait_reason=WaitReason.PARENT, parent_key=parent_key, due_at=None, **columns)


def test_a_parents_id_wakes_the_children_that_wait_for_it(store, now):
    parent = store.log()
    claim = store.claim_one()
    child = waiting_child(store, claim.record_key)
    stranger = waiting_child(store, "another parent")
    store.write(lambda c: sending.learn_external_id(c, claim, "77", now))
    woken = store.row(child)
    assert (woken.phase, woken.wait_reason, woken.parent_key, woken.due_at) == (Phase.QUEUED, None, None, now)
    assert (store.row(stranger).phase, store.row(stranger).due_at) == (Phase.WAITING, None)
    assert store.row(parent).external_id == "77"
    assert store.read(lambda c: sending.known_ids(c, [claim.record_key, "another parent"])) == {claim.record_key: "77"}


def test_no_child_is_left_waiting_for_a_parent_that_came_while_it_was_left(store, now, overlapping):
    store.log()
    parent = store.claim_one("a")
    child_id = store.log()
    child = store.claim_one("b")

    def leave_waiting(connection):
        after = Aftermath(not_sent(state_of(child), WaitReason.PARENT, None), parent_key=parent.record_key)
        sending.leave(connection, child, after, now)

    overlapping(leave_waiting, lambda c: sending.learn_external_id(c, parent, "77", now))
    assert (store.row(child_id).phase, store.row(child_id).due_at) == (Phase.QUEUED, now)


def test_no_child_is_left_waiting_for_a_parent_that_is_just_being_learned(store, now, overlapping):
    store.log()
    parent = store.claim_one("a")
    child_id = store.log()
    child = store.claim_one("b")

    def leave_waiting(connection):
        after = Aftermath(not_sent(state_of(child), WaitReason.PARENT, None), parent_key=parent.record_key)
        sending.leave(connection, child, after, now)

    overlapping(lambda c: sending.learn_external_id(c, parent, "77", now), leave_waiting)
    assert (store.row(child_id).phase, store.row(child_id).due_at) == (Phase.QUEUED, now)


def test_no_new_child_is_left_waiting_for_a_parent_that_came_while_it_was_made(store, now, overlapping):
    store.log()
    parent = store.claim_one("a")
    child = store.new_log(parents=(parent.record_key,))
    made, _learned = overlapping(
        lambda c: create_logs(c, [child], now, "eu"), lambda c: sending.learn_external_id(c, parent, "77", now)
    )
    assert store.row(made[0]).phase is Phase.QUEUED


def test_no_new_child_is_left_waiting_for_a_parent_that_is_just_being_learned(store, now, overlapping):
    store.log()
    parent = store.claim_one("a")
    child = store.new_log(parents=(parent.record_key,))
    _learned, made = overlapping(
        lambda c: sending.learn_external_id(c, parent, "77", now), lambda c: create_logs(c, [child], now, "eu")
    )
    assert store.row(made[0]).phase is Phase.QUEUED


def leave_paused(store, claim, now, until=None):
    state = not_sent(state_of(claim), WaitReason.PAUSED, until)
    leave(store, claim, Aftermath(state), now)


def test_what_is_held_by_a_pause_waits_for_its_end(store, now):
    log_id = store.log()
    claim = store.claim_one()
    store.write(lambda c: targets.pause(c, "nacional", None, now, "eu"))
    leave_paused(store, claim, now)
    assert (store.row(log_id).phase, store.row(log_id).due_at) == (Phase.WAITING, None)


def test_what_was_held_by_a_pause_that_is_over_by_now_is_due(store, now):
    log_id = store.log()
    claim = store.claim_one()
    store.write(lambda c: targets.pause(c, "nacional", None, now, "eu"))
    store.write(lambda c: targets.unpause(c, "nacional", now, "eu"))
    leave_paused(store, claim, now)
    assert store.row(log_id).due_at == now


@pytest.mark.parametrize("order", ["left first", "resumed first"])
def test_nothing_is_left_paused_when_the_pause_ends_at_the_same_moment(store, now, overlapping, order):
    log_id = store.log()
    claim = store.claim_one()
    store.write(lambda c: targets.pause(c, "nacional", None, now, "eu"))
    state = not_sent(state_of(claim), WaitReason.PAUSED, None)
    works = [
        lambda c: sending.leave(c, claim, Aftermath(state), now),
        lambda c: targets.unpause(c, "nacional", now, "eu"),
    ]
    overlapping(*(works if order == "left first" else reversed(works)))
    assert store.row(log_id).due_at == now


MEMBERS = {
    "sucesso": ("sucesso", "Sucesso"),
    "erro": ("erro that the schedule retries", "Erro"),
    "cancelado": ("gone from the source", "Cancelado"),
    "waits for its limit": ("waits for its limit", None),
    "in doubt": ("in doubt", None),
}


@pytest.mark.parametrize("case", MEMBERS)
def test_a_bulk_member_is_settled_when_its_resend_has_ended(store, now, case):
    ending, result = MEMBERS[case]
    log_id = store.log(status=Status.ERROR, phase=Phase.IDLE)
    order = Explicit(frozenset({log_id}))
    progress = store.write(lambda c: resends.order(c, order, "um", "", now, "eu"))
    claim = store.claim_one()
    assert claim.resend_id == progress.id
    leave(store, claim, Aftermath(ENDINGS[ending][0](state_of(claim), now)), now)
    member = store.read(lambda c: c.execute(select(resends.MEMBER.c.result)).scalar_one())
    assert member == result
    assert store.read(lambda c: resends.progress(c, progress.id)).finished is (result is not None)


def test_a_settled_member_stays_as_it_was_settled(store, now):
    log_id = store.log(status=Status.ERROR, phase=Phase.IDLE)
    store.write(lambda c: resends.order(c, Explicit(frozenset({log_id})), "um", "", now, "eu"))
    first = store.claim_one()
    leave(store, first, Aftermath(failed(state_of(first), FAILURE, POLICY, now, 1.0)), now)
    store.write(lambda c: planning.mark_source_changed(c, log_id, "new", True, now, "eu"))
    second = store.claim_one()
    leave(store, second, Aftermath(succeeded(state_of(second)), "new"), now)
    assert store.read(lambda c: c.execute(select(resends.MEMBER.c.result)).scalar_one()) == "Erro"


def test_items_come_newest_first_with_what_was_sent_and_received(store, now):
    store.log()
    claim = store.claim_one()
    for number in range(3):
        answer = Answer(REQUEST, Verdict.DONE, 200, f"answer {number}")
        item_id = intent(store, claim, now, f"sent {number}")
        complete(store, claim, item_id, now, ItemResult(answer, Status.SUCCESS, ""))
    found = store.read(lambda c: logs.items(c, claim.log.id))
    assert [store.read(lambda c, item=item: logs.item_payloads(c, item)) for item in found] == [
        (f"sent {number}", f"answer {number}") for number in (2, 1, 0)
    ]


def test_the_state_of_a_claim_is_that_of_its_log(store):
    store.log(status=Status.ERROR, attempts=2, resend_kind=ResendKind.MANUAL)
    state = state_of(store.claim_one())
    assert state == RecordState(Status.ERROR, Phase.SENDING, 2, None, None, ResendKind.MANUAL)
    assert replace(state, attempts=3).is_resend
