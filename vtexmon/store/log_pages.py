"""Pages of the list of logs: by key in any order that has an index, never OFFSET over more than a few; any depth costs
the same. Imports no SQL library, because the first rows on the screen wait for this module.

How a page stays cheap at ten million rows. A filter that few logs pass is collected and sorted; any other is met while
walking the order's own index, so that a page is full before much has been looked at. Sets of values are asked one by
one and merged, because an index is in order only behind one value. Words that many logs hold are walked in the search
index, which is in order of id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vtexmon.core.filters import Filter
from vtexmon.core.ordering import NEWEST_FIRST, Edge, Order, SortColumn
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Status
from vtexmon.store.conditions import Plan, all_of, filtered, is_narrow, match_words
from vtexmon.store.log_values import columns, log_of
from vtexmon.store.sql import SqlConnection, on_postgresql, rows, scalar

MOST_PARTS = 32
FEW = 5_000
"""A filter that passes no more logs than this is collected and sorted, whatever the order."""

COUNT_CAP = 10_000
"""Counts of a filter stop here and are shown as "10.000+": counting more costs more than it tells."""

EXACT_PLACES = 10_000
"""In a list of so many rows a place is counted; in a longer one it is estimated from the values at both ends."""

_COLUMNS = {
    SortColumn.ID: "log.id",
    SortColumn.CREATED: "log.created_at",
    SortColumn.UPDATED: "log.updated_at",
    SortColumn.STATUS: "log.status",
    SortColumn.RECORD: "log.record_key",
    SortColumn.ATTEMPTS: "log.attempts",
}
_INDEXES = {
    SortColumn.CREATED: "ix_log_created",
    SortColumn.UPDATED: "ix_log_touched",
    SortColumn.STATUS: "ix_log_status",
    SortColumn.RECORD: "ix_log_record",
    SortColumn.ATTEMPTS: "ix_log_attempts",
}


@dataclass(frozen=True)
class Span:
    """The part of a list that is wanted: rows after ``after``, or those just before ``before`` (the ones next to it);
    none beyond ``down_to``."""

    after: Edge | None = None
    before: Edge | None = None
    down_to: Edge | None = None

    @property
    def upwards(self) -> bool:
        """Whether the rows next to the lower edge are wanted."""
        return self.before is not None


FROM_THE_START = Span()


def page(
    connection: SqlConnection,
    query: Filter,
    limit: int,
    span: Span = FROM_THE_START,
    order: Order = NEWEST_FIRST,
) -> list[LogRecord]:
    """Up to ``limit`` logs in the list's order; edges are of that order."""
    found: list[LogRecord] = []
    parts = single_valued(query, order)
    for part in parts:
        found += _part(connection, part, limit, span, order)
    if len(parts) > 1:
        found.sort(key=lambda log: Edge.of(log, order), reverse=order.descending is not span.upwards)
    return found[:limit][::-1] if span.upwards else found[:limit]


def last_page(connection: SqlConnection, query: Filter, limit: int, order: Order = NEWEST_FIRST) -> list[LogRecord]:
    """The last ``limit`` logs of the list, in its order."""
    return page(connection, query, limit, order=order.reversed())[::-1]


def by_ids(connection: SqlConnection, ids: Iterable[int]) -> list[LogRecord]:
    """These logs as they are now, newest first; unknown ids are left out."""
    asked = frozenset(ids)
    return page(connection, Filter(ids=asked), len(asked)) if asked else []


def at_fraction(connection: SqlConnection, query: Filter, order: Order, fraction: float) -> LogRecord | None:
    """The row at about this part of the list (0 the first, 1 the last); None in an empty list, or where only counting
    could tell (a long list that is not in order of a number)."""
    exact = _few(connection, query, EXACT_PLACES)
    if exact is not None:
        return _nth(connection, query, order, round(fraction * max(0, exact - 1))) if exact else None
    first, last = page(connection, query, 1, order=order), last_page(connection, query, 1, order)
    if not first or not last or fraction >= 1:
        return last[0] if last else None
    start, end = Edge.of(first[0], order).value, Edge.of(last[0], order).value
    if isinstance(start, str) or isinstance(end, str):
        return None
    target = round(start + (end - start) * fraction)
    edge = Edge.at(target) if order.by_id else Edge(target, _LARGEST_ID if order.descending else 0)
    return next(iter(page(connection, query, 1, Span(after=order.just_before(edge)), order)), last[0])


def single_valued(query: Filter, order: Order = NEWEST_FIRST) -> list[Filter]:
    """The filter as parts that an index answers in order of id: one status, and one value of another field each.

    A set of values would make the database sort everything that passes; the parts' pages are merged instead. Filters
    of many values are left whole: then sorting costs less than asking so often.
    """
    if query.ids or query.words or not order.by_id:
        return [query]
    behind_status = _each(query, "modules", "branches", "accounts")
    statuses = query.statuses or (frozenset(Status) if behind_status else frozenset())
    alone = behind_status or _each(query, "classes", "fingerprints", "companies", "channels", "phases") or [query]
    parts = [replace(part, statuses=frozenset({status})) for part in alone for status in sorted(statuses)] or alone
    return parts if len(parts) <= MOST_PARTS else [query]


_LARGEST_ID = 2**63 - 2


def _part(connection: SqlConnection, query: Filter, limit: int, span: Span, order: Order) -> list[LogRecord]:
    plan = Plan(connection, walking=_is_walked(connection, query, order))
    source, conditions = _source(plan, query, order)
    column = "log_search.rowid" if source.startswith("log_search") else _column(plan, order)
    conditions += _edges(plan, column, span, order)
    direction = "DESC" if order.descending is not span.upwards else "ASC"
    ordered = f"{column} {direction}" + ("" if order.by_id else f", log.id {direction}")
    text = f"SELECT {columns('log')} FROM {source} WHERE {all_of(conditions)} ORDER BY {ordered} LIMIT {limit}"
    return [log_of(row) for row in rows(connection, text, plan.values)]


def _column(plan: Plan, order: Order) -> str:
    """What the order compares; words as bytes, as the program does when it puts rows in order itself."""
    as_bytes = plan.postgresql and order.column is SortColumn.RECORD
    return _COLUMNS[order.column] + (' COLLATE "C"' if as_bytes else "")


def _is_walked(connection: SqlConnection, query: Filter, order: Order) -> bool:
    """Whether the order's own index is walked: behind equal values it is in order of id anyway, so only behind a range
    of values, or in another order, it matters how many logs pass."""
    if on_postgresql(connection):
        return False  # its planner knows how many
    if order.by_id and (query.attempts, query.created, query.updated) == (None, None, None):
        return False
    return query.is_empty or _few(connection, query, FEW) is None


def _source(plan: Plan, query: Filter, order: Order) -> tuple[str, list[str]]:
    """What is read from, and on which conditions: the order's index, or the words' where many logs hold them."""
    if plan.walking and not order.by_id:
        return f"log INDEXED BY {_INDEXES[order.column]}", filtered(plan, query)
    common = query.words and not plan.postgresql and not plan.rare(query.words)
    if common and order.by_id and not is_narrow(query):
        words = f"log_search MATCH {plan.values.add(match_words(query.words))} AND log.id = log_search.rowid"
        return "log_search CROSS JOIN log", [words, *filtered(plan, query, words_too=False)]
    return "log", filtered(plan, query)


def _edges(plan: Plan, column: str, span: Span, order: Order) -> list[str]:
    after, before = ("<", ">") if order.descending else (">", "<")
    bounds = ((span.after, after), (span.before, before), (span.down_to, f"{before}="))
    return [_beyond(plan, column, edge, comparison, order) for edge, comparison in bounds if edge is not None]


def _beyond(plan: Plan, column: str, edge: Edge, comparison: str, order: Order) -> str:
    if order.by_id:
        return f"{column} {comparison} {plan.values.add(edge.id)}"
    return f"({column}, log.id) {comparison} ({plan.values.add(edge.value)}, {plan.values.add(edge.id)})"


def _few(connection: SqlConnection, query: Filter, most: int) -> int | None:
    """How many logs pass, where that is no more than ``most``; else None."""
    number = count(connection, query, most)
    return number if number <= most else None


def count(connection: SqlConnection, query: Filter, cap: int | None = COUNT_CAP) -> int:
    """How many logs pass, at most ``cap`` + 1 (then there are more); ``cap`` None counts them all."""
    plan = Plan(connection)
    source, conditions = _source(plan, query, NEWEST_FIRST)
    passing = f"SELECT 1 FROM {source} WHERE {all_of(conditions)}" + ("" if cap is None else f" LIMIT {cap + 1}")
    return int(scalar(connection, f"SELECT count(*) FROM ({passing}) passing", plan.values))


def _nth(connection: SqlConnection, query: Filter, order: Order, index: int) -> LogRecord | None:
    found = page(connection, query, index + 1, order=order)
    return found[-1] if found else None


def _each(query: Filter, *names: str) -> list[Filter]:
    """The filter once for each value of the first of these fields that restricts it."""
    restricted = next(((name, values) for name in names if (values := getattr(query, name))), None)
    if restricted is None:
        return []
    name, values = restricted
    return [replace(query, **{name: frozenset({value})}) for value in sorted(values)]  # type: ignore[arg-type]
