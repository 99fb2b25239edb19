"""What every kind of answer means (domain/vtex.md 10; reference/engine.md 4.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.exchange import Answer, Api, Request, Verdict
from vtexmon.core.failures import FailureClass, advice_for
from vtexmon.core.redaction import MASK, Redactor
from vtexmon.core.sanitize import sanitize
from vtexmon.vtex import catalog, logistics, pricing
from vtexmon.vtex.answers import (
    existing_product_id,
    existing_sku_id,
    is_link_id_conflict,
    judge,
    no_credential,
    not_sent,
    unanswered,
)
from vtexmon.vtex.shapes import endpoint_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRET = "segredo-muito-secreto-42"
REDACTOR = Redactor([SECRET])

READ_PRODUCT = catalog.product_by_ref_id("1-12-AJUSTA")
READ_SKU = catalog.sku_by_ref_id("1-12-T1")
POST_PRODUCT = catalog.create_product({"Name": "Curso", "CategoryId": 1, "BrandId": 2})
PUT_PRODUCT = catalog.update_product(7, {"Name": "Curso", "CategoryId": 1, "BrandId": 2})
PUT_PRICE = pricing.put_price(7, 179550, None)
PUT_STOCK = logistics.put_inventory(7, "1_1", 3, False)
ADD_POLICY = catalog.add_product_trade_policy(7, 2)

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Login</title></head><body>VTEX ID</body></html>"
BUSY_PAGE = "<html><head><title>Be right back</title></head><body>Maintenance</body></html>"
JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}
HTML_TYPE = {"Content-Type": "text/html"}


def judged(request: Request, status: int, body: object = b"", headers: dict[str, str] | None = None) -> Answer:
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return judge(request, status, headers or JSON_TYPE, data, REDACTOR, now=NOW)


def bare(text: str) -> bytes:
    return json.dumps(text).encode()


@pytest.mark.parametrize(
    ("request_", "status", "body", "headers", "verdict"),
    [
        # readable successes
        (READ_PRODUCT, 200, {"Id": 7, "Name": "Curso"}, None, Verdict.DONE),
        (POST_PRODUCT, 200, {"Id": 7}, None, Verdict.DONE),
        (POST_PRODUCT, 201, {"Id": "7"}, None, Verdict.DONE),
        (PUT_PRODUCT, 200, {"Id": 7}, None, Verdict.DONE),
        (catalog.brand_list(), 200, [], None, Verdict.DONE),
        (catalog.sku_files(7), 200, [], None, Verdict.DONE),
        # nothing there
        (READ_PRODUCT, 200, b"null", None, Verdict.MISSING),
        (READ_PRODUCT, 404, bare("Product not found"), None, Verdict.MISSING),
        (READ_SKU, 404, b"", None, Verdict.MISSING),
        (READ_PRODUCT, 204, b"", None, Verdict.MISSING),
        # documented without a body
        (PUT_PRICE, 200, b"", None, Verdict.DONE),
        (PUT_PRICE, 200, b"", HTML_TYPE, Verdict.DONE),
        (ADD_POLICY, 200, b"", None, Verdict.DONE),
        (PUT_STOCK, 200, b"true", None, Verdict.DONE),
        (PUT_STOCK, 204, b"", None, Verdict.DONE),
        # 2xx that cannot be believed
        (PUT_STOCK, 200, b"false", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, b"", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 204, b"", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, b"null", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, bare("Product already created with this Id"), None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, b'{"Id": 7, "Na', None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, b'{"Id": 7, "Name": "\xff\xfe', None, Verdict.UNKNOWN),
        (READ_PRODUCT, 200, b"", None, Verdict.UNKNOWN),
        (READ_PRODUCT, 200, {"Message": "odd"}, None, Verdict.UNKNOWN),
        (catalog.brand_list(), 200, {"Message": "odd"}, None, Verdict.UNKNOWN),
        (catalog.category_tree(), 200, bare("odd"), None, Verdict.UNKNOWN),
        (POST_PRODUCT, 200, BUSY_PAGE, HTML_TYPE, Verdict.UNKNOWN),
        # credentials
        (POST_PRODUCT, 200, LOGIN_PAGE, HTML_TYPE, Verdict.CREDENTIAL),
        (READ_PRODUCT, 200, LOGIN_PAGE, {}, Verdict.CREDENTIAL),
        (READ_PRODUCT, 200, BUSY_PAGE, HTML_TYPE, Verdict.CREDENTIAL),
        (READ_PRODUCT, 302, b"", {"Location": "/login"}, Verdict.CREDENTIAL),
        (POST_PRODUCT, 401, {"error": {"code": "1", "message": "Unauthorized"}}, None, Verdict.CREDENTIAL),
        (READ_PRODUCT, 403, b"", None, Verdict.CREDENTIAL),
        # refusals
        (POST_PRODUCT, 400, b"", None, Verdict.REFUSED),
        (POST_PRODUCT, 404, bare("Brand not found"), None, Verdict.REFUSED),
        (POST_PRODUCT, 409, bare("Product already created with this Id"), None, Verdict.REFUSED),
        (POST_PRODUCT, 422, {"message": "no"}, None, Verdict.REFUSED),
        (READ_PRODUCT, 400, bare("no"), None, Verdict.REFUSED),
        # not processed
        (PUT_PRICE, 429, b"", {"Retry-After": "7"}, Verdict.NOT_PROCESSED),
        (
            PUT_STOCK,
            423,
            b"Unable to acquire lock for key: a_b.",
            {"Content-Type": "text/plain"},
            Verdict.NOT_PROCESSED,
        ),
        (POST_PRODUCT, 503, b"", {"retry-after": "2"}, Verdict.NOT_PROCESSED),
        # outcome open
        (POST_PRODUCT, 503, b"", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 503, b"", {"Retry-After": "soon"}, Verdict.UNKNOWN),
        (POST_PRODUCT, 408, b"", None, Verdict.UNKNOWN),
        (POST_PRODUCT, 500, {"Message": "An error has occurred."}, None, Verdict.UNKNOWN),
        (READ_PRODUCT, 502, BUSY_PAGE, HTML_TYPE, Verdict.UNKNOWN),
        (PUT_PRICE, 504, b"", None, Verdict.UNKNOWN),
    ],
)
def test_the_verdict_says_what_is_known(
    request_: Request, status: int, body: object, headers: dict[str, str] | None, verdict: Verdict
) -> None:
    answer = judged(request_, status, body, headers)

    assert answer.verdict is verdict
    assert answer.status == status
    assert (answer.failure is None) == (verdict in (Verdict.DONE, Verdict.MISSING))


@pytest.mark.parametrize(
    ("status", "body", "failure_class"),
    [
        (400, bare("The field Name must be a string with a maximum length of 150."), FailureClass.DATA),
        (400, {"Message": "Sku could not be set as active because it does not have any files"}, FailureClass.DATA),
        (400, {"Message": "Sku could not be set as active because product is inactive"}, FailureClass.BUSINESS),
        (404, bare("Brand not found"), FailureClass.DEPENDENCY),
        (404, bare("Category with id 9 does not exist"), FailureClass.DEPENDENCY),
        (404, b"", FailureClass.DATA),
        (409, bare("There is already a product with the same LinkId with Product Id 12"), FailureClass.DUPLICATE),
        (409, bare("Sku can not be created because the RefId is registered in Sku id 77"), FailureClass.DUPLICATE),
        (409, {"message": "the order is not in that state"}, FailureClass.BUSINESS),
        (410, b"", FailureClass.UNKNOWN),
        (422, b"", FailureClass.DATA),
        (401, b"", FailureClass.CREDENTIAL),
        (429, b"", FailureClass.TRANSIENT),
        (500, b"", FailureClass.TRANSIENT),
    ],
)
def test_the_failure_class_follows_from_status_and_words(
    status: int, body: object, failure_class: FailureClass
) -> None:
    failure = judged(POST_PRODUCT, status, body).failure

    assert failure is not None
    assert failure.failure_class is failure_class
    assert failure.endpoint == "POST /api/catalog/pvt/product"
    assert failure.advice.endswith(".")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"code": "CHK01", "message": "Denied"}, "Message": "other"}, "Denied (CHK01)"),
        ({"Message": "Invalid", "ModelState": {"Name": ["too long", "odd"]}}, "Invalid: Name: too long, odd"),
        ({"message": "small"}, "small"),
        ("a bare string", "a bare string"),
        ({"title": "Bad", "status": 400, "errors": {"Id": ["no"]}, "traceId": "00-a"}, "Bad: Id: no"),
        ([{"message": "first"}, {"Message": "second"}], "first; second"),
        ({"unheard": "of"}, '{"unheard": "of"}'),
    ],
)
def test_each_error_shape_yields_its_message(body: object, said: str) -> None:
    failure = judged(POST_PRODUCT, 400, json.dumps(body)).failure

    assert failure is not None
    assert failure.message == f"{said} (VTEX 400)"


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ("plain  words\n", {"Content-Type": "text/plain"}, "plain words (VTEX 400)"),
        ("<html><title>Oops &amp; more</title></html>", HTML_TYPE, "Oops & more (VTEX 400)"),
        ("", {}, "sem explicação (VTEX 400)"),
    ],
)
def test_bodies_that_are_no_json_yield_their_message(body: str, headers: dict[str, str], message: str) -> None:
    failure = judged(POST_PRODUCT, 400, body, headers).failure

    assert failure is not None
    assert failure.message == message


def test_a_message_is_one_short_line_without_control_characters() -> None:
    failure = judged(POST_PRODUCT, 400, bare("\x1b[31mred\u202e\n" + "x" * 9000)).failure

    assert failure is not None
    assert "\x1b" not in failure.message
    assert "␛[31mred� x" in failure.message
    assert len(failure.message) <= 500


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"RETRY-AFTER": "0"}, 1),
        ({"Retry-After": "86400"}, 900),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT"}, 1),
        ({"Ratelimit-Reset": "12"}, 12),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 42)}, 42),
        ({"Retry-After": "3", "RateLimit-Reset": "60"}, 3),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 40}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_in_every_spelling_and_clamped(headers: dict[str, str], seconds: int | None) -> None:
    answer = judged(PUT_PRICE, 429, b"", headers)

    assert answer.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_an_incomplete_success_is_unknown_and_an_incomplete_refusal_is_a_refusal() -> None:
    def cut(status: int, body: bytes) -> Answer:
        return judge(POST_PRODUCT, status, {}, body, REDACTOR, now=NOW, incomplete="caiu")

    success, refusal = cut(200, b'{"Id":7}'), cut(400, b'"Name too lo')

    assert success.verdict is Verdict.UNKNOWN
    assert success.json is None
    assert success.failure is not None
    assert success.failure.message == "A resposta da VTEX (200) veio incompleta: caiu"
    assert refusal.verdict is Verdict.REFUSED


def test_secrets_are_in_no_part_of_the_answer() -> None:
    headers = {"X-Request-Id": f"id-{SECRET}"}

    answer = judged(POST_PRODUCT, 400, {"Message": f"key {SECRET}", SECRET: [SECRET]}, headers)

    assert SECRET not in repr(answer)
    assert answer.request_id == f"id-{MASK}"
    assert answer.json == {"Message": f"key {MASK}", MASK: [MASK]}


@pytest.mark.parametrize("depth", [100, 400, 600, 900, 100_000])
def test_a_secret_deep_in_json_neither_crashes_nor_stays(depth: int) -> None:
    answer = judged(POST_PRODUCT, 400, b"[" * depth + bare(SECRET) + b"]" * depth)

    assert answer.verdict is Verdict.REFUSED
    assert answer.text is not None
    assert SECRET not in answer.text


def test_without_an_http_answer_the_verdict_says_whether_it_left() -> None:
    refused = not_sent(POST_PRODUCT, "a conexão não foi aceita")
    silent = unanswered(POST_PRODUCT, "o prazo acabou", 60_000)
    nameless = no_credential(POST_PRODUCT, "sem AppKey")

    assert [answer.verdict for answer in (refused, silent, nameless)] == [
        Verdict.NOT_SENT,
        Verdict.UNKNOWN,
        Verdict.CREDENTIAL,
    ]
    assert not any(answer.answered for answer in (refused, silent, nameless))
    assert refused.failure is not None
    assert refused.failure.failure_class is FailureClass.TRANSIENT
    assert silent.duration_ms == 60_000


def test_the_existing_product_is_read_from_a_ref_id_conflict_only() -> None:
    by_ref = judged(
        POST_PRODUCT, 409, bare("There is already a product created with the same RefId with Product Id 123")
    )
    by_link = judged(POST_PRODUCT, 409, bare("There is already a product with the same LinkId with Product Id 123"))
    by_id = judged(POST_PRODUCT, 409, bare("Product already created with this Id"))
    as_object = judged(POST_PRODUCT, 409, {"Message": "... same RefId with Product Id 123"})
    as_success = judged(POST_PRODUCT, 200, {"Id": 5, "Message": "same RefId with Product Id 123"})

    assert [existing_product_id(answer) for answer in (by_ref, by_link, by_id, as_object, as_success)] == [
        123,
        None,
        None,
        123,
        None,
    ]
    assert [is_link_id_conflict(answer) for answer in (by_ref, by_link, by_id, as_success)] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        (400, {"Message": "The request is invalid.", "ModelState": {"LinkId": ["LinkId is not valid"]}}),
        (400, '"There is already a product with the same LinkId with Product Id 5"'),
        (409, '"LinkId can not be changed, see Product Id 5"'),
    ],
)
def test_only_a_409_about_an_equal_link_id_is_a_conflict_of_link_ids(refusal: tuple[int, Any]) -> None:
    answer = judged(POST_PRODUCT, *refusal)

    assert (is_link_id_conflict(answer), existing_product_id(answer)) == (False, None)


def test_the_existing_sku_is_read_from_its_conflict() -> None:
    conflict = bare("Sku can not be created because the RefId is registered in Sku id 77")

    assert existing_sku_id(judged(catalog.create_sku({"Name": "T"}), 409, conflict)) == 77
    assert existing_sku_id(judged(catalog.create_sku({"Name": "T"}), 409, bare("other"))) is None


@pytest.mark.parametrize(
    ("request_", "endpoint"),
    [
        (READ_PRODUCT, "GET /api/catalog_system/pvt/products/productgetbyrefid/{id}"),
        (catalog.product_by_ref_id("AJUSTA"), "GET /api/catalog_system/pvt/products/productgetbyrefid/{id}"),
        (catalog.update_sku(12, {}), "PUT /api/catalog/pvt/stockkeepingunit/{id}"),
        (READ_SKU, "GET /api/catalog/pvt/stockkeepingunit"),
        (PUT_STOCK, "PUT /api/logistics/pvt/inventory/skus/{id}/warehouses/{id}"),
        (logistics.put_inventory(7, "centro", 1, False), "PUT /api/logistics/pvt/inventory/skus/{id}/warehouses/{id}"),
        (logistics.warehouses(), "GET /api/logistics/pvt/configuration/warehouses"),
        (PUT_PRICE, "PUT /pricing/prices/{id}"),
        (Request(Api.PRICING, "GET", "/pricing/v2/prices/9"), "GET /pricing/v2/prices/{id}"),
    ],
)
def test_the_endpoint_has_no_ids(request_: Request, endpoint: str) -> None:
    assert endpoint_of(request_) == endpoint


def test_equal_causes_of_different_records_have_one_fingerprint() -> None:
    failures = [
        judged(catalog.update_sku(number, {}), 400, bare(f"Sku {number} could not be set as active")).failure
        for number in (7, 8123)
    ]

    assert failures[0] is not None
    assert failures[1] is not None
    assert failures[0].fingerprint == failures[1].fingerprint


@pytest.mark.parametrize(
    ("message", "status", "part"),
    [
        ("Name too long", 400, "Encurte"),
        ("The field Name must be a string with a maximum length of 150.", 400, "Encurte"),
        ("could not be set as active because it does not have any files associated", 400, "imagem"),
        ("Warehouse 9 not found", 400, "depósito"),
        ("Brand not found", 404, "marca"),
        ("Category not found", 404, "categoria"),
        ("the RefId is registered in Sku id 77", 409, "código de referência"),
        ("There is already a product with the same LinkId", 409, "LinkId"),
        ("Unauthorized", 401, "AppKey"),
        ("", 403, "permissões"),
        ("", 500, "Erro interno"),
        ("", None, "Corrija o registro na origem"),
    ],
)
def test_the_advice_fits_what_vtex_said(message: str, status: int | None, part: str) -> None:
    assert part in advice_for(FailureClass.DATA, message, status)


@pytest.mark.parametrize("failure_class", list(FailureClass))
def test_every_class_has_advice(failure_class: FailureClass) -> None:
    assert advice_for(failure_class)


REQUESTS = st.sampled_from(
    [READ_PRODUCT, READ_SKU, POST_PRODUCT, PUT_PRODUCT, PUT_PRICE, PUT_STOCK, ADD_POLICY, catalog.brand_list()]
)
SHAPE_NAMES = ["error", "message", "code", "Message", "ModelState", "title", "errors", "detail", "Id", "id"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(SHAPE_NAMES) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=300) | ANY_JSON.map(lambda value: json.dumps(value).encode())
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "content-type", "X-Request-Id", "RateLimit-Reset"]) | st.text(max_size=9),
    st.text(max_size=40),
    max_size=4,
)


@given(REQUESTS, st.integers(100, 599) | st.integers(), HEADERS, BODIES, st.sampled_from(["", "caiu"]))
def test_no_answer_crashes_and_every_failure_can_be_shown(
    request: Request, status: int, headers: dict[str, str], body: bytes, incomplete: str
) -> None:
    answer = judge(request, status, headers, body, REDACTOR, now=NOW, incomplete=incomplete)

    existing_product_id(answer)
    existing_sku_id(answer)
    if answer.failure is not None:
        assert answer.failure.message == sanitize(answer.failure.message)
        assert len(answer.failure.message) <= 500
    if answer.verdict is Verdict.DONE:
        assert 200 <= status < 300
        assert not incomplete


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"9" * 10_000, b"\xef\xbb\xbfnull", b'"' + b"\\ud800" * 9 + b'"', b"NaN"]
)
def test_odd_json_does_not_crash(body: bytes) -> None:
    assert judged(READ_PRODUCT, 200, body).verdict in (Verdict.UNKNOWN, Verdict.MISSING)
    assert judged(POST_PRODUCT, 400, body).verdict is Verdict.REFUSED
