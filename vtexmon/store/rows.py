"""From rows to the frozen values of ``core/records.py``: the columns are the values' own field names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Select, Table, select

from vtexmon.core.records import LogItemRecord, LogRecord, ScheduleRunRecord
from vtexmon.store.models import Log, LogItem, ScheduleRun

LOG: Table = Log.__table__  # type: ignore[attr-defined]
LOG_ITEM: Table = LogItem.__table__  # type: ignore[attr-defined]
SCHEDULE_RUN: Table = ScheduleRun.__table__  # type: ignore[attr-defined]

LOG_COLUMNS = tuple(LOG.c[field.name] for field in fields(LogRecord))
ITEM_COLUMNS = tuple(LOG_ITEM.c[field.name] for field in fields(LogItemRecord))
RUN_COLUMNS = tuple(SCHEDULE_RUN.c[field.name] for field in fields(ScheduleRunRecord))


def select_logs() -> Select[Any]:
    """A query whose rows ``as_log`` understands."""
    return select(*LOG_COLUMNS)


def as_log(row: Any) -> LogRecord:
    """A row of ``select_logs`` (more columns may follow) as a value."""
    return LogRecord(*row[: len(LOG_COLUMNS)])


def as_item(row: Any) -> LogItemRecord:
    """A row of the item columns as a value."""
    return LogItemRecord(*row[: len(ITEM_COLUMNS)])


def as_run(row: Any) -> ScheduleRunRecord:
    """A row of the run columns as a value."""
    return ScheduleRunRecord(*row[: len(RUN_COLUMNS)])
