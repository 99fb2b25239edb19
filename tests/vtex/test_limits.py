"""The published limits and the pace that keeps within them (domain/vtex.md 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.exchange import Api, Request
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.limits import PUBLISHED_LIMITS, Pace, bucket_of, endpoint_bucket_of


@pytest.mark.parametrize(
    ("request_", "bucket"),
    [
        (catalog.brand_list(), "catalog"),
        (catalog.create_sku({}), "catalog"),
        (pricing.get_price(1), "pricing_read"),
        (pricing.put_price(1, 100, None), "pricing_write"),
        (Request(Api.PRICING, "DELETE", "/pricing/prices/1"), "pricing_delete"),
        (logistics.warehouses(), "logistics"),
    ],
)
def test_each_request_counts_against_its_own_limit(request_: Request, bucket: str) -> None:
    assert bucket_of(request_) == bucket
    assert bucket in PUBLISHED_LIMITS


def test_the_catalogue_counts_each_endpoint_too() -> None:
    assert endpoint_bucket_of(catalog.get_sku(1)) == endpoint_bucket_of(catalog.get_sku(2))
    assert endpoint_bucket_of(catalog.get_sku(1)) != endpoint_bucket_of(catalog.update_sku(1, {}))
    assert endpoint_bucket_of(logistics.warehouses()) is None


@pytest.mark.parametrize(("name", "per_minute"), [("catalog", 45_000), ("catalog_endpoint", 15_000)])
def test_a_limit_by_the_minute_holds_in_any_minute(name: str, per_minute: int) -> None:
    limit = PUBLISHED_LIMITS[name]

    assert limit.burst + 60 * limit.rate <= per_minute


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_full_bucket_gives_its_burst_and_then_one_per_interval() -> None:
    pace, spent, waits = Pace(rate=2, burst=3), None, []
    for _request in range(4):
        waits.append(pace.wait(spent, NOW))
        if not waits[-1]:
            spent = pace.spend(spent, NOW)

    assert waits == [0 * SECOND, 0 * SECOND, 0 * SECOND, SECOND / 2]
    assert pace.wait(spent, NOW + SECOND * 0.4) == SECOND * 0.1
    assert pace.wait(spent, NOW + SECOND * 0.5) == 0 * SECOND


def test_the_reserve_is_left_untouched() -> None:
    pace = Pace(rate=10, burst=20)
    assert pace.reserve == 2
    spent = NOW + pace.cost * 18

    assert pace.wait(spent, NOW, reserve=2) == pace.cost
    assert pace.wait(spent, NOW) == 0 * SECOND


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    pace = Pace(rate=1, burst=1)
    spent = pace.spend(None, NOW)

    assert pace.wait(spent, NOW - 20 * SECOND) == 21 * SECOND
    assert pace.wait(spent, NOW + SECOND / 2) == SECOND / 2


def test_a_clock_that_was_set_wrong_does_not_stop_the_others() -> None:
    pace = Pace(rate=1, burst=5)
    spent = pace.spend(NOW + timedelta(hours=1), NOW)

    assert pace.wait(NOW + timedelta(hours=1), NOW) == 0 * SECOND
    assert pace.wait(spent, NOW) == SECOND


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_pace_without_sense_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        Pace(rate, burst)


@given(
    st.floats(min_value=0.1, max_value=900),
    st.integers(min_value=1, max_value=50),
    st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=80),
)
def test_never_more_than_the_burst_and_the_rate(rate: float, burst: int, steps: list[float]) -> None:
    pace, now, spent, given_out = Pace(rate, burst), NOW, None, 0
    for step in steps:
        now += timedelta(seconds=step)
        while not pace.wait(spent, now):
            spent = pace.spend(spent, now)
            given_out += 1
        assert given_out <= burst + rate * (now - NOW).total_seconds() + 1e-6
