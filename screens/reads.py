"""What the Monitor de Log reads from the store: pages, a look at what is seen, the overview, counts of marks.

Functions over a connection, run in a thread by ``Session.read``; they give frozen values.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from screens.live_rows import ENTERED, Look, Stretch
from screens.view import MarkCounts, View, both
from screens.widgets.rows import Direction
from vtexmon.config import Config
from vtexmon.core.records import LogRecord, OpenCounts, ScheduleState, TargetState
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection, contains, named_ids
from vtexmon.engine import schedules
from vtexmon.store import logs, targets, workers

NEWER = 400
"""How many rows above the list's start one look takes in; the rest come by pages."""

ALIVE = timedelta(minutes=2)


@dataclass(frozen=True)
class Overview:
    """How things stand: what the first line, the counts and the warnings are made of."""

    counts: OpenCounts
    last_change: datetime | None
    total: int
    exact: bool
    targets: tuple[TargetState, ...]
    schedules: tuple[ScheduleState, ...]
    fingerprints: int = 0
    matching: int | None = None


@dataclass(frozen=True)
class Page:
    """One page: the rows, and whether the list goes no further in that direction."""

    rows: Sequence[LogRecord] = field(default_factory=tuple)
    complete: bool = True


def page(connection: Connection, view: View, direction: Direction, key: int | None, limit: int) -> Page:
    """One page of the list, newest first."""
    match direction:
        case Direction.FIRST:
            rows = logs.page(connection, view.filter, limit)
        case Direction.LAST:
            rows = logs.last_page(connection, view.filter, limit)
        case Direction.AFTER:
            rows = logs.page(connection, view.filter, limit, older_than=key)
        case Direction.BEFORE:
            rows = logs.page(connection, view.filter, limit, newer_than=key)
    complete = len(rows) < limit
    if not isinstance(view.marked, Matching):
        return Page(rows, complete)
    upwards = direction in (Direction.BEFORE, Direction.LAST)
    marked = _only_marked(connection, view.marked, rows, complete, upwards, key)
    if marked or complete:
        return Page(marked, complete)
    further, edge = (Direction.BEFORE, rows[0].id) if upwards else (Direction.AFTER, rows[-1].id)
    return page(connection, view, further, edge, limit)  # every row of this page was unmarked again


def around(connection: Connection, view: View, row_id: int, limit: int) -> tuple[Page, Page]:
    """The rows from ``row_id`` down, itself included, and those above it."""
    below = page(connection, view, Direction.AFTER, row_id + 1, limit)
    return below, page(connection, view, Direction.BEFORE, row_id, limit)


def look(connection: Connection, view: View, asked: Stretch) -> Look:
    """How a stretch of the list is now."""
    newer = page(connection, view, Direction.BEFORE, asked.newest, NEWER) if asked.newest is not None else Page()
    limit = len(asked.ids) + ENTERED
    rows = logs.page(connection, view.filter, limit, older_than=asked.high + 1, down_to=asked.down_to)
    down_to = asked.down_to if len(rows) < limit else rows[-1].id
    if view.marked is not None:
        rows = [row for row in rows if contains(view.marked, row)]
    missing = set(asked.ids) - {row.id for row in rows}
    gone = logs.by_ids(connection, missing) if missing else []
    return Look(newer.rows, newer.complete, rows, gone, down_to)


def between(connection: Connection, view: View, one: int, other: int, limit: int) -> Page:
    """The rows between two ids, both included; ``complete`` False when there are more than ``limit``."""
    low, high = sorted((one, other))
    rows = logs.page(connection, view.filter, limit + 1, older_than=high + 1, down_to=low)
    return Page(rows[:limit], len(rows) <= limit)


def overview(connection: Connection, config: Config, view: View, now: datetime, today: datetime) -> Overview:
    """Everything above and below the list; ``today`` is local midnight. ``matching`` is left out when all passes."""
    counts = logs.open_counts(connection, today, view.scope if not view.scope.is_empty else None)
    everything = logs.count(connection, view.scope)
    exact = everything <= logs.COUNT_CAP
    total = everything if exact or not view.scope.is_empty else logs.highest_id(connection)
    alive = workers.alive(connection, now, ALIVE)
    return Overview(
        counts=counts,
        last_change=logs.last_change(connection),
        total=total,
        exact=exact,
        targets=tuple(targets.closed(connection)),
        schedules=tuple(schedules.states(connection, config, now)),
        fingerprints=len({worker.config_fingerprint for worker in alive}),
        matching=None if view.filter == view.scope else logs.count(connection, view.filter),
    )


def count_marks(connection: Connection, selection: Selection, view: View) -> MarkCounts:
    """Marked and hidden; nothing is hidden where the list shows only the marked."""
    match selection:
        case Nothing():
            return MarkCounts()
        case Explicit(ids):
            shown = len(ids) if view.marked else len(logs.ids_among(connection, view.filter, ids))
            return MarkCounts(len(ids), len(ids) - shown)
        case Matching():
            same = both(selection.scope, selection.filter) == view.filter and not selection.plus
            hidden = 0 if same or view.marked else logs.count_hidden(connection, selection, view.filter)
            return MarkCounts(logs.count_selected(connection, selection), hidden)


def all_matching(connection: Connection, selection: Selection, view: View) -> Matching:
    """Everything that the view shows now, and the rows marked one by one before that it does not show."""
    named = named_ids(selection)
    outside = named - logs.ids_among(connection, view.filter, named) if named else frozenset()
    return Matching(view.query, logs.highest_id(connection), plus=frozenset(outside), scope=view.scope)


def _only_marked(
    connection: Connection, marked: Matching, rows: Sequence[LogRecord], complete: bool, upwards: bool, key: int | None
) -> list[LogRecord]:
    """A page of the predicate's rows without the unmarked ones, and with those marked one by one that belong there."""
    edges = [row.id for row in rows]
    cut = bool(edges) and not complete
    if upwards:
        low, high = (key or 0) + 1, edges[0] if cut else sys.maxsize
    else:
        low, high = edges[-1] if cut else 0, (key or sys.maxsize) - 1
    extra = [one for one in logs.by_ids(connection, marked.plus) if low <= one.id <= high] if marked.plus else []
    found = {row.id: row for row in (*rows, *extra) if contains(marked, row)}
    return [found[row_id] for row_id in sorted(found, reverse=True)]
