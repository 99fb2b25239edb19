"""A widget drawn line by line that repaints only what differs from what is on the screen.

The line table and the payload viewer stand on it. What a line shows is a value (``state_of``); painting compares the
values drawn with the values wanted. Keys that arrive in one burst are painted once, when the burst is over, so that
sixty of them cost one page of bytes. Nothing here knows what the lines hold.
"""

from __future__ import annotations

from time import monotonic
from typing import Final, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

State = TypeVar("State")

QUIET_SECONDS: Final = 0.02
LONGEST_HOLD_SECONDS: Final = 0.25
CHEAP_LINES: Final = 3


class LineView(Widget, Generic[State], can_focus=True, inherit_bindings=False):
    """The base of widgets made of lines; subclasses say what a line shows and how that looks."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "LineView { height: 1fr; width: 1fr; overflow: hidden; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, State] = {}
        self._hold: Timer | None = None
        self._last_key = self._held_since = 0.0

    def state_of(self, y: int) -> State:
        """What line ``y`` is to show, as a value that can be compared."""
        raise NotImplementedError

    def segments_of(self, state: State) -> list[tuple[str, Style]]:
        """The runs of text of a line; shorter than the width is filled with blanks, longer is cut."""
        raise NotImplementedError

    def changed_span(self, old: State, new: State) -> tuple[int, int]:
        """First cell and number of cells that differ between two states of a line."""
        return 0, self.size.width

    def painted(self) -> None:
        """Called after the view was brought up to date: the place to tell others of it."""

    def render_line(self, y: int) -> Strip:
        """One line, remembered as drawn."""
        state = self.state_of(y)
        self._drawn[y] = state
        segments = [Segment(text, style) for text, style in self.segments_of(state) if text]
        return Strip(segments).adjust_cell_length(self.size.width, Style.null())

    def paint(self) -> None:
        """Repaint what differs from what is on the screen."""
        self._stop_holding()
        regions = self._differences()
        if len(regions) > self.size.height // 2:
            self.refresh()
        elif regions:
            self.refresh(*regions)
        self.painted()

    def paint_after_key(self) -> None:
        """As ``paint``, but a burst of keys is painted once, after it."""
        now = monotonic()
        calm = now - self._last_key > QUIET_SECONDS
        self._last_key = now
        if self._hold is not None:
            return
        if calm and len(self._differences()) <= CHEAP_LINES:
            self.paint()
        else:
            self._held_since = now
            self._hold = self.set_timer(QUIET_SECONDS, self._hold_over)

    def redraw(self) -> None:
        """Repaint everything."""
        self._drawn.clear()
        self.refresh()
        self.painted()

    def on_focus(self) -> None:
        """The cursor looks different in a focused view."""
        self.paint()

    def on_blur(self) -> None:
        """The cursor looks different in a view that lost focus."""
        self.paint()

    def _differences(self) -> list[Region]:
        regions = []
        for y in range(self.size.height):
            new = self.state_of(y)
            old = self._drawn.get(y)
            if old is None:
                regions.append(Region(0, y, self.size.width, 1))
            elif old != new:
                x, width = self.changed_span(old, new)
                regions.append(Region(x, y, width, 1))
        return regions

    def _hold_over(self) -> None:
        now = monotonic()
        self._hold = None
        if now - self._last_key < QUIET_SECONDS and now - self._held_since < LONGEST_HOLD_SECONDS:
            self._hold = self.set_timer(QUIET_SECONDS, self._hold_over)
        else:
            self.paint()

    def _stop_holding(self) -> None:
        if self._hold is not None:
            self._hold.stop()
            self._hold = None
