"""Amounts of money as integer cents: read from what people and spreadsheets write, shown to people, told to VTEX.

Whether an amount may be negative, zero or absent is for the caller to say. Reasons are Portuguese message ids without
places to fill in, so that the caller can translate them (``REASONS`` lists them all).
"""

from __future__ import annotations

import re

from vtexmon.i18n import msg

NOT_AN_AMOUNT = msg("não é um valor em reais; escreva só algarismos e a vírgula dos centavos, como 1795,50")
AMBIGUOUS = msg("um ponto seguido de três algarismos tanto pode ser milhar como decimal; escreva 1234,00 ou 1,23")
BAD_GROUPS = msg("os separadores de milhar não estão de três em três algarismos; escreva 1234,56 ou 1.234,56")
TOO_PRECISE = msg("tem mais de duas casas decimais; arredonde para centavos")
TOO_LARGE = msg("é grande demais para ser um preço; confira o valor")
REASONS = (NOT_AN_AMOUNT, AMBIGUOUS, BAD_GROUPS, TOO_PRECISE, TOO_LARGE)

MAX_WHOLE_DIGITS = 13
"""With two decimals these are 15 significant digits, which a JSON number (a double) holds exactly as written."""

_SHAPE = re.compile(r"(?P<prefix>-?(?:R\$\s*)?|R\$\s*-)(?P<digits>[0-9][0-9.,]*)", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")


def cents(text: str) -> int:
    """The amount in integer cents; Brazilian (``1.795,50``) and international (``1,795.50``) writing, ``R$`` allowed.

    With both signs the last is the decimal one. Raises ``ValueError`` with one of ``REASONS``.
    """
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        raise ValueError(NOT_AN_AMOUNT)
    whole, decimals = _split(shape["digits"])
    if len(whole) > MAX_WHOLE_DIGITS:
        raise ValueError(TOO_LARGE)
    amount = int(whole) * 100 + int(decimals.ljust(2, "0"))
    return -amount if "-" in shape["prefix"] else amount


def decimal_units(amount_cents: int) -> int | float:
    """The amount in reais as a JSON number in its shortest writing: 179550 is 1795.5, 179500 is 1795 (an int)."""
    return amount_cents / 100 if amount_cents % 100 else amount_cents // 100


def reais(amount_cents: int) -> str:
    """The amount for people, without the currency sign: 179550 is ``1.795,50``."""
    whole, rest = divmod(abs(amount_cents), 100)
    sign = "-" if amount_cents < 0 else ""
    return f"{sign}{whole:,}".replace(",", ".") + f",{rest:02}"


def _split(digits: str) -> tuple[str, str]:
    """Whole digits without grouping signs, and the decimals (at most two, perhaps none)."""
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return digits, ""
    if points + commas > 1 and not (points and commas):
        return _ungrouped(digits), ""
    decimal_sign = "," if digits.rfind(",") > digits.rfind(".") else "."
    whole, _, decimals = digits.rpartition(decimal_sign)
    if decimal_sign == "." and not commas and len(decimals) == 3:
        raise ValueError(AMBIGUOUS)
    if not decimals or decimal_sign in whole:
        raise ValueError(NOT_AN_AMOUNT)
    if len(decimals) > 2:
        raise ValueError(TOO_PRECISE)
    return (_ungrouped(whole) if points and commas else whole), decimals


def _ungrouped(whole: str) -> str:
    if _GROUPED.fullmatch(whole) is None:
        raise ValueError(BAD_GROUPS)
    return whole.replace(".", "").replace(",", "")
