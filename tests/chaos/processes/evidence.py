"""What a run left behind, read without the program: the server's own list, the tables by plain SQL, the CSV files.

Imports nothing of the program, so that what it believes of itself cannot colour the verdict. Times are seconds since
1970 by the one clock of this machine.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import zstandard

Row = dict[str, str]

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Request:
    """One request as the server lists it; ``status`` None = the client got no answer."""

    number: int
    account: str
    method: str
    path: str
    body: str
    began: float
    ended: float | None
    applied_at: float | None
    status: int | None
    fault: str | None = None

    @property
    def is_write(self) -> bool:
        return self.method in WRITES

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Item:
    """One row of ``log_item``; ``sent`` is the stored body."""

    id: int
    log_id: int
    attempt: int
    method: str
    endpoint: str
    sent: str
    created: float
    completed: bool


@dataclass(frozen=True)
class Log:
    """One row of ``log``; ``orders`` is how often a person ordered its resend."""

    id: int
    module: str
    account: str
    key: str
    status: str
    phase: str
    attempts: int
    external_id: str | None
    message: str = ""
    orders: int = 0


@dataclass(frozen=True)
class Source:
    """The CSV files of the source, row by row."""

    courses: Sequence[Row]
    classes: Sequence[Row]
    prices: Sequence[Row]
    stocks: Sequence[Row]


@dataclass(frozen=True)
class Terms:
    """What was agreed for the run. ``accounts`` maps the program's name of an account to the server's.

    ``refused`` are the records (module, key) that the server refuses on purpose; ``grace_seconds`` is how long after an
    unanswered request it may still be carried out.
    """

    catalogue: str
    regional: str
    accounts: dict[str, str]
    brand: str
    max_attempts: int
    grace_seconds: float
    refused: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Evidence:
    """Everything the verdict is computed from."""

    requests: Sequence[Request]
    state: dict[str, Any]
    logs: Sequence[Log]
    items: Sequence[Item]
    source: Source
    terms: Terms


def gather(server_url: str, database_url: str, source_folder: Path, terms: Terms) -> Evidence:
    """Read everything, once all is at rest."""
    requests = [as_request(entry) for entry in _fetched(f"{server_url}/_sandbox/requests")["requests"]]
    state = _fetched(f"{server_url}/_sandbox/state")
    return Evidence(requests, state, logs_of(database_url), items_of(database_url), read_source(source_folder), terms)


def as_request(entry: dict[str, Any]) -> Request:
    """One entry of the server's list."""
    return Request(
        entry["n"],
        entry["account"] or "",
        entry["method"],
        entry["path"],
        entry["body"],
        _seconds(entry["time"]) or 0.0,
        _seconds(entry["ended_at"]),
        _seconds(entry["applied_at"]),
        entry["status"],
        entry["fault"],
    )


def read_source(folder: Path) -> Source:
    """The four files."""

    def rows(name: str) -> list[Row]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    return Source(*(rows(name) for name in ("cursos.csv", "turmas.csv", "precos.csv", "estoques.csv")))


def rows_of(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds, on either engine."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=20)) as connection:
            return connection.execute(sql).fetchall()
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        return connection.execute(sql).fetchall()


def logs_of(database_url: str) -> list[Log]:
    """All logs, with how often a person ordered each again."""
    columns = "id, module, account, key_values, status, phase, attempts, external_id, message"
    ordered = dict(rows_of(database_url, "SELECT log_id, count(*) FROM bulk_resend_member GROUP BY log_id"))
    rows = rows_of(database_url, f"SELECT {columns} FROM log")
    return [replace(Log(*row), orders=ordered.get(row[0], 0)) for row in rows]


def items_of(database_url: str) -> list[Item]:
    """All items with the bodies that were stored as sent."""
    dictionaries = {
        number: zstandard.ZstdCompressionDict(bytes(data), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        for number, data in rows_of(database_url, "SELECT id, data FROM payload_dictionary")
    }
    unpack = {number: zstandard.ZstdDecompressor(dict_data=found) for number, found in dictionaries.items()}
    unpack[0] = zstandard.ZstdDecompressor()
    bodies = {
        address: unpack[number].decompress(bytes(data), max_output_size=size + 1).decode()
        for address, number, data, size in rows_of(database_url, "SELECT hash, dictionary_id, data, size FROM payload")
    }
    columns = "id, log_id, attempt, method, endpoint, sent_hash, created_at, completed_at IS NOT NULL"
    return [
        Item(
            item_id, log_id, attempt, method, endpoint, bodies.get(sent, ""), created_at / 1_000_000, bool(is_completed)
        )
        for item_id, log_id, attempt, method, endpoint, sent, created_at, is_completed in rows_of(
            database_url, f"SELECT {columns} FROM log_item ORDER BY id"
        )
    ]


def _seconds(time: str | None) -> float | None:
    return None if time is None else datetime.fromisoformat(time).timestamp()


def _fetched(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
