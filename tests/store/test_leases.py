"""A lease has one holder, whoever tries and on whichever database; and it ends by itself."""

import subprocess
import sys
from datetime import timedelta

import pytest

from vtexmon.store import leases
from vtexmon.store.leases import FOREIGN_CLOCK

LENGTH = timedelta(seconds=15)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def acquire(store, now):
    def take(owner, at=now, length=LENGTH):
        return store.write(lambda c: leases.acquire(c, "maintenance", owner, at, at + length))

    return take


def held(store):
    return store.read(lambda c: leases.find(c, "maintenance"))


def test_nobody_has_a_lease_that_nobody_wanted(store):
    assert held(store) is None


def test_the_first_gets_it_and_the_others_do_not(store, acquire, now):
    assert [acquire("a"), acquire("b"), acquire("a")] == [True, False, False]
    assert (held(store).owner, held(store).until, held(store).ran_at) == ("a", now + LENGTH, None)


def test_it_ends_by_itself(store, acquire, now):
    acquire("a")
    assert acquire("b", now + LENGTH - MOMENT) is False
    assert acquire("b", now + LENGTH) is True
    assert held(store).owner == "b"


def test_leases_of_other_names_are_others(store, acquire, now):
    acquire("a")
    assert store.write(lambda c: leases.acquire(c, "payloads", "b", now, now + LENGTH))


def test_renewed_it_lasts_longer(store, acquire, now):
    acquire("a")
    assert store.write(lambda c: leases.renew(c, "maintenance", "a", now + 2 * LENGTH))
    assert acquire("b", now + LENGTH) is False
    assert acquire("b", now + 2 * LENGTH) is True


def test_one_that_was_taken_over_can_neither_be_renewed_nor_released_nor_finished(store, acquire, now):
    later = now + LENGTH
    acquire("a")
    acquire("b", later)
    before = held(store)
    late = (
        lambda c: leases.renew(c, "maintenance", "a", later + LENGTH),
        lambda c: leases.release(c, "maintenance", "a", later),
        lambda c: leases.finish(c, "maintenance", "a", later, "workers=1"),
    )
    assert [store.write(work) for work in late] == [False, False, False]
    assert held(store) == before


def test_released_it_is_free_at_once_and_was_not_done(store, acquire, now):
    acquire("a")
    store.write(lambda c: leases.release(c, "maintenance", "a", now))
    assert held(store).ran_at is None
    assert acquire("b") is True


def test_finished_it_is_free_and_says_who_did_it_when_and_what_came_of_it(store, acquire, now):
    acquire("a")
    store.write(lambda c: leases.finish(c, "maintenance", "a", now, "workers=1"))
    assert (held(store).ran_at, held(store).ran_by, held(store).result) == (now, "a", "workers=1")
    assert acquire("b") is True
    assert (held(store).ran_by, held(store).result) == ("a", "workers=1")


def test_an_end_that_a_wrong_clock_wrote_is_not_waited_for(store, acquire, now):
    acquire("a", now + timedelta(days=400))
    assert acquire("b", now) is True
    acquire("c", now + LENGTH, FOREIGN_CLOCK)
    assert acquire("d", now + LENGTH) is False


def test_of_eight_threads_exactly_one_gets_it(store, another, opened, at_once, now):
    databases = [store.database, another.database, *(opened(store.url) for _number in range(6))]
    for turn in range(20):
        at = now + turn * LENGTH

        def take(number, at=at):
            return databases[number].write_now(
                lambda c: leases.acquire(c, "maintenance", f"p{number}", at, at + LENGTH)
            )

        assert at_once(take, range(8)).count(True) == 1


def test_two_that_overlap_are_as_if_one_came_after_the_other(store, overlapping, now):
    def take(owner):
        return lambda c: leases.acquire(c, "maintenance", owner, now, now + LENGTH)

    assert overlapping(take("a"), take("b")) == (True, False)


A_PROCESS = """
import sys
from datetime import UTC, datetime, timedelta
from vtexmon.store import leases
from vtexmon.store.database import Database

database = Database(sys.argv[1])
print("ready", flush=True)
start = datetime.fromisoformat(sys.stdin.readline().strip())
for turn in range(50):
    at = start + turn * timedelta(seconds=15)
    if database.write_now(lambda c: leases.acquire(c, "maintenance", sys.argv[2], at, at + timedelta(seconds=15))):
        print(turn, flush=True)
database.close()
"""


def test_of_eight_processes_each_turn_has_one(store, now):
    command = [sys.executable, "-c", A_PROCESS, store.url]
    processes = [
        subprocess.Popen([*command, f"p{number}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(8)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write(f"{now.isoformat()}\n")
        process.stdin.flush()
    taken = sorted(int(line) for process in processes for line in process.communicate(timeout=60)[0].split())
    assert [process.returncode for process in processes] == [0] * 8
    assert len(set(taken)) == len(taken)
    assert taken[-1] == 49
