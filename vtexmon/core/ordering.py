"""In which order logs are listed: by one column, up or down, the id deciding between equals.

An order is only offered where an index answers it (``store/log_pages.py``), so that ten million rows cost what ten
cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from vtexmon.core.filters import Filter
from vtexmon.core.records import LogRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SortColumn(StrEnum):
    """What logs can be listed by; the values are what saved views and the ``:`` prompt write."""

    ID = "id"
    CREATED = "criado"
    UPDATED = "alterado"
    STATUS = "status"
    RECORD = "registro"
    ATTEMPTS = "tentativas"


SortValue = str | int


@dataclass(frozen=True)
class Order:
    """The column and its direction; the newest first, unless somebody wants it otherwise."""

    column: SortColumn = SortColumn.ID
    descending: bool = True

    @property
    def by_id(self) -> bool:
        """Whether ids alone make the order."""
        return self.column is SortColumn.ID

    def reversed(self) -> Order:
        """The other way round."""
        return Order(self.column, not self.descending)

    def precedes(self, one: Edge, other: Edge) -> bool:
        """Whether a place comes before another in the list."""
        return one > other if self.descending else one < other

    def just_before(self, edge: Edge) -> Edge:
        """The place next to this one, towards the list's start: what comes after it begins with this one."""
        neighbour = edge.id + (1 if self.descending else -1)
        return Edge.at(neighbour) if self.by_id else Edge(edge.value, neighbour)


NEWEST_FIRST = Order()


@dataclass(frozen=True, order=True)
class Edge:
    """The place of one row in an order of one column: where a page begins or ends."""

    value: SortValue
    id: int

    @classmethod
    def of(cls, record: LogRecord, order: Order) -> Edge:
        """Where the record stands in the order."""
        return cls(_VALUES[order.column](record), record.id)

    @classmethod
    def at(cls, log_id: int) -> Edge:
        """The place of an id in the order of ids."""
        return cls(log_id, log_id)


def order_in_force(query: Filter, order: Order) -> Order:
    """The order that answers a filter: what was created in a period is listed in order of creation, which is the order
    of ids but for logs that several processes made in the same moment."""
    in_a_period = query.created is not None or (query.updated is not None and query.updated.until is not None)
    return replace(order, column=SortColumn.CREATED) if order.by_id and in_a_period else order


def microseconds(moment: datetime) -> int:
    """A moment as whole microseconds since 1970 in UTC, as the store keeps it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds_since_1970: int) -> datetime:
    """The moment of ``microseconds``."""
    return _EPOCH + timedelta(microseconds=microseconds_since_1970)


_VALUES: Mapping[SortColumn, Callable[[LogRecord], SortValue]] = {
    SortColumn.ID: lambda record: record.id,
    SortColumn.CREATED: lambda record: microseconds(record.created_at),
    SortColumn.UPDATED: lambda record: microseconds(record.updated_at),
    SortColumn.STATUS: lambda record: record.status.value,
    SortColumn.RECORD: lambda record: record.record_key,
    SortColumn.ATTEMPTS: lambda record: record.attempts,
}
