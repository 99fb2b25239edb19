"""Prices (domain/vtex.md 3)."""

import pytest

FIXED = {"tradePolicyId": "2", "value": 80, "minQuantity": 1}


@pytest.fixture
def sku(shop):
    return shop.sku()


def fixed_of(shop, sku):
    return [(item["tradePolicyId"], item["value"]) for item in shop.made("GET", f"price:{sku}")["fixedPrices"]]


def test_a_price_is_put_with_an_empty_200_and_read_back(shop, sku):
    response = shop.call("PUT", f"price:{sku}", {"basePrice": 150.5, "listPrice": 200})
    assert (response.status_code, response.content) == (200, b"")
    price = shop.made("GET", f"price:{sku}")
    assert (price["itemId"], price["basePrice"], price["listPrice"]) == (str(sku), 150.5, 200)
    assert price["fixedPrices"] == []


def test_put_replaces_everything_fixed_prices_included(shop, sku):
    shop.call("PUT", f"price:{sku}", {"basePrice": 100, "listPrice": 120, "fixedPrices": [FIXED]})
    shop.call("PUT", f"price:{sku}", {"basePrice": 90})
    price = shop.made("GET", f"price:{sku}")
    assert (price["listPrice"], price["fixedPrices"]) == (None, [])


def test_cost_and_markup_make_the_base_price(shop, sku):
    shop.call("PUT", f"price:{sku}", {"costPrice": 10, "markup": 2400})
    assert shop.made("GET", f"price:{sku}")["basePrice"] == 250


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"markup": 10},
        {"basePrice": "100"},
        {"basePrice": True},
        {"basePrice": 100, "costPrice": 50, "markup": 100},
        {"basePrice": 100, "fixedPrices": [{"value": 1, "minQuantity": 1}]},
        {"basePrice": 100, "fixedPrices": [{"tradePolicyId": 2, "value": 1, "minQuantity": 1}]},
        {"basePrice": 100, "fixedPrices": [{"tradePolicyId": "2", "value": 1}]},
        {"basePrice": 100, "fixedPrices": [FIXED | {"dateRange": {"from": "2026-01-01T00:00:00"}}]},
        {"basePrice": 100, "fixedPrices": [FIXED | {"dateRange": {"from": "2026-01-01", "to": "2026-01-02"}}]},
    ],
)
def test_a_wrong_price_is_400_in_plain_text_and_changes_nothing(shop, sku, body):
    response = shop.call("PUT", f"price:{sku}", body)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/plain")
    assert shop.call("GET", f"price:{sku}").status_code == 404


def test_a_negative_price_is_accepted(shop, sku):
    assert shop.call("PUT", f"price:{sku}", {"basePrice": -1}).status_code == 200


def test_the_regional_account_prices_the_catalogue_accounts_skus(regional, shop, sku, sandbox):
    assert regional.call("PUT", f"price:{sku}", {"basePrice": 10}).status_code == 200
    assert shop.call("GET", f"price:{sku}").status_code == 404
    assert list(sandbox.state()["accounts"]["lojasp"]["prices"]) == [str(sku)]


def test_a_sku_of_no_catalogue_is_404_in_text(shop):
    response = shop.call("PUT", "price:999", {"basePrice": 10})
    assert (response.status_code, response.text) == (404, "SKU 999 not found")


def test_a_price_is_deleted(shop, sku):
    shop.call("PUT", f"price:{sku}", {"basePrice": 10})
    assert shop.call("DELETE", f"price:{sku}").status_code == 200
    assert shop.call("GET", f"price:{sku}").status_code == 404


def test_fixed_prices_need_a_base_price(shop, sku):
    assert shop.call("POST", f"price:{sku}/fixed/2", [{"value": 80, "minQuantity": 1}]).status_code == 404


def test_post_replaces_one_table_patch_merges_delete_removes(shop, sku):
    shop.call("PUT", f"price:{sku}", {"basePrice": 100, "fixedPrices": [FIXED, FIXED | {"tradePolicyId": "1"}]})
    shop.call("POST", f"price:{sku}/fixed/2", [{"value": 70, "minQuantity": 5}])
    assert fixed_of(shop, sku) == [("1", 80), ("2", 70)]
    shop.call("PATCH", f"price:{sku}/fixed", [FIXED | {"value": 60, "minQuantity": 5}, FIXED | {"tradePolicyId": "3"}])
    assert fixed_of(shop, sku) == [("1", 80), ("2", 60), ("3", 80)]
    assert len(shop.made("GET", f"price:{sku}/fixed/3")) == 1
    shop.call("DELETE", f"price:{sku}/fixed/2")
    assert fixed_of(shop, sku) == [("1", 80), ("3", 80)]
    assert shop.call("GET", f"price:{sku}/fixed/2").status_code == 404


def test_the_computed_price_is_the_fixed_one_of_its_table(shop, sku):
    expired = {"from": "2020-01-01T00:00:00-03:00", "to": "2020-01-02T00:00:00-03:00"}
    fixed = [FIXED, FIXED | {"value": 50, "minQuantity": 10}, FIXED | {"value": 1, "dateRange": expired}]
    shop.call("PUT", f"price:{sku}", {"basePrice": 100, "listPrice": 120, "fixedPrices": fixed})
    selling = [
        shop.made("GET", f"price:{sku}/computed/{table}?quantity={quantity}")["sellingPrice"]
        for table, quantity in (("1", 1), ("2", 1), ("2", 10))
    ]
    assert selling == [100, 80, 50]
    assert [item["tradePolicyId"] for item in shop.made("GET", f"price:{sku}/computed")] == ["1", "2"]
