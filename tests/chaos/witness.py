"""Sees every change of a log's state, by a trigger, and judges it in the moment it is committed.

What a screen shows between two steps would miss what was wrong only for a moment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.chaos import ledger
from tests.chaos.memory_vtex import MemoryVtex
from vtexmon.config import Config
from vtexmon.sge.source import Channel, ClassKey, CourseKey, Snapshot
from vtexmon.store.sqlite_library import sqlite_driver

GONE = "não está mais na origem"

TRIGGERS = """
CREATE TABLE IF NOT EXISTS witness (
    id INTEGER PRIMARY KEY, log_id INTEGER, module TEXT, key_values TEXT, external_id TEXT, owner TEXT,
    epoch INTEGER, message TEXT,
    was_status TEXT, was_phase TEXT, was_attempts INTEGER,
    status TEXT, phase TEXT, wait_reason TEXT, attempts INTEGER, resend_kind TEXT
);
CREATE TRIGGER IF NOT EXISTS sees AFTER UPDATE OF status, phase, attempts ON log BEGIN
    INSERT INTO witness SELECT NULL, new.id, new.module, new.key_values, new.external_id, new.lease_owner, new.epoch,
        new.message,
        old.status, old.phase, old.attempts, new.status, new.phase, new.wait_reason, new.attempts, new.resend_kind;
END;
"""

NEXT = {
    "Pendente": {"Pendente", "Sucesso", "Erro", "Cancelado"},
    "Erro": {"Erro", "Sucesso", "Cancelado"},
    "Cancelado": {"Cancelado", "Sucesso", "Erro"},
    "Sucesso": {"Sucesso"},
}


class Witness:
    """``wrong`` gets what must not be. ``maximum`` is each process's *Número de tentativas de reenvio*."""

    def __init__(self, file: Path, vtex: MemoryVtex, config: Config, snapshot: Snapshot, wrong: list[str]) -> None:
        self.vtex, self.config, self.wrong, self.seen = vtex, config, wrong, 0
        self.versions = [snapshot]
        self.maximum: dict[str, int | None] = {}
        self._version_at_claim: dict[int, int] = {}
        self._may_not_send: dict[int, int] = {}
        self._eyes = sqlite_driver().connect(file, isolation_level=None)
        self._eyes.executescript(TRIGGERS)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return list(self._eyes.execute(sql, values))

    def close(self) -> None:
        self._eyes.close()

    def look(self) -> None:
        """Judge what was committed since the last look."""
        for number, *change in self.rows("SELECT * FROM witness WHERE id > ? ORDER BY id", self.seen):
            self.seen = number
            self._judge(*change)

    def _judge(
        self, log_id: int, module: str, key: str, external_id: str, owner: str, epoch: int, message: str, *states: Any
    ) -> None:
        was_status, was_phase, was_attempts, status, phase, reason, attempts, kind = states
        where = f"log {log_id} {module} {key}: {was_status}/{was_phase}/{was_attempts} -> {status}/{phase}/{attempts}"
        if status not in NEXT[was_status]:
            self.wrong.append(f"no such way, {where}")
        may_not = self._may_not_send.get(log_id) == epoch
        ended = was_phase == "sending" and (phase == "idle" or (phase == "waiting" and reason == "retry"))
        counts = ended and was_status != "Pendente" and message != GONE and not may_not
        if attempts - was_attempts != int(counts):
            self.wrong.append(f"attempts do not count the resends, {where}")
        if may_not and self.rows("SELECT 1 FROM log_item WHERE log_id = ? AND epoch = ?", log_id, epoch):
            self.wrong.append(f"resent by itself at the maximum, {where}")
        if phase == "sending":
            self._version_at_claim[log_id] = len(self.versions) - 1
            maximum = self.maximum[owner]
            in_doubt = self.rows("SELECT 1 FROM log_item WHERE log_id = ? AND completed_at IS NULL", log_id)
            if kind == "automatic" and not in_doubt and (not maximum or attempts >= maximum):
                self._may_not_send[log_id] = epoch
        if status == "Sucesso" and was_status != "Sucesso":
            wanted = [wanted_at(one, module, key) for one in self.versions[self._version_at_claim[log_id] :]]
            held = held_at(self.vtex, module, external_id)
            if held is None or held not in wanted:
                self.wrong.append(f"told and not held ({held}, wanted {wanted}), {where}")

    def at_rest(self) -> list[str]:
        """What must hold at every moment."""
        checks = {
            "sending without owner and lease": "phase = 'sending' AND (lease_owner IS NULL OR lease_until IS NULL)",
            "owned by somebody who does not send": "phase <> 'sending' AND lease_owner IS NOT NULL",
            "open and successful": "(status = 'Sucesso') = is_open",
            "due and idle": "phase = 'idle' AND due_at IS NOT NULL",
            "never due": "phase IN ('queued', 'sending', 'verifying') AND due_at IS NULL",
        }
        query = "SELECT id, module, key_values, status, phase FROM log WHERE "
        found = [f"{name}: {row}" for name, condition in checks.items() for row in self.rows(query + condition)]
        return found + ledger.created_twice(self.vtex)  # type: ignore[arg-type]


def wanted_at(snapshot: Snapshot, module: str, key: str) -> tuple[Any, ...] | None:
    """What a record's own fields are at the source; None = it is not there."""
    if module in ("category", "brand"):
        return (key.split(";")[1],)
    company, branch, code, *_rest = key.split(";")
    if module == "product":
        course = snapshot.courses.get(CourseKey(int(company), int(branch), code))
        return None if course is None else (course.name, course.description, course.active)
    class_key = ClassKey(int(company), int(branch), code)
    row = snapshot.classes.get(class_key)
    if row is None:
        return None
    if module == "sku":
        return row.name, row.active
    if module == "price":
        return (snapshot.prices[class_key, Channel.B2C].price_cents,)
    return (snapshot.stocks[class_key, "1"].quantity if row.active else 0,)


def held_at(vtex: MemoryVtex, module: str, external_id: str | None) -> tuple[Any, ...] | None:
    """The same fields as VTEX holds them; None = it holds nothing under this id."""
    if external_id is None:
        return None
    accounts = vtex.state()["accounts"]
    if module == "price":
        found = accounts["lojasp"]["prices"].get(external_id)
        return found and (round(found["basePrice"] * 100),)
    if module == "stock":
        lines = [line["quantity"] for line in accounts["lojasp"]["stocks"] if str(line["skuId"]) == external_id]
        return (lines[0],) if lines else None
    held = accounts["lojanacional"][ledger.KINDS[module]]
    record = next((one for one in held if str(one["Id"]) == external_id), None)
    fields = {"product": ("Name", "Description", "IsActive"), "sku": ("Name", "IsActive")}.get(module, ("Name",))
    return record and tuple(record[name] for name in fields)
