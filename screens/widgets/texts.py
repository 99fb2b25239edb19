"""What the payload viewer is given and tells: values and protocols, no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Span = tuple[int, int, str]


class Document(Protocol):
    """The text to be seen; ``vtexmon.core.payload.Payload`` is one."""

    @property
    def lines(self) -> Sequence[str]:
        """The pretty lines."""

    @property
    def raw_lines(self) -> Sequence[str]:
        """The lines as they went over the wire."""

    @property
    def folds(self) -> Mapping[int, int]:
        """First line of what can be folded → its last line."""

    def path_at(self, line: int) -> str:
        """The path of a pretty line."""

    def spans(self, line: int) -> Sequence[Span]:
        """What is coloured in a pretty line."""

    def search(self, needle: str, raw: bool = False) -> Sequence[tuple[int, int]]:
        """Line and column of each hit."""


class Difference(Protocol):
    """One line that differs; ``vtexmon.core.payload.DiffLine`` is one."""

    @property
    def marker(self) -> str:
        """``-`` or ``+``."""

    @property
    def text(self) -> str:
        """The line."""


class Mode(StrEnum):
    """How the text is shown."""

    PRETTY = "pretty"
    RAW = "raw"
    DIFF = "diff"


@dataclass(frozen=True)
class TextLine:
    """One line in view: harmless text cut to the view, what is coloured and what is found in it, fold and marker.

    ``hidden`` counts the lines folded away under it; ``foldable`` says that it could be folded.
    """

    number: int
    text: str
    spans: tuple[Span, ...] = ()
    hits: tuple[tuple[int, int], ...] = ()
    marker: str = ""
    foldable: bool = False
    hidden: int = 0
    cut: bool = False


@dataclass(frozen=True)
class Place:
    """Where the cursor is: path (pretty JSON only), line and hit from 1 (hit 0: none), and how many there are."""

    path: str
    line: int
    lines: int
    hit: int
    hits: int
