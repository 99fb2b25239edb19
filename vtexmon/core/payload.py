"""A payload as a person looks at it: pretty and raw lines, folds, the path of a line, search and comparison.

The model behind the viewer; it draws nothing, and it shows everything: what is not JSON is text, with a note of why it
is not pretty. Control characters are made harmless by ``sanitize.py`` where lines are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from vtexmon.core.json_lines import JsonError, JsonLines, json_lines, spans
from vtexmon.core.line_diff import changes
from vtexmon.core.text import fold


class PayloadKind(StrEnum):
    """What a payload is, by its text."""

    JSON = "json"
    XML = "xml"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True)
class DiffLine:
    """One line that differs: ``-`` only in the first (its line number), ``+`` only in the second (its line number)."""

    marker: str
    line: int
    text: str


@dataclass(frozen=True)
class Payload:
    """One text, ready to be shown. ``note`` says why JSON-looking text is not pretty; empty when all is well.

    ``folds`` maps the first line of an object or array to the line that closes it; line numbers count ``lines`` from 0.
    """

    kind: PayloadKind
    text: str
    lines: tuple[str, ...]
    note: str = ""
    _json: JsonLines | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_text(cls, text: str | None) -> Payload:
        """Look at a text: JSON is re-indented, XML broken between tags, all else shown as it is."""
        body = (text or "").removeprefix("\ufeff")
        if not body.strip():
            return cls(PayloadKind.EMPTY, text or "", ())
        try:
            pretty = json_lines(body)
        except JsonError as error:
            return cls._not_json(body, str(error))
        return cls(PayloadKind.JSON, body, pretty.lines, _json=pretty)

    @classmethod
    def _not_json(cls, body: str, problem: str) -> Payload:
        start = body.lstrip()
        if _HTML.match(start):
            return cls(PayloadKind.HTML, body, _split(body))
        if _XML.match(start):
            return cls(PayloadKind.XML, body, _split(_BETWEEN_TAGS.sub(">\n<", body)))
        return cls(PayloadKind.TEXT, body, _split(body), problem if start[0] in '{["' else "")

    @property
    def raw_lines(self) -> tuple[str, ...]:
        """The text as it went over the wire, broken only where it is."""
        return _split(self.text) if self.text else ()

    @property
    def folds(self) -> Mapping[int, int]:
        """What can be folded: first line → last line."""
        return self._json.folds if self._json else {}

    def path_at(self, line: int) -> str:
        """``$.ModelState.Name[0]`` for a line of JSON; empty for other kinds and lines that are not there."""
        return self._json.path_at(line) if self._json and 0 <= line < len(self.lines) else ""

    def spans(self, line: int) -> list[tuple[int, int, str]]:
        """Start, end and kind of what is coloured in a line: ``key, string, number, literal, punct``."""
        return list(spans(self.lines[line])) if self._json else []

    def search(self, needle: str, raw: bool = False) -> list[tuple[int, int]]:
        """Line and column of each place that holds the needle, without regard to case and accents."""
        wanted = "".join(map(_folded, needle))
        if not wanted:
            return []
        lines = self.raw_lines if raw else self.lines
        return [(number, column) for number, line in enumerate(lines) for column in _columns(line, wanted)]


_HTML = re.compile(
    r"(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|title|div|h\d|p|center)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(r"<[?!\w]")
_BETWEEN_TAGS = re.compile(r">\s*<")


def diff(first: Payload, second: Payload) -> list[DiffLine]:
    """Only the lines that differ, in order; a comma at the end of a JSON line is no difference."""
    found: list[DiffLine] = []
    for change in changes(_comparable(first), _comparable(second)):
        found += _marked("-", first, change.old_from, change.old_to)
        found += _marked("+", second, change.new_from, change.new_to)
    return found


def _marked(marker: str, payload: Payload, start: int, end: int) -> Iterator[DiffLine]:
    for number in range(start, end):
        yield DiffLine(marker, number, payload.lines[number])


def _comparable(payload: Payload) -> list[str]:
    return (
        [line.removesuffix(",") for line in payload.lines] if payload.kind is PayloadKind.JSON else list(payload.lines)
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n").split("\n"))


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    return char if char.isspace() else fold(char)


def _columns(line: str, wanted: str) -> Iterator[int]:
    """Where the folded needle begins in a line, as columns of the line itself (folding may change lengths)."""
    if line.isascii():
        folded, columns = line.lower(), None
    else:
        pieces = [_folded(char) for char in line]
        folded = "".join(pieces)
        columns = [column for column, piece in enumerate(pieces) for _char in piece]
    at = folded.find(wanted)
    while at >= 0:
        yield at if columns is None else columns[at]
        at = folded.find(wanted, at + len(wanted))
