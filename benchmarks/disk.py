"""Bytes on disk for each log with its item and two bodies; and for each log of the nights that send the same again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from benchmarks.attempts import Attempts
from benchmarks.databases import Server, fresh
from benchmarks.logs import bodies
from benchmarks.report import Table
from vtexmon.store.database import Database, sqlite_path

LOGS, NIGHTS = 1_000, 3


def table(servers: dict[str, Server | None]) -> Table:
    """Each database."""
    rows = [_row(name, server) for name, server in servers.items()]
    sent, received = next(bodies(1))
    notes = [
        f"{LOGS} logs, each with one item and bodies of {len(sent)} and {len(received)} characters; indexes included",
        f"again: {NIGHTS} further nights make a log for each of the same records, which exchange the same bodies",
        "the bodies share field names and a vocabulary of 24 words; the words' order is random in each",
    ]
    return Table("disk, KB (1,024 bytes) a log", rows, notes)


def _row(name: str, server: Server | None) -> dict[str, Any]:
    with fresh(server) as url:
        database = Database(url)
        try:
            empty = _size(database)
            first = _night(database)
            kept = _bodies(database)
            repeated = [_night(database) for _night_number in range(NIGHTS)][-1]
        finally:
            database.close()
    return {
        "database": name,
        "first": (first - empty) / LOGS / 1024,
        "of it bodies": kept / LOGS / 1024,
        "again": (repeated - first) / LOGS / NIGHTS / 1024,
    }


def _night(database: Database) -> int:
    """Every record is sent once more; gives the size then."""
    attempts = Attempts(database, LOGS)
    for claim in attempts.claims:
        attempts.end(claim, attempts.intent(claim).result())
    return _size(database)


def _size(database: Database) -> int:
    """Bytes of the whole database, free pages left out."""
    database.write_now(lambda c: None)
    if sqlite_path(database.url.render_as_string(hide_password=False)) is None:
        return _number(database, "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'")
    pages = _number(database, "PRAGMA page_count") - _number(database, "PRAGMA freelist_count")
    return pages * _number(database, "PRAGMA page_size")


def _bodies(database: Database) -> int:
    return _number(database, "SELECT sum(length(data)) FROM payload")


def _number(database: Database, query: str) -> int:
    return int(database.read(lambda c: c.execute(text(query)).scalar_one()))
