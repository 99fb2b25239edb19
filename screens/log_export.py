"""The list as a file: what the filter shows now, as CSV with the field names of the command line."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from screens import list_reads, saving
from screens.view import View
from screens.widgets.rows import Direction
from vtexmon.core.formats import thousands
from vtexmon.core.ordering import Edge
from vtexmon.core.records import LogRecord
from vtexmon.i18n import _

if TYPE_CHECKING:
    from screens.session import Session

LARGEST: Final = 100_000
"""Rows that are saved from the screen; more are for ``vtexmon logs --csv``."""

_PAGE: Final = 1000
_COLUMNS: Final = tuple(field.name for field in fields(LogRecord))


async def save_view(session: Session, view: View) -> str:
    """Write the file; gives the sentence that names it. Raises ``UsageError`` where no file can be written."""
    now = session.now()
    rows, text = await session.read(lambda c: _text(c, view))
    name = now.astimezone(session.timezone).strftime("logs-%Y%m%d-%H%M%S.csv")
    path = await asyncio.to_thread(saving.save, text, name, os.environ)
    words = _("{n} registros em {path}").format(n=thousands(rows), path=path)
    return words + (_(" (há mais: use «vtexmon logs --csv»)") if rows >= LARGEST else "")


def _text(connection: Connection, view: View) -> tuple[int, str]:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow(_COLUMNS)
    written, edge = 0, None
    while written < LARGEST:
        direction = Direction.FIRST if edge is None else Direction.AFTER
        page = list_reads.page(connection, view, direction, edge, _PAGE)
        writer.writerows([_cell(getattr(row, name)) for name in _COLUMNS] for row in page.rows)
        written += len(page.rows)
        if page.complete or not page.rows:
            break
        edge = Edge.of(page.rows[-1], view.order_in_force)
    return written, file.getvalue()


def _cell(value: object) -> str:
    """As the command line writes it; a leading sign of a formula is disarmed for spreadsheets."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in tuple("=+-@\t\r") else text
