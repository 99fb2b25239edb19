"""The marks of the Monitor de Log: the selection, and how many it holds and the filter hides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from screens import list_reads
from screens.view import MarkCounts, View
from vtexmon.core import selection as marks
from vtexmon.core.records import LogRecord
from vtexmon.core.selection import Matching, Nothing, Selection

if TYPE_CHECKING:
    from screens.session import Session

LONGEST_RANGE: Final = 10_000
"""A longer range is marked by a filter and ``A``: a mark by name is kept for every row."""


class LogMarks:
    """The selection of one list; ``counts`` lags behind it until ``count`` has read."""

    def __init__(self, session: Session) -> None:
        self.selection: Selection = Nothing()
        self.counts = MarkCounts()
        self._session = session

    def holds(self, record: LogRecord) -> bool:
        """Whether the record is marked."""
        return marks.contains(self.selection, record)

    def toggle(self, record: LogRecord) -> None:
        """Mark the record, or take its mark away."""
        self._set(marks.toggle(self.selection, record))

    def add(self, records: Iterable[LogRecord]) -> None:
        """Mark these."""
        self._set(marks.add(self.selection, records))

    def clear(self) -> bool:
        """Take every mark away; False when there was none."""
        had = not isinstance(self.selection, Nothing)
        self._set(Nothing())
        return had

    async def add_between(self, view: View, one: int, other: int) -> bool:
        """Mark what the view lists between two ids, both included; False when that is too much to mark by name."""
        page = await self._session.read(lambda c: list_reads.between(c, view, one, other, LONGEST_RANGE))
        if page.complete:
            self.add(page.rows)
        return page.complete

    async def add_all(self, view: View) -> bool:
        """Mark everything the view lists now; True when that took the place of another such mark."""
        from screens import reads

        before = self.selection
        found = await self._session.read(lambda c: reads.all_matching(c, before, view))
        replaced = isinstance(before, Matching) and (before.filter, before.scope) != (found.filter, found.scope)
        self._set(found)
        return replaced

    async def count(self, view: View) -> None:
        """Learn how many are marked and how many of them the view does not show."""
        from screens import reads

        chosen = self.selection
        found = await self._session.read(lambda c: reads.count_marks(c, chosen, view))
        if chosen is self.selection:
            self.counts = found

    def _set(self, selection: Selection) -> None:
        self.selection = selection
        known = marks.size(selection)
        if known is not None:
            self.counts = MarkCounts(known, min(self.counts.hidden, known))
