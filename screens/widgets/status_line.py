"""A line of facts: pieces of text with a style each, the last ones at the right edge; updated without a layout."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.widgets import Static

from screens.theme import Palette
from screens.widgets.columns import cut
from screens.widgets.plain import shown

Piece = tuple[str, str]
"""A text and the name of its style in the palette."""


class StatusLine(Static):
    """One line of the screen; what does not fit on the left is cut, the right side stays."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"

    def __init__(
        self,
        palette: Palette | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self._palette = palette or Palette()
        self._left: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()
        self._drawn: Text | None = None

    @property
    def text(self) -> str:
        """What it says, as plain text."""
        return self._line(max(1, self.size.width)).plain

    def say(self, left: Sequence[Piece] | str, right: Sequence[Piece] | str = ()) -> None:
        """Show these pieces; nothing is sent when nothing changed."""
        self._left, self._right = _pieces(left), _pieces(right)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the pieces out anew."""
        self._draw()

    def _draw(self) -> None:
        line = self._line(max(1, self.size.width))
        if self._drawn is None or line != self._drawn or line.spans != self._drawn.spans:
            self._drawn = line
            self.update(line, layout=False)

    def _line(self, width: int) -> Text:
        return status_text(self._left, self._right, width, self._palette)


def status_text(left: Sequence[Piece], right: Sequence[Piece], width: int, palette: Palette) -> Text:
    """The pieces in ``width`` cells: the right ones whole at the edge, the left ones cut with ``…`` where they end."""
    line = Text(no_wrap=True, end="")
    kept = sum(cell_len(shown(text, palette.ascii_only)) for text, _style in right)
    room = max(0, width - kept - (1 if right else 0))
    for text, name in left:
        text = shown(text, palette.ascii_only)
        if cell_len(text) > room:
            text = cut(text, room, "left", palette.glyphs.ellipsis) if room else ""
        room -= cell_len(text)
        line.append(text, _style(palette, name))
    if right:
        line.append(" " * (room + 1))
        for text, name in right:
            line.append(shown(text, palette.ascii_only), _style(palette, name))
    return line


def _style(palette: Palette, name: str) -> Style:
    return palette.style(name) if name else Style.null()


def _pieces(given: Sequence[Piece] | str) -> tuple[Piece, ...]:
    return ((given, ""),) if isinstance(given, str) else tuple(given)
