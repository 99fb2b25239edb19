"""JSON text as lines to read: re-indented without ever becoming numbers, so that ``1.10`` and 30 digits stay as sent.

Linear in the size of the text and free of recursion, whatever the nesting. What the lines are for is ``payload.py``.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from vtexmon.i18n import _

DEEPEST_INDENT = 40
"""Levels that are still moved to the right; deeper ones stay below each other (text would grow with the square)."""

_INDENTS = tuple("  " * depth for depth in range(DEEPEST_INDENT + 1))
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SCALAR = rf'(?:{_STRING}|[^\s{{}}\[\],:"]++)'
_TOKEN = re.compile(rf"{_SCALAR}|[{{}}\[\],:]", re.DOTALL)
_PIECE = re.compile(rf"{_SCALAR}(?:\s*+[,:])?|[{{}}\[\],:]", re.DOTALL)
_SPAN = re.compile(
    rf"(?P<key>{_STRING}(?=\s*:))|(?P<string>{_STRING})|(?P<number>-?\d[\d.eE+-]*)|(?P<literal>true|false|null)"
    r"|(?P<punct>[{}\[\],:])"
)
_KEY = re.compile(rf"\s*({_STRING})\s*:")
_PLAIN_KEY = re.compile(r"[^\W\d]\w*")


class JsonError(ValueError):
    """The text is not JSON; the message says where, for people."""


@dataclass(frozen=True)
class JsonLines:
    """Lines, the depth of each, and the folds: first line of an object or array to the line that closes it."""

    lines: tuple[str, ...]
    depths: array[int]
    folds: dict[int, int]

    def path_at(self, line: int) -> str:
        """The path of what stands in a line, ``$.ModelState.Name[0]``; of a closing line, what it closes."""
        steps: list[str] = []
        position = self._opening(line)
        while self.depths[position] > 0:
            parent, index = self._parent(position)
            key = _KEY.match(self.lines[position])
            steps.append(_step(key[1]) if key and self.lines[parent].endswith("{") else f"[{index}]")
            position = parent
        return "$" + "".join(reversed(steps))

    def _opening(self, line: int) -> int:
        if not self._closes(line):
            return line
        return next(above for above in range(line - 1, -1, -1) if self.depths[above] == self.depths[line])

    def _parent(self, line: int) -> tuple[int, int]:
        """The line that opens what the line is in, and how many elements stand before it."""
        depth, index, above = self.depths[line], 0, line - 1
        while self.depths[above] >= depth:
            index += self.depths[above] == depth and not self._closes(above)
            above -= 1
        return above, index

    def _closes(self, line: int) -> bool:
        return self.lines[line].lstrip(" ")[:1] in ("}", "]")


class _Printer:
    """Takes the pieces one by one and puts each element on a line of its own.

    A piece is a bracket, or a scalar with the comma or colon that follows it: half as many calls as tokens.
    """

    __slots__ = ("begun", "depths", "folds", "just_opened", "lines", "opened")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depths = array("l")
        self.folds: dict[int, int] = {}
        self.opened: list[int] = []
        self.begun = ""
        self.just_opened = False

    def open(self, piece: str) -> None:
        if self.just_opened:
            self._end(len(self.opened) - 1)
        self.begun += piece
        self.opened.append(len(self.lines))
        self.just_opened = True

    def close(self, piece: str) -> None:
        if not self.opened:
            raise JsonError(_("não é JSON válido: fecha mais do que abre"))
        opening = self.opened.pop()
        if self.just_opened:
            self.just_opened = False
        else:
            self._end(len(self.opened) + 1)
            self.folds[opening] = len(self.lines)
        self.begun += piece

    def comma(self, piece: str) -> None:
        self.begun += piece
        self._end(len(self.opened))

    def scalar(self, piece: str) -> None:
        if self.just_opened:
            self._end(len(self.opened) - 1)
            self.just_opened = False
        ending = piece[-1]
        if ending == ":":
            self.begun += piece[:-1].rstrip() + ": "
            return
        if ending == ",":
            self.begun += piece[:-1].rstrip() + ","
            self._end(len(self.opened))
            return
        self.begun += piece

    def finish(self) -> JsonLines:
        if self.opened:
            raise JsonError(_("não é JSON válido: abre mais do que fecha"))
        self._end(0)
        return JsonLines(tuple(self.lines), self.depths, self.folds)

    def _end(self, depth: int) -> None:
        self.lines.append(_INDENTS[depth if depth < DEEPEST_INDENT else DEEPEST_INDENT] + self.begun)
        self.depths.append(depth)
        self.begun = ""


def json_lines(text: str) -> JsonLines:
    """The lines of a JSON text. Raises ``JsonError`` when it is none."""
    _check(text)
    printer = _Printer()
    scalar = printer.scalar
    actions = {
        "{": printer.open,
        "[": printer.open,
        "}": printer.close,
        "]": printer.close,
        ",": printer.comma,
    }
    for piece in _PIECE.findall(text):
        actions.get(piece, scalar)(piece)
    return printer.finish()


def tokens(text: str) -> list[str]:
    """The tokens of a JSON text, without the blanks between them."""
    return _TOKEN.findall(text)


def spans(line: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind (``key, string, number, literal, punct``) of what stands in one line."""
    for match in _SPAN.finditer(line):
        assert match.lastgroup is not None
        yield match.start(), match.end(), match.lastgroup


def _check(text: str) -> None:
    """The standard parser judges the grammar; what is nested too deeply for it is judged by its brackets alone."""
    try:
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = _("não é JSON válido: linha {line}, coluna {column}")
        raise JsonError(where.format(line=error.lineno, column=error.colno)) from None
    except RecursionError:
        return


def _refuse(constant: str) -> None:
    raise JsonError(_("não é JSON válido: {constant}").format(constant=constant))


def _step(key: str) -> str:
    name = json.loads(key)
    return f".{name}" if _PLAIN_KEY.fullmatch(name) else f"[{key}]"
