"""The demo's day: the school office changes its files now and then, and a colleague resends one record.

The order of things is fixed, so that the same day can be seen again. Nothing here knows of the engine: the files are
read by the schedules, the resends are taken from the database, as if the people sat elsewhere.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from vtexmon.core.filters import Filter, KeyTerm, folded_key
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase, Status
from vtexmon.engine.commands import Commands
from vtexmon.i18n import _
from vtexmon.sandbox.demo_morning import LATHE_CLASSES, MISTYPED, UNKNOWN_WAREHOUSE, image
from vtexmon.sandbox.demo_sheets import CLASSES, COURSES, PRICES, STOCKS, Row, Sheets, where
from vtexmon.store import log_pages

COLLEAGUE = "ana"

TICK_SECONDS = 1.0
OPENS_AT = 8
EDIT_EVERY = 4
LOOKS_EVERY = 2
MOST_NEW_CLASSES = 30

BUSY_CLASSES = ("CEP.LIDGO.N-2", "CA.MICPBI.N-2", "CA.CAD.N-3", "CEP.LIDGO.T-2", "CA.CAD.N-4", "CEP.MAMEC.N-1")
PROMOTIONS = ("313,50", "297,00")
PROMOTED = "ARA.MPBI.N-1"
OPENED = "CEP.LIDGO.N-1"
"""The class that every new one is a copy of, some weeks later."""

Edit = Callable[[Sheets, int], None]
"""One thing that the office does; the number counts how often it has done it before."""


def sell_seats(sheets: Sheets, turn: int) -> None:
    """Somebody enrols at the counter; a sold-out class gets room again."""

    def work(rows: list[Row]) -> None:
        for row in rows:
            if row["codturma"] == BUSY_CLASSES[turn % len(BUSY_CLASSES)]:
                row["quantidade"] = str(int(row["quantidade"]) - 1 if row["quantidade"] != "0" else 20)

    sheets.change(STOCKS, work)


def change_price(sheets: Sheets, turn: int) -> None:
    """A promotion begins or ends."""
    sheets.change(PRICES, where("codturma", PROMOTED, preco=PROMOTIONS[(turn + 1) % len(PROMOTIONS)]))


def open_class(sheets: Sheets, turn: int) -> None:
    """A new class is announced; it has no price yet."""
    if turn < MOST_NEW_CLASSES:
        sheets.change(CLASSES, lambda rows: rows.append(_copy(rows, turn)))


def price_class(sheets: Sheets, turn: int) -> None:
    """The new class gets its price and its seats; every third time in the warehouse that there is not."""
    if turn < MOST_NEW_CLASSES:
        warehouse = {"deposito": UNKNOWN_WAREHOUSE} if turn % 3 == 1 else {}
        sheets.change(PRICES, lambda rows: rows.append(_copy(rows, turn)))
        sheets.change(STOCKS, lambda rows: rows.append(_copy(rows, turn) | warehouse))


def correct_warehouse(sheets: Sheets, turn: int) -> None:
    """The office corrects a wrong warehouse: a new record passes, and the wrong one is Cancelado when it is resent."""
    wrong = LATHE_CLASSES[0] if turn == 0 else new_class(turn - 1)
    sheets.change(STOCKS, where("codturma", wrong, deposito="1"))


def correct_image(sheets: Sheets, turn: int) -> None:
    """The office corrects one of the images: *fonte alterada*, and as dado is left to people it waits for a resend."""
    corrected = MISTYPED[1]
    sheets.change(COURSES, where("codcurso", corrected, imagem_url=image(corrected)))


CYCLE: tuple[Edit, ...] = (
    sell_seats,
    change_price,
    open_class,
    price_class,
    sell_seats,
    sell_seats,
    correct_image,
    sell_seats,
    correct_warehouse,
)


def new_class(turn: int) -> str:
    """The code of the class that is opened at that turn."""
    return f"CEP.LIDGO.N-{turn + 3}"


def _copy(rows: list[Row], turn: int) -> Row:
    row = next(row for row in rows if row["codturma"] == OPENED)
    copy = row | {"codturma": new_class(turn)}
    if "nome" in row:
        copy |= {"nome": row["nome"].replace(OPENED, new_class(turn)), "matriculados": "0"}
        copy |= {name: _later(row[name], turn) for name in ("data_inicio", "data_fim")}
    return copy | ({"quantidade": row.get("vagas", "20")} if "quantidade" in row else {})


def _later(day: str, turn: int) -> str:
    return (date.fromisoformat(day) + timedelta(weeks=2 * turn + 8)).isoformat()


def edits() -> Iterator[tuple[Edit, int]]:
    """The office's changes with their turns, one after the other, without end."""
    turns = dict.fromkeys(CYCLE, 0)
    for edit in itertools.cycle(CYCLE):
        yield edit, turns[edit]
        turns[edit] += 1


@dataclass(frozen=True)
class Colleague:
    """Somebody at another terminal who resends one record until the maximum is reached."""

    commands: Commands
    key: str = "1;12;CA.PBI.N-1;B2C"

    def look(self) -> None:
        """Resend it if it rests in Erro."""
        log = self.commands.database.read(self._find)
        if log is not None and log.status is Status.ERROR and log.phase in (Phase.IDLE, Phase.WAITING):
            self.commands.resend(Explicit(frozenset({log.id})), _("1 registro marcado"), _("chamado 4711"))

    def _find(self, connection: Connection) -> LogRecord | None:
        wanted = Filter(modules=frozenset({"price"}), keys=frozenset({KeyTerm(folded_key(self.key))}))
        return next(iter(log_pages.page(connection, wanted, 1)), None)


class SchoolDay:
    """The people of the day, in a thread of their own. Use it as a context manager."""

    def __init__(self, sheets: Sheets, colleague: Colleague) -> None:
        self._sheets = sheets
        self._colleague = colleague
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vtexmon-demo-day", daemon=True)

    def __enter__(self) -> SchoolDay:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        following = edits()
        for tick in itertools.count(1):
            if self._over.wait(TICK_SECONDS):
                return
            if tick % LOOKS_EVERY == 0:
                self._colleague.look()
            if tick >= OPENS_AT and tick % EDIT_EVERY == 0:
                edit, turn = next(following)
                edit(self._sheets, turn)
