"""Who did what, when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table

from vtexmon.store.models import Audit

AUDIT: Table = Audit.__table__  # type: ignore[attr-defined]


def write(connection: Connection, who: str, action: str, detail: str, now: datetime, log_id: int | None = None) -> None:
    """Add a line; ``action`` is one English word or two, ``detail`` what it was about, without secrets."""
    connection.execute(AUDIT.insert().values(at=now, who=who, action=action, detail=detail, log_id=log_id))
