"""How the detail, a payload and the plan look; made again with ``--snapshot-update`` when that is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.log_detail import LogDetailScreen
from screens.resend import ResendScreen
from screens.session import Session
from tests.screens import world
from tests.screens.detail_world import ERROR_LOG, ScreenApp, add_attempts, press, settle, until
from vtexmon.core.filters import Filter
from vtexmon.core.selection import Explicit, Nothing

SIZES = [(80, 24), (120, 40)]
Snap = Callable[..., bool]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with world.session(tmp_path, logs=200) as one:
        add_attempts(one)
        yield one


def after(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)

    return run


async def once_the_detail_is_read(pilot: Pilot[Any]) -> None:
    await until(pilot, "Ajustador Mecânico I")
    pilot.app.open_it()
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
def test_detail(snap_compare: Snap, session: Session, size: tuple[int, int]) -> None:
    app = ScreenApp(session, lambda s: LogDetailScreen(s, ERROR_LOG))

    assert snap_compare(app, terminal_size=size, run_before=after())


@pytest.mark.parametrize("size", SIZES)
def test_plan_over_the_detail(snap_compare: Snap, session: Session, size: tuple[int, int]) -> None:
    app = ScreenApp(
        session,
        lambda s: ResendScreen(s, Nothing(), Filter(modules=frozenset({"product", "price"})), "modulo:produto,preco"),
        under=lambda s: LogDetailScreen(s, ERROR_LOG),
    )

    assert snap_compare(app, terminal_size=size, run_before=once_the_detail_is_read)


@pytest.mark.parametrize("size", SIZES)
def test_plan_of_a_few(snap_compare: Snap, session: Session, size: tuple[int, int]) -> None:
    app = ScreenApp(session, lambda s: ResendScreen(s, Explicit(frozenset({1, 3, 6, 12})), Filter(), ""))

    assert snap_compare(app, terminal_size=size, run_before=after())


@pytest.mark.parametrize("size", SIZES)
def test_payload(snap_compare: Snap, session: Session, size: tuple[int, int]) -> None:
    app = ScreenApp(session, lambda s: LogDetailScreen(s, ERROR_LOG))

    assert snap_compare(app, terminal_size=size, run_before=after("enter", "down", "down"))
