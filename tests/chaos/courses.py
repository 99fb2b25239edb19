"""Course data of a size: the real one where it lies beside the project (``../shared/data/sge-fic``), else made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support import CLASSES, COURSES, PRICES, STOCKS

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "sge-fic"
FILES = ("cursos.csv", "turmas.csv", "precos.csv", "estoques.csv")
WHY_SKIPPED = f"the real course data is not there ({REAL})"


def real_data() -> dict[str, str]:
    """The files as they are."""
    return {name: (REAL / name).read_text(encoding="utf-8-sig") for name in FILES}


def course_data(classes: int) -> dict[str, str]:
    """That many classes with their courses, B2C prices and stocks, spread over the courses."""
    return _part_of(real_data(), classes) if REAL.is_dir() else made_up(classes)


def made_up(classes: int) -> dict[str, str]:
    """Four classes for each course, a new category with every ninth course."""
    courses, rows, prices, stocks = ([_head(text)] for text in (COURSES, CLASSES, PRICES, STOCKS))
    for number in range(classes):
        course = f"C{number // 4:03}"
        if number % 4 == 0:
            category = f"Área {number // 36}"
            courses.append(
                f"1;12;{course};Curso {course};FIC;{category};;40;Curso {course}.;{course};;S;2026-10-01T08:00:00"
            )
        key = f"T{number:04}"
        rows.append(
            f"1;12;{course};{key};Turma {key};Noite;2027-01-18;2027-04-14;19:00;22:00;SEG;Presencial;Escola;16;2;S;"
            "2026-11-13T08:30:00"
        )
        prices.append(f"1;12;{key};B2C;{100 + number},50;;2026-11-13T08:30:00")
        stocks.append(f"1;12;{key};1;{number % 20};N;2026-11-13T08:30:00")
    return {name: "\n".join(lines) + "\n" for name, lines in zip(FILES, (courses, rows, prices, stocks), strict=True)}


def _head(text: str) -> str:
    return text.splitlines()[0]


def _part_of(files: Mapping[str, str], classes: int) -> dict[str, str]:
    rows = _rows(files["turmas.csv"])
    step = max(1, len(rows) // classes)
    chosen = rows[::step][:classes]
    keys, courses = {row["codturma"] for row in chosen}, {row["codcurso"] for row in chosen}
    prices = [row for row in _rows(files["precos.csv"]) if row["codturma"] in keys and row["canal"] == "B2C"]
    return {
        "cursos.csv": _text(row for row in _rows(files["cursos.csv"]) if row["codcurso"] in courses),
        "turmas.csv": _text(chosen),
        "precos.csv": _text(prices),
        "estoques.csv": _text(row for row in _rows(files["estoques.csv"]) if row["codturma"] in keys),
    }


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def _text(rows: Iterable[Mapping[str, str]]) -> str:
    found = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue()
