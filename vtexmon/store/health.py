"""Questions about the database as a whole: is the file sound, does it hold what cannot be, is there anything to do now.

Each function only reads, over a connection of ``Database.read``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, exists, func, or_, select, text

from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.i18n import _
from vtexmon.store.models import Payload
from vtexmon.store.rows import LOG, LOG_ITEM

PAYLOAD: Table = Payload.__table__  # type: ignore[attr-defined]
SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """Rows that should not be: how many, and the ids of the first logs concerned."""

    name: str
    words: str
    count: int
    log_ids: tuple[int, ...]


def quick_check(connection: Connection) -> list[str]:
    """What SQLite finds wrong with the file; empty = nothing, or another database."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(20)"))]
    return [] if found == ["ok"] else found


def findings(connection: Connection) -> list[Finding]:
    """Every kind of row that cannot be explained by a record's life, with its count."""
    return [Finding(name, words(), *_counted(connection, query())) for name, (words, query) in _QUERIES.items()]


def is_busy(connection: Connection, owner: str, now: datetime) -> bool:
    """Whether the engine ``owner`` has something in hand, or something is due now."""
    mine = and_(LOG.c.phase == Phase.SENDING, LOG.c.lease_owner == owner)
    due = select(LOG.c.id).where(LOG.c.due_at <= now).limit(1)
    held = select(LOG.c.id).where(mine).limit(1)
    return any(connection.execute(query).first() is not None for query in (held, due))


def _counted(connection: Connection, query: Select[Any]) -> tuple[int, tuple[int, ...]]:
    count = int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    ids = connection.execute(query.limit(SHOWN)).scalars() if count else ()
    return count, tuple(ids)


def _open_intents_at_rest() -> Select[Any]:
    at_rest = or_(LOG.c.phase == Phase.IDLE, LOG.c.wait_reason == WaitReason.RETRY)
    unfinished = exists().where(LOG_ITEM.c.log_id == LOG.c.id, LOG_ITEM.c.completed_at.is_(None))
    return select(LOG.c.id).where(at_rest, unfinished)


def _never_due() -> Select[Any]:
    acting = LOG.c.phase.in_((Phase.QUEUED, Phase.SENDING, Phase.VERIFYING))
    return select(LOG.c.id).where(acting, LOG.c.due_at.is_(None))


def _open_success() -> Select[Any]:
    return select(LOG.c.id).where(LOG.c.is_open, LOG.c.status == Status.SUCCESS)


def _unleased_sending() -> Select[Any]:
    return select(LOG.c.id).where(LOG.c.phase == Phase.SENDING, LOG.c.lease_owner.is_(None))


def _without_log() -> Select[Any]:
    return select(LOG_ITEM.c.log_id).where(~exists().where(LOG.c.id == LOG_ITEM.c.log_id)).distinct()


def _without_payload() -> Select[Any]:
    kept = exists().where(PAYLOAD.c.hash == LOG_ITEM.c.sent_hash)
    return select(LOG_ITEM.c.log_id).where(LOG_ITEM.c.sent_hash.is_not(None), ~kept).distinct()


_QUERIES: dict[str, tuple[Callable[[], str], Callable[[], Select[Any]]]] = {
    "open_intents_at_rest": (
        lambda: _("registros parados com uma requisição cujo resultado não se conhece"),
        _open_intents_at_rest,
    ),
    "never_due": (lambda: _("registros na fila que nenhum motor pegaria"), _never_due),
    "open_success": (lambda: _("registros em Sucesso ainda abertos"), _open_success),
    "unleased_sending": (lambda: _("registros em envio sem dono"), _unleased_sending),
    "items_without_log": (lambda: _("itens sem registro de log"), _without_log),
    "items_without_payload": (lambda: _("itens cujos Dados Enviados não estão guardados"), _without_payload),
}
