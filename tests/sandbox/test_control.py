"""The ``/_sandbox`` routes, the journal and the state."""

from datetime import datetime, timedelta

import pytest

from vtexmon.sandbox import NATIONAL_ACCOUNT, running_sandbox, sandbox_account


def test_the_state_shows_every_account_and_totals(shop, regional):
    sku = shop.active_sku()
    regional.call("PUT", f"price:{sku}", {"basePrice": 10})
    state = shop.http.get("/_sandbox/state").json()
    assert state["totals"] == {
        "categories": 1,
        "brands": 1,
        "products": 1,
        "skus": 1,
        "prices": 1,
        "stocks": 0,
        "active_skus": 1,
        "images": 1,
    }
    national = state["accounts"]["lojanacional"]
    assert national["skus"][0]["images"][0]["Url"] == "https://loja.example/curso.png"
    assert national["products"][0]["SkuIds"] == [sku]
    assert [warehouse["id"] for warehouse in national["warehouses"]] == ["1", "1_1"]
    assert state["accounts"]["lojasp"]["prices"][str(sku)]["basePrice"] == 10


def test_requests_are_numbered_and_read_on_from_next(shop):
    shop.brand()
    first = shop.http.get("/_sandbox/requests").json()
    assert (first["next"], first["requests"][0]["n"]) == (1, 1)
    entry = first["requests"][0]
    assert set(entry) == set(
        "n time account method path query status request_id body response fault applied applied_at ended_at".split()  # noqa: SIM905
    )
    assert (entry["account"], entry["method"], entry["path"]) == ("lojanacional", "POST", "/api/catalog/pvt/brand")
    assert '"SENAI"' in entry["body"]
    assert (entry["status"], entry["fault"], entry["applied"]) == (200, None, True)
    shop.call("GET", "old:brand/pagedlist?page=1&pageSize=2")
    second = shop.http.get(f"/_sandbox/requests?since={first['next']}").json()
    assert [(entry["n"], entry["query"], entry["applied"]) for entry in second["requests"]] == [
        (2, "page=1&pageSize=2", False)
    ]


def test_the_request_id_of_an_answer_is_in_the_journal(shop, sandbox):
    answer = shop.call("GET", "old:brand/list")
    assert sandbox.requests()[-1]["request_id"] == answer.headers["x-request-id"]


def test_a_refused_write_is_not_applied(shop, sandbox):
    shop.call("POST", "pvt:brand", {})
    assert sandbox.requests()[-1]["applied"] is False


def test_the_journal_tells_when_a_request_came_was_applied_and_was_done_with(shop, sandbox):
    sandbox.set_faults("slow:match=POST /,delay=0.02", "status:match=GET /,status=500")
    shop.brand()
    shop.call("GET", "old:brand/list")
    slow, refused = sandbox.requests()
    came, applied, ended = (datetime.fromisoformat(slow[name]) for name in ("time", "applied_at", "ended_at"))
    assert came + timedelta(seconds=0.02) <= applied <= ended
    assert refused["applied_at"] is None
    assert slow["ended_at"] < refused["time"] <= refused["ended_at"]


def test_the_journal_is_bounded(open_shop):
    with running_sandbox(journal_cap=20) as sandbox:
        shop = open_shop(sandbox.url)
        for _ in range(30):
            shop.call("GET", "old:brand/list")
        entries = sandbox.requests()
        assert len(entries) <= 20
        assert entries[-1]["n"] == sandbox.last_request() == 30
        assert [entry["n"] for entry in sandbox.requests(since=28)] == [29, 30]
        assert sandbox.requests(since=99) == []


def test_faults_are_replaced_added_listed_and_cleared(shop):
    url = "/_sandbox/faults"
    shop.http.post(url, json=["status:times=1"])
    shop.http.post(url, json={"add": ["drop:match=PUT /x"]})
    shop.call("GET", "old:brand/list")
    listed = shop.http.get(url).json()["faults"]
    assert [(fault["kind"], fault["matches"], fault["hits"]) for fault in listed] == [("status", 1, 1), ("drop", 0, 0)]
    assert shop.http.post(url, json={"faults": ["hang"]}).json()["faults"][0]["spec"] == "hang"
    assert shop.http.delete(url).status_code == 204
    assert shop.http.get(url).json() == {"faults": []}


def test_a_wrong_fault_is_400_and_changes_nothing(shop):
    shop.http.post("/_sandbox/faults", json=["hang"])
    response = shop.http.post("/_sandbox/faults", json=["hang", "explode"])
    assert "explode" in response.json()["Message"]
    assert response.status_code == 400
    assert len(shop.http.get("/_sandbox/faults").json()["faults"]) == 1


@pytest.mark.parametrize("path", ["nada", "requests?since=x"])
def test_a_wrong_control_request_says_so(shop, path):
    assert shop.http.get(f"/_sandbox/{path}").status_code in (400, 404)


def test_ids_are_not_shared_between_accounts(shop, regional):
    assert shop.sku() != regional.sku()


def test_an_account_may_share_anothers_catalogue(open_shop):
    sharing = sandbox_account("lojasp", catalog_of="lojanacional")
    with running_sandbox(accounts=(NATIONAL_ACCOUNT, sharing)) as sandbox:
        sku = open_shop(sandbox.url).sku()
        assert open_shop(sandbox.url, sharing).made("GET", f"pvt:stockkeepingunit/{sku}")["Id"] == sku
        assert sandbox.state()["totals"]["skus"] == 1
