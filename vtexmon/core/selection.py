"""Which logs are marked: named one by one, or everything that a filter matched at one moment.

Marks belong to ids, so they survive filtering, sorting and refreshing. A ``Matching`` is a predicate: ten million rows
cost what ten cost. ``Nothing`` is a kind of its own because a resend then means "all Erro" (``ordered``), which people
must be told. Values never change; each operation gives a new one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from vtexmon.core.filters import Filter, matches
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Status

_NO_IDS: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Nothing:
    """No mark at all."""


@dataclass(frozen=True)
class Explicit:
    """The logs with these ids; never empty (that is ``Nothing``)."""

    ids: frozenset[int]


@dataclass(frozen=True)
class Matching:
    """All logs up to id ``as_of`` that pass ``filter`` and ``scope``, without ``minus``, and those of ``plus``.

    ``scope`` is the context line (regional, branch, channel) at the time of marking; both must pass.
    """

    filter: Filter
    as_of: int
    minus: frozenset[int] = _NO_IDS
    plus: frozenset[int] = _NO_IDS
    scope: Filter = field(default_factory=Filter)

    def predicate(self, record: LogRecord) -> bool:
        """Whether the record is matched, single marks aside."""
        return record.id <= self.as_of and matches(self.filter, record) and matches(self.scope, record)


Selection: TypeAlias = Nothing | Explicit | Matching


def select_all_matching(query: Filter, as_of: int, scope: Filter | None = None) -> Matching:
    """Mark everything that passes now; ``as_of`` is the highest log id, so that later rows are not swept in."""
    return Matching(query, as_of, scope=scope or Filter())


def clear(selection: Selection) -> Nothing:
    """Take every mark away."""
    return Nothing()


def contains(selection: Selection, record: LogRecord) -> bool:
    """Whether the record is marked, as it is now."""
    match selection:
        case Nothing():
            return False
        case Explicit(ids):
            return record.id in ids
        case Matching():
            marked = record.id not in selection.minus and selection.predicate(record)
            return marked or record.id in selection.plus
        case _:
            assert_never(selection)


def toggle(selection: Selection, record: LogRecord) -> Selection:
    """Mark the record, or take its mark away."""
    return (remove if contains(selection, record) else add)(selection, (record,))


def add(selection: Selection, records: Iterable[LogRecord]) -> Selection:
    """Mark these records: a range, or the page."""
    records = tuple(records)
    ids = frozenset(record.id for record in records)
    match selection:
        case Nothing():
            return _explicit(ids)
        case Explicit(held):
            return _explicit(held | ids)
        case Matching():
            named = frozenset(record.id for record in records if not selection.predicate(record))
            return replace(selection, minus=selection.minus - ids, plus=selection.plus | named)
        case _:
            assert_never(selection)


def remove(selection: Selection, records: Iterable[LogRecord]) -> Selection:
    """Take the marks of these records away. Out of a ``Matching`` they stay out, even if they match again later."""
    ids = frozenset(record.id for record in records)
    match selection:
        case Nothing():
            return selection
        case Explicit(held):
            return _explicit(held - ids)
        case Matching():
            reachable = frozenset(log_id for log_id in ids if log_id <= selection.as_of)
            return replace(selection, minus=selection.minus | reachable, plus=selection.plus - ids)
        case _:
            assert_never(selection)


def named_ids(selection: Selection) -> frozenset[int]:
    """The ids marked one by one, also those beside a ``Matching``."""
    match selection:
        case Nothing():
            return _NO_IDS
        case Explicit(ids):
            return ids
        case Matching():
            return selection.plus
        case _:
            assert_never(selection)


def count_hidden(selection: Selection, visible: Container[int]) -> int:
    """How many of the ids marked one by one are not among ``visible`` ones.

    Rows that a ``Matching`` holds and another filter hides are counted by the store.
    """
    return sum(log_id not in visible for log_id in named_ids(selection))


def size(selection: Selection) -> int | None:
    """How many are marked; None when only the store can count them."""
    return None if isinstance(selection, Matching) else len(named_ids(selection))


def ordered(selection: Selection, query: Filter, scope: Filter, as_of: int) -> Explicit | Matching:
    """What a resend of the selection is about: nothing marked means all Erro inside the scope and the filter."""
    if isinstance(selection, Nothing):
        return Matching(query, as_of, scope=replace(scope, statuses=frozenset({Status.ERROR})))
    return selection


def _explicit(ids: frozenset[int]) -> Selection:
    return Explicit(ids) if ids else Nothing()
