"""The Registro: what is known of one log, under the manual's labels (``domain/totvs.md`` 4.2), laid out in lines.

The labels are the manual's own, spelling included. Pairs stand side by side where both fit whole; what does not fit
gets a line of its own, long sentences at most two.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from rich.cells import cell_len
from rich.style import Style

from screens.theme import STATUS_STYLES, Palette
from screens.widgets.columns import cut
from screens.widgets.line_view import LineView
from screens.widgets.plain import one_line, plain_signs
from vtexmon.core import modules
from vtexmon.core.formats import NOTHING, date_time, phase_words
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Status
from vtexmon.i18n import _

SENTENCE_LINES: Final = 2
GAP: Final = 2
Piece = tuple[str, str]
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Fact:
    """One label and its value; ``style`` names the value's style, ``long`` lets it take two lines."""

    label: str
    value: str
    style: str = ""
    long: bool = False


@dataclass(frozen=True)
class Setting:
    """What the words depend on: zone, time, the maximum of resends, the signs."""

    zone: tzinfo
    now: datetime
    max_attempts: int | None
    palette: Palette


def title_pieces(record: LogRecord, palette: Palette) -> tuple[list[Piece], list[Piece]]:
    """The screen's first line: where one is and the record's id, and its status."""
    style = STATUS_STYLES[record.status]
    left = [(f" {palette.glyphs.back} {_('Logs')}   ", "quiet"), (_("Id Log"), ""), (" ", "")]
    return [*left, (str(record.id), "key")], [(_("Status"), ""), (f" {palette.status(record.status)} ", style)]


def facts(record: LogRecord, setting: Setting) -> list[tuple[Fact, ...]]:
    """The rows of the Registro; two facts in a row stand side by side where they fit."""
    created, updated = (date_time(moment, setting.zone) for moment in (record.created_at, record.updated_at))
    where = f"{record.account} · {record.channel.upper()} · {_('Filial')} {record.branch}"
    rows = [
        (Fact(_("Campos Chave"), record.key_fields, long=True), Fact(_("Módulo"), modules.label(record.module))),
        (Fact(_("Valores Chave"), record.key_values, "key", long=True), Fact(_("Funcionalidade"), record.feature)),
        (_attempts(record, setting),),
        (Fact(_("Data de Criação"), created), Fact(_("Criador por"), record.created_by)),
        (Fact(_("Data da última alteração"), updated), Fact(_("Alterado Por"), record.updated_by)),
        (Fact(_("Conta"), where), Fact(_("Id na VTEX"), record.external_id or NOTHING)),
    ]
    return rows + [(fact,) for fact in _cause(record, setting)]


def _attempts(record: LogRecord, setting: Setting) -> Fact:
    phase = phase_words(record, setting.zone, setting.now)
    if setting.max_attempts:
        count = _("{n} de {maximum}").format(n=record.attempts, maximum=setting.max_attempts)
        return Fact(_("Número de tentativas de Reenvio"), f"{count} · {phase}")
    count = _("{n}, sem reenvio automático (parâmetro vazio)").format(n=record.attempts)
    style = "warning" if record.status is not Status.SUCCESS else ""
    return Fact(_("Número de tentativas de Reenvio"), f"{count} · {phase}", style)


def _cause(record: LogRecord, setting: Setting) -> list[Fact]:
    found = []
    if record.failure_class or record.message:
        kind = _(record.failure_class) if record.failure_class else ""
        cause = " · ".join(part for part in (kind, record.message) if part)
        found.append(Fact(_("Causa"), cause, STATUS_STYLES[record.status], long=True))
    if record.advice:
        found.append(Fact(_("O que fazer"), record.advice, long=True))
    if record.source_changed and record.status is not Status.SUCCESS:
        changed = setting.palette.glyphs.changed
        found.append(Fact(_("Fonte"), f"{changed} {_('alterada desde o erro')}", "warning"))
    return found


def fact_lines(rows: Sequence[Sequence[Fact]], width: int, ellipsis: str = "…") -> list[Pieces]:
    """The rows as lines of at most ``width`` cells."""
    room = width - 1
    pairs = [row for row in rows if len(row) == 2 and _needed(row[0]) + GAP + _needed(row[1]) <= room]
    column = _column(pairs, room)
    label_width = max((cell_len(fact.label) for row in rows if len(row) == 1 for fact in row if fact.long), default=0)
    lines: list[Pieces] = []
    for row in rows:
        if row in pairs:
            lines.append(_pair(row[0], row[1], max(column, _needed(row[0]) + GAP)))
        else:
            for fact in row:
                lines += _alone(fact, label_width if fact.long else 0, room, ellipsis)
    return lines


def _needed(fact: Fact) -> int:
    return cell_len(fact.label) + 2 + cell_len(one_line(fact.value))


def _column(pairs: Sequence[Sequence[Fact]], room: int) -> int:
    """Where the right facts begin: the widest place at which all whose left fact ends before it fit."""
    for place in sorted({_needed(row[0]) + GAP for row in pairs}, reverse=True):
        if all(place + _needed(row[1]) <= room for row in pairs if _needed(row[0]) + GAP <= place):
            return place
    return 0


def _pair(left: Fact, right: Fact, column: int) -> Pieces:
    return (*_told(left), (" " * (column - _needed(left)), ""), *_told(right)[1:])


def _told(fact: Fact) -> Pieces:
    return (" ", ""), (fact.label, "quiet"), ("  ", ""), (one_line(fact.value), fact.style)


def _alone(fact: Fact, label_width: int, room: int, ellipsis: str) -> list[Pieces]:
    width = min(max(cell_len(fact.label), label_width), max(8, room - 8))
    label = cut(fact.label, width, "left", ellipsis)
    left = max(1, room - width - 2)
    text = one_line(fact.value)
    wrapped = textwrap.wrap(text, left, max_lines=SENTENCE_LINES, placeholder=ellipsis) if fact.long else [text]
    lines: list[Pieces] = []
    for number, line in enumerate(wrapped or [""]):
        shown = line if cell_len(line) <= left else cut(line, left, "left", ellipsis)
        lines.append(((" ", ""), (label if number == 0 else " " * width, "quiet"), ("  ", ""), (shown, fact.style)))
    return lines


class LogFacts(LineView[Pieces], can_focus=False, inherit_bindings=False):
    """The Registro on the screen; as many lines as it needs, and only changed lines are painted again."""

    DEFAULT_CSS = "LogFacts { height: 8; }"

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._palette = palette
        self._lay_out: Callable[[int], list[Pieces]] = lambda _width: []
        self._lines: list[Pieces] = []

    def show(self, rows: Sequence[Sequence[Fact]]) -> None:
        """Show these facts."""
        ellipsis = self._palette.glyphs.ellipsis
        self._lay_out = lambda width: fact_lines(rows, width, ellipsis)
        self._update()

    def state_of(self, y: int) -> Pieces:
        """The line at ``y``."""
        return self._lines[y] if y < len(self._lines) else ()

    def segments_of(self, state: Pieces) -> list[tuple[str, Style]]:
        """The line's runs of text."""
        plain = self._palette.ascii_only
        styled = ((text, self._palette.style(name) if name else Style.null()) for text, name in state)
        return [(plain_signs(text) if plain else text, style) for text, style in styled]

    def on_resize(self, event: object) -> None:
        """Lay the facts out for another width."""
        self._update()

    def _update(self) -> None:
        self._lines = self._lay_out(max(20, self.size.width))
        height = max(1, len(self._lines))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        self.paint()
