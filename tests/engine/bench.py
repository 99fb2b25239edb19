"""The engine's parts on a bench: a real database, a clock that only a test moves, a VTEX whose answers a test decides.

``turn`` does what the runtime's loop does once: claim what is due, run each claim to its end.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.integrations.school import MemorySource
from vtexmon.config import Account, Catalog, Config, EngineSettings, Regional, Resend, Secret
from vtexmon.core.exchange import Answer, Request
from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.core.redaction import Redactor
from vtexmon.core.selection import Explicit
from vtexmon.engine import exports
from vtexmon.engine.context import Context
from vtexmon.engine.dispatcher import Dispatcher
from vtexmon.engine.exports import Exported, ExportScope
from vtexmon.engine.facts import Facts
from vtexmon.engine.gate import Gate
from vtexmon.engine.offers import Offers
from vtexmon.engine.step import Lease
from vtexmon.store import claims, logs, migrate, resends, targets
from vtexmon.store.claims import Claim
from vtexmon.store.database import Database
from vtexmon.vtex import answers
from vtexmon.vtex.client import encode_body

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
Said = Callable[[Request], Answer]


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    time: datetime = START
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds


def says(status: int, body: str = "", **headers: str) -> Said:
    """VTEX answers this."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: answers.judge(request, status, names, body.encode(), Redactor(()))


def is_silent(request: Request) -> Answer:
    """It was sent, and nothing came back."""
    return answers.unanswered(request, "sem resposta")


def is_unreachable(request: Request) -> Answer:
    """It never left."""
    return answers.not_sent(request, "conexão recusada")


class Killed(BaseException):
    """The process ends here."""


def kills(request: Request) -> Answer:
    raise Killed


@dataclass
class ScriptedVtex:
    """Answers by the first rule that fits ``METHOD /path``; without one, as an empty VTEX that accepts everything.

    A rule's answers are used in order; the last one stays.
    """

    sent: list[Request] = field(default_factory=list)
    rules: dict[str, list[Said]] = field(default_factory=dict)
    tree: list[dict[str, Any]] = field(default_factory=list)
    next_id: int = 100

    def on(self, pattern: str, *said: Said) -> None:
        self.rules[pattern] = list(said)

    def off(self) -> None:
        self.rules.clear()

    async def exchange(self, request: Request) -> Answer:
        self.sent.append(request)
        line = f"{request.method} {request.path}"
        for pattern, said in self.rules.items():
            if re.search(pattern, line):
                return (said.pop(0) if len(said) > 1 else said[0])(request)
        return self._usual(request)(request)

    def _usual(self, request: Request) -> Said:
        if request.method == "GET":
            if "/category/tree/" in request.path:
                return says(200, str(self.tree).replace("'", '"'))
            return says(200, "[]" if request.path.endswith("/list") else "null")
        if request.method == "POST":
            self.next_id += 1
            return says(200, f'{{"Id": {self.next_id}}}')
        return says(200, '{"Id": 7}')

    def count(self, pattern: str) -> int:
        return sum(bool(re.search(pattern, f"{request.method} {request.path}")) for request in self.sent)


def account(name: str) -> Account:
    secret = Secret("env:X", f"segredo-de-{name}")
    url = "http://127.0.0.1:9"
    return Account(name, f"loja{name}", "vtexcommercestable", "sandbox", secret, secret, url, url, url)


def bench_config(max_attempts: int | None = 3, **changes: Any) -> Config:
    values: dict[str, Any] = {
        "accounts": {name: account(name) for name in ("nacional", "sp")},
        "catalog": Catalog(b2c="nacional", default_brand="SENAI", default_image_url="https://loja.example/c.png"),
        "regionals": (Regional("SP", 1, (), b2c="sp", warehouse="1"),),
        "resend": Resend(max_attempts),
        "engine": EngineSettings(),
    }
    return Config(**{**values, **changes})


CATEGORY = ExportScope(modules=frozenset({"category"}))
POST_CATEGORY = "POST /api/catalog/pvt/category"
TREE = "GET .*/category/tree/"


class Bench:
    """One process of the engine over one database; ``restarted`` gives another one over the same database."""

    def __init__(self, database: Database, config: Config, source: MemorySource, vtex: Any, clock: FakeClock) -> None:
        self.database, self.config, self.source, self.vtex, self.clock = database, config, source, vtex, clock
        self.runner = asyncio.Runner()
        self.others: list[Bench] = []
        self.owner = f"bench:{id(self)}"
        facts = Facts()
        self.facts: list[Any] = []
        facts.listen(self.facts.append)
        clients = vtex if isinstance(vtex, dict) else dict.fromkeys(config.accounts, vtex)
        self.context = Context(
            config=config,
            database=database,
            clock=clock,
            facts=facts,
            gate=Gate(database, config, clock, facts, self.owner),
            offers=Offers(source, config),
            clients=clients,
            encode=encode_body,
            owner=self.owner,
        )

    def restarted(self, **changes: Any) -> Bench:
        other = Bench(self.database, replace(self.config, **changes), self.source, self.vtex, self.clock)
        other.refresh()
        self.others.append(other)
        return other

    def close(self) -> None:
        for other in self.others:
            other.close()
        self.runner.close()

    def refresh(self) -> None:
        """What the runtime does every second."""
        self.context.gate.refresh(self.database.read(targets.closed))

    def export(self, scope: ExportScope | None = None) -> Exported:
        return self.runner.run(exports.export(self.context, scope or ExportScope(), "teste"))

    def claim(self, owner: str | None = None) -> list[Claim]:
        now = self.clock.now()
        until = now + self.config.engine.lease
        return self.database.write_now(lambda c: claims.claim(c, owner or self.owner, now, until, 32))

    def run(self, claim: Claim, confirmed_at: float | None = None) -> None:
        lease = Lease(self.clock.monotonic() if confirmed_at is None else confirmed_at)
        self.runner.run(Dispatcher(self.context).run(claim, lease))

    def turn(self) -> int:
        """Claim and run what is due now; gives how many."""
        taken = self.claim()
        for claim in taken:
            self.run(claim)
        return len(taken)

    def turns(self, most: int = 50) -> None:
        """Until nothing is due at this moment."""
        for _turn in range(most):
            if not self.turn():
                return
        raise AssertionError("it never comes to rest")

    def settle(self, step_seconds: float = 30, most: int = 200) -> None:
        """Let time pass until every log is at rest for good (idle, or waiting for a retry or a person)."""
        for _step in range(most):
            self.turns()
            if all(log.phase in ("idle",) or log.wait_reason in ("retry", "parent", "paused") for log in self.logs()):
                return
            self.clock.advance(step_seconds)
        raise AssertionError("it never comes to rest")

    def resend(self, *ids: int) -> None:
        now, chosen = self.clock.now(), Explicit(frozenset(ids or {log.id for log in self.logs()}))
        self.database.write_now(lambda c: resends.order(c, chosen, "marcados", "", now, "ana"))

    def logs(self, module: str | None = None) -> list[LogRecord]:
        ids = self.rows("SELECT id FROM log ORDER BY id")
        found = [self.database.read(lambda c, i=row[0]: logs.find(c, i)) for row in ids]
        return [log for log in found if log is not None and module in (None, log.module)]

    def log(self, module: str = "category") -> LogRecord:
        (found,) = self.logs(module)
        return found

    def items(self, module: str = "category") -> list[LogItemRecord]:
        log_id = self.log(module).id
        return self.database.read(lambda c: logs.items(c, log_id))

    def rows(self, sql: str) -> list[Any]:
        return self.database.read(lambda c: list(c.execute(text(sql)).all()))

    def state(self, module: str = "category") -> tuple[str, str, str | None, int]:
        log = self.log(module)
        return log.status.value, log.phase.value, log.wait_reason.value if log.wait_reason else None, log.attempts

    def wrote(self) -> list[str]:
        """What was written at VTEX, in order."""
        return [f"{request.method} {request.path}" for request in self.vtex.sent if request.is_write]


def make_template(folder: Path) -> Path:
    """A database at this program's schema, to be copied."""
    path = folder / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database, START)
    database.close()
    return path


def copy_of(template: Path, folder: Path, name: str = "vtexmon.db") -> Path:
    path = folder / name
    shutil.copyfile(template, path)
    return path


def close_all(benches: Iterable[Bench]) -> None:
    for bench in benches:
        bench.close()
