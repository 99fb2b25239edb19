"""A configuration and a database with any number of logs, as a day of exports leaves them: 92 % Sucesso."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from vtexmon.config import load
from vtexmon.core.filters import folded_key, search_text
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Phase, Status
from vtexmon.sandbox import SandboxSettings, write_folder
from vtexmon.store import migrate
from vtexmon.store.conditions import key_folded
from vtexmon.store.database import Database
from vtexmon.store.rows import LOG

CHUNK = 5_000
STATUSES = (Status.SUCCESS,) * 92 + (Status.ERROR,) * 5 + (Status.CANCELLED,) * 2 + (Status.PENDING,)
MESSAGES = ("A VTEX recusou (400): Name: muito longo", "A VTEX respondeu 500", "o depósito «3» não existe")


def folder_with_logs(folder: Path, count: int, url: str = "http://127.0.0.1:9") -> Path:
    """A folder ready to be used (``vtexmon.toml``, sources, secrets) whose database holds ``count`` logs."""
    write_folder(folder, SandboxSettings(), url)
    database = Database(load(folder / "vtexmon.toml").database_url)
    migrate.upgrade(database, datetime.now(UTC))
    rng = random.Random(count)
    for start in range(1, count + 1, CHUNK):
        rows = [_row(number, rng) for number in range(start, min(start + CHUNK, count + 1))]
        database.write_now(lambda connection, rows=rows: connection.execute(insert(LOG), rows))
    database.close()
    return folder


def _row(number: int, rng: random.Random) -> dict[str, Any]:
    module = MODULES[rng.choice(("product", "sku", "price", "stock"))]
    status = rng.choice(STATUSES)
    values = f"1;{rng.randrange(1, 31)};T-{number}" + (";B2C" if module.id == "price" else "")
    at = datetime.now(UTC) - timedelta(seconds=rng.randrange(86_400))
    message = rng.choice(MESSAGES) if status in (Status.ERROR, Status.CANCELLED) else ""
    return {
        "record_key": f"{module.id}|nacional|B2C|{values}",
        "serial_key": f"nacional|{number}",
        "module": module.id,
        "feature": module.feature.value,
        "company": 1,
        "branch": int(values.split(";")[1]),
        "education_level": "FIC",
        "account": "nacional",
        "channel": "B2C",
        "environment": "vtexcommercestable",
        "key_fields": ";".join(module.key_fields),
        "key_values": values,
        "key_folded": key_folded(folded_key(values)),
        "status": status,
        "phase": Phase.IDLE,
        "attempts": rng.randrange(4) if message else 0,
        "priority": 1,
        "source_hash": f"{number:032x}",
        "source_changed": False,
        "is_open": status is not Status.SUCCESS,
        "epoch": 1,
        "not_found": 0,
        "unreadable": 0,
        "repeated": False,
        "failure_class": "dado" if message else None,
        "fingerprint": f"{hash(message) & 0xFFFF:016x}" if message else None,
        "message": message,
        "advice": "",
        "search_text": search_text(values, message=message),
        "created_at": at,
        "updated_at": at,
        "created_by": "agendador",
        "updated_by": "agendador",
    }
