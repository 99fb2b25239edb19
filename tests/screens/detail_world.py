"""An app that opens one screen over a world, and what tests read from it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from screens.session import Session
from screens.theme import THEME
from tests.screens import world

Open = Callable[[Session], Screen[Any]]
Steps = Callable[["ScreenApp", Pilot[None]], Awaitable[None]]

HTTP_500 = '{"error":{"code":"500","message":"Internal error","exception":null}}'
SENT_FIRST = '{"ProductId":512,"Name":"Ajustador Mecânico","RefId":"1-12-CQ.AJUS.N-1"}'
SENT_LAST = '{"ProductId":512,"Name":"Ajustador Mecânico I","RefId":"1-12-CQ.AJUS.N-1"}'
ERROR_LOG = 6
"""An Erro of the world, by its cycle of statuses."""

HOSTILE = "a\x1b]52;c;cm0gLXJm\x07b\x1b[2J\x9b31m\u202etxt\u200b\x00[/b] [red]fim"
"""A clipboard write, a clear screen, C1, bidi, a zero-width character, NUL, and markup."""


class ScreenApp(App[None]):
    """Opens one screen over an empty one and keeps what it answers; with ``under``, once ``open_it`` is called."""

    def __init__(self, session: Session, opened: Open, under: Callable[[Session], Screen[Any]] | None = None) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.session = session
        self.opened = opened
        self.under = under
        self.answers: list[Any] = []
        self.copied: list[str] = []

    def on_mount(self) -> None:
        if self.under is not None:
            self.push_screen(self.under(self.session))
        else:
            self.open_it()

    def open_it(self) -> None:
        self.push_screen(self.opened(self.session), self.answers.append)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)


def drive(
    folder: Path,
    opened: Open,
    steps: Steps,
    size: tuple[int, int] = (80, 24),
    *,
    rows: Sequence[dict[str, Any]] = (),
    items: Sequence[dict[str, Any]] = (),
    ascii_only: bool = False,
    **world_options: Any,
) -> None:
    """Open a screen over a new world and take the steps; the first Erro has three attempts in it."""

    async def main(session: Session) -> None:
        app = ScreenApp(session, opened)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            await steps(app, pilot)

    with contextlib.chdir(folder), world.session(folder, **world_options) as session:
        session.ascii_only = ascii_only
        add_attempts(session)
        world.insert(session.database, rows)
        world.insert_items(session.database, items)
        asyncio.run(main(session))


def add_attempts(session: Session, log_id: int = ERROR_LOG) -> None:
    """Three attempts of the step that failed; the newest is item 3."""
    attempts = [
        world.item_row(log_id, 0, sent=SENT_FIRST, received=HTTP_500, http_status=500),
        world.item_row(log_id, 1, sent=SENT_FIRST),
        world.item_row(log_id, 2, sent=SENT_LAST),
    ]
    world.insert_items(session.database, attempts)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until every reading has come and been shown."""
    for _turn in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def until(pilot: Pilot[None], shown: str, at_most_seconds: float = 15) -> None:
    """Wait until a text is on the screen."""
    ends = time.monotonic() + at_most_seconds
    while shown not in screen_text(pilot.app) and time.monotonic() < ends:
        await pilot.pause(0.05)
    assert shown in screen_text(pilot.app)
    await settle(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press the keys one by one, each settled."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def screen_text(app: App[Any]) -> str:
    """What is on the screen, as plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def harmless_screen(app: App[Any]) -> bool:
    """Whether nothing on the screen is a control, formatting or surrogate character."""
    unsafe = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    text = "".join(strip.text for strip in app.screen._compositor.render_strips())
    return not any(unicodedata.category(char) in unsafe for char in text)
