"""Payloads out of use go; one that is in use, or is coming into use in a transaction nobody sees yet, never does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from vtexmon.core.exchange import Api, Request
from vtexmon.core.status import Status
from vtexmon.store import payloads, sending, unused
from vtexmon.store.claims import LostClaim
from vtexmon.store.rows import LOG_ITEM
from vtexmon.store.unused import PAYLOAD, QUARANTINE, Unused

REQUEST = Request(Api.CATALOG, "POST", "/api/catalog/pvt/product", {"Name": "Ajustagem"})
BODY = '{"Name":"Ajustagem"}'
ADDRESS = payloads.payload_hash(BODY)


def search(store, now, most=100):
    return store.read(lambda c: unused.search(c, now, most))


def mark(store, now):
    return store.write(lambda c: unused.mark(c, [ADDRESS], now))


def remove(store, now):
    return store.write(lambda c: unused.remove(c, [ADDRESS], now))


def keep(store, body=BODY):
    return store.write(lambda c: payloads.store(c, body))


def use(now, claim):
    """What an attempt does: the payload and the item that refers to it, in one transaction."""
    return lambda c: sending.record_intent(c, claim, "criar", REQUEST, BODY, now, now)


def is_readable(store):
    return store.read(lambda c: payloads.load(c, ADDRESS)) == BODY


@pytest.fixture
def claim(store):
    store.log()
    return store.claim_one()


@pytest.fixture
def old_mark(store, now):
    """A payload without an item, marked so long ago that it may go."""
    keep(store)
    mark(store, now - QUARANTINE)


def test_what_no_item_refers_to_is_found_marked_and_removed_after_the_quarantine(store, now):
    keep(store)
    assert search(store, now) == Unused([ADDRESS], [])
    assert (mark(store, now), mark(store, now)) == (1, 0)
    assert search(store, now + QUARANTINE - timedelta(seconds=1)) == Unused([], [])
    assert remove(store, now + QUARANTINE - timedelta(seconds=1)) == 0
    assert search(store, now + QUARANTINE) == Unused([], [ADDRESS])
    assert remove(store, now + QUARANTINE) == 1
    assert store.count(PAYLOAD.c.hash) == 0


def test_what_was_sent_or_received_is_in_use(store, claim, now):
    item = store.write(use(now, claim))
    received = keep(store, "[]")
    store.write(lambda c: c.execute(LOG_ITEM.update().where(LOG_ITEM.c.id == item).values(received_hash=received)))
    assert search(store, now) == Unused([], [])


def test_no_more_is_found_than_was_asked_for(store, now):
    for number in range(5):
        keep(store, str(number))
    assert len(search(store, now, most=3).unmarked) == 3


def test_a_marked_payload_that_is_used_again_stays(store, claim, old_mark, now):
    assert search(store, now).removable == [ADDRESS]
    store.write(use(now, claim))
    assert remove(store, now) == 0
    assert is_readable(store)


def test_one_that_is_coming_into_use_in_an_open_transaction_stays(store, claim, old_mark, overlapping, now):
    """The search saw no item, the mark is old; and the item that refers to it is committed only afterwards."""
    assert search(store, now).removable == [ADDRESS]
    _item, removed = overlapping(use(now, claim), lambda c: unused.remove(c, [ADDRESS], now))
    assert removed == 0
    assert is_readable(store)


def test_one_that_is_being_removed_while_somebody_uses_it_is_written_again(store, claim, old_mark, overlapping, now):
    removed, _item = overlapping(lambda c: unused.remove(c, [ADDRESS], now), use(now, claim))
    assert removed == 1
    assert is_readable(store)


def test_one_that_was_read_before_the_mark_came_is_found_in_use_by_the_next_search(store, claim, overlapping, now):
    keep(store)
    _item, marked = overlapping(use(now, claim), lambda c: unused.mark(c, [ADDRESS], now))
    later = now + QUARANTINE
    assert marked == 1
    assert search(store, later) == Unused([], [])
    assert is_readable(store)


def test_used_again_it_begins_a_new_quarantine_when_it_is_out_of_use_again(store, claim, old_mark, now):
    item = store.write(use(now, claim))
    store.write(lambda c: c.execute(LOG_ITEM.delete().where(LOG_ITEM.c.id == item)))
    assert search(store, now) == Unused([ADDRESS], [])


def test_an_attempt_that_dies_after_its_payload_leaves_none(store, claim, now, monkeypatch):
    """Crash point "payload written, item not": there is none, because they are one transaction."""

    def dies(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "_insert_item", dies)
    with pytest.raises(KeyboardInterrupt):
        store.write(use(now, claim))
    assert store.count(PAYLOAD.c.hash) == 0


def test_an_attempt_that_was_overtaken_leaves_none(store, claim, now):
    item = store.write(use(now, claim))
    store.claim("b", now + timedelta(seconds=180))
    answer = sending.ItemResult(None, Status.SUCCESS, "")
    group = [store.database.write(lambda c: payloads.store(c, "[]")) for _number in range(2)]
    late = store.database.write(lambda c: sending.complete_item(c, claim, item, answer, now))
    assert isinstance(late.exception(5), LostClaim)
    assert {future.result(5) for future in group} == {payloads.payload_hash("[]")}
    kept = store.read(lambda c: set(c.execute(select(PAYLOAD.c.hash)).scalars()))
    assert kept == {ADDRESS, payloads.payload_hash("[]")}
