"""The demo's world: a temporary sandbox, its store, and a folder with configuration, credentials, data and database.

Tests and the documentation's pictures set up the same world with it; running an engine in it is left to ``demo.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from vtexmon import config as configuration
from vtexmon import program
from vtexmon.clock import Clock, SystemClock
from vtexmon.config import Config
from vtexmon.engine.commands import Commands, Operator
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.engine.schedules import SCHEDULER, run_tick
from vtexmon.sandbox.demo_day import COLLEAGUE, Colleague, SchoolDay
from vtexmon.sandbox.demo_faults import SPECS
from vtexmon.sandbox.demo_morning import SECOND_BRANCH, prepare
from vtexmon.sandbox.demo_sheets import Sheets
from vtexmon.sandbox.demo_store import stock_the_store
from vtexmon.sandbox.folder import CONFIG_NAME, write_folder
from vtexmon.sandbox.settings import NATIONAL_ACCOUNT, REGIONAL_ACCOUNT, SandboxSettings, sandbox_account
from vtexmon.sandbox.template import REGIONAL_ALIAS, SECRETS_FOLDER, SOURCE_FOLDER
from vtexmon.sandbox.thread import RunningSandbox, running_sandbox
from vtexmon.store.claims import ClaimScope
from vtexmon.store.database import Database

SAMPLE = Path(__file__).parent / "sample"
LATENCY_SECONDS = 0.08

SECOND_REGIONAL = "campinas"
SECOND_REGIONAL_ACCOUNT = sandbox_account("lojacampinas")
_OLD_TOKEN = "token-do-ano-passado"

# The template's first account becomes the catalogue's, its last one the regional's.
SETTINGS = SandboxSettings(
    accounts=(NATIONAL_ACCOUNT, SECOND_REGIONAL_ACCOUNT, REGIONAL_ACCOUNT),
    faults=SPECS,
    latency_seconds=LATENCY_SECONDS,
)

# What dado means is left to people, so these stay in Erro; the rest is resent, slowly enough to be looked at.
_CHANGES: dict[str, Any] = {
    "resend": {"max_attempts": 3, "leave_data_errors": True},
    "schedules": {
        "catalog_export": {"every": "5s"},
        "resend": {"every": "3s"},
        "resend_all": {"cron": "0 22 * * *", "enabled": False},
    },
    "engine": {
        "lease": "12s",
        "request_deadline": "3s",
        "verify_grace": "1s",
        "verify_attempts": 3,
        "first_resend_delay": "30s",
        "max_resend_delay": "5m",
    },
}


@dataclass(frozen=True)
class Demo:
    """A day that is going on: all that is missing is an engine."""

    folder: Path
    config: Config
    database: Database
    sandbox: RunningSandbox


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """The sandbox, its store, the folder, the database and the people of the day, for the length of a block."""
    with running_sandbox(settings=SETTINGS) as sandbox:
        config = demo_folder(folder, sandbox.url)
        stock_the_store(config.accounts[config.catalog.b2c or ""])
        clock = SystemClock()
        database = program.open_database(config, clock)
        try:
            _run_the_first_export(config, database, clock)
            colleague = Colleague(Commands(config, database, clock, Operator(COLLEAGUE)))
            with SchoolDay(Sheets(folder / SOURCE_FOLDER), colleague):
                yield Demo(folder, config, database, sandbox)
        finally:
            database.close()


def _run_the_first_export(config: Config, database: Database, clock: Clock) -> None:
    """The first tick of the schedule, so that there are rows when the screen opens. Nothing is sent yet."""
    sends_nothing = EngineOptions("demo", schedules=False, scope=ClaimScope(command="demo"))
    engine = Engine(config, database, program.make_source(config), sends_nothing, clock)
    engine.start()
    try:
        engine.submit(lambda context: run_tick(context, "catalog_export", clock.now(), SCHEDULER)).result()
    finally:
        engine.stop()


def demo_folder(folder: Path, url: str) -> Config:
    """Write configuration, credentials and sample data for a sandbox at ``url`` that has ``SETTINGS``, and load them.

    Raises ``FileExistsError`` when there is a configuration in the folder already. The environment has no say.
    """
    write_folder(folder, SETTINGS, url, SAMPLE)
    key, token = _write_the_old_credentials(folder / SECRETS_FOLDER)
    prepare(Sheets(folder / SOURCE_FOLDER))
    file = folder / CONFIG_NAME
    document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))
    document["accounts"][SECOND_REGIONAL] = {
        **document["accounts"][REGIONAL_ALIAS],
        "account_name": SECOND_REGIONAL_ACCOUNT.name,
        "app_key": f"file:{key.relative_to(folder)}",
        "app_token": f"file:{token.relative_to(folder)}",
        "pricing_url": f"{url}/{SECOND_REGIONAL_ACCOUNT.name}",
    }
    second = {"name": "SENAI-SP Campinas", "branches": [int(SECOND_BRANCH)], "b2c": SECOND_REGIONAL}
    document["regionals"].append({**document["regionals"][0], **second})
    document.update(_CHANGES)
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    return configuration.load(file, environ={})


def _write_the_old_credentials(folder: Path) -> tuple[Path, Path]:
    """The second branch's key with a token that the store does not take any more."""
    key, token = folder / f"{SECOND_REGIONAL}-app-key", folder / f"{SECOND_REGIONAL}-app-token"
    for file, value in ((key, SECOND_REGIONAL_ACCOUNT.app_key), (token, _OLD_TOKEN)):
        file.touch(mode=0o600)
        file.write_text(value + "\n", encoding="utf-8")
    return key, token
