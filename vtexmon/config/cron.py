"""Cron expressions: five fields of a standard crontab, weekdays 0 to 7 with both 0 and 7 Sunday.

Only their syntax is checked here; when they fire is the scheduler's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vtexmon.config.values import Invalid, Kind, as_text
from vtexmon.i18n import _, msg

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:(?P<all>\*)|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?")


@dataclass(frozen=True)
class CronField:
    """One of the five fields: its bounds, both included, and the English names that stand for numbers."""

    label: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """The number that ``text`` stands for; None when it is none of this field."""
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        in_range = text.isascii() and text.isdigit() and self.low <= int(text) <= self.high
        return int(text) if in_range else None


FIELDS = (
    CronField(msg("minuto"), 0, 59),
    CronField(msg("hora"), 0, 23),
    CronField(msg("dia do mês"), 1, 31),
    CronField(msg("mês"), 1, 12, _MONTHS),
    CronField(msg("dia da semana"), 0, 7, _WEEKDAYS),
)


def check_cron(value: object) -> str:
    """The expression with single blanks. Raises ``Invalid`` naming the field that is wrong."""
    words = as_text(value, '"0 6 * * *"').split()
    if len(words) != len(FIELDS):
        raise Invalid(
            _("uma expressão cron tem 5 campos, esta tem {count}").format(count=len(words)),
            _('Escreva minuto, hora, dia do mês, mês e dia da semana, por exemplo "0 6 * * 1-5".'),
        )
    for field, word in zip(FIELDS, words, strict=True):
        if not all(_is_part(field, part) for part in word.split(",")):
            raise Invalid(
                _('o campo {label} não aceita "{word}"').format(label=_(field.label), word=word[:40]),
                _("Use *, números de {low} a {high}, listas (1,2), intervalos (1-5) ou passos (*/15).").format(
                    low=field.low, high=field.high
                ),
            )
    return " ".join(words)


def _is_part(field: CronField, part: str) -> bool:
    match = _PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    if match["all"]:
        return True
    low = field.number(match["low"])
    if low is None:
        return False
    if match["high"] is None:
        return match["step"] is None
    high = field.number(match["high"])
    return high is not None and low <= high


CRON = Kind(check_cron)
