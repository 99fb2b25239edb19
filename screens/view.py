"""Which logs the Monitor de Log lists, and in which order; how many are marked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Final

from vtexmon.core.filters import Filter
from vtexmon.core.ordering import NEWEST_FIRST, Order, order_in_force
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection

NO_ROW: Final = Filter(ids=frozenset({-1}))


@dataclass(frozen=True)
class View:
    """``scope`` and ``query`` together; with ``marked`` (the selection at that moment) those of it instead."""

    query: Filter = field(default_factory=Filter)
    scope: Filter = field(default_factory=Filter)
    marked: Selection | None = None
    order: Order = NEWEST_FIRST

    @property
    def filter(self) -> Filter:
        """The two filters as one."""
        match self.marked:
            case None:
                return both(self.scope, self.query)
            case Nothing():
                return NO_ROW
            case Explicit(ids):
                return Filter(ids=ids)
            case Matching() as matching:
                return both(matching.scope, matching.filter)

    @property
    def order_in_force(self) -> Order:
        """The order in which the rows are read: edges are of this one."""
        return order_in_force(self.filter, self.order)


@dataclass(frozen=True)
class MarkCounts:
    """How many are marked and how many of them the filter hides; ``marked`` stops at the store's ``COUNT_CAP`` + 1."""

    marked: int = 0
    hidden: int = 0


def both(scope: Filter, query: Filter) -> Filter:
    """What passes both; the scope restricts by sets only."""
    changes: dict[str, frozenset[object]] = {}
    for one in fields(Filter):
        outer, inner = getattr(scope, one.name), getattr(query, one.name)
        if isinstance(outer, frozenset) and outer:
            changes[one.name] = outer & inner if inner else outer
            if not changes[one.name]:
                return NO_ROW
    return replace(query, **changes)  # type: ignore[arg-type]
