"""What the Monitor de Log reads from the store beside its rows: the overview, and counts of marks.

Functions over a connection, run in a thread by ``Session.read``; they give frozen values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from screens.view import MarkCounts, View, both
from vtexmon.config import Config
from vtexmon.core.records import OpenCounts, ScheduleState, TargetState
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection, named_ids
from vtexmon.engine import schedules
from vtexmon.store import log_pages, logs, targets, workers

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


def overview(connection: Connection, config: Config, view: View, now: datetime, today: datetime) -> Overview:
    """Everything above and below the list; ``today`` is local midnight. ``matching`` is left out when all passes."""
    counts = logs.open_counts(connection, today, view.scope if not view.scope.is_empty else None)
    everything = log_pages.count(connection, view.scope)
    exact = everything <= log_pages.COUNT_CAP
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
        matching=None if view.filter == view.scope else log_pages.count(connection, view.filter),
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
