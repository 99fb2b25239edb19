"""The two panes under the Itens de Log: what was sent and received of the item under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message

from screens.commands import Scope, bindings_for
from screens.log_items import item_words, size_words
from screens.payload_reading import Both, Side
from screens.session import Session
from screens.theme import Palette
from screens.widgets.columns import cut
from screens.widgets.json_view import JsonView
from screens.widgets.status_line import StatusLine


class Pane(JsonView, inherit_bindings=True):
    """One side; Enter opens it, by the key that opens a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings_for(Scope.TABLE) if binding.id == "table.open"
    ]

    @dataclass
    class Opened(Message):
        """Enter: show this side on the whole screen."""

        side: Side

    def __init__(self, palette: Palette, side: Side) -> None:
        super().__init__(palette, id=side.value)
        self.side = side

    def action_open(self) -> None:
        """Open this side."""
        self.post_message(self.Opened(self.side))


class Preview(Vertical):
    """The item's message, a heading with both labels and sizes, and the panes."""

    DEFAULT_CSS = """
    Preview { height: 1fr; min-height: 4; }
    Preview > Horizontal { height: 1fr; }
    """

    def __init__(self, session: Session, palette: Palette) -> None:
        super().__init__()
        self._session = session
        self._palette = palette
        self._both: Both | None = None

    def compose(self) -> ComposeResult:
        """Message, heading, panes."""
        yield StatusLine(self._palette, id="item")
        yield StatusLine(self._palette, id="sides")
        with Horizontal():
            yield Pane(self._palette, Side.SENT)
            yield Pane(self._palette, Side.RECEIVED)

    @property
    def both(self) -> Both | None:
        """What is shown."""
        return self._both

    @property
    def focused_side(self) -> Side:
        """The side whose pane has the focus; what was received when none has."""
        return Side.SENT if self.query_one("#sent", Pane).has_focus else Side.RECEIVED

    def show(self, both: Both | None) -> None:
        """Show this item's texts; a text that is shown already keeps its cursor and scroll."""
        before, self._both = self._both, both
        now, zone = self._session.now(), self._session.timezone
        self.query_one("#item", StatusLine).say(item_words(both.item, zone, now) if both else "")
        for side in Side:
            pane = self.query_one(f"#{side.value}", Pane)
            text = both.side(side) if both else None
            if both and before and text and before.item.id == both.item.id and before.side(side).text == text.text:
                pane.set_empty(text.why)
                continue
            pane.set_empty(text.why if text else "")
            if text is not None:
                pane.show(text.payload)
        self.say_sides()

    def say_sides(self) -> None:
        """The heading, as wide as the panes."""
        width = max(20, self.size.width)
        half = width // 2
        sent, received = (
            self._heading(side, room) for side, room in ((Side.SENT, half), (Side.RECEIVED, width - half))
        )
        self.query_one("#sides", StatusLine).say([(sent, "header"), (received, "header")])

    def on_resize(self) -> None:
        """The heading follows the width."""
        self.say_sides()

    def _heading(self, side: Side, width: int) -> str:
        line = self._palette.glyphs.box[1]
        text = self._both.side(side) if self._both else None
        size = f" {self._palette.glyphs.separator} {size_words(text.size)}" if text and text.text else ""
        title = cut(f"{line} {side.label}{size} ", min(width, cell_len(side.label + size) + 3))
        return title + line * (width - cell_len(title))
