from dataclasses import replace
from datetime import timedelta

from vtexmon.store import audit, workers
from vtexmon.store.workers import WorkerRecord

MINUTE = timedelta(minutes=1)


def a_worker(now, owner="host:1:worker:ab"):
    return WorkerRecord(owner, "host", 1, "worker", "1.0", "f00d", now, now)


def hello(store, worker):
    store.write(lambda c: workers.hello(c, worker))


def alive(store, now):
    return store.read(lambda c: workers.alive(c, now, MINUTE))


def test_an_engine_that_said_hello_is_alive(store, now):
    worker = a_worker(now)
    hello(store, worker)
    assert alive(store, now + MINUTE) == [worker]


def test_one_that_was_not_seen_lately_is_not(store, now):
    hello(store, a_worker(now))
    assert alive(store, now + MINUTE + timedelta(microseconds=1)) == []


def test_being_seen_keeps_it_alive(store, now):
    hello(store, a_worker(now))
    hello(store, a_worker(now, "another"))
    store.write(lambda c: workers.seen(c, "another", now + 2 * MINUTE))
    assert [worker.owner for worker in alive(store, now + 2 * MINUTE)] == ["another"]


def test_one_that_ended_as_it_should_is_gone(store, now):
    hello(store, a_worker(now))
    hello(store, a_worker(now, "another"))
    store.write(lambda c: workers.goodbye(c, "another"))
    assert [worker.owner for worker in alive(store, now)] == ["host:1:worker:ab"]


def test_saying_hello_twice_is_once_with_the_newest_facts(store, now):
    hello(store, a_worker(now))
    newer = replace(a_worker(now), config_fingerprint="beef", last_seen=now + MINUTE)
    hello(store, newer)
    assert alive(store, now) == [newer]


def test_the_oldest_engine_comes_first(store, now):
    for number in (2, 0, 1):
        hello(store, replace(a_worker(now, f"w{number}"), started_at=now + number * MINUTE))
    assert [worker.owner for worker in alive(store, now)] == ["w0", "w1", "w2"]


def test_a_database_has_the_stage_it_was_first_used_for(store):
    assert store.read(workers.stage) is None
    assert store.write(lambda c: workers.claim_stage(c, "homologacao")) == "homologacao"
    assert store.write(lambda c: workers.claim_stage(c, "producao")) == "homologacao"
    assert store.read(workers.stage) == "homologacao"


def test_two_stages_that_claim_at_once_agree_on_the_first(store, overlapping):
    both = overlapping(lambda c: workers.claim_stage(c, "homologacao"), lambda c: workers.claim_stage(c, "producao"))
    assert both == ("homologacao", "homologacao")


def test_an_audit_line_says_who_did_what_to_which_log_and_when(store, now):
    log_id = store.log()
    store.write(lambda c: audit.write(c, "ana", "pause", "nacional", now))
    store.write(lambda c: audit.write(c, "rui", "resend", "1", now + MINUTE, log_id))
    lines = store.read(lambda c: c.execute(audit.AUDIT.select().order_by(audit.AUDIT.c.id)).all())
    assert [tuple(line)[1:] for line in lines] == [
        (now, "ana", "pause", "nacional", None),
        (now + MINUTE, "rui", "resend", "1", log_id),
    ]
