"""What is given out of VTEX's limits is given out once, over threads, processes and databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from vtexmon.store import pacing
from vtexmon.store.database import Database

from .conftest import NOW

KEY = ("nacional", "catalog")
OTHER = ("nacional", "pricing_write")
SECOND = timedelta(seconds=1)


def test_a_new_limit_is_full_and_what_is_spent_is_kept(store):
    held = store.database.write_apart(lambda c: pacing.hold(c, [KEY, OTHER], NOW)).result()
    assert held == {KEY: NOW, OTHER: NOW}

    store.database.write_apart(lambda c: pacing.spend(c, {KEY: NOW + SECOND})).result()

    held = store.database.write_apart(lambda c: pacing.hold(c, [KEY, OTHER], NOW + 5 * SECOND)).result()
    assert held == {KEY: NOW + SECOND, OTHER: NOW}


def test_nothing_is_given_out_twice(store):
    """Read, add one, write back: over many threads and databases each addition is there."""
    others = [Database(store.url) for _ in range(4)]

    def spend_one(number):
        def work(connection):
            held = pacing.hold(connection, [KEY, OTHER], NOW)
            pacing.spend(connection, {key: until + SECOND for key, until in held.items()})

        others[number % 4].write_apart(work).result()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(spend_one, range(100)))
    for database in others:
        database.close()

    held = store.database.write_apart(lambda c: pacing.hold(c, [KEY, OTHER], NOW)).result()
    assert held == {KEY: NOW + 100 * SECOND, OTHER: NOW + 100 * SECOND}
