"""PostgreSQL says at commit that logs became due, whatever statement made them so; an attempt itself is no news."""

import select as sockets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase, RecordState, RetryPolicy, Status, WaitReason, in_doubt, not_sent, succeeded
from vtexmon.store import claims, planning, resends, sending, targets, waking
from vtexmon.store.sending import Aftermath
from vtexmon.store.waking import Lost

pytestmark = [
    pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True),
]

LONG = timedelta(seconds=180)
QUIET_SECONDS = 0.3
AT_REST = {"phase": Phase.IDLE, "status": Status.ERROR, "due_at": None}


@pytest.fixture
def now():
    """The server compares with its own clock."""
    return datetime.now(UTC)


@pytest.fixture
def listener(store):
    found = waking.listen(store.database)
    yield found
    found.close()


def is_told(listener, seconds=5.0):
    """Whether a notice comes within that time; waits as an event loop does."""
    while sockets.select([listener], [], [], seconds)[0]:
        if listener.heard():
            return True
    return False


def change(store, log_id, **values):
    store.write(lambda c: c.execute(claims.LOG.update().where(claims.LOG.c.id == log_id).values(**values)))


def test_a_new_log_that_is_due_is_told(store, another, listener, now):
    another.write(lambda c: planning.create_logs(c, [another.new_log()], now, "ana"))
    assert is_told(listener)


def test_a_new_log_that_waits_for_its_parent_is_not(store, listener, now):
    store.write(lambda c: planning.create_logs(c, [store.new_log(parents=("product|x",))], now, "ana"))
    assert not is_told(listener, QUIET_SECONDS)


MAKES_DUE = {
    "a person's resend": lambda c, log_id, now: resends.order(c, Explicit(frozenset([log_id])), "1", "", now, "ana"),
    "the schedule's turn": lambda c, log_id, now: resends.take_automatic_turn(
        c, RetryPolicy(max_attempts=3), now, "agendador", due_only=False
    ),
    "a change at the source": lambda c, log_id, now: planning.mark_source_changed(c, log_id, "new", True, now, "ana"),
}


@pytest.mark.parametrize("order", MAKES_DUE)
def test_an_order_is_told(store, another, listener, now, order):
    log_id = store.log(**AT_REST)
    assert not is_told(listener, 0)
    another.write(lambda c: MAKES_DUE[order](c, log_id, now))
    assert is_told(listener)


@pytest.mark.parametrize("again", ["unpause", "reopen"])
def test_the_end_of_a_pause_or_an_outage_is_told_to_what_waited_for_it(store, listener, now, again):
    reason = WaitReason.PAUSED if again == "unpause" else WaitReason.TARGET
    waiting = {"phase": Phase.WAITING, "wait_reason": reason, "due_at": now + LONG}
    store.log(**waiting)
    assert not is_told(listener, 0)
    ends = {
        "unpause": lambda c: targets.unpause(c, "nacional", now, "ana"),
        "reopen": lambda c: targets.reopen(c, "nacional", "catalog", now),
    }
    store.write(ends[again])
    assert is_told(listener)


def test_children_are_told_when_their_parent_is_known(store, listener, now):
    store.log(record_key="product|x", due_at=now)
    is_told(listener)
    store.log(phase=Phase.WAITING, wait_reason=WaitReason.PARENT, parent_key="product|x", due_at=None)
    (claim,) = store.claim(now=now)
    assert not is_told(listener, QUIET_SECONDS)
    store.write(lambda c: sending.learn_external_id(c, claim, "77", now))
    assert is_told(listener)


def test_an_attempt_tells_nobody(store, listener, now):
    """Claim, heartbeat, doubt, success: nothing that another engine could do."""
    store.logs([{"due_at": now} for _number in range(3)])
    is_told(listener)
    one, two, three = store.claim(now=now)
    store.write(lambda c: claims.renew(c, "a", [one.log.id], now + 2 * LONG))
    state = RecordState(Status.PENDING, Phase.SENDING)
    leaves = (
        (one, Aftermath(succeeded(state))),
        (two, Aftermath(in_doubt(state, now + timedelta(seconds=60)))),
        (three, Aftermath(not_sent(state, WaitReason.PARENT, None), parent_key="product|x")),
    )
    for claim, after in leaves:
        store.write(lambda c, claim=claim, after=after: sending.leave(c, claim, after, now))
    assert not is_told(listener, QUIET_SECONDS)


def test_what_is_due_before_an_idle_engine_would_look_again_is_told(store, listener, now):
    log_id = store.log(**AT_REST)
    change(store, log_id, due_at=now + timedelta(seconds=60), phase=Phase.VERIFYING)
    assert not is_told(listener, QUIET_SECONDS)
    change(store, log_id, due_at=now + timedelta(seconds=10))
    assert is_told(listener)


def test_many_in_one_transaction_are_one_notice(store, listener, now):
    notices = []
    store.logs([{"due_at": now} for _number in range(500)])
    while sockets.select([listener], [], [], QUIET_SECONDS)[0]:
        notices.append(listener.heard())
    assert notices == [True]
    assert listener._connection.pgconn.notifies() is None


def test_a_transaction_that_is_undone_tells_nobody(store, listener, now):
    def fails(connection):
        planning.create_logs(connection, [store.new_log()], now, "ana")
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        store.write(fails)
    assert not is_told(listener, QUIET_SECONDS)


def test_a_connection_that_the_server_ends_is_told_as_lost(store, listener):
    pid = listener._connection.info.backend_pid
    store.write(lambda c: c.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid}))
    with pytest.raises(Lost):
        is_told(listener)


def test_a_server_that_is_not_there_is_told_as_lost(store):
    store.database.url = store.database.url.set(host="127.0.0.1", port=1, query={})
    with pytest.raises(Lost):
        waking.listen(store.database)
