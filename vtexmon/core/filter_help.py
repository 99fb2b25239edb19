"""What helps a person with a filter: completions while typing, and the filter told in words (titles, saved views)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from vtexmon.core import filter_values as values
from vtexmon.core import modules
from vtexmon.core.filter_syntax import FIELDS, known_field
from vtexmon.core.filters import AttemptRange, Filter, KeyMatch, KeyTerm, Period
from vtexmon.core.formats import date_time
from vtexmon.core.text import fold
from vtexmon.i18n import _

_SIGNS = "<>="


def token_start(text: str, cursor: int) -> int:
    """Where the word that ends at the cursor begins."""
    start = cursor
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    return start


def completions(text: str, cursor: int, known: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Whole words that could stand in place of the one before the cursor, in the language's order.

    ``known`` gives values that only the caller has, by field name (``filial``, ``conta``, ``canal`` …).
    """
    typed = text[token_start(text, cursor) : cursor]
    name, colon, rest = typed.partition(":")
    if not colon:
        folded = fold(name)
        return [f"{field.name}:" for field in FIELDS if _begins(folded, (field.name, *field.synonyms))]
    field = known_field(name)
    if field is None:
        return []
    done, comma, begun = rest.rpartition(",")
    sign = begun[: len(begun) - len(begun.lstrip(_SIGNS))]
    taken = {fold(value) for value in done.split(",")}
    choices = (*field.choices, *(known or {}).get(field.name, ()))
    offered = (_offer(choice, sign, begun) for choice in dict.fromkeys(choices) if fold(choice) not in taken)
    return [f"{name}:{done}{comma}{value}" for value in offered if value]


def complete(text: str, cursor: int, choice: str) -> tuple[str, int]:
    """The text with ``choice`` in place of the word before the cursor, and where the cursor stands then."""
    start = token_start(text, cursor)
    return text[:start] + choice + text[cursor:], start + len(choice)


def describe(query: Filter, tz: tzinfo) -> str:
    """The filter in words, times in ``tz``; empty for a filter that lets everything through."""
    empty = Filter()
    parts = [
        _WORDS[field.attribute](getattr(query, field.attribute), tz)
        for field in FIELDS
        if getattr(query, field.attribute) != getattr(empty, field.attribute)
    ]
    if query.words:
        parts.append(_("com “{text}”").format(text=" ".join(query.words)))
    return ", ".join(parts)


def _begins(typed: str, names: Sequence[str]) -> bool:
    return any(name.startswith(typed) for name in names)


def _offer(choice: str, sign: str, begun: str) -> str | None:
    """The choice as it continues what was begun: a value after a sign, or a choice that has a sign of its own."""
    if choice[0] in _SIGNS or not sign:
        return choice if fold(choice).startswith(fold(begun)) else None
    return sign + choice if fold(choice).startswith(fold(begun[len(sign) :])) else None


def _either(label: Callable[[], str], show: Callable[[Any], str] = str) -> Callable[[Any, tzinfo], str]:
    def told(held: Any, tz: tzinfo) -> str:
        *others, last = [show(value) for value in sorted(held)]
        listed = f"{', '.join(others)} {_('ou')} {last}" if others else last
        return f"{label()} {listed}"

    return told


def _key_words(term: KeyTerm) -> str:
    text = {KeyMatch.WHOLE: "{}", KeyMatch.PREFIX: _("{} no começo"), KeyMatch.INSIDE: _("{} no meio")}[term.kind]
    return text.format(term.text.upper())


def _attempt_words(attempts: AttemptRange, tz: tzinfo) -> str:
    match (attempts.minimum, attempts.maximum):
        case (None, maximum):
            return _("até {maximum} tentativas").format(maximum=maximum)
        case (minimum, None):
            return _("{minimum} tentativas ou mais").format(minimum=minimum)
        case (minimum, maximum) if minimum == maximum:
            return _("{minimum} tentativas").format(minimum=minimum)
        case (minimum, maximum):
            return _("de {minimum} a {maximum} tentativas").format(minimum=minimum, maximum=maximum)


def _period_words(verb: Callable[[], str]) -> Callable[[Any, tzinfo], str]:
    def told(period: Period, tz: tzinfo) -> str:
        sides = ((_("desde"), period.since), (_("antes de"), period.until))
        told_sides = [f"{word} {date_time(moment, tz)}" for word, moment in sides if moment]
        return f"{verb()} {_(' e ').join(told_sides)}"

    return told


def _phase_name(phase: Any) -> str:
    return _(values.canonical_name(values.PHASE_NAMES, phase))


_WORDS: dict[str, Callable[[Any, tzinfo], str]] = {
    "statuses": _either(lambda: _("status")),
    "modules": _either(lambda: _("módulo"), modules.label),
    "companies": _either(lambda: _("coligada")),
    "branches": _either(lambda: _("filial")),
    "keys": _either(lambda: _("chave"), _key_words),
    "classes": _either(lambda: _("classe"), _),
    "fingerprints": _either(lambda: _("causa")),
    "phases": _either(lambda: _("fase"), _phase_name),
    "accounts": _either(lambda: _("conta")),
    "channels": _either(lambda: _("canal"), str.upper),
    "ids": _either(lambda: _("id")),
    "attempts": _attempt_words,
    "created": _period_words(lambda: _("criado")),
    "updated": _period_words(lambda: _("alterado")),
    "changed": lambda held, tz: _("fonte alterada") if held else _("fonte igual"),
}
