"""What is left behind is found and removed; what anybody still needs is not."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.store.test_workers import a_worker, hello
from vtexmon.store import claims, maintenance, schedules, workers
from vtexmon.store.claims import SCOPE, ClaimScope
from vtexmon.store.database import sqlite_path
from vtexmon.store.maintenance import DEAD_AFTER, KEEP_RUNS, LEFTOVERS
from vtexmon.store.rows import SCHEDULE_RUN

WORKERS, SCOPES, RUNS = LEFTOVERS
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def find(store, leftover, now, most=100):
    return store.read(lambda c: maintenance.find(c, leftover, now, most))


def remove(store, leftover, keys, now):
    return store.write(lambda c: maintenance.remove(leftover, c, keys, now))


def clean(store, leftover, now):
    keys = find(store, leftover, now)
    return remove(store, leftover, keys, now) if keys else 0


def test_an_engine_that_was_not_seen_for_a_day_is_removed(store, now):
    hello(store, replace(a_worker(now, "dead"), last_seen=now - DEAD_AFTER - SECOND))
    hello(store, replace(a_worker(now, "asleep"), last_seen=now - DEAD_AFTER))
    assert clean(store, WORKERS, now) == 1
    assert store.read(lambda c: list(c.execute(select(workers.WORKER.c.owner)).scalars())) == ["asleep"]


def test_one_that_is_seen_after_it_was_found_stays(store, now):
    hello(store, replace(a_worker(now, "slow"), last_seen=now - 2 * DEAD_AFTER))
    found = find(store, WORKERS, now)
    store.write(lambda c: workers.seen(c, "slow", now))
    assert (found, remove(store, WORKERS, found, now)) == ([("slow",)], 0)


def test_one_that_was_given_up_for_dead_is_told_so(store, now):
    hello(store, a_worker(now, "asleep"))
    assert store.write(lambda c: workers.seen(c, "asleep", now)) is True
    store.write(lambda c: workers.goodbye(c, "asleep"))
    assert store.write(lambda c: workers.seen(c, "asleep", now)) is False


def test_what_a_command_took_upon_itself_goes_with_it(store, now):
    """``kill -9``: the command cannot let go itself. Its logs stay, due as before, for whoever takes them."""
    mine, others = store.logs([{}, {}])
    hello(store, replace(a_worker(now, "killed"), last_seen=now - 2 * DEAD_AFTER))
    hello(store, a_worker(now, "running"))
    store.write(lambda c: claims.add_to_scope(c, "killed", [mine]))
    store.write(lambda c: claims.add_to_scope(c, "running", [others]))
    assert clean(store, SCOPES, now) == 0
    assert (clean(store, WORKERS, now), clean(store, SCOPES, now)) == (1, 1)
    assert store.read(lambda c: list(c.execute(select(SCOPE.c.owner)).scalars())) == ["running"]
    assert len(store.claim(scope=ClaimScope())) == 2


def test_a_scope_is_removed_by_row_and_not_beyond_the_limit(store, now):
    store.write(lambda c: claims.add_to_scope(c, "nobody", list(range(1, 8))))
    found = find(store, SCOPES, now, most=5)
    assert (len(found), remove(store, SCOPES, found, now), store.count(SCOPE.c.log_id)) == (5, 5, 2)


def a_run(store, due_at, name="resend", ran=True):
    if ran:
        store.write(lambda c: schedules.begin(c, name, due_at, due_at, "agendador"))
    else:
        store.write(lambda c: schedules.note(c, name, due_at, schedules.MISSED, "", "agendador"))


def ticks(store):
    query = select(SCHEDULE_RUN.c.schedule, SCHEDULE_RUN.c.due_at).order_by(SCHEDULE_RUN.c.due_at)
    return [tuple(row) for row in store.read(lambda c: c.execute(query).all())]


def test_runs_are_kept_for_ninety_days(store, now):
    assert KEEP_RUNS == 90 * DAY
    for age in (KEEP_RUNS + SECOND, KEEP_RUNS, DAY):
        a_run(store, now - age)
    assert clean(store, RUNS, now) == 1
    assert ticks(store) == [("resend", now - KEEP_RUNS), ("resend", now - DAY)]


def test_the_newest_tick_of_a_schedule_and_its_newest_run_are_kept_for_ever(store, now):
    a_run(store, now - 400 * DAY)
    a_run(store, now - 300 * DAY)
    a_run(store, now - 250 * DAY, ran=False)
    a_run(store, now - 200 * DAY, ran=False)
    a_run(store, now - 390 * DAY, "catalog_export")
    assert clean(store, RUNS, now) == 2
    assert ticks(store) == [
        ("catalog_export", now - 390 * DAY),
        ("resend", now - 300 * DAY),
        ("resend", now - 200 * DAY),
    ]
    assert store.read(lambda c: schedules.last_run(c, "resend")).due_at == now - 300 * DAY
    assert store.read(lambda c: schedules.last_due(c, "resend")) == now - 200 * DAY


@pytest.mark.parametrize("leftover", LEFTOVERS, ids=lambda leftover: leftover.name)
def test_nothing_is_found_in_a_database_without_leftovers(store, now, leftover):
    assert find(store, leftover, now) == []


def wal_of(store):
    path = sqlite_path(store.url)
    return None if path is None else path.with_name(path.name + "-wal")


def test_a_large_write_ahead_log_is_given_back(store, backend):
    store.logs([{} for _number in range(200)])
    wal = wal_of(store)
    assert maintenance.shrink_wal(store.database) is False  # not large
    assert maintenance.shrink_wal(store.database, larger_than=1000) is (backend == "sqlite")
    assert wal is None or os.stat(wal).st_size == 0
    assert store.claim(limit=300)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_log_is_left_alone_while_somebody_reads_an_old_state(store):
    store.log()
    with store.database._reader_engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM log").scalar_one()
        store.logs([{} for _number in range(200)])
        assert maintenance.shrink_wal(store.database, larger_than=1000) is False
        assert reader.exec_driver_sql("SELECT count(*) FROM log").scalar_one() == 1
    assert maintenance.shrink_wal(store.database, larger_than=1000) is True


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_sqlite_that_may_corrupt_the_file_is_not_asked_for_it(store, monkeypatch):
    store.logs([{} for _number in range(200)])
    monkeypatch.setattr(maintenance, "sqlite_warning", lambda: "old")
    assert maintenance.shrink_wal(store.database, larger_than=1000) is False
