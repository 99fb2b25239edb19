"""The demo's CSV files as a spreadsheet saves them: read whole, changed, and replaced in one step."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]
Change = Callable[[list[Row]], None]

COURSES, CLASSES, PRICES, STOCKS = "cursos.csv", "turmas.csv", "precos.csv", "estoques.csv"
CLASS_SHEETS = (CLASSES, PRICES, STOCKS)


@dataclass(frozen=True)
class Sheets:
    """The files of one folder. Readers see a file as it was or as it is, never half of it."""

    folder: Path

    def change(self, name: str, change: Change) -> None:
        """Let ``change`` work on the rows of a file, then replace the file."""
        file = self.folder / name
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text, delimiter=";")
            rows, header = list(reader), list(reader.fieldnames or ())
        change(rows)
        written = io.StringIO()
        writer = csv.DictWriter(written, header, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        partial = file.with_name(f".{name}.part")
        partial.write_bytes(written.getvalue().encode("utf-8-sig"))
        os.replace(partial, file)


def where(column: str, value: str, **changed: str) -> Change:
    """The change that sets columns in the rows in which a column has that value."""

    def work(rows: list[Row]) -> None:
        for row in rows:
            if row[column] == value:
                row.update(changed)

    return work
