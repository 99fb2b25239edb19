"""What a row list is made of and asks for: values shared by the window, the table and the screens that feed them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which page is wanted: of the list's ends, or before or after a key."""

    FIRST = "first"
    LAST = "last"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class PageRequest:
    """One page that is wanted: give it back with the rows. ``generation`` tells answers of an earlier list apart."""

    direction: Direction
    key: int | None
    generation: int


@dataclass(frozen=True)
class Line:
    """One row as it is shown: plain cells (never markup), the name of its style, and whether it is marked.

    ``stale``: it no longer matches the filter and stays, greyed, because the cursor or a mark is on it.
    """

    id: int
    cells: tuple[str, ...]
    style: str = ""
    marked: bool = False
    stale: bool = False


@dataclass(frozen=True)
class Position:
    """Where the cursor is.

    ``rank`` counts from 1 at the list's start and ``from_end`` from 1 at its end (None: unknown); ``newer`` are rows
    that arrived above and have not been seen. Both ranks are off by the rows that left the list outside the window.
    """

    cursor: int | None
    rank: int | None
    from_end: int | None
    loaded: int
    at_start: bool
    at_end: bool
    newer: int
