"""The tables (DESIGN.md section 5). Rows stay inside ``store/``; everybody else gets values of ``core/records.py``.

``log.due_at`` is the one column a claim looks at: when the engine should next touch the row; empty = nothing happens
by itself. ``next_attempt_at`` is what people are told. ``log.is_open`` is false only after Sucesso.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from vtexmon.core.status import Phase, ResendKind, Status, WaitReason
from vtexmon.store.types import BigId, UtcTime, Words


def _id() -> Column[int]:
    return Column(BigId, primary_key=True, autoincrement=True)


def _time(nullable: bool = True) -> Column[datetime]:
    return Column(UtcTime, nullable=nullable)


def _partial(name: str, *columns: str, where: str, on_postgresql: str = "", unique: bool = False) -> Index:
    """An index of some rows only; SQLite has no truth values of its own to write the condition with."""
    condition, other = text(where), text(on_postgresql or where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=other)


class Log(SQLModel, table=True):
    """A Registro de log, which is also the queue row (DESIGN.md idea 1)."""

    __table_args__ = (
        _partial("ux_log_open", "record_key", where="is_open = 1", on_postgresql="is_open", unique=True),
        _partial("ux_log_running", "serial_key", where="phase = 'sending'", unique=True),
        _partial("ix_log_doubt", "serial_key", where="phase = 'verifying'"),
        _partial("ix_log_due", "priority", "due_at", "id", where="due_at IS NOT NULL"),
        _partial("ix_log_parent", "parent_key", where="wait_reason = 'parent'"),
        _partial("ix_log_open_status", "status", "id", where="is_open = 1", on_postgresql="is_open"),
        Index("ix_log_status", "status", "id"),
        Index("ix_log_module", "module", "status", "id"),
        Index("ix_log_branch", "branch", "status", "id"),
        Index("ix_log_account", text("lower(account)"), "status", "id"),
        Index("ix_log_channel", text("lower(channel)"), "id"),
        Index("ix_log_company", "company", "id"),
        Index("ix_log_record", "record_key", "id"),
        Index("ix_log_created", "created_at", "id"),
        Index("ix_log_updated", "status", "updated_at"),
        Index("ix_log_touched", "updated_at", "id"),
        Index("ix_log_attempts", "attempts", "id"),
        _partial("ix_log_class", "failure_class", "id", where="failure_class IS NOT NULL"),
        _partial("ix_log_phase", "phase", "id", where="phase <> 'idle'"),
        _partial("ix_log_source_changed", "id", where="source_changed = 1", on_postgresql="source_changed"),
        Index("ix_log_record_bytes", text('record_key COLLATE "C"'), "id").ddl_if(dialect="postgresql"),
        _partial("ix_log_cause", "fingerprint", "id", where="fingerprint IS NOT NULL"),
        _partial("ix_log_resend", "resend_id", where="resend_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, sa_column=_id())
    record_key: str
    module: str
    feature: str
    company: int
    branch: int
    education_level: str
    account: str
    channel: str
    environment: str
    key_fields: str
    key_values: str
    key_folded: str
    status: Status = Field(sa_column=Column(Words(Status), nullable=False))
    phase: Phase = Field(sa_column=Column(Words(Phase), nullable=False))
    wait_reason: WaitReason | None = Field(default=None, sa_column=Column(Words(WaitReason)))
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_column=_time())
    due_at: datetime | None = Field(default=None, sa_column=_time())
    priority: int = 1
    resend_kind: ResendKind | None = Field(default=None, sa_column=Column(Words(ResendKind)))
    resend_id: int | None = None
    failure_class: str | None = None
    fingerprint: str | None = None
    message: str = ""
    advice: str = ""
    external_id: str | None = None
    parent_key: str | None = None
    serial_key: str
    source_hash: str
    source_changed: bool = False
    is_open: bool = True
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_column=_time())
    epoch: int = 0
    not_found: int = 0
    unreadable: int = 0
    repeated: bool = False
    search_text: str = ""
    created_at: datetime = Field(sa_column=_time(nullable=False))
    updated_at: datetime = Field(sa_column=_time(nullable=False))
    created_by: str
    updated_by: str


class LogItem(SQLModel, table=True):
    """An Item de Log: one request. Until ``completed_at`` is set it is an open intent (DESIGN.md idea 2).

    Until ``deadline_at`` what was sent may still be on its way: the request's deadline and the grace after it.
    """

    __tablename__ = "log_item"
    __table_args__ = (
        Index("ix_log_item_log", "log_id", "id"),
        _partial("ix_log_item_open", "log_id", where="completed_at IS NULL", unique=True),
    )

    id: int | None = Field(default=None, sa_column=_id())
    log_id: int = Field(sa_type=BigId, foreign_key="log.id")
    attempt: int
    epoch: int
    step: str
    method: str
    endpoint: str
    status: Status = Field(sa_column=Column(Words(Status), nullable=False))
    message: str = ""
    http_status: int | None = None
    duration_ms: int | None = None
    request_id: str | None = None
    failure_class: str | None = None
    sent_hash: str | None = None
    received_hash: str | None = None
    answered: bool = False
    deadline_at: datetime | None = Field(default=None, sa_column=_time())
    created_at: datetime = Field(sa_column=_time(nullable=False))
    updated_at: datetime = Field(sa_column=_time(nullable=False))
    completed_at: datetime | None = Field(default=None, sa_column=_time())


class Payload(SQLModel, table=True):
    """A body as it went over the wire, addressed by the hash of its text; ``dictionary_id`` 0 = none.

    ``unused_since`` = no item referred to it then, and nobody has used it since (``store/unused.py``).
    """

    hash: str = Field(primary_key=True)
    dictionary_id: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    unused_since: datetime | None = Field(default=None, sa_column=_time())


class PayloadDictionary(SQLModel, table=True):
    """A compression dictionary; versioned, never changed and never deleted."""

    __tablename__ = "payload_dictionary"

    id: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ExternalRecord(SQLModel, table=True):
    """What VTEX is known to hold of a record: its id there and the hash of the wanted state of the last success.

    ``missing_since`` = the source has not had it since then, and an export has taken note of that.
    """

    __tablename__ = "external_record"
    __table_args__ = (Index("ix_external_record_module", "module"),)

    record_key: str = Field(primary_key=True)
    module: str
    account: str
    external_id: str | None = None
    success_hash: str | None = None
    missing_since: datetime | None = Field(default=None, sa_column=_time())
    updated_at: datetime = Field(sa_column=_time(nullable=False))


class ScheduleRun(SQLModel, table=True):
    """One tick of one schedule; the unique pair makes each tick run once over all processes."""

    __tablename__ = "schedule_run"
    __table_args__ = (Index("ux_schedule_run_tick", "schedule", "due_at", unique=True),)

    id: int | None = Field(default=None, sa_column=_id())
    schedule: str
    due_at: datetime = Field(sa_column=_time(nullable=False))
    started_at: datetime | None = Field(default=None, sa_column=_time())
    finished_at: datetime | None = Field(default=None, sa_column=_time())
    outcome: str
    summary: str = ""
    started_by: str


class ScheduleControl(SQLModel, table=True):
    """A schedule that a person paused; without ``paused_until``, until somebody resumes it."""

    __tablename__ = "schedule_control"

    name: str = Field(primary_key=True)
    paused_until: datetime | None = Field(default=None, sa_column=_time())
    paused_by: str
    paused_at: datetime = Field(sa_column=_time(nullable=False))


class Target(SQLModel, table=True):
    """One API of one account as the gate sees it; ``api`` ``*`` carries the pause of the whole account.

    Until ``probe_until`` the one request that may find out whether it answers again is under way.
    """

    account: str = Field(primary_key=True)
    api: str = Field(primary_key=True)
    closed_reason: str | None = None
    closed_until: datetime | None = Field(default=None, sa_column=_time())
    failures: int = 0
    message: str = ""
    probe_until: datetime | None = Field(default=None, sa_column=_time())
    updated_at: datetime = Field(sa_column=_time(nullable=False))
    updated_by: str = ""


class Pace(SQLModel, table=True):
    """What all processes have given out of one of VTEX's limits: until when that lasts at the limit's rate."""

    account: str = Field(primary_key=True)
    bucket: str = Field(primary_key=True)
    spent_until: datetime = Field(sa_column=_time(nullable=False))


class Worker(SQLModel, table=True):
    """A running engine: who it is, when it was last seen, and the hash of the configuration it runs with."""

    owner: str = Field(primary_key=True)
    host: str
    pid: int
    kind: str
    version: str
    config_fingerprint: str
    started_at: datetime = Field(sa_column=_time(nullable=False))
    last_seen: datetime = Field(sa_column=_time(nullable=False))


class Lease(SQLModel, table=True):
    """What one process does for all: who may, until when, and what came of it when it was last done to its end."""

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_column=_time(nullable=False))
    ran_at: datetime | None = Field(default=None, sa_column=_time())
    ran_by: str = ""
    result: str = ""


class WorkScope(SQLModel, table=True):
    """The logs one command took upon itself to bring to rest; rows go when the command ends."""

    __tablename__ = "work_scope"

    owner: str = Field(primary_key=True)
    log_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))


class BulkResend(SQLModel, table=True):
    """A resend that somebody ordered: what was selected, in words, and the note."""

    __tablename__ = "bulk_resend"

    id: int | None = Field(default=None, sa_column=_id())
    created_at: datetime = Field(sa_column=_time(nullable=False))
    created_by: str
    selection: str
    note: str = ""
    stopped: bool = False


class BulkResendMember(SQLModel, table=True):
    """One log of a bulk resend; ``result`` empty until its resend ended or was skipped."""

    __tablename__ = "bulk_resend_member"
    __table_args__ = (Index("ix_bulk_resend_member_log", "log_id"),)

    resend_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    log_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    result: str | None = None


class Audit(SQLModel, table=True):
    """Who did what, when: orders of people and what the engine did in their name."""

    __table_args__ = (Index("ix_audit_log", "log_id"),)

    id: int | None = Field(default=None, sa_column=_id())
    at: datetime = Field(sa_column=_time(nullable=False))
    who: str
    action: str
    detail: str = ""
    log_id: int | None = Field(default=None, sa_type=BigId)


class Meta(SQLModel, table=True):
    """Facts about the database itself: ``stage`` (one database refuses to mix stages) and ``min_reader``."""

    key: str = Field(primary_key=True)
    value: str
