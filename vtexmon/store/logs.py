"""Looking at logs: pages by key (never OFFSET), counters, one log with its items, the groups a resend plan counts.

Everything here only reads; each function takes a connection of ``Database.read``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from vtexmon.core.filters import Filter
from vtexmon.core.records import LogItemRecord, LogRecord, OpenCounts
from vtexmon.core.resend_plan import PlanGroup
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import Status
from vtexmon.store import payloads
from vtexmon.store.filtering import where_filter, where_selection
from vtexmon.store.rows import ITEM_COLUMNS, LOG, LOG_ITEM, as_item, as_log, select_logs

MOST_PARTS = 32

COUNT_CAP = 10_000
"""Counts of a filter stop here and are shown as "10.000+": counting more costs more than it tells."""


def page(
    connection: Connection,
    query: Filter,
    limit: int,
    older_than: int | None = None,
    newer_than: int | None = None,
    down_to: int | None = None,
) -> list[LogRecord]:
    """Up to ``limit`` logs, newest first: the first ones, those after ``older_than``, or those just before
    ``newer_than`` (the ones next to it); none below ``down_to``. Any depth costs the same.
    """
    statement = select_logs().limit(limit)
    if newer_than is not None:
        statement = statement.where(LOG.c.id > newer_than).order_by(LOG.c.id)
    else:
        statement = statement.order_by(LOG.c.id.desc())
    if older_than is not None:
        statement = statement.where(LOG.c.id < older_than)
    if down_to is not None:
        statement = statement.where(LOG.c.id >= down_to)
    found: list[LogRecord] = []
    for part in single_valued(query):
        found += [as_log(row) for row in connection.execute(statement.where(*where_filter(connection, part)))]
    found.sort(key=lambda log: log.id, reverse=newer_than is None)
    return found[:limit] if newer_than is None else found[:limit][::-1]


def single_valued(query: Filter) -> list[Filter]:
    """The filter as parts that an index answers in order of id: one status, and one module, branch or account each.

    A set of values would make the database sort everything that passes; the parts' pages are merged instead. Filters
    of many values are left whole: then sorting costs less than asking so often.
    """
    narrowed = _one_value_each(query)
    statuses = query.statuses or (frozenset(Status) if narrowed else frozenset())
    parts = [
        replace(part, statuses=frozenset({status})) for part in narrowed or [query] for status in sorted(statuses)
    ] or [query]
    return parts if len(parts) <= MOST_PARTS else [query]


def _one_value_each(query: Filter) -> list[Filter]:
    if query.modules:
        return [replace(query, modules=frozenset({module})) for module in sorted(query.modules)]
    if query.branches:
        return [replace(query, branches=frozenset({branch})) for branch in sorted(query.branches)]
    return [replace(query, accounts=frozenset({account})) for account in sorted(query.accounts)]


def last_page(connection: Connection, query: Filter, limit: int) -> list[LogRecord]:
    """The oldest ``limit`` logs, newest of them first."""
    return page(connection, query, limit, newer_than=0)


def by_ids(connection: Connection, ids: Iterable[int]) -> list[LogRecord]:
    """These logs as they are now, newest first; unknown ids are left out."""
    statement = select_logs().where(LOG.c.id.in_(sorted(ids))).order_by(LOG.c.id.desc())
    return [as_log(row) for row in connection.execute(statement)]


def ids_among(connection: Connection, query: Filter, ids: Iterable[int]) -> set[int]:
    """Which of these ids pass the filter now."""
    conditions = where_filter(connection, query)
    return set(connection.execute(select(LOG.c.id).where(LOG.c.id.in_(sorted(ids)), *conditions)).scalars())


def find(connection: Connection, log_id: int) -> LogRecord | None:
    """One log, or None."""
    row = connection.execute(select_logs().where(LOG.c.id == log_id)).one_or_none()
    return None if row is None else as_log(row)


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


def count(connection: Connection, query: Filter, cap: int | None = COUNT_CAP) -> int:
    """How many logs pass, at most ``cap`` + 1 (then there are more); ``cap`` None counts them all."""
    statement: Select[Any] = select(LOG.c.id).where(*where_filter(connection, query))
    if cap is not None:
        statement = statement.limit(cap + 1)
    return int(connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one())


def open_counts(connection: Connection, today: datetime | None = None, scope: Filter | None = None) -> OpenCounts:
    """The open states exactly, the oldest open log, and the successes since ``today`` (local midnight) if given."""
    inside = where_filter(connection, scope) if scope else []
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


def count_hidden(connection: Connection, selection: Explicit | Matching, visible: Filter) -> int:
    """How many of the selected logs the filter in use does not show."""
    selected = where_selection(connection, selection)
    shown = and_(selected, *where_filter(connection, visible))
    total, seen = (
        int(connection.execute(select(func.count()).select_from(LOG).where(condition)).scalar_one())
        for condition in (selected, shown)
    )
    return total - seen
