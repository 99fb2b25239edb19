"""The detail of a failed log in a real terminal, over a world of its own; what the byte tests drive."""

from __future__ import annotations

import tempfile
from pathlib import Path

from screens.log_detail import LogDetailScreen
from tests.screens import world
from tests.screens.detail_world import ERROR_LOG, ScreenApp, add_attempts

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, world.session(Path(folder), logs=200) as session:
        add_attempts(session)
        ScreenApp(session, lambda one: LogDetailScreen(one, ERROR_LOG)).run(mouse=False)
