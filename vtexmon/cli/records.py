"""Logs and items as JSON has them: the field names of DESIGN.md section 8, which scripts rely on."""

from __future__ import annotations

from typing import Any

from vtexmon.cli.output import utc_text
from vtexmon.core import modules
from vtexmon.core.records import LogItemRecord, LogRecord

LOG_FIELDS = (
    "id",
    "company",
    "branch",
    "education_level",
    "key_fields",
    "key_values",
    "status",
    "phase",
    "wait_reason",
    "feature",
    "module",
    "created_at",
    "updated_at",
    "attempts",
    "created_by",
    "updated_by",
    "channel",
    "account",
    "environment",
    "failure_class",
    "message",
    "next_attempt_at",
    "external_id",
)
"""The fields of a log, in the order they are printed."""


def log_json(log: LogRecord) -> dict[str, Any]:
    """A log with exactly ``LOG_FIELDS``."""
    values = vars(log) | {
        "status": log.status.value,
        "phase": log.phase.value,
        "wait_reason": log.wait_reason.value if log.wait_reason else None,
        "module": modules.label(log.module),
        "created_at": utc_text(log.created_at),
        "updated_at": utc_text(log.updated_at),
        "next_attempt_at": utc_text(log.next_attempt_at),
    }
    return {name: values[name] for name in LOG_FIELDS}


def item_json(item: LogItemRecord, sent: str | None, received: str | None) -> dict[str, Any]:
    """An item with its texts as they went over the wire."""
    return {
        "id": item.id,
        "log_id": item.log_id,
        "message": item.message,
        "status": item.status.value,
        "sent": sent,
        "received": received,
        "created_at": utc_text(item.created_at),
        "updated_at": utc_text(item.updated_at),
        "attempt": item.attempt,
        "step": item.step,
        "method": item.method,
        "endpoint": item.endpoint,
        "http_status": item.http_status,
        "duration_ms": item.duration_ms,
    }
