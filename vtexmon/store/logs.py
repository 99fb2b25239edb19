"""Looking at logs: counters, one log with its items, the groups a resend plan counts; pages are ``log_pages.py``.

Everything here only reads; each function takes a connection of ``Database.read``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from vtexmon.core.filters import Filter
from vtexmon.core.records import LogItemRecord, LogRecord, OpenCounts
from vtexmon.core.resend_plan import PlanGroup
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import Status
from vtexmon.store import log_pages, payloads
from vtexmon.store.filtering import where_filter, where_hidden, where_selection
from vtexmon.store.log_pages import COUNT_CAP
from vtexmon.store.rows import ITEM_COLUMNS, LOG, LOG_ITEM, as_item


def ids_among(connection: Connection, query: Filter, ids: Iterable[int]) -> set[int]:
    """Which of these ids pass the filter now."""
    asked = frozenset(ids)
    if not asked:
        return set()
    inside = where_filter(connection, Filter(ids=asked))
    return set(connection.execute(select(LOG.c.id).where(inside, where_filter(connection, query))).scalars())


def find(connection: Connection, log_id: int) -> LogRecord | None:
    """One log, or None."""
    return next(iter(log_pages.by_ids(connection, (log_id,))), None)


def search_text_of(connection: Connection, log_id: int) -> str:
    """The folded words by which a log is found."""
    text: str = connection.execute(select(LOG.c.search_text).where(LOG.c.id == log_id)).scalar_one()
    return text


def items(connection: Connection, log_id: int) -> list[LogItemRecord]:
    """The items of a log, newest first."""
    statement = select(*ITEM_COLUMNS).where(LOG_ITEM.c.log_id == log_id).order_by(LOG_ITEM.c.id.desc())
    return [as_item(row) for row in connection.execute(statement)]


def item_payloads(connection: Connection, item: LogItemRecord) -> tuple[str | None, str | None]:
    """Dados Enviados and Dados Recebidos of an item, as they went over the wire."""
    return payloads.load(connection, item.sent_hash), payloads.load(connection, item.received_hash)


def highest_id(connection: Connection) -> int:
    """The id of the newest log; 0 when there is none."""
    return int(connection.execute(select(func.coalesce(func.max(LOG.c.id), 0))).scalar_one())


def last_change(connection: Connection) -> datetime | None:
    """When a log was last written; None when there is none. By status, as the index has it."""
    newest = (select(func.max(LOG.c.updated_at)).where(LOG.c.status == status) for status in Status)
    moments = (connection.execute(query).scalar_one_or_none() for query in newest)
    return max((moment for moment in moments if moment is not None), default=None)


def open_counts(connection: Connection, today: datetime | None = None, scope: Filter | None = None) -> OpenCounts:
    """The open states exactly, the oldest open log, and the successes since ``today`` (local midnight) if given."""
    inside = [where_filter(connection, scope)] if scope else []
    by_status = select(LOG.c.status, func.count(), func.min(LOG.c.id)).where(LOG.c.is_open, *inside)
    rows = connection.execute(by_status.group_by(LOG.c.status)).all()
    numbers = {status: number for status, number, _first in rows}
    oldest = None
    if rows:
        first_id = min(first for _status, _number, first in rows)
        oldest = connection.execute(select(LOG.c.created_at).where(LOG.c.id == first_id)).scalar_one()
    successes = None
    if today is not None:
        condition = and_(LOG.c.status == Status.SUCCESS, LOG.c.updated_at >= today, *inside)
        successes = int(connection.execute(select(func.count()).select_from(LOG).where(condition)).scalar_one())
    return OpenCounts(
        error=numbers.get(Status.ERROR, 0),
        cancelled=numbers.get(Status.CANCELLED, 0),
        pending=numbers.get(Status.PENDING, 0),
        success_today=successes,
        oldest_open_at=oldest,
    )


def plan_groups(connection: Connection, selection: Explicit | Matching) -> list[PlanGroup]:
    """The selected logs as groups of equal rows; ``core/resend_plan.plan`` counts them."""
    key = (
        LOG.c.status,
        LOG.c.phase,
        LOG.c.wait_reason,
        LOG.c.source_changed,
        LOG.c.attempts,
    )
    statement = (
        select(*key, func.count(), LOG.c.fingerprint, func.min(LOG.c.message))
        .where(where_selection(connection, selection))
        .group_by(*key, LOG.c.fingerprint)
    )
    return [PlanGroup(*row) for row in connection.execute(statement)]


def count_selected(connection: Connection, selection: Explicit | Matching, cap: int = COUNT_CAP) -> int:
    """How many logs are selected, at most ``cap`` + 1 (then there are more)."""
    statement = select(LOG.c.id).where(where_selection(connection, selection)).limit(cap + 1)
    return int(connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one())


def count_hidden(connection: Connection, selection: Explicit | Matching, visible: Filter, cap: int = COUNT_CAP) -> int:
    """How many of the selected logs the filter in use does not show, at most ``cap`` + 1 (then there are more)."""
    statement = select(LOG.c.id).where(where_hidden(connection, selection, visible)).limit(cap + 1)
    return int(connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one())
