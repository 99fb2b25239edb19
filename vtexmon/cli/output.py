"""What leaves the program: documents and lines of JSON on stdout, sentences on stderr, plain aligned tables.

Everything that came from outside is made harmless for the terminal; JSON is data and stays as it is.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from vtexmon.core.sanitize import sanitize

GAP = "  "


def print_document(document: Mapping[str, Any]) -> None:
    """One JSON document."""
    sys.stdout.write(_json(document, indent=2) + "\n")
    sys.stdout.flush()


def print_json_line(value: Mapping[str, Any]) -> None:
    """One line of JSON lines."""
    sys.stdout.write(_json(value) + "\n")


def print_line(text: str = "") -> None:
    """A line for people on stdout."""
    sys.stdout.write(sanitize(text) + "\n")


def print_block(text: str) -> None:
    """Several lines for people on stdout."""
    sys.stdout.write(sanitize(text, keep_newlines=True) + "\n")


def say(text: str) -> None:
    """A message on stderr."""
    sys.stderr.write(sanitize(text, keep_newlines=True) + "\n")
    sys.stderr.flush()


def utc_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with ``Z``, to the millisecond; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Aligned lines, headings first; columns numbered in ``right`` are set to the right, the last is cut to fit.

    Nothing is cut when stdout is no terminal.
    """
    cells = [tuple(headings), *(tuple(sanitize(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    limit = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return [_cut(_aligned(row, widths, right), limit) for row in cells]


def _aligned(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return GAP.join(padded).rstrip()


def _cut(line: str, limit: int | None) -> str:
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"


def _json(value: Mapping[str, Any], indent: int | None = None) -> str:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent)
