"""How one value of a filter is read and written: choices, numbers, keys, comparisons of numbers and of times.

Each reader takes an ``Item`` (one value between commas, with where it stands) and raises ``FilterError`` in the
operator's words. Which field uses which reader is the table in ``filter_syntax.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from vtexmon.core.failures import FailureClass
from vtexmon.core.filters import KEY_SEPARATOR, AttemptRange, KeyMatch, KeyTerm, Period, folded_key
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Phase, Status
from vtexmon.core.text import fold
from vtexmon.i18n import _, msg

T = TypeVar("T")


class FilterError(ValueError):
    """A filter that cannot be read; ``position`` is the index in the text, for the cursor, and is named from 1 on."""

    def __init__(self, position: int, what: str) -> None:
        self.position = position
        self.what = what
        super().__init__(_("posição {position}: {what}").format(position=position + 1, what=what))


@dataclass(frozen=True)
class Item:
    """One value: its text without quotes, where it stands, and whether an unquoted ``*`` opens or closes it."""

    field: str
    text: str
    position: int
    star_before: bool = False
    star_after: bool = False

    def error(self, allowed: str) -> FilterError:
        """The error that says which value of which field is not understood, and what would be."""
        message = _("valor inválido em {field}: “{value}”; use {allowed}")
        return FilterError(self.position, message.format(field=self.field, value=self.text, allowed=allowed))


@dataclass(frozen=True)
class Clock:
    """What relative and local times are read against."""

    now: datetime
    zone: tzinfo


STATUS_NAMES: Mapping[str, Status] = {
    **{fold(status.value): status for status in Status},
    **{status.name.lower(): status for status in Status},
    "canceled": Status.CANCELLED,
}
CLASS_NAMES: Mapping[str, FailureClass] = {
    **{fold(member.value): member for member in FailureClass},
    **{member.name.lower(): member for member in FailureClass},
}
PHASE_NAMES: Mapping[str, Phase] = {
    msg("parado"): Phase.IDLE,
    msg("fila"): Phase.QUEUED,
    msg("enviando"): Phase.SENDING,
    msg("verificando"): Phase.VERIFYING,
    msg("aguardando"): Phase.WAITING,
    **{phase.value: phase for phase in Phase},
}
CHANGED_NAMES: Mapping[str, bool] = {"alterada": True, "igual": False, "changed": True, "same": False}

_LARGEST = 2**63 - 1
_COMPARISON = re.compile(r"(<=|>=|<|>|=|)(.*)", re.DOTALL)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_BRAZILIAN_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?P<second>:\d{2}(?P<fraction>\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_AGO = re.compile(r"-(\d{1,7})(min|m|h|d)", re.ASCII)
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DAYS_AGO = {"hoje": 0, "today": 0, "ontem": 1, "yesterday": 1}
_INSTANT = timedelta(microseconds=1)


def canonical_name(names: Mapping[str, T], value: T) -> str:
    """The first name of a value in a table of names: the one that is written."""
    return next(name for name, member in names.items() if member == value)


def canonical_names(names: Mapping[str, T]) -> list[str]:
    """The name that is written of each value in a table of names."""
    return [canonical_name(names, value) for value in dict.fromkeys(names.values())]


def read_choice(item: Item, names: Mapping[str, T]) -> T:
    """A value by its folded name, or by a beginning that only one value has."""
    typed = fold(item.text)
    if typed in names:
        return names[typed]
    candidates = {value for name, value in names.items() if typed and name.startswith(typed)}
    if len(candidates) == 1:
        return candidates.pop()
    raise item.error(", ".join(canonical_names(names)))


def read_module(item: Item) -> str:
    """A module by its whole id or label, folded."""
    typed = fold(item.text)
    for module in MODULES.values():
        if typed in (fold(module.id), fold(module.label)):
            return module.id
    raise item.error(", ".join(MODULE_NAMES))


def module_name(module_id: str) -> str:
    """How a module is written: its folded label where that is one word, else its id."""
    label = fold(MODULES[module_id].label) if module_id in MODULES else ""
    return label if label and " " not in label else module_id


MODULE_NAMES = tuple(module_name(module_id) for module_id in MODULES)


def read_text(item: Item) -> str:
    """A folded text that is not empty."""
    text = fold(item.text)
    if not text:
        raise item.error(_("um texto"))
    return text


def read_number(item: Item) -> int:
    """A whole number that a database can hold."""
    return _number(item, item.text)


def read_key(item: Item) -> KeyTerm:
    """``X`` the whole key or component, ``X*`` its beginning, ``*X*`` anywhere."""
    text = item.text[item.star_before : len(item.text) - item.star_after]
    folded = folded_key(text)
    if not folded.replace(KEY_SEPARATOR, "") or (item.star_before and not item.star_after):
        raise item.error(_("VALOR, COMEÇO* ou *TRECHO*"))
    kinds = {(False, False): KeyMatch.WHOLE, (False, True): KeyMatch.PREFIX, (True, True): KeyMatch.INSIDE}
    return KeyTerm(folded, kinds[item.star_before, item.star_after])


def read_attempts(item: Item) -> AttemptRange:
    """``3``, ``=3``, ``>=3``, ``>3``, ``<=3`` or ``<3``."""
    operator, typed = _operator(item)
    number = _number(item, typed)
    ranges = {
        ">=": AttemptRange(number, None),
        ">": AttemptRange(number + 1, None),
        "<=": AttemptRange(None, number),
        "<": AttemptRange(None, number - 1),
    }
    return ranges.get(operator, AttemptRange(number, number))


def read_period(item: Item, clock: Clock) -> Period:
    """A comparison with a day, a minute, a second or a time ago; without a sign: within that day, or since that ago."""
    operator, typed = _operator(item)
    try:
        start, end, open_ended = _span(typed, clock)
    except (ValueError, OverflowError):
        example = _("2026-11-01, 2026-11-01T14:30, 01/11/2026, hoje, ontem, -30m, -2h ou -3d, com >=, >, <, <= ou =")
        raise item.error(example) from None
    periods = {
        ">=": Period(start, None),
        ">": Period(end, None),
        "<=": Period(None, end),
        "<": Period(None, start),
    }
    return periods.get(operator, Period(start, None if open_ended else end))


def write_attempts(attempts: AttemptRange) -> list[str]:
    """The comparisons that read back as the range."""
    if attempts.minimum is not None and attempts.minimum == attempts.maximum:
        return [str(attempts.minimum)]
    bounds = ((">=", attempts.minimum), ("<=", attempts.maximum))
    return [f"{sign}{number}" for sign, number in bounds if number is not None]


def write_period(period: Period) -> list[str]:
    """The comparisons that read back as the period, in UTC."""
    bounds = ((">=", period.since), ("<", period.until))
    return [f"{sign}{_moment_text(moment)}" for sign, moment in bounds if moment is not None]


def _operator(item: Item) -> tuple[str, str]:
    match = _COMPARISON.fullmatch(item.text)
    assert match is not None
    return match[1], match[2].strip()


def _number(item: Item, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 19 or int(typed) > _LARGEST:
        raise item.error(_("um número inteiro"))
    return int(typed)


def _span(typed: str, clock: Clock) -> tuple[datetime, datetime, bool]:
    """Beginning, end and whether the value by itself means "since then"; ValueError when it is no time."""
    folded = fold(typed)
    if folded in _DAYS_AGO:
        today = clock.now.astimezone(clock.zone).date()
        return *_day(today - timedelta(days=_DAYS_AGO[folded]), clock), False
    if ago := _AGO.fullmatch(folded):
        start = (clock.now - int(ago[1]) * _UNITS[ago[2]]).astimezone(UTC)
        return start, start + _INSTANT, True
    if day := _DAY.fullmatch(typed):
        return *_day(date(int(day[1]), int(day[2]), int(day[3])), clock), False
    if day := _BRAZILIAN_DAY.fullmatch(typed):
        return *_day(date(int(day[3]), int(day[2]), int(day[1])), clock), False
    if moment := _MOMENT.fullmatch(typed):
        start = datetime.fromisoformat(typed.upper())
        start = (start if start.tzinfo else start.replace(tzinfo=clock.zone)).astimezone(UTC)
        precision = timedelta(seconds=1) if moment["second"] else timedelta(minutes=1)
        return start, start + (_INSTANT if moment["fraction"] else precision), False
    raise ValueError(typed)


def _day(day: date, clock: Clock) -> tuple[datetime, datetime]:
    start, end = (datetime.combine(midnight, time(), clock.zone) for midnight in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def _moment_text(moment: datetime) -> str:
    whole_minute = moment.second == 0 and moment.microsecond == 0
    return moment.astimezone(UTC).isoformat(timespec="minutes" if whole_minute else "auto").replace("+00:00", "Z")
