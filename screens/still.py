"""A screen that is silent while another lies over it.

Textual counts the screen below the top one as visible whatever the top one looks like, and repaints the top one
whenever the lower one changes: 5 to 9 KB each time at 80×24, although nothing of it is seen. A screen of this kind
changes nothing on the terminal until it is on top again, and is then painted as it is.
"""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.screen import Screen, ScreenResultType


class StillScreen(Screen[ScreenResultType]):
    """The base of every screen that others may lie over."""

    @property
    def is_current(self) -> bool:
        """Whether this is the screen on top."""
        try:
            return self.app.screen is self
        except ScreenStackError:
            return False
