"""What the store hands out and the screens and commands show: frozen values, one per thing a person can look at.

Times are aware datetimes in UTC. ``key_fields`` and ``key_values`` are ``;``-joined, as RM does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vtexmon.core.status import Phase, ResendKind, Status, WaitReason


@dataclass(frozen=True)
class LogRecord:
    """One Registro de log: the manual's eleven fields and what the engine is doing with it.

    ``record_key`` names the record of which this is one log: module, account, channel and key.
    """

    id: int
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
    status: Status
    phase: Phase
    wait_reason: WaitReason | None
    attempts: int
    next_attempt_at: datetime | None
    resend_kind: ResendKind | None
    failure_class: str | None
    fingerprint: str | None
    message: str
    advice: str
    external_id: str | None
    parent_key: str | None
    source_hash: str
    source_changed: bool
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    record_key: str = ""


@dataclass(frozen=True)
class LogItemRecord:
    """One Item de Log: one request of one attempt. ``completed_at`` None = sent, outcome not known (an open intent)."""

    id: int
    log_id: int
    attempt: int
    step: str
    method: str
    endpoint: str
    status: Status
    message: str
    http_status: int | None
    duration_ms: int | None
    request_id: str | None
    sent_hash: str | None
    received_hash: str | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class OpenCounts:
    """How many open logs there are by status, the oldest of them, and today's successes (None = not counted yet)."""

    error: int
    cancelled: int
    pending: int
    success_today: int | None
    oldest_open_at: datetime | None


@dataclass(frozen=True)
class ScheduleRunRecord:
    """One run of one schedule; ``outcome`` is ``running``, ``done``, ``failed``, ``missed`` or ``skipped``."""

    id: int
    schedule: str
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    outcome: str
    summary: str
    started_by: str


@dataclass(frozen=True)
class ScheduleState:
    """What the schedules screen shows of one schedule."""

    name: str
    label: str
    rule: str
    enabled: bool
    paused_until: datetime | None
    paused: bool
    next_due_at: datetime | None
    last_run: ScheduleRunRecord | None
    missed: int


@dataclass(frozen=True)
class TargetState:
    """One account's API as the gate sees it: open, or closed for a reason until a time (None = until someone acts)."""

    account: str
    api: str
    closed_reason: str | None
    closed_until: datetime | None
    failures: int
    message: str


@dataclass(frozen=True)
class ResendProgress:
    """How far one bulk resend is. ``finished`` when no member is left to be decided."""

    id: int
    total: int
    succeeded: int
    failed: int
    cancelled: int
    skipped: int
    waiting: int
    note: str
    created_at: datetime
    created_by: str
    stopped: bool

    @property
    def decided(self) -> int:
        """Members whose resend has ended one way or another."""
        return self.succeeded + self.failed + self.cancelled + self.skipped

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen in this bulk."""
        return self.decided >= self.total
