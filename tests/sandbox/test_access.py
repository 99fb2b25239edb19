"""Who may call and with which headers (domain/vtex.md 1.3)."""

import pytest

from vtexmon.sandbox import sandbox_account

REFUSED = {"error": {"code": "1", "message": "Acesso não autorizado", "exception": None}}


@pytest.mark.parametrize(
    "headers",
    [{"X-VTEX-API-AppKey": "outra"}, {"X-VTEX-API-AppToken": "errado"}, {"X-VTEX-API-AppToken": ""}],
)
def test_wrong_credentials_are_401_json(sandbox, open_shop, headers):
    response = open_shop(sandbox.url, **headers).call("GET", "pvt:category/1")
    assert (response.status_code, response.json()) == (401, REFUSED)


def test_wrong_credentials_are_the_login_page_with_200_on_older_routes(sandbox, open_shop):
    stranger = open_shop(sandbox.url, sandbox_account("desconhecida"))
    response = stranger.call("GET", "old:saleschannel/list")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


def test_public_routes_need_no_credentials(sandbox, open_shop):
    stranger = open_shop(sandbox.url, sandbox_account("desconhecida"))
    assert stranger.call("GET", "/api/catalog_system/pub/category/tree/3").json() == []


def test_a_key_of_another_account_is_403_on_pricing(shop):
    assert shop.call("GET", "/lojasp/pricing/config").status_code == 403


def test_accept_is_required(shop):
    assert shop.call("GET", "pvt:category/1", headers={"Accept": "*/*"}).status_code == 400


def test_content_type_is_required_on_reads_too(shop):
    assert shop.call("GET", "pvt:category/1", headers={"Content-Type": "text/plain"}).status_code == 415


def test_every_answer_has_its_own_request_id(shop):
    ids = {shop.call("GET", path).headers["x-request-id"] for path in ("pvt:category/1", "old:brand/list", "/nada")}
    assert len(ids) == 3


def test_unknown_path_is_404_and_wrong_method_405(shop):
    assert shop.call("GET", "/api/nada").status_code == 404
    assert shop.call("DELETE", "pvt:product").status_code == 405


@pytest.mark.parametrize(
    "path", ["old:saleschannel/list", "/lojanacional/pricing/config", "stock:configuration/warehouses"]
)
def test_connection_tests_answer_200(shop, path):
    assert shop.made("GET", path)


def test_a_body_that_is_no_json_is_400(shop):
    assert shop.call("POST", "pvt:product", content=b"{").status_code == 400
