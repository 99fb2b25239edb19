"""Reading the source for many attempts at once: nobody gets an older state than there was when they asked."""

import asyncio
import threading

from tests.engine.bench import bench_config
from tests.integrations.school import course, school
from vtexmon.engine.offers import Offers
from vtexmon.errors import Unreachable

OLD, NEW = school(), school(courses=[course(category="Automação")])


class SlowSource:
    """Says one thing after the other, the last one for ever; every reading waits until ``go_on`` is set."""

    def __init__(self, *said):
        self.said = said
        self.readings = 0
        self.begun, self.go_on = threading.Event(), threading.Event()

    def read(self):
        said = self.said[min(self.readings, len(self.said) - 1)]
        self.readings += 1
        self.begun.set()
        assert self.go_on.wait(10)
        if isinstance(said, Exception):
            raise said
        return said


def asked_during_a_reading(source, many):
    """One asks, and ``many`` more while that reading is under way; gives what each of them got."""
    offers = Offers(source, bench_config())

    async def ask():
        first = asyncio.create_task(offers.current())
        await asyncio.to_thread(source.begun.wait, 10)
        others = [asyncio.create_task(offers.current()) for _one in range(many)]
        await asyncio.sleep(0)
        source.go_on.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    return [got if isinstance(got, Exception) else got.snapshot for got in asyncio.run(ask())]


def test_who_asks_during_a_reading_shares_the_next_one():
    source = SlowSource(OLD, NEW)
    assert [got is NEW for got in asked_during_a_reading(source, 5)] == [False] + [True] * 5
    assert source.readings == 2


def test_a_reading_that_fails_serves_nobody_else():
    source = SlowSource(OLD, Unreachable("a origem não responde"), NEW)
    first, second, *others = asked_during_a_reading(source, 3)
    assert first is OLD
    assert isinstance(second, Unreachable)
    assert all(got is NEW for got in others)
    assert source.readings == 3


def test_each_later_attempt_reads_again():
    source = SlowSource(OLD, NEW)
    source.go_on.set()
    offers = Offers(source, bench_config())

    async def twice():
        return [(await offers.current()).snapshot for _time in range(2)]

    assert asyncio.run(twice()) == [OLD, NEW]
    assert source.readings == 2
