"""What a value in the file may be: kinds of values, each with its converter, its JSON schema and its words for people.

A converter takes what TOML delivered and gives what ``model.py`` wants, or raises ``Invalid``. Only choices and names
are repeated in an error; a value that might be a secret never is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vtexmon.i18n import _, msg

DURATION_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]))+")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhd])")
_LONGEST_SECONDS = 366 * 86_400
_FOUND = {
    bool: msg("true ou false"),
    int: msg("um número inteiro"),
    float: msg("um número"),
    str: msg("um texto"),
    list: msg("uma lista"),
    dict: msg("uma tabela"),
}


class Invalid(Exception):  # noqa: N818 - it becomes a Problem, it never ends a command by itself
    """A value that cannot be used: what is wrong with it and how to put it right."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def _unchanged(text: str) -> object:
    return text


@dataclass(frozen=True)
class Kind:
    """A kind of value. ``from_text`` makes of the environment's text what TOML would have delivered.

    ``scalar`` False = the environment cannot override it; ``secret`` True = a reference that is resolved after reading.
    """

    convert: Callable[[object], Any]
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    from_text: Callable[[str], object] = _unchanged
    scalar: bool = True
    secret: bool = False


def mismatch(expected: str, value: object, example: str) -> Invalid:
    """The error for a value of another type; names the two types, never the value."""
    found = _(_FOUND.get(type(value), msg("outra coisa")))
    return Invalid(
        _("esperado {expected}, encontrado {found}").format(expected=expected, found=found),
        _("Escreva, por exemplo, {example}.").format(example=example),
    )


def as_text(value: object, example: str = '"texto"') -> str:
    """A text without outer blanks. Raises ``Invalid`` for every other type."""
    if not isinstance(value, str):
        raise mismatch(_("um texto entre aspas"), value, example)
    return value.strip()


def _filled_text(value: object) -> str:
    text = as_text(value)
    if not text:
        raise Invalid(_("o texto está vazio"), _("Escreva um valor entre as aspas."))
    return text


def _text_or_none(value: object) -> str | None:
    return as_text(value) or None


TEXT = Kind(as_text)
FILLED_TEXT = Kind(_filled_text, {"type": "string", "minLength": 1})
OPTIONAL_TEXT = Kind(_text_or_none)


def matching(pattern: str, allowed: str, example: str) -> Kind:
    """A text that matches ``pattern`` as a whole; ``allowed`` says in words what may stand in it."""

    def convert(value: object) -> str:
        text = as_text(value, example)
        if re.fullmatch(pattern, text) is None:
            raise Invalid(
                _("valor inválido: só pode ter {allowed}").format(allowed=_(allowed)),
                _("Escreva, por exemplo, {example}.").format(example=example),
            )
        return text

    return Kind(convert, {"type": "string", "pattern": f"^{pattern}$"})


def choice(*options: str) -> Kind:
    """One of a few words."""

    def convert(value: object) -> str:
        text = as_text(value, f'"{options[0]}"')
        if text not in options:
            raise Invalid(
                _('"{value}" não é um valor conhecido').format(value=text[:40]),
                _("Use um destes: {options}.").format(options=", ".join(options)),
            )
        return text

    return Kind(convert, {"type": "string", "enum": list(options)})


def _whole_of_text(text: str) -> object:
    return int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text) else text


def _number_of_text(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _switch_of_text(text: str) -> object:
    return {"true": True, "false": False}.get(text.strip().lower(), text)


def as_whole(value: object, minimum: int, maximum: int | None = None) -> int:
    """A whole number within its bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise mismatch(_("um número inteiro"), value, str(minimum))
    if value < minimum or (maximum is not None and value > maximum):
        bounds = _("no mínimo {minimum}") if maximum is None else _("de {minimum} a {maximum}")
        raise Invalid(
            _("{value} está fora do permitido").format(value=value),
            _("Use um número inteiro: {bounds}.").format(bounds=bounds.format(minimum=minimum, maximum=maximum)),
        )
    return value


def whole(minimum: int, maximum: int | None = None) -> Kind:
    """A whole number from ``minimum`` to ``maximum`` (None = no upper bound)."""
    bounds = {"minimum": minimum} | ({} if maximum is None else {"maximum": maximum})
    return Kind(lambda value: as_whole(value, minimum, maximum), {"type": "integer", **bounds}, _whole_of_text)


def _positive_number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise mismatch(_("um número"), value, "1.5")
    if not (value > 0 and math.isfinite(value)):
        raise Invalid(_("o número precisa ser maior que zero"), _("Use um número maior que zero."))
    return float(value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise mismatch(_("true ou false, sem aspas"), value, "true")
    return value


def _whole_list(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise mismatch(_("uma lista de números inteiros"), value, "[12, 13]")
    numbers = tuple(as_whole(item, 0) for item in value)
    if len(set(numbers)) < len(numbers):
        raise Invalid(_("a lista repete um número"), _("Deixe cada número uma só vez."))
    return numbers


def _attempts(value: object) -> int | None:
    return None if value == "" else as_whole(value, 0) or None


def _attempts_of_text(text: str) -> object:
    return _whole_of_text(text) if text.strip() else ""


POSITIVE_NUMBER = Kind(_positive_number, {"type": "number", "exclusiveMinimum": 0}, _number_of_text)
SWITCH = Kind(_switch, {"type": "boolean"}, _switch_of_text)
WHOLE_LIST = Kind(
    _whole_list, {"type": "array", "items": {"type": "integer", "minimum": 0}, "uniqueItems": True}, scalar=False
)
ATTEMPTS = Kind(_attempts, {"anyOf": [{"type": "integer", "minimum": 0}, {"const": ""}]}, _attempts_of_text)


def parse_duration(value: object) -> timedelta:
    """``"15m"``, ``"180s"``, ``"1h30m"``: numbers with ms, s, m, h or d. At most 366 days."""
    text = as_text(value, '"15m"')
    if _DURATION.fullmatch(text) is None:
        raise Invalid(
            _("não é uma duração"), _('Escreva um número e a unidade (ms, s, m, h ou d), por exemplo "15m" ou "180s".')
        )
    seconds = sum(float(number) * DURATION_UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    if seconds > _LONGEST_SECONDS:
        raise Invalid(_("a duração é longa demais"), _("Use no máximo 366 dias."))
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """The shortest text that ``parse_duration`` reads back: the largest unit that divides it evenly."""
    milliseconds = round(duration.total_seconds() * 1_000)
    sizes = {unit: round(seconds * 1_000) for unit, seconds in DURATION_UNITS.items()}
    unit = next((unit for unit, size in reversed(sizes.items()) if milliseconds and milliseconds % size == 0), "s")
    return f"{milliseconds // sizes[unit]}{unit}"


def duration(minimum_seconds: float = 0) -> Kind:
    """A duration of at least ``minimum_seconds``."""

    def convert(value: object) -> timedelta:
        parsed = parse_duration(value)
        if parsed.total_seconds() < minimum_seconds:
            least = format_duration(timedelta(seconds=minimum_seconds))
            raise Invalid(_("a duração é curta demais"), _("Use no mínimo {least}.").format(least=least))
        return parsed

    return Kind(convert, {"type": "string", "pattern": f"^{_DURATION.pattern}$"})


def _timezone(value: object) -> str:
    name = as_text(value, '"America/Sao_Paulo"')
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            _('o fuso horário "{name}" não existe').format(name=name[:40]),
            _('Use um nome da base IANA, por exemplo "America/Sao_Paulo" ou "America/Manaus".'),
        ) from None
    return name


TIMEZONE = Kind(_timezone)


def template(needed: str, *others: str) -> Kind:
    """A RefId template of known ``{placeholders}``; without ``needed`` all records would share one RefId."""
    known = (*others, needed)
    example = "-".join(f"{{{name}}}" for name in known if name != "periodo_letivo")

    def convert(value: object) -> str:
        text = as_text(value, f'"{example}"')
        remedy = _("Use somente {known}.").format(known=", ".join(f"{{{name}}}" for name in known))
        try:
            fields = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            raise Invalid(_("as chaves { } do modelo não fecham"), remedy) from None
        unknown = [str(name) for _text, name, spec, conversion in fields if name not in known or spec or conversion]
        if unknown:
            raise Invalid(_("campo desconhecido no modelo: {{{name}}}").format(name=unknown[0][:40]), remedy)
        if needed not in {name for _text, name, _spec, _conversion in fields}:
            raise Invalid(_("o modelo não contém {{{needed}}}").format(needed=needed), remedy)
        return text

    return Kind(convert)
