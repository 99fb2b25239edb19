import pytest

from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase, Status, WaitReason, settled
from vtexmon.store import claims, resends, settling
from vtexmon.store.settling import command_members, resend_members, tally, unsettled

STATES = [(phase, reason) for phase in Phase for reason in (list(WaitReason) if phase is Phase.WAITING else [None])]


def take(store, *log_ids):
    store.write(lambda c: claims.add_to_scope(c, "command", list(log_ids)))


def is_unsettled(store, members=None):
    return store.read(lambda c: unsettled(c, command_members("command") if members is None else members))


@pytest.mark.parametrize(("phase", "reason"), STATES)
def test_a_command_waits_for_what_the_core_calls_unsettled(store, phase, reason):
    take(store, store.log(phase=phase, wait_reason=reason))
    assert is_unsettled(store) is not settled(phase, reason)


@pytest.mark.parametrize(("phase", "reason"), STATES)
def test_a_child_is_settled_when_its_parent_is(store, phase, reason):
    store.log(record_key="parent", phase=phase, wait_reason=reason)
    take(store, store.log(phase=Phase.WAITING, wait_reason=WaitReason.PARENT, parent_key="parent"))
    moving = phase in (Phase.QUEUED, Phase.SENDING, Phase.VERIFYING) or reason is WaitReason.LIMIT
    assert is_unsettled(store) is moving


def test_a_parent_that_is_done_moves_nothing(store):
    store.log(record_key="parent", status=Status.SUCCESS, phase=Phase.QUEUED)
    take(store, store.log(phase=Phase.WAITING, wait_reason=WaitReason.PARENT, parent_key="parent"))
    assert not is_unsettled(store)


def test_others_logs_do_not_matter(store):
    store.log(phase=Phase.QUEUED)
    take(store, store.log(phase=Phase.IDLE))
    assert not is_unsettled(store)


def test_a_resends_members_are_what_it_waits_for(store, now):
    log_id = store.log(status=Status.ERROR, phase=Phase.IDLE)
    order = Explicit(frozenset({log_id}))
    found = store.write(lambda c: resends.order(c, order, "um", "", now, "ana"))
    assert is_unsettled(store, resend_members(found.id))
    assert not is_unsettled(store, resend_members(found.id + 1))


def test_the_tally_tells_what_became_of_a_commands_logs(store):
    ids = store.logs(
        [
            {"status": Status.SUCCESS, "phase": Phase.IDLE},
            {"status": Status.SUCCESS, "phase": Phase.IDLE, "module": "price"},
            {"status": Status.ERROR, "phase": Phase.IDLE},
            {"phase": Phase.WAITING, "wait_reason": WaitReason.TARGET},
            {"phase": Phase.WAITING, "wait_reason": WaitReason.CREDENTIAL},
            {"phase": Phase.WAITING, "wait_reason": WaitReason.PAUSED},
            {"phase": Phase.QUEUED, "wait_reason": WaitReason.TARGET},
        ]
    )
    store.log(status=Status.CANCELLED)
    take(store, *ids)
    found = store.read(lambda c: tally(c, settling.command_members("command")))
    assert found.by_status == {Status.SUCCESS: 2, Status.ERROR: 1, Status.PENDING: 4}
    assert found.by_module["price"] == {Status.SUCCESS: 1}
    assert (found.not_successful, found.unreachable) == (5, 2)


def test_the_tally_of_nothing(store):
    found = store.read(lambda c: tally(c, settling.command_members("command")))
    assert (found.not_successful, found.unreachable, dict(found.by_module)) == (0, 0, {})
