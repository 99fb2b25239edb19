from datetime import timedelta

import pytest
from sqlalchemy import select

from vtexmon.store import schedules
from vtexmon.store.audit import AUDIT
from vtexmon.store.rows import SCHEDULE_RUN

HOUR = timedelta(hours=1)


def begin(store, due, now, name="resend", who="a"):
    return store.write(lambda c: schedules.begin(c, name, due, now, who))


def finish(store, run_id, now, outcome=schedules.DONE):
    store.write(lambda c: schedules.finish(c, run_id, outcome, "3 reenviados", now))


def note(store, due, outcome=schedules.MISSED, name="resend"):
    store.write(lambda c: schedules.note(c, name, due, outcome, "desligado", "a"))


def paused(store, now):
    return store.read(lambda c: schedules.paused(c, now))


def test_of_many_processes_one_takes_a_tick(store, another, at_once, now):
    taken = at_once(lambda one: begin(one, now, now), [store, another, store, another])
    assert len([run_id for run_id in taken if run_id is not None]) == 1
    assert store.count(SCHEDULE_RUN) == 1


def test_of_two_processes_that_overlap_one_takes_the_tick(store, now, overlapping):
    def take(who):
        return lambda c: schedules.begin(c, "resend", now, now, who)

    one, two = overlapping(take("a"), take("b"))
    assert (one is not None, two) == (True, None)


def test_each_tick_of_each_schedule_runs(store, now):
    ticks = [("resend", now), ("resend", now + HOUR), ("catalog_export", now)]
    assert all(begin(store, due, now, name) is not None for name, due in ticks)


def test_a_run_from_its_beginning_to_its_end(store, now):
    run_id = begin(store, now, now + timedelta(seconds=1), who="agendador")
    run = store.read(lambda c: schedules.last_run(c, "resend"))
    assert (run.id, run.outcome, run.due_at, run.started_at, run.finished_at, run.started_by) == (
        run_id,
        "running",
        now,
        now + timedelta(seconds=1),
        None,
        "agendador",
    )
    finish(store, run_id, now + HOUR)
    run = store.read(lambda c: schedules.last_run(c, "resend"))
    assert (run.outcome, run.summary, run.finished_at) == ("done", "3 reenviados", now + HOUR)


def test_a_missed_tick_is_written_down_once_and_never_over_a_run(store, now):
    run_id = begin(store, now, now)
    note(store, now)
    note(store, now + HOUR)
    note(store, now + HOUR, schedules.SKIPPED)
    found = store.read(lambda c: schedules.recent(c, "resend"))
    assert [(run.due_at, run.outcome) for run in found] == [(now + HOUR, "missed"), (now, "running")]
    assert store.read(lambda c: schedules.last_run(c, "resend")).id == run_id
    assert begin(store, now + HOUR, now) is None


def test_the_newest_runs_come_first_and_only_so_many(store, now):
    for number in (2, 0, 3, 1):
        begin(store, now + number * HOUR, now)
    found = store.read(lambda c: schedules.recent(c, "resend", limit=3))
    assert [(run.due_at - now) // HOUR for run in found] == [3, 2, 1]
    assert store.read(lambda c: schedules.last_due(c, "resend")) == now + 3 * HOUR


def test_of_a_schedule_that_never_ran_nothing_is_known(store):
    assert store.read(lambda c: schedules.last_run(c, "resend")) is None
    assert store.read(lambda c: schedules.last_due(c, "resend")) is None
    assert store.read(lambda c: schedules.recent(c, "resend")) == []


@pytest.mark.parametrize(
    ("outcome", "counted"), [("missed", 1), ("skipped", 0), ("failed", 1), ("done", 0), ("running", 0)]
)
def test_ticks_that_did_not_run_are_counted(store, now, outcome, counted):
    note(store, now, outcome)
    note(store, now - HOUR, outcome)
    note(store, now, outcome, name="another")
    assert store.read(lambda c: schedules.count_not_run(c, "resend", now)) == counted


def test_a_pause_lasts_until_its_time_or_until_somebody_resumes_it(store, now):
    for name, until in (("resend", None), ("resend_all", now + HOUR), ("catalog_export", now)):
        store.write(lambda c, name=name, until=until: schedules.pause(c, name, until, now, "ana"))
    assert paused(store, now) == {"resend": None, "resend_all": now + HOUR}
    assert paused(store, now + HOUR) == {"resend": None}
    assert store.write(lambda c: schedules.resume(c, "resend", now, "rui"))
    assert paused(store, now + HOUR) == {}


def test_pausing_again_changes_the_end(store, now):
    for until in (None, now + HOUR):
        store.write(lambda c, until=until: schedules.pause(c, "resend", until, now, "ana"))
    assert paused(store, now) == {"resend": now + HOUR}


def test_resuming_what_is_not_paused_says_so(store, now):
    assert not store.write(lambda c: schedules.resume(c, "resend", now, "ana"))


def test_pauses_are_in_the_audit(store, now):
    store.write(lambda c: schedules.pause(c, "resend", None, now, "ana"))
    store.write(lambda c: schedules.resume(c, "resend", now + HOUR, "rui"))
    lines = store.read(lambda c: c.execute(select(AUDIT.c.at, AUDIT.c.who, AUDIT.c.action, AUDIT.c.detail)).all())
    assert [tuple(line) for line in lines] == [
        (now, "ana", "schedule_paused", "resend"),
        (now + HOUR, "rui", "schedule_resumed", "resend"),
    ]
