"""A filter or a selection as SQL conditions; ``core/filters.matches`` says what they must answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, false, func, literal, or_, true

from vtexmon.core.filters import KEY_SEPARATOR, AttemptRange, Filter, KeyMatch, KeyTerm, Period, words
from vtexmon.core.selection import Explicit, Matching
from vtexmon.store.engines import has_words
from vtexmon.store.rows import LOG

Condition = ColumnElement[bool]

_LARGEST = 2**63 - 1


def key_folded(folded: str) -> str:
    """How ``log.key_folded`` keeps a folded key: between separators, so that a component is found as ``;x;``."""
    return f"{KEY_SEPARATOR}{folded}{KEY_SEPARATOR}"


def where_filter(connection: Connection, query: Filter) -> list[Condition]:
    """The conditions of a filter; an empty filter has none."""
    sets: tuple[tuple[ColumnElement[object], Collection[object]], ...] = (
        (LOG.c.status, query.statuses),
        (LOG.c.module, query.modules),
        (LOG.c.company, query.companies),
        (LOG.c.branch, query.branches),
        (LOG.c.failure_class, [member.value for member in query.classes]),
        (LOG.c.fingerprint, query.fingerprints),
        (LOG.c.phase, query.phases),
        (func.lower(LOG.c.account), query.accounts),
        (func.lower(LOG.c.channel), query.channels),
        (LOG.c.id, query.ids),
    )
    conditions: list[Condition] = [_among(column, sorted(chosen, key=str)) for column, chosen in sets if chosen]
    if query.keys:
        conditions.append(or_(*(_key(connection, term) for term in sorted(query.keys))))
    conditions += _range(LOG.c.attempts, query.attempts)
    conditions += _period(LOG.c.created_at, query.created)
    conditions += _period(LOG.c.updated_at, query.updated)
    if query.changed is not None:
        conditions.append(LOG.c.source_changed if query.changed else ~LOG.c.source_changed)
    if query.words:
        conditions.append(has_words(connection, query.words))
    return conditions


def where_selection(connection: Connection, selection: Explicit | Matching) -> Condition:
    """The condition of being marked."""
    if isinstance(selection, Explicit):
        return LOG.c.id.in_(sorted(selection.ids))
    inside = [*where_filter(connection, selection.filter), *where_filter(connection, selection.scope)]
    matched = and_(LOG.c.id <= selection.as_of, *inside)
    if selection.minus:
        matched = and_(matched, LOG.c.id.not_in(sorted(selection.minus)))
    return or_(matched, LOG.c.id.in_(sorted(selection.plus))) if selection.plus else matched


def _among(column: ColumnElement[object], chosen: Sequence[object]) -> Condition:
    """One value is an equality, after which an index still gives the rows in order of id."""
    values = [_bound(value) if isinstance(value, int) else value for value in chosen]
    return column == values[0] if len(values) == 1 else column.in_(values)


def _bound(number: int) -> ColumnElement[int]:
    """A number as a person may type it: PostgreSQL refuses to compare a small column with one that does not fit it."""
    return literal(min(number, _LARGEST), BigInteger())


def _range(column: ColumnElement[int], bounds: AttemptRange | None) -> list[Condition]:
    if bounds is None:
        return []
    if bounds.minimum is not None and bounds.maximum is not None and bounds.minimum > bounds.maximum:
        return [false()]
    low = [] if bounds.minimum is None else [column >= _bound(bounds.minimum)]
    return low if bounds.maximum is None else [*low, column <= _bound(bounds.maximum)]


def _period(column: ColumnElement[object], period: Period | None) -> list[Condition]:
    if period is None:
        return []
    since = [] if period.since is None else [column >= period.since]
    return since if period.until is None else [*since, column < period.until]


def _like(pattern: str) -> Condition:
    return LOG.c.key_folded.like(pattern, escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _whole(text: str) -> Condition:
    exact = LOG.c.key_folded == key_folded(text)
    return exact if KEY_SEPARATOR in text else or_(exact, _like(f"%;{_escaped(text)};%"))


def _prefix(text: str) -> Condition:
    start = _like(f";{_escaped(text)}%")
    return start if KEY_SEPARATOR in text else or_(start, _like(f"%;{_escaped(text)}%"))


def _inside(text: str) -> Condition:
    inner = func.substr(LOG.c.key_folded, 2, func.length(LOG.c.key_folded) - 2)
    condition: Condition = inner.like(f"%{_escaped(text)}%", escape="\\")
    return condition


_KEY: dict[KeyMatch, Callable[[str], Condition]] = {
    KeyMatch.WHOLE: _whole,
    KeyMatch.PREFIX: _prefix,
    KeyMatch.INSIDE: _inside,
}


def _key(connection: Connection, term: KeyTerm) -> Condition:
    """The words of the term narrow by index first; the comparison of the key itself decides."""
    indexed = words(term.text) if term.kind is not KeyMatch.INSIDE else ()
    narrow = has_words(connection, indexed) if indexed else true()
    return and_(narrow, _KEY[term.kind](term.text))
