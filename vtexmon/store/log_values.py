"""A row of the table ``log`` as the frozen value that everybody else sees, from what the driver gives."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from vtexmon.core.ordering import moment
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Phase, ResendKind, Status, WaitReason

LOG_NAMES: Final = tuple(field.name for field in fields(LogRecord))
"""The columns that make a ``LogRecord``, in its order."""

_WORDS: Final = {"status": Status, "phase": Phase, "wait_reason": WaitReason, "resend_kind": ResendKind}
_TIMES: Final = ("next_attempt_at", "created_at", "updated_at")
_READERS: Final = (
    *((LOG_NAMES.index(name), kind) for name, kind in _WORDS.items()),
    *((LOG_NAMES.index(name), moment) for name in _TIMES),
    (LOG_NAMES.index("source_changed"), bool),
)


def columns(table: str) -> str:
    """The columns for a ``SELECT``, of a table or alias."""
    return ", ".join(f"{table}.{name}" for name in LOG_NAMES)


def log_of(row: Any) -> LogRecord:
    """One row of ``columns`` (more may follow) as a value."""
    cells = list(row[: len(LOG_NAMES)])
    for index, read in _READERS:
        if cells[index] is not None:
            cells[index] = read(cells[index])  # type: ignore[operator]
    return LogRecord(*cells)
