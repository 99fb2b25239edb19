"""Fault rules: the notation, and each kind over a real socket."""

import time

import httpx
import pytest

from vtexmon.sandbox import parse_fault


@pytest.fixture
def sku(shop):
    return shop.sku()


def put_price(shop, sku, **options):
    return shop.call("PUT", f"price:{sku}", {"basePrice": 100}, **options)


def prices(sandbox):
    return sandbox.state()["totals"]["prices"]


def last(sandbox):
    entry = sandbox.requests()[-1]
    return entry["status"], entry["applied"]


@pytest.mark.parametrize(
    ("spec", "status", "applied"),
    [
        ("status:status=503", 503, 0),
        ("status", 500, 0),
        ("applied", 500, 1),
        ("applied:status=504", 504, 1),
        ("malformed", 200, 1),
        ("empty", 200, 1),
        ("html", 200, 0),
        ("slow:delay=0.05", 200, 1),
    ],
)
def test_kinds_that_answer(shop, sku, sandbox, spec, status, applied):
    sandbox.set_faults(spec)
    assert put_price(shop, sku).status_code == status
    assert prices(sandbox) == applied
    assert last(sandbox) == (status, bool(applied))
    assert sandbox.requests()[-1]["fault"] == spec


@pytest.mark.parametrize(
    ("spec", "error", "applied"),
    [
        ("drop", httpx.RemoteProtocolError, 0),
        ("applied:status=0", httpx.RemoteProtocolError, 1),
        ("reset", httpx.ReadError, 1),
        ("hang", httpx.ReadTimeout, 0),
    ],
)
def test_kinds_that_do_not_answer(shop, sku, sandbox, spec, error, applied):
    sandbox.set_faults(spec)
    with pytest.raises(error):
        put_price(shop, sku, timeout=0.2)
    assert prices(sandbox) == applied
    assert last(sandbox) == (None, bool(applied))


def test_truncate_applies_and_sends_half_of_the_body(shop, sku, sandbox):
    sandbox.set_faults("truncate:match=PUT /warehouses")
    body = {"quantity": 1, "unlimitedQuantity": False, "leadTime": "00:00:00"}
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        shop.call("PUT", f"stock:inventory/skus/{sku}/warehouses/1", body)
    assert sandbox.requests()[-1]["response"] == "tr"
    assert sandbox.state()["totals"]["stocks"] == 1


def test_truncate_breaks_an_empty_answer_too(shop, sku, sandbox):
    sandbox.set_faults("truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        put_price(shop, sku)


def test_hang_with_a_delay_applies_late_without_the_client(shop, sku, sandbox):
    sandbox.set_faults("hang:delay=0.3")
    with pytest.raises(httpx.ReadTimeout):
        put_price(shop, sku, timeout=0.1)
    assert prices(sandbox) == 0
    time.sleep(0.4)
    assert prices(sandbox) == 1
    assert last(sandbox) == (None, True)


def test_slow_applies_although_the_client_has_given_up(shop, sku, sandbox):
    sandbox.set_faults("slow:delay=0.3")
    with pytest.raises(httpx.ReadTimeout):
        put_price(shop, sku, timeout=0.1)
    time.sleep(0.4)
    assert last(sandbox) == (200, True)


def test_malformed_is_json_by_name_only(shop, sandbox):
    sandbox.set_faults("malformed")
    response = shop.call("GET", "old:brand/list")
    assert response.headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match="Unterminated"):
        response.json()


def test_what_vtex_would_refuse_stays_refused_under_applied(shop, sku, sandbox):
    sandbox.set_faults("applied")
    assert shop.call("PUT", f"price:{sku}", {}).status_code == 500
    assert (prices(sandbox), last(sandbox)) == (0, (500, False))


def test_retry_after_and_text_are_sent(shop, sandbox):
    sandbox.set_faults('status:status=429,retry_after=7,text={"Message":"devagar\\, por favor"}')
    response = shop.call("GET", "old:brand/list")
    assert response.headers["retry-after"] == "7"
    assert response.json() == {"Message": "devagar, por favor"}


@pytest.mark.parametrize("kind", ["status", "status:status=401", "applied", "html", "malformed", "status:text=nada"])
def test_echo_gives_the_credentials_to_the_client_but_not_to_the_journal(shop, sandbox, kind):
    sandbox.set_faults(f"{kind}{',' if ':' in kind else ':'}echo=1")
    text = shop.call("GET", f"old:brand/list?key={shop.account.app_key}").text
    assert shop.account.app_key in text
    assert shop.account.app_token in text
    assert shop.account.app_key not in str(sandbox.requests())
    assert shop.account.app_token not in str(sandbox.requests())


def test_unknown_credentials_are_not_kept_either(sandbox, open_shop):
    sandbox.set_faults("status:echo=1")
    open_shop(sandbox.url, **{"X-VTEX-API-AppToken": "chave-errada"}).call("GET", "old:brand/list?t=chave-errada")
    assert "chave-errada" not in str(sandbox.requests())


def test_match_wants_method_and_path(shop, sku, sandbox):
    sandbox.set_faults("status:match=PUT|PATCH /pricing/prices/\\d+$")
    assert put_price(shop, sku).status_code == 500
    assert shop.call("GET", f"price:{sku}").status_code == 404
    assert shop.call("PATCH", f"price:{sku}/fixed", []).status_code == 404


def test_match_takes_any_method(shop, sandbox):
    sandbox.set_faults("status:match=* /brand/")
    assert shop.call("GET", "old:brand/list").status_code == 500


def test_body_wants_its_expression(shop, sandbox):
    sandbox.set_faults('status:match=POST /brand,body="Name": ?"SE(NAI|SI){1\\,2}"')
    answers = [shop.call("POST", "pvt:brand", {"Id": 0, "Name": name}).status_code for name in ("SENAI", "SENAC")]
    assert answers == [500, 200]


def test_every_and_times_choose_among_the_matches(shop, sandbox):
    sandbox.set_faults("status:every=2,times=2")
    answers = [shop.call("GET", "old:brand/list").status_code for _ in range(7)]
    assert answers == [200, 500, 200, 500, 200, 200, 200]
    assert sandbox.faults()[0]["hits"] == 2


def test_the_first_rule_that_hits_wins(shop, sandbox):
    sandbox.set_faults("status:times=1,status=502", "status:status=503")
    assert [shop.call("GET", "old:brand/list").status_code for _ in range(2)] == [502, 503]


def test_a_connection_serves_on_after_an_answered_fault(shop, sandbox):
    sandbox.set_faults("status:times=1")
    assert [shop.call("GET", "old:brand/list").status_code for _ in range(2)] == [500, 200]


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ("explode", "tipo 'explode' desconhecido"),
        ("status:cor=azul", "opção 'cor=azul' desconhecida"),
        ("status:every", "opção 'every' desconhecida"),
        ("status:every=0", "valor de every inválido"),
        ("status:times=x", "valor de times inválido"),
        ("status:status=99", "valor de status inválido"),
        ("status:status=0", "status=0 só vale para applied"),
        ("status:retry_after=-1", "valor de retry_after inválido"),
        ("slow:delay=já", "valor de delay inválido"),
        ("slow", "slow exige delay"),
        ("status:match=/sem-metodo", "esperado 'MÉTODO /caminho'"),
        ("status:match=PUT /(", "expressão regular"),
        ("status:body=[", "expressão regular"),
        ("status:body=a{1,2}", "opção '2}' desconhecida"),
        ("status:echo=sim", "valor de echo inválido"),
    ],
)
def test_a_wrong_rule_names_the_part(spec, part):
    with pytest.raises(ValueError, match="falha '") as caught:
        parse_fault(spec)
    assert part in str(caught.value)
