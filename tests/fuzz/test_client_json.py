"""The good answer of every request this program builds, spoilt at every place: nothing raises, and a write is believed
only where what it answers with is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import hostile_json
from tests.fuzz.good_answers import builders, good_answers
from tests.fuzz.hostile_server import Line, http
from vtexmon.core.exchange import Answer, Verdict
from vtexmon.core.sanitize import sanitize
from vtexmon.vtex import answers, catalog, logistics, pricing, specifications
from vtexmon.vtex.client import encode_body
from vtexmon.vtex.merging import merged_product, merged_sku
from vtexmon.vtex.wire import MAX_ID, created_id

NAMES = sorted(good_answers())
CREATIONS = ("create_category", "create_brand", "create_product", "create_sku")


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with Line() as line:
        yield line


def ask(line: Line, name: str, body: bytes) -> Answer:
    """The answer to that builder's request; whatever it is, every reader of answers can take it."""
    answer = line.ask(good_answers()[name].request, http(body, 200, "Content-Type: application/json"))
    assert answer.verdict in (Verdict.DONE, Verdict.MISSING, Verdict.UNKNOWN, Verdict.CREDENTIAL)
    if answer.failure is not None:
        assert answer.failure.message == sanitize(answer.failure.message)
    if answer.request.is_write:
        assert answer.verdict is not Verdict.MISSING
    use(answer)
    return answer


def use(answer: Answer) -> None:
    """Everything that is made of an answer: none of it raises, and what is made of it can be sent."""
    found = answer.json
    catalog.find_category_id(found, "Metalmecânica")
    catalog.find_brand_id(found, "SENAI")
    catalog.next_brand_id(found)
    catalog.trade_policy_ids(found)
    catalog.file_names(found)
    logistics.warehouse_ids(found)
    logistics.stock_state(found, "1")
    specifications.find_field_id(found, "Turno", True, 1)
    specifications.read_field(found)
    specifications.values_by_text(found)
    specifications.read_held(found)
    answers.existing_product_id(answer)
    answers.existing_sku_id(answer)
    if isinstance(found, dict):
        encode_body(merged_product(found, {"Name": "Ação"}))
        encode_body(merged_sku(found, {"Name": "Ação"}))
    state = pricing.price_state(found)
    if state is not None:
        encode_body(pricing.put_price(7, 100, 200, state.fixed_prices).body)
        pricing.fixed_price_of(state, 2)


def test_there_is_a_good_answer_for_every_request_that_can_be_built() -> None:
    assert set(NAMES) == builders()


@pytest.mark.parametrize("name", NAMES)
def test_the_good_answer_is_believed(line: Line, name: str) -> None:
    assert ask(line, name, good_answers()[name].body).verdict is Verdict.DONE


@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_document_is_never_taken_for_success(line: Line, name: str) -> None:
    """Where an empty body or any object is documented, that much is enough."""
    good = good_answers()[name].body
    defects = [
        one for one in hostile_json.documents() if one.name not in ("byte order mark", *ALSO_READABLE.get(name, ()))
    ]

    believed = [one.name for one in defects if ask(line, name, one.spoil(good or b"true")).verdict is Verdict.DONE]

    assert believed == []


OF_NOTHING = ("empty", "blanks", "object of nothing", "single quotes")
ALSO_READABLE = {
    "add_product_trade_policy": OF_NOTHING,
    "put_price": OF_NOTHING,
    "patch_fixed_price": OF_NOTHING,
    "put_inventory": OF_NOTHING,
    "set_of_product": OF_NOTHING,
    "remove_from_product": OF_NOTHING,
    "remove_from_sku": OF_NOTHING,
    "change_of_sku": ("object of nothing",),
    "pricing_config": ("object of nothing",),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_place_that_went_wrong_neither_crashes_nor_makes_an_id(line: Line, name: str) -> None:
    good = good_answers()[name]
    for defect in hostile_json.defects(good.json) if good.body else ():
        answer = ask(line, name, defect.spoil(good.body))

        if answer.verdict is Verdict.DONE and name in CREATIONS:
            assert created_id(answer.json) == created_id(good.json), defect.name


@pytest.mark.parametrize(
    "wrong", [0, -1, 0.5, True, False, None, "", "x", [], {}, [7], MAX_ID + 1, "0", "-7", "9" * 30, 1e300]
)
@pytest.mark.parametrize("name", CREATIONS)
def test_a_creation_without_an_id_that_can_be_one_is_unknown(line: Line, name: str, wrong: Any) -> None:
    body = json.dumps({**good_answers()[name].json, "Id": wrong, "id": wrong}).encode()

    assert ask(line, name, body).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("right", [7, "7", " 7 ", 7.0, MAX_ID])
def test_an_id_may_be_written_in_several_ways(line: Line, right: Any) -> None:
    answer = ask(line, "create_product", json.dumps({"Id": right}).encode())

    assert answer.verdict is Verdict.DONE
    assert created_id(answer.json) == int(right)


LISTS = ("category_tree", "brand_list", "warehouses", "sales_channels", "product_trade_policies")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("status", [200, 204, 205, 404])
def test_a_list_of_everything_that_does_not_come_does_not_say_that_there_is_nothing(
    line: Line, name: str, status: int
) -> None:
    """What is not in the list is created: an answer that is no list must not lead there."""
    for body in (b"", b"null", b"NaN", b"<html><title>Not Found</title></html>"):
        answer = line.ask(good_answers()[name].request, http(body, status))

        assert answer.verdict not in (Verdict.DONE, Verdict.MISSING)


@pytest.mark.parametrize("name", ["sku_files", "get_price", "get_inventory", "held_by_product", "held_by_sku"])
def test_where_none_is_a_404_nothing_else_says_so(line: Line, name: str) -> None:
    request = good_answers()[name].request

    assert line.ask(request, http(b'"Not found"', 404)).verdict is Verdict.MISSING
    for status, body in ((200, b"null"), (204, b""), (404, b"<html><title>Not Found</title></html>")):
        assert line.ask(request, http(body, status)).verdict not in (Verdict.DONE, Verdict.MISSING)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_anywhere_is_survived(line: Line, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    value = good_answers()[name].json
    for _round in range(data.draw(st.integers(1, 3))):
        path, _item = data.draw(st.sampled_from(list(hostile_json.places(value))))
        value = hostile_json.changed(value, path, data.draw(ANY_JSON))

    ask(line, name, json.dumps(value).encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "body",
    [
        b'{"Id": 7, "Id": 9}',
        b'{"Id": 7, "a":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"Id": 7, "a": ' + b"9" * 4000 + b"}",
        b'{"Id": 7, "a": "\\ud800", "\\udfff": 1}',
        b'{"Id": 7, "a": -0, "b": 1E5, "c": 1e-999}',
    ],
    ids=["twice the same name", "deep", "digits", "half characters", "numbers"],
)
def test_odd_json_is_read(line: Line, body: bytes) -> None:
    assert ask(line, "create_product", body).verdict is Verdict.DONE


ENDLESS = 500_000


@pytest.mark.parametrize(
    "start",
    [
        b"\\", b'authorization:"\\', b"authorization\\", b"<html><title>", b"<html><title", b"<html><!--", b"<!---->",
        b"vtexidclientautcookie_-", b"&#", b"&#9", b"%25", b"\\u0041", b"[", b'{"Message":', b'"', b" ",
    ],
)  # fmt: skip
def test_no_text_takes_quadratic_time_to_judge(line: Line, start: bytes) -> None:
    """Each of these once was, or could be, read from every place in it to the end: that would never come to an end."""
    for text in (start * (ENDLESS // len(start)), start + start[-1:] * ENDLESS):
        for status in (200, 400):
            answer = line.ask(good_answers()["create_product"].request, http(text, status))

            assert answer.verdict is (Verdict.REFUSED if status == 400 else Verdict.UNKNOWN)
