"""The monitor as a program over a small world, for tests in a real terminal; run with a folder as its argument."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from screens.app import run_monitor
from tests.screens.world import config, session

if __name__ == "__main__":
    folder = Path(os.environ["WORLD"])
    if os.environ.get("IGNORE_SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with session(folder):
        pass
    chosen = config(database_url=f"sqlite:///{folder / 'mundo.db'}", schedules={}, source={"path": str(folder)})
    sys.exit(run_monitor(chosen, with_engine=bool(os.environ.get("ENGINE"))))
