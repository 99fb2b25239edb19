"""The gate's memory: which account, or which API of it, may not be called now, why and until when.

Shared by all processes and kept over restarts. ``api`` ``*`` is a person's pause of the whole account.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, or_, select, update

from vtexmon.core.records import TargetState
from vtexmon.core.status import Phase, WaitReason
from vtexmon.store import audit
from vtexmon.store.engines import put
from vtexmon.store.models import Target
from vtexmon.store.rows import LOG
from vtexmon.store.sql import on_postgresql

TARGET: Table = Target.__table__  # type: ignore[attr-defined]

WHOLE_ACCOUNT = "*"

# Asked before every request, so built once: building it costs more than running it.
_CLOSED = (
    select(
        TARGET.c.account,
        TARGET.c.api,
        TARGET.c.closed_reason,
        TARGET.c.closed_until,
        TARGET.c.failures,
        TARGET.c.message,
    )
    .where(TARGET.c.closed_reason.is_not(None))
    .order_by(TARGET.c.account, TARGET.c.api)
)


def closed(connection: Connection) -> list[TargetState]:
    """Every target that somebody or something closed, also those whose time has passed."""
    return [TargetState(*row) for row in connection.execute(_CLOSED)]


def close(connection: Connection, state: TargetState, now: datetime, who: str) -> None:
    """Close a target for everybody, at least until then; a probe of it has ended."""
    row = {
        "account": state.account,
        "api": state.api,
        "closed_reason": state.closed_reason,
        "closed_until": state.closed_until,
        "failures": state.failures,
        "message": state.message,
        "probe_until": None,
        "updated_at": now,
        "updated_by": who,
    }
    put(connection, TARGET, row, key=("account", "api"))


def keep_closed(connection: Connection, state: TargetState, now: datetime, who: str) -> None:
    """Close a target for everybody, unless somebody has closed it for longer already."""
    query = select(TARGET.c.closed_until).where(TARGET.c.account == state.account, TARGET.c.api == state.api)
    until = connection.execute(query.with_for_update()).scalar_one_or_none()
    if until is None or state.closed_until is None or until < state.closed_until:
        close(connection, state, now, who)


def take_probe(connection: Connection, account: str, api: str, now: datetime, until: datetime) -> bool:
    """Whether we are the one that may find out if a target whose time has passed answers again."""
    free = or_(TARGET.c.probe_until.is_(None), TARGET.c.probe_until <= now)
    probed = update(TARGET).where(TARGET.c.account == account, TARGET.c.api == api, free).values(probe_until=until)
    return connection.execute(probed).rowcount == 1


def reopen(connection: Connection, account: str, api: str, now: datetime) -> None:
    """The target answered again: everything that waits for it is due."""
    connection.execute(TARGET.delete().where(TARGET.c.account == account, TARGET.c.api == api))
    _wake(connection, account, (WaitReason.TARGET, WaitReason.CREDENTIAL), now)


def pause(connection: Connection, account: str, until: datetime | None, now: datetime, who: str) -> None:
    """Stop sending to an account until a time, or until somebody resumes it."""
    state = TargetState(account, WHOLE_ACCOUNT, WaitReason.PAUSED.value, until, 0, who)
    close(connection, state, now, who)
    audit.write(connection, who, "pause", account, now)


def unpause(connection: Connection, account: str, now: datetime, who: str) -> bool:
    """Resume sending to an account; False when it was not paused. What waited for it is due."""
    gone = connection.execute(TARGET.delete().where(TARGET.c.account == account, TARGET.c.api == WHOLE_ACCOUNT))
    _wake(connection, account, (WaitReason.PAUSED,), now)
    audit.write(connection, who, "unpause", account, now)
    return gone.rowcount > 0


def pause_stands(connection: Connection, account: str, now: datetime) -> bool:
    """Whether an account is paused, and stays so until our transaction ends; never waits."""
    query = select(TARGET.c.closed_until).where(TARGET.c.account == account, TARGET.c.api == WHOLE_ACCOUNT)
    if on_postgresql(connection):
        query = query.with_for_update(read=True, skip_locked=True)
    row = connection.execute(query).one_or_none()
    return row is not None and (row.closed_until is None or row.closed_until > now)


def _wake(connection: Connection, account: str, reasons: tuple[WaitReason, ...], now: datetime) -> None:
    waiting = (LOG.c.account == account, LOG.c.phase == Phase.WAITING, LOG.c.wait_reason.in_(reasons))
    connection.execute(update(LOG).where(LOG.c.is_open, *waiting).values(due_at=now, next_attempt_at=now))
