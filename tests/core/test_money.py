import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core import money

AMOUNTS = st.integers(min_value=0, max_value=10**15 - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("90", 9000),
        ("1795,50", 179550),
        ("1795,5", 179550),
        ("1795.50", 179550),
        ("1795.5", 179550),
        ("1.795,50", 179550),
        ("1,795.50", 179550),
        ("1.234.567,8", 123456780),
        ("1.234.567", 123456700),
        ("1,234,567", 123456700),
        ("007,50", 750),
        ("  12,00\u00a0", 1200),
        ("R$ 1.795,50", 179550),
        ("R$1795,50", 179550),
        ("r$\u00a012", 1200),
        ("-10,00", -1000),
        ("-R$ 10,00", -1000),
        ("R$ -10,00", -1000),
        ("9999999999999,99", 999999999999999),
    ],
)
def test_brazilian_and_international_writing_is_read(text: str, expected: int) -> None:
    assert money.cents(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.234", money.AMBIGUOUS),
        ("1234.567", money.AMBIGUOUS),
        ("0.500", money.AMBIGUOUS),
        ("12.34,5", money.BAD_GROUPS),
        ("1234.567,00", money.BAD_GROUPS),
        ("1.23.456", money.BAD_GROUPS),
        ("1,23,456", money.BAD_GROUPS),
        ("12,345.67,8", money.NOT_AN_AMOUNT),
        ("1.234,567", money.TOO_PRECISE),
        ("1,234", money.TOO_PRECISE),
        ("1,500", money.TOO_PRECISE),
        ("1795.5000", money.TOO_PRECISE),
        ("", money.NOT_AN_AMOUNT),
        ("R$", money.NOT_AN_AMOUNT),
        (",50", money.NOT_AN_AMOUNT),
        ("10,", money.NOT_AN_AMOUNT),
        ("1.234,56,78", money.NOT_AN_AMOUNT),
        ("1 234,56", money.NOT_AN_AMOUNT),
        ("10-", money.NOT_AN_AMOUNT),
        ("--10", money.NOT_AN_AMOUNT),
        ("-R$ -10", money.NOT_AN_AMOUNT),
        ("+10", money.NOT_AN_AMOUNT),
        ("1e3", money.NOT_AN_AMOUNT),
        ("US$ 10", money.NOT_AN_AMOUNT),
        ("consulte", money.NOT_AN_AMOUNT),
        ("١٢", money.NOT_AN_AMOUNT),
        ("NaN", money.NOT_AN_AMOUNT),
        ("9" * 14, money.TOO_LARGE),
        ("9" * 5000, money.TOO_LARGE),
    ],
)
def test_what_is_no_amount_or_could_be_two_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        money.cents(text)
    assert reason in money.REASONS


@given(AMOUNTS, st.booleans())
def test_every_amount_comes_back_from_every_writing(amount_cents: int, is_negative: bool) -> None:
    amount_cents = -amount_cents if is_negative else amount_cents
    brazilian = money.reais(amount_cents)
    international = brazilian.translate(str.maketrans(",.", ".,"))
    plain = brazilian.replace(".", "")
    for text in (brazilian, international, plain, plain.replace(",", "."), f"R$ {brazilian}"):
        assert money.cents(text) == amount_cents, text


@given(st.text(alphabet="0123456789.,-R$ ", max_size=20))
def test_an_amount_that_is_read_is_the_digits_that_were_written(text: str) -> None:
    try:
        amount_cents = money.cents(text)
    except ValueError:
        return
    written = "".join(char for char in text if char.isdigit())
    assert str(abs(amount_cents)).strip("0") == written.strip("0")


@pytest.mark.parametrize(
    ("amount_cents", "json_text"),
    [(179550, "1795.5"), (179500, "1795"), (179555, "1795.55"), (1, "0.01"), (0, "0"), (29, "0.29"), (-1050, "-10.5")],
)
def test_vtex_is_told_the_shortest_exact_number(amount_cents: int, json_text: str) -> None:
    assert json.dumps(money.decimal_units(amount_cents)) == json_text


@given(AMOUNTS)
def test_no_cent_is_lost_on_the_way_through_json(amount_cents: int) -> None:
    text = json.dumps(money.decimal_units(amount_cents))
    assert json.loads(text, parse_float=Decimal) * 100 == amount_cents
    assert round(json.loads(text) * 100) == amount_cents


@pytest.mark.parametrize(
    ("amount_cents", "text"),
    [
        (179550, "1.795,50"),
        (0, "0,00"),
        (5, "0,05"),
        (-5, "-0,05"),
        (123456789, "1.234.567,89"),
        (-100000, "-1.000,00"),
    ],
)
def test_people_see_brazilian_writing(amount_cents: int, text: str) -> None:
    assert money.reais(amount_cents) == text
