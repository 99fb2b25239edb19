import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from vtexmon.store import payloads
from vtexmon.store.models import Payload, PayloadDictionary

PAYLOAD, DICTIONARY = Payload.__table__, PayloadDictionary.__table__

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


def keep(store, text):
    return store.write(lambda c: payloads.store(c, text))


def load(store, address):
    return store.read(lambda c: payloads.load(c, address))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT)
def test_any_text_comes_back_as_it_was(store, text):
    assert load(store, keep(store, text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800", "a" * 1_000_000, "ação ☃ 😀", '{"price": 1.10000000000000000001}', "\r\n\t", "\udcff\udfff"],
    ids=["empty", "nul", "lone surrogate", "large", "accents", "number as it was sent", "blanks", "surrogates"],
)
def test_odd_texts_come_back_as_they_were(store, text):
    assert load(store, keep(store, text)) == text


def test_no_body_is_not_an_empty_body(store):
    assert (keep(store, None), load(store, None)) == (None, None)
    assert load(store, keep(store, "")) == ""
    assert store.count(PAYLOAD) == 1


def test_a_body_is_kept_once_however_often_it_is_sent(store):
    assert len({keep(store, '{"Name":"Ajustagem"}') for _time in range(3)}) == 1
    assert (store.count(PAYLOAD), store.count(DICTIONARY)) == (1, 1)


def test_different_bodies_have_different_addresses(store):
    assert len({keep(store, text) for text in ("", " ", "a", "A", "\ud800", "\ud801")}) == 6


def test_two_processes_that_keep_the_same_body_at_once_share_it(store, overlapping):
    one, two = overlapping(lambda c: payloads.store(c, "body"), lambda c: payloads.store(c, "body"))
    assert one == two
    assert store.count(PAYLOAD) == 1


def test_what_retention_has_removed_is_none(store):
    address = keep(store, "body")
    store.write(lambda c: c.execute(PAYLOAD.delete()))
    assert load(store, address) is None


def test_a_body_is_read_with_the_dictionary_that_lies_beside_it(store, monkeypatch):
    text = '{"Id":1,"Name":"","DepartmentId":1,"CategoryId":1,"BrandId":1}'
    address = keep(store, text)
    monkeypatch.setattr(payloads, "DICTIONARY", b"what a later version ships")
    assert load(store, address) == text


def test_the_dictionary_in_the_database_is_the_one_a_body_was_written_with(store):
    keep(store, '{"Id":1}')
    held = store.read(lambda c: c.execute(select(DICTIONARY.c.id, DICTIONARY.c.data)).one())
    assert (held.id, bytes(held.data)) == (payloads.DICTIONARY_ID, payloads.DICTIONARY)


def test_a_damaged_body_is_an_error_not_another_text(store):
    address = keep(store, "the body " * 20)
    store.write(lambda c: c.execute(update(PAYLOAD).values(data=b"not zstd")))
    with pytest.raises(Exception, match="frame header"):
        load(store, address)


PRODUCT = json.dumps(
    {
        "Id": 12,
        "Name": "Ajustador Mecânico",
        "DepartmentId": 3,
        "CategoryId": 17,
        "BrandId": 2000001,
        "LinkId": "ajustador-mecanico",
        "RefId": "1-12-AJUSTA",
        "IsVisible": True,
        "Description": "Curso de ajustagem, 160 horas.",
        "DescriptionShort": "",
        "KeyWords": "ajustagem, mecânica",
        "Title": "Ajustador Mecânico",
        "IsActive": True,
        "MetaTagDescription": "",
        "ShowWithoutStock": False,
        "Score": None,
    },
    ensure_ascii=False,
)
PRICE = '{"itemId":"87","listPrice":1100.0,"costPrice":null,"markup":0,"basePrice":950.0,"fixedPrices":[]}'
STOCK = '{"quantity":18,"unlimitedQuantity":false,"leadTime":"00:00:00"}'


@pytest.mark.parametrize("text", [PRODUCT, PRICE, STOCK], ids=["product", "price", "stock"])
def test_what_we_usually_send_takes_at_most_two_thirds_of_its_size(store, text):
    keep(store, text)
    held = store.read(lambda c: c.execute(select(PAYLOAD.c.data, PAYLOAD.c.size)).one())
    assert held.size == len(text.encode())
    assert len(held.data) <= held.size * 2 / 3
