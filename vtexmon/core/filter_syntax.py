"""The query language of the screen, the command line and saved views (DESIGN.md section 8), to and from a ``Filter``.

    status:erro,cancelado modulo:sku filial:12 chave:AJUSTA* tentativas:>=3 criado:>=2026-11-01 texto livre

A comma and a repeated field both mean *or* inside the field; for comparisons (tentativas, criado, alterado) they
narrow the range. Values with blanks or commas stand in double quotes, a quote inside them is doubled. Words without a
field are free text: each must begin some word of the record's search text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from vtexmon.core import filter_values as values
from vtexmon.core.filter_values import Clock, FilterError, Item
from vtexmon.core.filters import AttemptRange, Filter, KeyMatch, KeyTerm, Period, words
from vtexmon.core.text import fold
from vtexmon.i18n import _

__all__ = ["FIELDS", "FilterError", "FilterField", "known_field", "parse", "to_text"]


@dataclass(frozen=True)
class FilterField:
    """One field of the language. ``attribute`` is its place in ``Filter``; ``choices`` are the values it can complete.

    ``read`` makes a value of one item, ``join`` adds it to what the field holds already (None: the values exclude each
    other), ``write`` gives the items that read back as what the field holds.
    """

    name: str
    synonyms: tuple[str, ...]
    attribute: str
    read: Callable[[Item, Clock], Any]
    write: Callable[[Any], list[str]]
    join: Callable[[Any, Any], Any]
    choices: tuple[str, ...] = ()


def _either(held: frozenset[Any], value: Any) -> frozenset[Any]:
    return held | {value}


def _narrower(held: AttemptRange | None, value: AttemptRange) -> AttemptRange | None:
    old = held or AttemptRange()
    minimum = max((bound for bound in (old.minimum, value.minimum) if bound is not None), default=None)
    maximum = min((bound for bound in (old.maximum, value.maximum) if bound is not None), default=None)
    empty = maximum is not None and maximum < (minimum or 0)
    return None if empty else AttemptRange(minimum, maximum)


def _shorter(held: Period | None, value: Period) -> Period | None:
    old = held or Period()
    since = max((bound for bound in (old.since, value.since) if bound is not None), default=None)
    until = min((bound for bound in (old.until, value.until) if bound is not None), default=None)
    empty = since is not None and until is not None and since >= until
    return None if empty else Period(since, until)


def _same(held: bool | None, value: bool) -> bool | None:
    return value if held in (None, value) else None


def _named(name: str, synonyms: tuple[str, ...], attribute: str, names: Mapping[str, Any]) -> FilterField:
    """A field whose values are a closed table of names."""
    return FilterField(
        name,
        synonyms,
        attribute,
        read=lambda item, clock: values.read_choice(item, names),
        write=lambda held: sorted(values.canonical_name(names, value) for value in held),
        join=_either,
        choices=tuple(values.canonical_names(names)),
    )


def _open(
    name: str,
    synonyms: tuple[str, ...],
    attribute: str,
    read: Callable[[Item], Any],
    write: Callable[[Any], str] = str,
    choices: tuple[str, ...] = (),
) -> FilterField:
    """A field whose values are numbers or texts."""
    return FilterField(
        name,
        synonyms,
        attribute,
        read=lambda item, clock: read(item),
        write=lambda held: [write(value) for value in sorted(held)],
        join=_either,
        choices=choices,
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[\s",*]', text) else text


def _key_text(term: KeyTerm) -> str:
    text = _quoted(term.text)
    return {KeyMatch.WHOLE: text, KeyMatch.PREFIX: f"{text}*", KeyMatch.INSIDE: f"*{text}*"}[term.kind]


_TIME_CHOICES = ("hoje", "ontem", "-30m", "-2h", "-1d", "-7d")

FIELDS: tuple[FilterField, ...] = (
    _named("status", (), "statuses", values.STATUS_NAMES),
    _open("modulo", ("module",), "modules", values.read_module, values.module_name, values.MODULE_NAMES),
    _open("coligada", ("company",), "companies", values.read_number),
    _open("filial", ("branch",), "branches", values.read_number),
    _open("chave", ("key",), "keys", values.read_key, _key_text),
    _named("classe", ("class",), "classes", values.CLASS_NAMES),
    _open("causa", ("cause", "fingerprint"), "fingerprints", values.read_text, _quoted),
    _named("fase", ("phase",), "phases", values.PHASE_NAMES),
    _open("conta", ("account",), "accounts", values.read_text, _quoted),
    _open("canal", ("channel",), "channels", values.read_text, _quoted, choices=("b2c", "b2b")),
    _open("id", (), "ids", values.read_number),
    FilterField(
        "tentativas",
        ("tentativa", "attempts", "attempt"),
        "attempts",
        read=lambda item, clock: values.read_attempts(item),
        write=values.write_attempts,
        join=_narrower,
        choices=(">=1", ">=3", "0"),
    ),
    FilterField("criado", ("created",), "created", values.read_period, values.write_period, _shorter, _TIME_CHOICES),
    FilterField("alterado", ("updated",), "updated", values.read_period, values.write_period, _shorter, _TIME_CHOICES),
    FilterField(
        "fonte",
        ("source",),
        "changed",
        read=lambda item, clock: values.read_choice(item, values.CHANGED_NAMES),
        write=lambda held: [values.canonical_name(values.CHANGED_NAMES, held)],
        join=_same,
        choices=tuple(values.canonical_names(values.CHANGED_NAMES)),
    ),
)

_BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.synonyms)}
_TOKEN = re.compile(r'(?:"(?:[^"]|"")*+"|[^\s"])++')
_FIELD_START = re.compile(r"([^\W\d_][\w-]*):")
_PIECE = re.compile(r'"(?P<quoted>(?:[^"]|"")*+)"|(?P<comma>,)|(?P<plain>[^",]+)')


def known_field(name: str) -> FilterField | None:
    """The field of a name or synonym, folded; None when there is none."""
    return _BY_NAME.get(fold(name))


def parse(text: str, now: datetime, tz: tzinfo) -> Filter:
    """Read a filter. ``now`` (aware) is what ``-2h`` and ``hoje`` count from, ``tz`` where days begin and end.

    Raises ``FilterError`` with the position, what is wrong and what would be right.
    """
    clock = Clock(now, tz)
    query = Filter()
    for token, position in _tokens(text):
        start = _FIELD_START.match(token)
        if start is None:
            found = words(token.replace('"', " "))
            query = replace(query, words=tuple(dict.fromkeys((*query.words, *found))))
            continue
        field = known_field(start[1])
        if field is None:
            known = ", ".join(field.name for field in FIELDS)
            message = _("campo desconhecido: “{field}”; os campos são {known}")
            raise FilterError(position, message.format(field=start[1], known=known))
        for item in _items(field.name, token[start.end() :], position + start.end()):
            query = _restricted(query, field, item, clock)
    return query


def to_text(query: Filter) -> str:
    """The canonical text of a filter; ``parse`` makes the same filter of it, whatever the time and zone."""
    empty = Filter()
    parts = [
        f"{field.name}:{','.join(field.write(held))}"
        for field in FIELDS
        if (held := getattr(query, field.attribute)) != getattr(empty, field.attribute)
    ]
    return " ".join((*parts, *query.words))


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        end = match.end() if match else position
        if match is None or (end < len(text) and not text[end].isspace()):
            raise FilterError(end, _('aspas abertas e não fechadas; feche com "'))
        yield match[0], position
        position = end


def _items(field: str, text: str, position: int) -> Iterator[Item]:
    pieces: list[re.Match[str]] = []
    for piece in _PIECE.finditer(text):
        if piece["comma"]:
            yield _item(field, pieces, position + piece.start())
            pieces = []
        else:
            pieces.append(piece)
    yield _item(field, pieces, position + len(text))


def _item(field: str, pieces: list[re.Match[str]], end: int) -> Item:
    if not pieces:
        raise FilterError(end, _("falta um valor em {field}:").format(field=field))
    text = "".join(piece["plain"] or piece["quoted"].replace('""', '"') for piece in pieces)
    first, last = pieces[0]["plain"] or "", pieces[-1]["plain"] or ""
    return Item(field, text, end - _length(pieces), first.startswith("*"), last.endswith("*") and text != "*")


def _length(pieces: list[re.Match[str]]) -> int:
    return sum(len(piece[0]) for piece in pieces)


def _restricted(query: Filter, field: FilterField, item: Item, clock: Clock) -> Filter:
    joined = field.join(getattr(query, field.attribute), field.read(item, clock))
    if joined is None:
        message = _("nada pode atender a tudo o que {field} pede")
        raise FilterError(item.position, message.format(field=field.name))
    return replace(query, **{field.attribute: joined})
