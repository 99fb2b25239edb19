"""What a benchmark gives: tables of plain values, shown as aligned text and kept as JSON; and how noise is handled.

A figure is the median of several rounds, and the rounds of what is compared alternate (A B, B A, A B …): whatever else
the machine does in these minutes then meets both.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Value = str | int | float | None


@dataclass
class Table:
    """Rows with the same columns; ``notes`` say under which conditions, and what could not be measured."""

    title: str
    rows: list[dict[str, Value]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """As people read it: the first column is words, the others are numbers."""
        shown = [[_shown(value) for value in row.values()] for row in self.rows]
        heads = list(self.rows[0]) if self.rows else []
        widths = [max(len(head), *(len(row[at]) for row in shown)) for at, head in enumerate(heads)]
        body = [_line(cells, widths) for cells in ([heads, *shown] if shown else [])]
        return [self.title, *body, *(f"  ({note})" for note in self.notes)]

    def document(self) -> dict[str, Any]:
        """As programs read it."""
        return {"title": self.title, "rows": self.rows, "notes": self.notes}


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([cells[0].ljust(widths[0]), *numbers]).rstrip()


def _shown(value: Value) -> str:
    match value:
        case None:
            return "–"
        case str():
            return value
        case int():
            return f"{value:,}"
        case _:
            return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def alternate(rounds: int, first: Callable[[], T], second: Callable[[], T]) -> tuple[list[T], list[T]]:
    """Run both ``rounds`` times, in turn and changing who begins. ``first`` begins the first round."""
    ours: list[T] = []
    theirs: list[T] = []
    for turn in range(rounds):
        for work, kept in ((first, ours), (second, theirs))[:: -1 if turn % 2 else 1]:
            kept.append(work())
    return ours, theirs


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def milliseconds(seconds: Sequence[float]) -> float:
    """The median, in ms."""
    return statistics.median(seconds) * 1000
