"""The lines above and below the Monitor de Log's list: what they last heard of, and their drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.screen import Screen
from textual.timer import Timer

from screens import status_text
from screens.theme import Palette
from screens.view import MarkCounts, View
from screens.widgets.rows import Position
from screens.widgets.status_line import Piece, StatusLine
from vtexmon.config import Config
from vtexmon.core.filters import Filter
from vtexmon.i18n import _

if TYPE_CHECKING:
    from screens.reads import Overview
    from screens.session import Session

SAID_SECONDS: Final = 6.0


class LogStatus:
    """The status lines of one screen, by their ids; ``overview`` is the newest reading."""

    def __init__(self, screen: Screen[None], config: Config, palette: Palette) -> None:
        self.overview: Overview | None = None
        self._matching_known = False
        self.trouble = ""
        self.paused = False
        self._screen = screen
        self._config = config
        self._palette = palette
        self._session: Session | None = None
        self._below: tuple[list[Piece], str] = ([], "")
        self._said = ""
        self._timer: Timer | None = None

    def heard(self, overview: Overview) -> None:
        """How things stand now."""
        self.overview = overview
        self._matching_known = True

    def begin(self, session: Session) -> None:
        """There is a session: its clock and scope."""
        self._session = session

    def frame(self) -> None:
        """What is known without a database."""
        pieces = status_text.context(self._config, Filter(), None, self._palette)
        self._line("context").say(pieces)
        self._line("counts").say(f" {_('abrindo o banco de dados…')}")
        self._optional("retry", status_text.no_automatic_resend(self._config, self._palette))

    def show(self, view: View, text: str) -> None:
        """Everything above the list."""
        session, found, palette = self._session, self.overview, self._palette
        if session is None:
            return
        now, zone = session.now(), session.timezone
        self._line("filter").say(
            status_text.filter_line(text, view.marked is not None),
            status_text.totals(found, palette) if found and self._matching_known else "",
        )
        if found is not None:
            health = status_text.vtex_health(found.targets, now, zone, palette)
            right = (health, ("  ", ""), status_text.last_change(found.last_change, now, zone, palette))
            self._line("context").say(status_text.context(self._config, session.scope, zone, palette), right)
            self._line("counts").say(status_text.counts(found.counts, now, palette))
        self.show_warnings()

    def forget_matching(self) -> None:
        """Another view is listed: how many it holds is not known yet."""
        self._matching_known = False

    def show_warnings(self) -> None:
        """What somebody has to know besides; the line is there only when there is something."""
        session = self._session
        words = [self.trouble] if self.trouble else []
        if self.paused:
            words.insert(0, _("tela parada: p retoma"))
        if session is not None:
            words += status_text.warnings(self._config, self.overview, session.now(), session.timezone)
        joined = f" {self._palette.glyphs.separator} ".join(words)
        self._optional("warnings", [(f" ! {joined}", "warning")] if words else [])

    def show_below(self, counts: MarkCounts, in_range: bool, position: Position, view: View, message: str = "") -> None:
        """The line below the list: marks, or the message of the cursor's row, and place."""
        total = counts.marked if view.marked is not None else self._total()
        place = status_text.place(position, total, self._palette)
        self._below = (status_text.marks(counts, in_range, message, self._palette), place)
        self._draw_below()

    def say(self, words: str, style: str = "") -> None:
        """Say something in the place of the marks, for a while; empty words give the place back."""
        self._said = words
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(SAID_SECONDS, lambda: self.say("")) if words else None
        self._style = style
        self._draw_below()

    def _total(self) -> int | None:
        """How many rows the list has, where that is known exactly."""
        found = self.overview
        if found is None or not self._matching_known:
            return None
        if found.matching is not None:
            return found.matching
        return found.total if found.exact else None

    def _draw_below(self) -> None:
        left, right = self._below
        if self._said:
            self._line("marks").say([(f" {self._said}", self._style)])
        else:
            self._line("marks").say(left, right)

    def _optional(self, name: str, pieces: list[Piece]) -> None:
        line = self._line(name)
        line.set_class(not pieces, "-empty")
        if pieces:
            line.say(pieces)

    def _line(self, name: str) -> StatusLine:
        return self._screen.query_one(f"#{name}", StatusLine)
