"""How the school's files stand when the demo's day begins: the clean sample with the slips that real offices make.

Every slip is in a row that the source reads without complaint, so that it is VTEX that answers to it.
"""

from __future__ import annotations

from vtexmon.sandbox.demo_sheets import CLASS_SHEETS, COURSES, STOCKS, Sheets, where

SECOND_BRANCH = "13"
UNKNOWN_WAREHOUSE = "3"
MISTYPED = ("SOLDAD", "TORNEI")
"""The courses whose image address lacks its end."""

LATHE_CLASSES = ("CA.TOR.CNC.N-1", "CA.TOR.CNC.N-2", "CA.TOR.CNC.N-3")


def prepare(sheets: Sheets) -> None:
    """Put the slips into the files."""
    _open_the_second_branch(sheets)
    # Addresses that open in a browser but name no image: VTEX refuses them (class dado).
    for course in MISTYPED:
        sheets.change(COURSES, where("codcurso", course, imagem_url=image(course, "")))
    # A warehouse that the store does not have (class contexto).
    for course_class in LATHE_CLASSES:
        sheets.change(STOCKS, where("codturma", course_class, deposito=UNKNOWN_WAREHOUSE))
    # The warehouse in which the store is counting (Pendente, see demo_faults.py).
    sheets.change(STOCKS, where("codturma", "CQ.INS.QUAL.N-1", deposito="1_1"))


def image(course: str, end: str = ".jpg") -> str:
    """Where the picture of a course is."""
    return f"https://www.sp.senai.br/fotos/{course.lower()}{end}"


def _open_the_second_branch(sheets: Sheets) -> None:
    """One course with its one class belongs to the branch whose account has an old token (class credencial).

    One class only: the first refusal closes the account, and what is held back unsent has no request to show.
    """
    sheets.change(COURSES, where("codcurso", "FUNDAM", codfilial=SECOND_BRANCH))
    for name in CLASS_SHEETS:
        sheets.change(name, where("codturma", "EMB.FUN.ROB.I-1", codfilial=SECOND_BRANCH))
