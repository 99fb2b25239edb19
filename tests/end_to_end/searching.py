"""Looking for a secret in everything a run left behind: payloads, text columns, the raw bytes of every file."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

from vtexmon.store import payloads
from vtexmon.store.database import Database


def forms_of(secret: str) -> dict[str, bytes]:
    """How a secret may be written: plain, escaped for addresses and JSON, in base64 at each place in a group.

    Base64 is searched without the characters at its edges that also carry bits of the neighbours.
    """
    data = secret.encode()
    found = {"plain": data, "address": quote(secret, safe="").encode(), "form": quote_plus(secret).encode()}
    found["json"] = json.dumps(secret)[1:-1].replace("/", "\\/").encode()
    found["json, every character"] = "".join(f"\\u{ord(char):04x}" for char in secret).encode()
    for place in range(3):
        whole = base64.b64encode(b"\0" * place + data + b"\0" * 3)
        first = -(-place * 8 // 6)
        last = (place + len(data)) * 8 // 6
        found[f"base64, place {place}"] = whole[first + 1 : last - 1]
    return found


def left_behind(folder: Path, database: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that can be read after a run, with where it was."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"file {path.relative_to(folder)}", path.read_bytes()
    opened = Database(f"sqlite:///{database}")
    try:
        for address in _column(database, "SELECT hash FROM payload"):
            text = opened.read(lambda c, address=address: payloads.load(c, address))
            yield f"payload {address}", (text or "").encode("utf-8", "surrogatepass")
    finally:
        opened.close()
    with closing(sqlite3.connect(database)) as connection:
        tables = _column(database, "SELECT name FROM sqlite_master WHERE type = 'table'")
        for table in tables:
            if table in ("payload", "payload_dictionary") or table.startswith(("log_search", "sqlite_")):
                continue
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield f"table {table}", "\n".join(str(value) for value in row).encode()


def _column(database: Path, sql: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute(sql)]


def found_in(secrets: list[str], places: Iterator[tuple[str, bytes]]) -> list[str]:
    """``form of secret n in place`` for everything that is there."""
    forms = [(number, name, form) for number, secret in enumerate(secrets) for name, form in forms_of(secret).items()]
    return [
        f"{name} of secret {number} in {place}"
        for place, data in places
        for number, name, form in forms
        if form in data
    ]
