"""The progress strip: one line that follows a bulk resend until it ends, then its summary until it is dismissed.

What is known lies in ``Session.bulk`` (``screens/bulk.py``), so that the strip of any screen shows the same and leaving
a screen loses nothing. Only the strip of the screen that is seen reads the store, once a second.
"""

from __future__ import annotations

import os
from typing import Final

from rich.cells import cell_len
from sqlalchemy import Connection

from screens import theme
from screens.background import start
from screens.bulk import Bulk, fitting
from screens.commands import COMMANDS, NO_OVERRIDES, keys_of
from screens.session import Session
from screens.widgets import keys
from screens.widgets.status_line import StatusLine
from vtexmon.core.records import ResendProgress
from vtexmon.i18n import _
from vtexmon.store import resends

EVERY_SECONDS: Final = 1.0
_STOP: Final = next(command for command in COMMANDS if command.id == "logs.stop_resend")


class ProgressStrip(StatusLine):
    """The strip; takes no line while there is nothing to follow."""

    DEFAULT_CSS = """
    ProgressStrip { display: none; }
    ProgressStrip.-following { display: block; }
    """

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(theme.palette(os.environ, session.ascii_only), id=id)
        self._session = session
        self._shown: tuple[Bulk | None, int] = (None, 0)

    def follow(self, progress: ResendProgress) -> None:
        """Follow this bulk resend from now on, instead of the one before."""
        follow(self._session, progress)
        self._show()

    def stop_or_dismiss(self) -> None:
        """What its key does: stop what has not been sent yet; of a finished one, take the summary away."""
        bulk = self._session.bulk
        if bulk is None:
            return
        if bulk.finished:
            self._session.bulk = None
            self._show()
        else:
            start(self, self._stop, bulk.progress.id, group="stop", failed=self._failed)

    def on_mount(self) -> None:
        """Show what is followed already; after a restart, take up what this operator left running."""
        self._show()
        self.set_interval(EVERY_SECONDS, self._tick)
        if self._session.bulk is None:
            start(self, self._take_up, group="progress", failed=self._failed)

    def _tick(self) -> None:
        self._show()
        bulk = self._session.bulk
        if bulk is not None and not bulk.finished and self.screen.is_current:
            start(self, self._look, bulk, group="progress", failed=self._failed)

    async def _look(self, bulk: Bulk) -> None:
        progress = await self._session.read(lambda c: resends.progress(c, bulk.progress.id))
        current = self._session.bulk
        if current is not None and current.progress.id == progress.id:
            self._session.bulk = current.seen(progress, self._session.clock.monotonic())
            self._show()

    async def _take_up(self) -> None:
        found = await self._session.read(_unfinished)
        mine = found is not None and found.created_by == self._session.commands.operator.name
        if found is not None and mine and not found.finished and self._session.bulk is None:
            self.follow(found)

    async def _stop(self, resend_id: int) -> None:
        await self._session.order(lambda: self._session.commands.stop_resend(resend_id))
        if self._session.bulk is not None:
            await self._look(self._session.bulk)

    def _failed(self, words: str) -> None:
        self.say([(f" {words}", "alert")])

    def _show(self) -> None:
        bulk, width = self._session.bulk, max(1, self.size.width)
        if self._shown == (bulk, width):
            return
        self._shown = (bulk, width)
        if bulk is not None:
            key = keys.shown(keys_of(_STOP, NO_OVERRIDES)[0], self._session.ascii_only)
            does = _("dispensa") if bulk.finished else _("para")
            hint = f"  {key} {does} "
            left, right = fitting(bulk, width - cell_len(hint) - 1, cell_len)
            self.say([(" ", ""), *left], [*right, (hint, "key")])
        self.set_class(bulk is not None, "-following")

    def on_resize(self, event: object) -> None:
        """What fits is another thing now."""
        self._show()
        self._draw()


def follow(session: Session, progress: ResendProgress) -> None:
    """Make this the bulk resend that the session follows; every strip shows it within a second."""
    session.bulk = Bulk.begin(progress, session.clock.monotonic())


def _unfinished(connection: Connection) -> ResendProgress | None:
    newest = resends.latest_unfinished(connection)
    return None if newest is None else resends.progress(connection, newest)
