"""The published limits and the bucket that keeps within them (domain/vtex.md 9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.exchange import Api, Request
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.limits import PUBLISHED_LIMITS, Bucket, bucket_of, endpoint_bucket_of


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


def test_a_full_bucket_gives_its_burst_and_then_one_per_interval() -> None:
    bucket = Bucket(rate=2, burst=3, now=100.0)

    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take(100.4) == pytest.approx(0.1)
    assert bucket.take(100.5) == 0.0
    assert bucket.take(100.5) == pytest.approx(0.5)


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    bucket = Bucket(rate=1, burst=1, now=100.0)
    bucket.take(100.0)

    assert bucket.take(50.0) == 1.0
    assert bucket.take(100.5) == 0.5


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_that_could_never_give_is_an_error(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="positive rate"):
        Bucket(rate, burst, 0.0)


@given(st.floats(0.5, 50), st.integers(1, 20), st.lists(st.floats(0, 2), max_size=60))
def test_no_more_than_burst_plus_rate_times_time_is_ever_given(rate: float, burst: int, steps: list[float]) -> None:
    bucket, now, given_out = Bucket(rate, burst, 0.0), 0.0, 0

    for step in steps:
        now += step
        given_out += bucket.take(now) == 0.0

    assert given_out <= burst + rate * now + 1e-6
