import pytest

from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.status import (
    Phase,
    RecordState,
    ResendKind,
    RetryPolicy,
    Status,
    WaitReason,
    failed,
    succeeded,
)
from vtexmon.store import planning, sending
from vtexmon.store.planning import Known, create_logs, known_records
from vtexmon.store.rows import LOG
from vtexmon.store.sending import Aftermath

FAILURE = Failure(FailureClass.DATA, "linha ilegível", "turmas.csv", "Corrija a linha.")


def create(store, *new, now, who="agendador"):
    return store.write(lambda c: create_logs(c, list(new), now, who))


def learn(store, record_key, external_id, now):
    """VTEX's id of a record becomes known, through a log of its own."""
    store.log(record_key=record_key)
    (claim,) = [claim for claim in store.claim() if claim.record_key == record_key]
    store.write(lambda c: sending.learn_external_id(c, claim, external_id, now))
    after = Aftermath(succeeded(RecordState(Status.PENDING, Phase.SENDING)), "wanted")
    store.write(lambda c: sending.leave(c, claim, after, now))


def known(store, *modules):
    return store.read(lambda c: known_records(c, modules or ("sku",)))


def test_a_new_log_is_pendente_and_due_at_once(store, now):
    (log_id,) = create(store, store.new_log(key_values="1;12;T"), now=now)
    row = store.row(log_id)
    assert (row.status, row.phase, row.attempts, row.due_at, row.next_attempt_at) == (
        Status.PENDING,
        Phase.QUEUED,
        0,
        now,
        now,
    )
    assert (row.is_open, row.created_by, row.created_at, row.key_values) == (True, "agendador", now, "1;12;T")


def test_a_record_has_one_open_log(store, now):
    new = store.new_log()
    first = create(store, new, now=now)
    assert create(store, new, now=now, who="another") == first
    assert store.count(LOG) == 1


def test_a_record_whose_log_ended_in_sucesso_gets_a_new_one(store, now):
    new = store.new_log()
    ended = store.log(record_key=new.record_key, status=Status.SUCCESS, phase=Phase.IDLE)
    (made,) = create(store, new, now=now)
    assert made > ended


def test_ids_come_in_the_order_of_what_was_asked(store, now):
    one, two, three = (store.new_log() for _number in range(3))
    (second,) = create(store, two, now=now)
    ids = create(store, three, two, one, now=now)
    assert ids[1] == second
    assert [store.row(log_id).record_key for log_id in ids] == [three.record_key, two.record_key, one.record_key]


def test_several_exports_at_once_make_one_log_for_each_record(store, another, at_once, now):
    new = [store.new_log() for _number in range(40)]
    found = at_once(lambda one: create(one, *new, now=now), [store, another, store, another])
    assert store.count(LOG) == 40
    assert found[0] == found[1] == found[2] == found[3]


def test_two_exports_that_overlap_make_one_log(store, now, overlapping):
    new = store.new_log()
    one, two = overlapping(lambda c: create_logs(c, [new], now, "a"), lambda c: create_logs(c, [new], now, "b"))
    assert one == two
    assert store.row(one[0]).created_by == "a"


PARENTS = [
    ("none needed", (), None),
    ("all known", ("brand", "category"), None),
    ("the first is missing", ("product", "category"), "product"),
    ("the second is missing", ("category", "product"), "product"),
    ("several are missing", ("product", "warehouse"), "product"),
]


@pytest.mark.parametrize(("parents", "missing"), [case[1:] for case in PARENTS], ids=[case[0] for case in PARENTS])
def test_a_log_waits_for_the_first_parent_without_an_id(store, now, parents, missing):
    for parent in ("brand", "category"):
        learn(store, parent, "77", now)
    (log_id,) = create(store, store.new_log(parents=parents), now=now)
    row = store.row(log_id)
    waiting = (Phase.WAITING, WaitReason.PARENT, missing, None, None)
    ready = (Phase.QUEUED, None, None, now, now)
    assert (row.phase, row.wait_reason, row.parent_key, row.due_at, row.next_attempt_at) == (
        waiting if missing else ready
    )


@pytest.mark.parametrize("maximum", [None, 3])
def test_a_record_that_the_source_cannot_give_is_born_in_erro(store, now, maximum):
    born = failed(RecordState(Status.PENDING, Phase.QUEUED), FAILURE, RetryPolicy(maximum), now, 1.0)
    (log_id,) = create(store, store.new_log(born=born, parents=("product",)), now=now)
    row = store.row(log_id)
    assert (row.status, row.phase, row.wait_reason, row.next_attempt_at) == (
        Status.ERROR,
        born.phase,
        born.wait_reason,
        born.next_attempt_at,
    )
    assert (row.due_at, row.parent_key, row.attempts) == (None, None, 0)
    assert (row.message, row.advice, row.failure_class) == ("linha ilegível", "Corrija a linha.", "dado")
    assert row.fingerprint == FAILURE.fingerprint


def test_what_is_known_of_a_record(store, now):
    learn(store, "sent", "77", now)
    open_id = store.log(record_key="open", status=Status.ERROR, phase=Phase.WAITING, wait_reason=WaitReason.RETRY)
    store.log(record_key="other", module="price")
    found = known(store)
    assert set(found) == {"sent", "open"}
    assert found["sent"] == Known("77", "wanted", None)
    log = found["open"].open_log
    assert (found["open"].external_id, log.id, log.status, log.phase, log.wait_reason) == (
        None,
        open_id,
        Status.ERROR,
        Phase.WAITING,
        WaitReason.RETRY,
    )


def test_a_record_that_was_sent_and_is_open_again_is_known_as_both(store, now):
    learn(store, "both", "77", now)
    log_id = store.log(record_key="both", source_hash="newer", source_changed=True)
    found = known(store)["both"]
    assert (found.external_id, found.success_hash) == ("77", "wanted")
    assert (found.open_log.id, found.open_log.source_hash, found.open_log.source_changed) == (log_id, "newer", True)


E, C, P, S = Status.ERROR, Status.CANCELLED, Status.PENDING, Status.SUCCESS
NOTHING, MARKED, DUE = "nothing", "marked", "due"
CHANGES = [
    (E, Phase.IDLE, None, True, DUE),
    (E, Phase.WAITING, WaitReason.RETRY, True, DUE),
    (E, Phase.IDLE, None, False, MARKED),  # the maximum is empty
    (E, Phase.WAITING, WaitReason.RETRY, False, MARKED),
    (E, Phase.WAITING, WaitReason.LIMIT, True, MARKED),  # it reads the source when its wait is over
    (E, Phase.WAITING, WaitReason.PAUSED, True, MARKED),
    (C, Phase.IDLE, None, True, MARKED),
    (C, Phase.IDLE, None, False, MARKED),
    (P, Phase.WAITING, WaitReason.PARENT, True, MARKED),
    (P, Phase.QUEUED, None, True, NOTHING),
    (E, Phase.QUEUED, None, True, NOTHING),
    (E, Phase.SENDING, None, True, NOTHING),
    (E, Phase.VERIFYING, None, True, NOTHING),
    (S, Phase.IDLE, None, True, NOTHING),
]


@pytest.mark.parametrize(("status", "phase", "reason", "due_now", "expected"), CHANGES)
def test_when_the_source_changes_under_a_log(store, now, status, phase, reason, due_now, expected):
    log_id = store.log(status=status, phase=phase, wait_reason=reason, attempts=2, due_at=None)
    before = store.row(log_id)
    store.write(lambda c: planning.mark_source_changed(c, log_id, "newer", due_now, now, "export"))
    row = store.row(log_id)
    if expected == NOTHING:
        assert row == before
        return
    assert (row.source_changed, row.source_hash, row.updated_by) == (True, "newer", "export")
    assert (row.status, row.attempts) == (status, 2)
    if expected == DUE:
        assert (row.phase, row.wait_reason, row.resend_kind) == (Phase.QUEUED, None, ResendKind.AUTOMATIC)
        assert (row.due_at, row.next_attempt_at) == (now, now)
    else:
        assert (row.phase, row.wait_reason, row.due_at) == (phase, reason, None)


def test_only_the_log_that_changed_is_touched(store, now):
    one, other = store.logs([{"status": E, "phase": Phase.IDLE}] * 2)
    before = store.row(other)
    store.write(lambda c: planning.mark_source_changed(c, one, "newer", True, now, "export"))
    assert store.row(other) == before
