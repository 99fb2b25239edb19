"""``vtexmon demo``: a believable day, made by really sending to a sandbox on this machine.

Everything lives in one temporary folder that is removed at the end (``demo_world.py``). What goes wrong is told in
``demo_faults.py``, ``demo_morning.py`` and ``demo_store.py``, what people do in ``demo_day.py``. Unlike their
neighbours in this package the ``demo*`` modules know the product.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from vtexmon import program
from vtexmon.clock import SystemClock
from vtexmon.core.records import OpenCounts
from vtexmon.core.status import Status
from vtexmon.engine.facts import EngineFailed, Fact
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.sandbox.demo_world import SETTINGS, Demo, demo_folder, running_demo
from vtexmon.store import logs
from vtexmon.store.database import Database

__all__ = ["SETTINGS", "Demo", "demo_folder", "run_demo", "running_demo"]

SECONDS_VARIABLE = "VTEXMON_DEMO_SECONDS"
LOOK_SECONDS = 0.25


def run_demo(headless: bool) -> int:
    """Show the day in the monitor, or run it without a screen; gives the exit code.

    Headless it goes on until it is interrupted or ``VTEXMON_DEMO_SECONDS`` have passed; raises ``UsageError`` when
    these are no number.
    """
    seconds = _seconds_asked_for()
    with tempfile.TemporaryDirectory(prefix="vtexmon-demo-") as name:
        folder = Path(name)
        with _nothing_of_the_users(folder), running_demo(folder) as demo:
            return _run_headless(demo, seconds) if headless else _run_monitor(demo)


def _run_monitor(demo: Demo) -> int:
    from screens.app import run_monitor

    code: int = run_monitor(demo.config, read_only=False, with_engine=True)
    return code


def _run_headless(demo: Demo, seconds: float | None) -> int:
    engine = Engine(demo.config, demo.database, program.make_source(demo.config), EngineOptions("demo"))
    engine.facts.listen(_tell_failure)
    _say(_("demonstração em {0}; pasta {1}, removida no fim").format(demo.sandbox.url, demo.folder))
    engine.start()
    try:
        _tell_counts(demo.database, seconds)
    except KeyboardInterrupt:
        _say(_("interrompida"))
    finally:
        engine.stop()
    return 0


def _tell_counts(database: Database, seconds: float | None) -> None:
    """One line on stdout for each change of the counts."""
    clock, shown = SystemClock(), ""
    began, ends_at = clock.now(), None if seconds is None else time.monotonic() + seconds
    while ends_at is None or time.monotonic() < ends_at:
        line = _counted(database.read(lambda c: logs.open_counts(c, began - timedelta(seconds=1))))
        if line != shown:
            shown = line
            print(f"{datetime.now():%H:%M:%S}  {line}", flush=True)  # noqa: T201
        time.sleep(LOOK_SECONDS)


def _counted(counts: OpenCounts) -> str:
    numbers = {
        Status.PENDING: counts.pending,
        Status.SUCCESS: counts.success_today or 0,
        Status.ERROR: counts.error,
        Status.CANCELLED: counts.cancelled,
    }
    return " · ".join(f"{status.value} {number}" for status, number in numbers.items())


def _tell_failure(fact: Fact) -> None:
    if isinstance(fact, EngineFailed):
        _say(_("motor: {0}").format(fact.message))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201


def _seconds_asked_for() -> float | None:
    text = os.environ.get(SECONDS_VARIABLE, "")
    try:
        return float(text) if text else None
    except ValueError:
        raise UsageError(_("{0} deve ser um número de segundos, não «{1}»").format(SECONDS_VARIABLE, text)) from None


@contextmanager
def _nothing_of_the_users(folder: Path) -> Iterator[None]:
    """Meanwhile the user's ``VTEXMON_*`` have no say, and what programs keep for a user is kept in the folder."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.upper().startswith("VTEXMON_")]:
        del os.environ[name]
    for kind in ("CONFIG", "STATE", "DATA", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = str(folder / "usuario" / kind.lower())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
