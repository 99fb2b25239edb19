"""The question of a resend in words: the plan's lines, and how it is confirmed. Functions over values."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from screens.widgets.dialog import Question
from screens.widgets.dialog_drawing import Piece
from vtexmon.core import resend_plan
from vtexmon.core.resend_plan import ResendPlan
from vtexmon.core.selection import Nothing, Selection
from vtexmon.i18n import _

_NO_LETTER: Final = "\0"
"""No key gives this: a question that cannot be confirmed."""

WIDTH: Final = 73
"""Cells inside the box."""

_PART: Final = " · "
_HEAD: Final = re.compile(r"\S.{17}\s+(?:[\d.,]+\s+)?")
"""Label and number of a line of the plan; its parts stand after them."""


@dataclass(frozen=True)
class Keys:
    """The keys in force, as they are typed."""

    confirm: str = "s"
    note: str = "n"
    show_list: str = "v"


def asking(selection: Selection, plan: ResendPlan, title: str, keys: Keys, enter: str) -> Question:
    """What is to be confirmed; with nothing eligible it only says so."""
    if not plan.sent:
        return _nothing_to_send(selection, plan, title)
    others = {keys.show_list: "list"}
    if plan.needs_typed_number:
        answers = _("esc cancela   {key} vê a lista").format(key=keys.show_list)
    else:
        words = _("{key} reenvia   {enter} ou esc cancela   {list} vê a lista")
        answers = words.format(key=keys.confirm, enter=enter, list=keys.show_list)
    number = plan.sent if plan.needs_typed_number else None
    lines = _lines(selection, plan, title)
    return Question(_("Reenviar"), lines, answers, keys.confirm, number, keys.note, others)


def waiting(words: str) -> Question:
    """Something is being worked out; only escape means anything."""
    return Question(_("Reenviar"), ((("", ""),), ((words, ""),)), _("esc cancela"), _NO_LETTER)


def ordering() -> Question:
    """The order is being written; nothing can be pressed."""
    return Question(_("Reenviar"), (((_("gravando a ordem de reenvio…"), ""),),), "", _NO_LETTER)


def refused(words: str) -> Question:
    """Why nothing was ordered."""
    lines = tuple(((line, "alert"),) for line in words.splitlines() or [""])
    return Question(_("Reenviar"), lines, _("qualquer tecla fecha"), _NO_LETTER, only_told=True)


def _nothing_to_send(selection: Selection, plan: ResendPlan, title: str) -> Question:
    answers = _("nada foi reenviado   qualquer tecla fecha")
    return Question(_("Reenviar"), _lines(selection, plan, title), answers, _NO_LETTER, only_told=True)


def _lines(selection: Selection, plan: ResendPlan, title: str) -> tuple[tuple[Piece, ...], ...]:
    surprising = isinstance(selection, Nothing) or plan.hidden > 0
    told: list[tuple[Piece, ...]] = [((line, "warning" if surprising else "header"),) for line in _wrapped(title)]
    for line in resend_plan.lines(plan):
        told += [((f"  {part}", ""),) for part in _packed(line)]
    return tuple(told)


def _wrapped(title: str) -> list[str]:
    """The title in as many lines as it needs; it names what will be sent, so it is never cut."""
    return textwrap.wrap(title, WIDTH) or [""]


def _packed(line: str) -> list[str]:
    """A line of the plan broken between its parts, those after the first line under each other."""
    first, *others = line.split(_PART)
    head = _HEAD.match(first)
    indent = " " * (len(head[0]) if head else 4)
    lines = [first]
    for part in others:
        longer = lines[-1] + _PART + part
        if cell_len(longer) <= WIDTH - 2:
            lines[-1] = longer
        else:
            lines.append(indent + part)
    return lines
