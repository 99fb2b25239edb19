"""On which line each key of a TOML file stands: ``tomllib`` gives values only, and an error without a line is half one.

The scanner walks text that ``tomllib`` has accepted, so it only has to find where things begin and end, never to judge.
"""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LITERAL = re.compile(r"'[^']*'")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    _BASIC,
    _LITERAL,
)
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_PLAIN = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every key, table and array element of a valid TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        self._line = 1
        self._counted_to = 0

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_GAP)
        while self.at < len(self.text):
            table = self._statement(table)
            self._skip(_GAP)

    def _statement(self, table: KeyPath) -> KeyPath:
        """One header or one assignment; returns the table that the next line belongs to."""
        if self._peek("[["):
            return self._header("[[", "]]", is_array=True)
        if self._peek("["):
            return self._header("[", "]", is_array=False)
        self._assignment(table)
        return table

    def _header(self, opening: str, closing: str, is_array: bool) -> KeyPath:
        self.at += len(opening)
        line = self._current_line()
        path: KeyPath = ()
        *parents, last = self._key()
        for name in parents:
            path = self._inside((*path, name))
            self.lines.setdefault(path, line)
        path = (*path, last)
        self.lines.setdefault(path, line)
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._inside(path)
        self.lines[path] = line
        self.at += len(closing)
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        """The table itself, or the newest element when it is an array of tables."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _assignment(self, table: KeyPath) -> None:
        line = self._current_line()
        path = table
        for name in self._key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._skip(_SPACE)
        self.at += len("=")
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        names = [self._name()]
        while self._peek("."):
            self.at += 1
            names.append(self._name())
        return names

    def _name(self) -> str:
        self._skip(_SPACE)
        bare = self._take(_BARE)
        literal = bare if bare is not None else self._take(_BASIC) or self._take(_LITERAL) or ""
        self._skip(_SPACE)
        return literal if bare is not None else str(tomllib.loads(f"name = {literal}")["name"])

    def _value(self, path: KeyPath) -> None:
        if self._peek("["):
            self._array(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif not any(self._take(string) is not None for string in _STRINGS):
            self._skip(_PLAIN)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self._next_item("]"):
            element = (*path, index)
            self.lines[element] = self._current_line()
            self._value(element)
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._next_item("}"):
            self._assignment(path)

    def _next_item(self, closing: str) -> bool:
        """Go to the next item; False, and past the bracket, when there is none."""
        self._skip(_GAP)
        if self._peek(","):
            self.at += 1
            self._skip(_GAP)
        if not self._peek(closing):
            return True
        self.at += 1
        return False

    def _peek(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match.group()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _current_line(self) -> int:
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        return self._line
