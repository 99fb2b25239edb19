"""Rate limits (domain/vtex.md 9)."""

import pytest

from vtexmon.sandbox import Limit
from vtexmon.sandbox.limits import Limiter


def test_a_bucket_lets_its_burst_through_and_then_its_rate():
    limiter = Limiter({"pricing_write": Limit(60, 3)})
    taken = [limiter.take("a", "pricing_write", "", now).allowed for now in (0, 0, 0, 0, 0.5, 1.0, 1.0)]
    assert taken == [True, True, True, False, False, True, False]


def test_accounts_and_scopes_have_buckets_of_their_own():
    limiter = Limiter({"catalog": Limit(60, 1)})
    buckets = [("a", "x"), ("b", "x"), ("a", "y"), ("a", "x")]
    assert [limiter.take(account, "catalog", scope, 0).allowed for account, scope in buckets] == [True] * 3 + [False]


def test_the_published_limits_are_the_default(sandbox):
    limits = sandbox.limits()
    assert limits["pricing_write"] == {"per_minute": 2_000, "burst": 500}
    assert limits["catalog"] == {"per_minute": 45_000, "burst": None}
    assert limits["logistics"] is None


def test_beyond_the_limit_is_429_with_retry_after_and_nothing_is_applied(shop, sandbox):
    sku = shop.sku()
    sandbox.set_limits({"pricing_write": Limit(6, 1)})
    answers = [shop.call("PUT", f"price:{sku}", {"basePrice": price}) for price in (10, 20)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["retry-after"] == "10"
    assert shop.made("GET", f"price:{sku}")["basePrice"] == 10
    assert sandbox.requests()[-2]["applied"] is False


def test_pricing_tells_its_limit_on_every_answer(shop):
    headers = shop.call("GET", "/lojanacional/pricing/config").headers
    assert headers["ratelimit-limit"] == "2400"
    assert headers["ratelimit-remaining"] == "999"
    assert headers["ratelimit-reset"] == "1"


def test_the_catalogue_has_a_limit_per_endpoint(shop, sandbox):
    sandbox.set_limits({"catalog_endpoint": Limit(60, 1)})
    paths = ("old:brand/list", "old:saleschannel/list", "old:brand/list")
    assert [shop.call("GET", path).status_code for path in paths] == [200, 200, 429]


def test_limits_are_changed_and_restored_over_http(shop):
    url = "/_sandbox/limits"
    changed = shop.http.post(url, json={"catalog": None, "logistics": {"per_minute": 60}}).json()
    assert (changed["catalog"], changed["logistics"]) == (None, {"per_minute": 60, "burst": None})
    assert shop.http.delete(url).status_code == 204
    assert shop.http.get(url).json()["catalog"] == {"per_minute": 45_000, "burst": None}


@pytest.mark.parametrize("body", [[], {"x": None}, {"catalog": {}}, {"catalog": {"per_minute": 0}}])
def test_wrong_limits_are_400(shop, body):
    assert shop.http.post("/_sandbox/limits", json=body).status_code == 400
