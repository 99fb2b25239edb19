"""Warehouses and stock (domain/vtex.md 4)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from vtexmon.sandbox import running_sandbox

STOCK = {"quantity": 20, "unlimitedQuantity": False, "leadTime": "00:00:00"}


@pytest.fixture
def sku(shop):
    return shop.sku()


def path(sku, warehouse="1"):
    return f"stock:inventory/skus/{sku}/warehouses/{warehouse}"


def balance(shop, sku):
    return {
        row["warehouseId"]: row["totalQuantity"] for row in shop.made("GET", f"stock:inventory/skus/{sku}")["balance"]
    }


def test_an_account_has_the_configured_warehouses(shop):
    assert [item["id"] for item in shop.made("GET", "stock:configuration/warehouses")] == ["1", "1_1"]
    assert shop.call("GET", "stock:configuration/warehouses/2").status_code == 404


def test_stock_is_put_with_true_and_shown_in_the_balance(shop, sku):
    assert shop.made("PUT", path(sku), STOCK) is True
    assert balance(shop, sku) == {"1": 20, "1_1": 0}


def test_the_quantity_may_be_patched_alone(shop, sku):
    shop.made("PUT", path(sku), STOCK | {"leadTime": "1.00:00:00"})
    response = shop.call("PATCH", f"{path(sku)}/quantity", {"quantity": 5, "unlimitedQuantity": True})
    assert (response.status_code, response.content) == (204, b"")
    row = shop.made("GET", f"stock:inventory/skus/{sku}")["balance"][0]
    assert (row["totalQuantity"], row["hasUnlimitedQuantity"], row["leadTime"]) == (5, True, "1.00:00:00")


def test_the_lead_time_may_be_patched_alone(shop, sku):
    assert shop.call("PATCH", f"{path(sku)}/lead-time", {"leadTime": "2.00:00:00"}).status_code == 204
    assert shop.made("GET", f"stock:inventory/skus/{sku}")["balance"][0]["leadTime"] == "2.00:00:00"


@pytest.mark.parametrize("warehouse", ["2", "1_1x"])
def test_an_unknown_warehouse_is_400_in_plain_text(shop, sku, sandbox, warehouse):
    response = shop.call("PUT", path(sku, warehouse), STOCK)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/plain")
    assert sandbox.state()["totals"]["stocks"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": -1},
        {"quantity": 1.5},
        {"quantity": "1"},
        {"quantity": None},
        {"unlimitedQuantity": None},
        {"leadTime": None},
        {"leadTime": "amanhã"},
    ],
)
def test_a_wrong_body_is_400_and_leaves_no_trace(shop, sku, sandbox, change):
    assert shop.call("PUT", path(sku), STOCK | change).status_code == 400
    assert sandbox.state()["totals"]["stocks"] == 0


def test_a_sku_of_no_catalogue_is_404_in_text(shop):
    assert shop.call("PUT", path(999), STOCK).text == "SKU 999 not found"


def test_the_regional_account_stocks_the_catalogue_accounts_skus(shop, regional, sku):
    assert regional.made("PUT", path(sku), STOCK)
    assert (balance(regional, sku)["1"], balance(shop, sku)["1"]) == (20, 0)


def test_two_writes_at_once_on_one_sku_and_warehouse_are_423(open_shop):
    with running_sandbox(latency_seconds=0.2) as sandbox:
        shop = open_shop(sandbox.url)
        sku = shop.sku()
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: shop.call("PUT", path(sku), STOCK), range(2)))
        locked = [answer.text for answer in answers if answer.status_code == 423]
        assert locked == [f"Unable to acquire lock for key: lojanacional_item_logistics_{sku}_1."]
        assert sorted(answer.status_code for answer in answers) == [200, 423]


def test_writes_at_once_on_different_warehouses_both_pass(open_shop):
    with running_sandbox(latency_seconds=0.05) as sandbox:
        shop = open_shop(sandbox.url)
        sku = shop.sku()
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda id_: shop.call("PUT", path(sku, id_), STOCK), ("1", "1_1")))
        assert [answer.status_code for answer in answers] == [200, 200]
