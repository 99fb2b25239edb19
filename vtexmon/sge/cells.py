"""How a cell becomes a value: one converter per kind of column, each refusing with a sentence an operator can act on.

A converter takes text without outer blanks and raises ``ValueError`` with a reason in the language in use. It knows
nothing of files or rows, so that every adapter can use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache
from typing import Any

from vtexmon.core import money
from vtexmon.i18n import _
from vtexmon.sge.source import Channel

Converter = Callable[[str], Any]

_KEY_NUMBER = re.compile(r"[0-9]{1,9}")
_QUANTITY = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")
_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_BRAZILIAN_DATE = re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_BREAK = re.compile(r"[\t\n\r\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_FLAGS = {"S": True, "N": False}

_remembered = lru_cache(maxsize=4096)
"""The same few numbers, prices and dates stand in thousands of rows. Refusals are not remembered."""


def refuse_control(cell: str, one_line: bool) -> None:
    """Raise ``ValueError`` for control characters in a cell, and for breaks and tabs within if ``one_line``."""
    if control := _CONTROL.search(cell):
        message = _("contém um caractere de controle ({0}); apague-o na origem")
        raise ValueError(message.format(f"U+{ord(control[0]):04X}"))
    if one_line and _LINE_BREAK.search(cell.strip()):
        raise ValueError(_("contém uma quebra de linha ou tabulação; escreva o texto em uma linha só"))


def as_written(text: str) -> str:
    """Any text, also an empty one."""
    return text


@_remembered
def key_number(text: str) -> int:
    """A part of a key that is a whole number (coligada, filial)."""
    if not text:
        raise ValueError(_("está vazio e faz parte da chave; preencha-o na origem"))
    if not _KEY_NUMBER.fullmatch(text):
        raise ValueError(_("não é um número inteiro de até nove algarismos e faz parte da chave; corrija-o na origem"))
    return int(text)


def key_code(text: str) -> str:
    """A part of a key that is a code (curso, turma, período letivo), never empty."""
    if not text:
        raise ValueError(_("está vazio e faz parte da chave; preencha-o na origem"))
    return optional_key_code(text)


def optional_key_code(text: str) -> str:
    """A part of a key that may be empty (depósito); without the key's own separator."""
    if ";" in text:
        raise ValueError(_("contém ponto e vírgula, que separa os campos da chave; use um código sem ele"))
    if invisible := _INVISIBLE.search(text):
        message = _("contém um caractere invisível ({0}) e faz parte da chave; apague-o na origem")
        raise ValueError(message.format(f"U+{ord(invisible[0]):04X}"))
    return text


def parent_code(text: str) -> str:
    """The codcurso of a class: no part of its key, but nothing can be done without it."""
    if not text:
        raise ValueError(_("está vazio; informe o curso da turma na origem"))
    return text


def name_of_at_most(length: int) -> Converter:
    """A converter for a name of 1 to ``length`` characters; a longer one is refused, never cut."""

    def name(text: str) -> str:
        if not text:
            raise ValueError(_("está vazio; informe o nome na origem"))
        if len(text) > length:
            message = _("tem {0} caracteres e a VTEX aceita até {1}; abrevie o nome na origem")
            raise ValueError(message.format(len(text), length))
        return text

    return name


def flag(text: str) -> bool:
    """S or N, in either case."""
    value = _FLAGS.get(text.upper())
    if value is None:
        raise ValueError(_("não é S nem N; escreva S para sim ou N para não"))
    return value


def channel(text: str) -> Channel:
    """B2C or B2B, in either case."""
    try:
        return Channel(text.upper())
    except ValueError:
        raise ValueError(_("não é um canal conhecido; escreva B2C ou B2B")) from None


@_remembered
def quantity(text: str) -> int:
    """A whole number, zero or more; ``10,00`` is ten."""
    digits = _QUANTITY.fullmatch(text)
    if digits is None:
        raise ValueError(_reason_against_quantity(text))
    return int(digits[1])


def optional_quantity(text: str) -> int | None:
    """A whole number, zero or more, or None for an empty cell."""
    return quantity(text) if text else None


@_remembered
def optional_amount(text: str) -> int | None:
    """An amount in cents, zero or more, or None for an empty cell."""
    if not text:
        return None
    try:
        amount_cents = money.cents(text)
    except ValueError as error:
        raise ValueError(_(str(error))) from None
    if "-" in text:
        raise ValueError(_("é um valor negativo; um preço não pode ser menor que zero"))
    return amount_cents


def optional_price(text: str) -> int | None:
    """An amount in cents above zero, or None for an empty cell."""
    amount_cents = optional_amount(text)
    if amount_cents == 0:
        raise ValueError(_("o preço é zero; informe o preço ou retire a linha da origem"))
    return amount_cents


@_remembered
def optional_day(text: str) -> date | None:
    """An ISO or Brazilian date, or None for an empty cell."""
    if not text:
        return None
    parts = _ISO_DATE.fullmatch(text) or _BRAZILIAN_DATE.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        raise ValueError(_("não é uma data; escreva 31/12/2027 ou 2027-12-31")) from None


@_remembered
def optional_hour(text: str) -> time | None:
    """A time of day, HH:MM (seconds allowed), or None for an empty cell."""
    if not text:
        return None
    parts = _TIME.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return time(hours, minutes, seconds)
    except ValueError:
        raise ValueError(_("não é um horário; escreva horas e minutos, como 19:00")) from None


def _reason_against_quantity(text: str) -> str:
    if not text:
        return _("está vazio; informe a quantidade, mesmo que seja 0")
    if text.startswith("-"):
        return _("é uma quantidade negativa; informe 0 ou mais")
    return _("não é um número inteiro; escreva a quantidade só com algarismos, como 16")
