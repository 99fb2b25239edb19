"""How the screens look at 80×24 and 120×40; the clock stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.screens.test_schedules import fill
from tests.screens.world import NOW, change, monitor, session, settled
from vtexmon.core.status import Phase, WaitReason

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@SIZES
def test_logs(tmp_path: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    async def use(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("down", "space", "space")
        await settled(pilot)

    with session(tmp_path) as world:
        change(world.database, 54, source_changed=True, next_attempt_at=NOW)
        change(
            world.database, 59, phase=Phase.WAITING, wait_reason=WaitReason.PARENT, parent_key="product|x|b2c|1;12;C"
        )
        assert snap_compare(monitor(world), terminal_size=size, run_before=use)


@SIZES
def test_schedules(tmp_path: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    async def use(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("5")
        await settled(pilot)

    with session(tmp_path) as world:
        fill(world)
        assert snap_compare(monitor(world), terminal_size=size, run_before=use)


def test_help(tmp_path: Path, snap_compare: Any) -> None:
    async def use(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("question_mark")
        await settled(pilot)

    with session(tmp_path) as world:
        assert snap_compare(monitor(world), terminal_size=(80, 24), run_before=use)


def test_monochrome_ascii(tmp_path: Path, snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vtexmon.config import Resend

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "linux")

    async def use(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("space", "v", "down", "down")
        await settled(pilot)

    with session(tmp_path, resend=Resend(None)) as world:
        assert snap_compare(monitor(world), terminal_size=(80, 24), run_before=use)
