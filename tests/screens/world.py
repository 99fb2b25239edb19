"""A world for the screens: a session over a temporary database with a fixed clock and deterministic logs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from textual.app import App
from textual.pilot import Pilot

from screens.app import MonitorApp
from screens.session import Session
from vtexmon.config import Account, Config, Regional, Resend, Schedule, Secret
from vtexmon.core.filters import folded_key, search_text
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.facts import Facts
from vtexmon.store import migrate, payloads
from vtexmon.store.database import Database
from vtexmon.store.models import Log, LogItem

T = TypeVar("T")
LOG: Any = Log.__table__  # type: ignore[attr-defined]
LOG_ITEM: Any = LogItem.__table__  # type: ignore[attr-defined]

NOW = datetime(2026, 11, 24, 17, 32, 7, tzinfo=UTC)
"""14:32:07 in São Paulo."""

MINUTE = timedelta(minutes=1)
KEYS = {
    "product": "1;12;CURSO{n}",
    "sku": "1;12;CQ.AJUS.N-{n}",
    "price": "1;12;CQ.AJUS.N-{n};B2C",
    "stock": "1;12;CQ.AJUS.N-{n};3",
}
MODULE_CYCLE = ("product", "sku", "price", "stock")
STATUS_CYCLE = (Status.ERROR, Status.SUCCESS, Status.SUCCESS, Status.CANCELLED, Status.SUCCESS, Status.PENDING)
MESSAGES = {
    Status.ERROR: "Campo Title recusado pela VTEX: texto acima de 150 letras",
    Status.CANCELLED: "Depósito 3 não existe na conta lojasp",
}


@dataclass
class FixedClock:
    """A clock that moves only when a test moves it."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


def config(**changes: Any) -> Config:
    """Two accounts of the sandbox, one regional, all three schedules, five attempts."""
    base = Config(
        accounts={name: _account(name, account) for name, account in (("nacional", "lojanacional"), ("sp", "lojasp"))},
        regionals=(Regional("SENAI-SP", 1, (12,), b2c="sp"),),
        resend=Resend(5),
        schedules={
            "catalog_export": Schedule("catalog_export", every=timedelta(minutes=15)),
            "resend": Schedule("resend", every=timedelta(minutes=1)),
            "resend_all": Schedule("resend_all", cron="0 22 * * *", enabled=False),
        },
    )
    return replace(base, **changes)


def _account(name: str, account: str) -> Account:
    url = "http://127.0.0.1:1"
    key, token = Secret("env:KEY", "chave"), Secret("env:TOKEN", "segredo")
    return Account(name, account, "vtexcommercestable", "sandbox", key, token, url, f"{url}/{account}", url)


@contextmanager
def session(
    folder: Path, *, logs: int = 60, may_write: bool = True, name: str = "mundo.db", **changes: Any
) -> Iterator[Session]:
    """A session without an engine over a new database with ``logs`` logs (ids 1…); ``changes`` go to the config."""
    database = Database(f"sqlite:///{folder / name}")
    try:
        migrate.upgrade(database, NOW)
        insert(database, [log_row(log_id) for log_id in range(1, logs + 1)])
        chosen, clock = config(database_url=f"sqlite:///{folder / name}", **changes), FixedClock()
        commands = Commands(chosen, database, clock, Operator("ana", may_write))
        yield Session(chosen, database, clock, commands, Facts())
    finally:
        database.close()


def log_row(log_id: int, status: Status | None = None, module: str | None = None, **changes: Any) -> dict[str, Any]:
    """One log as the store keeps it; id, status and module decide everything else unless ``changes`` say it."""
    chosen, kind = status or STATUS_CYCLE[log_id % 6], module or MODULE_CYCLE[log_id % 4]
    key = KEYS.get(kind, "1;12;{n}").format(n=log_id)
    retry = chosen is Status.ERROR
    message = MESSAGES.get(chosen, "")
    created = NOW - MINUTE * (300 - min(log_id, 200))
    values = {
        "id": log_id,
        "record_key": f"{kind}|nacional|b2c|{key}",
        "module": kind,
        "feature": MODULES[kind].feature.value,
        "company": 1,
        "branch": 12,
        "education_level": "1",
        "account": "nacional",
        "channel": "b2c",
        "environment": "vtexcommercestable",
        "key_fields": ";".join(MODULES[kind].key_fields),
        "key_values": key,
        "key_folded": f";{folded_key(key)};",
        "status": chosen,
        "phase": {Status.ERROR: Phase.WAITING, Status.PENDING: Phase.QUEUED}.get(chosen, Phase.IDLE),
        "wait_reason": WaitReason.RETRY if retry else None,
        "attempts": {Status.ERROR: 2, Status.CANCELLED: 5}.get(chosen, 0),
        "next_attempt_at": NOW + 3 * MINUTE if retry else None,
        "failure_class": "dado" if message else None,
        "fingerprint": f"f-{chosen.value}" if message else None,
        "message": message,
        "advice": "Corrija o nome no SGE; o reenvio lê a fonte de novo." if message else "",
        "external_id": str(9000 + log_id) if chosen is Status.SUCCESS else None,
        "serial_key": f"{kind}|{log_id}",
        "source_hash": "0" * 64,
        "source_changed": False,
        "is_open": chosen is not Status.SUCCESS,
        "search_text": search_text(key, message=message),
        "created_at": created,
        "updated_at": created + 5 * MINUTE,
        "created_by": "agendador",
        "updated_by": "agendador",
        "priority": 1,
        "epoch": 0,
        "not_found": 0,
        "unreadable": 0,
        "repeated": False,
    }
    return {**values, **changes}


def item_row(log_id: int, attempt: int = 0, status: Status = Status.ERROR, **changes: Any) -> dict[str, Any]:
    """One item of a log; ``sent`` and ``received`` in ``changes`` are texts to be stored."""
    moment = NOW - MINUTE * (30 - attempt)
    values = {
        "log_id": log_id,
        "attempt": attempt,
        "epoch": attempt,
        "step": "sku.create",
        "method": "POST",
        "endpoint": "/api/catalog/pvt/stockkeepingunit",
        "status": status,
        "message": MESSAGES.get(status, ""),
        "http_status": 400 if status is Status.ERROR else 200,
        "duration_ms": 212,
        "answered": True,
        "created_at": moment,
        "updated_at": moment,
        "completed_at": moment,
        "sent": '{"ProductId": 512, "Name": "Ajustador"}',
        "received": '{"Message": "The request is invalid", "ModelState": {"Name": ["The field is required"]}}',
    }
    return {**values, **changes}


def insert(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    """Put logs into the database."""
    found = list(rows)
    if found:
        database.write_now(lambda c: c.execute(LOG.insert(), found))


def insert_items(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    """Put items with their payloads into the database."""

    def work(connection: Any) -> None:
        for row in rows:
            values = dict(row)
            for side in ("sent", "received"):
                values[f"{side}_hash"] = payloads.store(connection, values.pop(side))
            connection.execute(LOG_ITEM.insert().values(**values))

    database.write_now(work)


def change(database: Database, log_id: int, **values: Any) -> None:
    """Another process changes a log."""
    database.write_now(lambda c: c.execute(LOG.update().where(LOG.c.id == log_id).values(**values)))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a test's coroutine."""
    return asyncio.run(work)


def monitor(world: Session) -> MonitorApp:
    """The program over that session, without an engine."""
    return MonitorApp(world.config, with_engine=False, open_session=lambda _config, _read_only: world)


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until everything that was asked for was read and drawn."""
    for _turn in range(3):
        await pilot.pause(0.03)
        await pilot.app.workers.wait_for_complete()
    await pilot.pause(0.03)


def on_screen(app: App[Any]) -> list[str]:
    """The lines of the terminal, as a person sees them."""
    compositor = app.screen._compositor
    return ["".join(segment.text for segment in strip).rstrip() for strip in compositor.render_strips()]
