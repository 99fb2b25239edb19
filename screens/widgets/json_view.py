"""The payload viewer: JSON, XML or text, pretty with folds or raw, searched, compared; drawn line by line.

What is seen is decided by ``TextWindow``; this module turns it into cells and keys into movements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var

from screens.commands import Scope, bindings_for
from screens.theme import Palette
from screens.widgets.line_view import LineView
from screens.widgets.text_window import TextWindow
from screens.widgets.texts import Difference, Document, Mode, Place, TextLine
from vtexmon.i18n import ngettext

GUTTER: Final = 2
SIDEWAYS: Final = 16


@dataclass(frozen=True)
class _Nothing:
    """An empty document."""

    lines: tuple[str, ...] = ()
    raw_lines: tuple[str, ...] = ()

    @property
    def folds(self) -> dict[int, int]:
        return {}

    def path_at(self, line: int) -> str:
        return ""

    def spans(self, line: int) -> list[tuple[int, int, str]]:
        return []

    def search(self, needle: str, raw: bool = False) -> list[tuple[int, int]]:
        return []


@dataclass(frozen=True)
class ViewLine:
    """What one line of the viewer shows: a line of the text, or a sentence where there is none."""

    line: TextLine | None
    text: str = ""
    cursor: bool = False
    focused: bool = False


class JsonView(LineView[ViewLine], inherit_bindings=False):
    """A text to be read; ``path`` follows the cursor (JSON only)."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.TEXT)]
    path: var[str] = var("")

    @dataclass
    class PlaceChanged(Message):
        """The cursor, the mode or the search moved; told once for all that was painted together."""

        view: JsonView
        place: Place
        mode: Mode

        def can_replace(self, message: Message) -> bool:
            """Only the last one matters."""
            return isinstance(message, JsonView.PlaceChanged) and message.view is self.view

    def __init__(
        self,
        palette: Palette | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.window = TextWindow(_Nothing())
        self._palette = palette or Palette()
        self._empty: tuple[str, ...] = ()
        self._told: tuple[Place, Mode] | None = None

    # what the screen does with it

    @property
    def mode(self) -> Mode:
        """How the text is shown."""
        return self.window.mode

    @property
    def place(self) -> Place:
        """Where the cursor is."""
        return self.window.place

    @property
    def cursor_text(self) -> str:
        """The whole line under the cursor, for copying."""
        return self.window.cursor_text

    def show(self, document: Document) -> None:
        """Show another text, from its start."""
        self.window = TextWindow(document)
        self.window.resize(self.size.width - GUTTER, self.size.height)
        self.paint()

    def set_empty(self, text: str) -> None:
        """What to say where there is no text, or no difference."""
        self._empty = tuple(text.splitlines())
        self.paint()

    def show_diff(self, differences: Sequence[Difference] | None) -> None:
        """Show only these lines; None: the text again."""
        if differences is None:
            self.window.show(Mode.PRETTY)
        else:
            self.window.show(Mode.DIFF, differences)
        self.paint()

    def search(self, needle: str) -> int:
        """Mark every place that holds the text and go to the first at or after the cursor; how many there are."""
        found = self.window.search(needle)
        self.window.next_hit()
        self.paint_after_key()
        return found

    # keys

    def action_cursor_down(self) -> None:
        """One line down."""
        self.window.move(1)
        self.paint_after_key()

    def action_cursor_up(self) -> None:
        """One line up."""
        self.window.move(-1)
        self.paint_after_key()

    def action_page_down(self) -> None:
        """One page down."""
        self.window.page(1)
        self.paint_after_key()

    def action_page_up(self) -> None:
        """One page up."""
        self.window.page(-1)
        self.paint_after_key()

    def action_first(self) -> None:
        """To the first line."""
        self.window.go_to(0)
        self.paint_after_key()

    def action_last(self) -> None:
        """To the last line."""
        self.window.go_to(self.window.count - 1)
        self.paint_after_key()

    def action_scroll_right(self) -> None:
        """See more of the right."""
        self.window.scroll(SIDEWAYS)
        self.paint_after_key()

    def action_scroll_left(self) -> None:
        """See more of the left."""
        self.window.scroll(-SIDEWAYS)
        self.paint_after_key()

    def action_toggle_fold(self) -> None:
        """Fold or unfold at the cursor."""
        self.window.toggle_fold()
        self.paint_after_key()

    def action_fold_all(self) -> None:
        """Fold everything inside the outermost."""
        self.window.fold_all()
        self.paint_after_key()

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self.window.unfold_all()
        self.paint_after_key()

    def action_toggle_raw(self) -> None:
        """Between pretty and raw."""
        self.window.show(Mode.PRETTY if self.mode is Mode.RAW else Mode.RAW)
        self.paint_after_key()

    def action_search_next(self) -> None:
        """To the next hit."""
        self.window.next_hit(1)
        self.paint_after_key()

    def action_search_previous(self) -> None:
        """To the previous hit."""
        self.window.next_hit(-1)
        self.paint_after_key()

    # drawing

    def state_of(self, y: int) -> ViewLine:
        """The line of the text that is at ``y``."""
        line = self.window.line(y)
        if line is None:
            nothing = self.window.count == 0 and y < len(self._empty)
            return ViewLine(None, self._empty[y] if nothing else "")
        on_cursor = self.window.top + y == self.window.cursor
        return ViewLine(line, "", on_cursor, on_cursor and self.has_focus)

    def segments_of(self, state: ViewLine) -> list[tuple[str, Style]]:
        """The line's runs of text."""
        return text_runs(state, self.size.width, self._palette)

    def painted(self) -> None:
        """Tell where the cursor is."""
        told = (self.place, self.mode)
        if told != self._told:
            self._told = told
            self.path = told[0].path
            self.post_message(self.PlaceChanged(self, *told))

    def on_resize(self, event: events.Resize) -> None:
        """Another part of the text is seen."""
        self.window.resize(self.size.width - GUTTER, self.size.height)
        self.redraw()


def text_runs(state: ViewLine, width: int, palette: Palette) -> list[tuple[str, Style]]:
    """One line as runs of one style each: gutter, coloured text, hits, what is folded away, a sign where it is cut."""
    line = state.line
    if line is None:
        return [(" " * GUTTER + state.text, palette.style("quiet"))]
    glyphs = palette.glyphs
    sign = line.marker or (glyphs.folded if line.hidden else glyphs.unfolded if line.foldable else " ")
    gutter = f"{glyphs.cursor if state.cursor else ' '}{sign}"
    room = width - GUTTER
    text = _ended(line, room, palette)
    if state.cursor:
        style = palette.style("cursor" if state.focused else "cursor-blurred")
        return [(gutter + text + " " * max(0, room - cell_len(text)), style)]
    if line.marker:
        return [(gutter + text, palette.style("added" if line.marker == "+" else "removed"))]
    return [(gutter, palette.style("quiet")), *_coloured(replace(line, text=text), palette)]


def _ended(line: TextLine, room: int, palette: Palette) -> str:
    if line.hidden:
        count = line.hidden
        return line.text + " " + ngettext("… {count} linha", "… {count} linhas", count).format(count=count)
    if line.cut and cell_len(line.text) >= room:
        return line.text[:-1] + palette.glyphs.ellipsis
    return line.text


def _coloured(line: TextLine, palette: Palette) -> list[tuple[str, Style]]:
    """The text cut where a span or a hit begins or ends; hits lie over spans; runs of one style are one."""
    size = len(line.text)
    borders = [border for start, end, _kind in line.spans for border in (start, end)]
    borders += [border for hit in line.hits for border in hit]
    edges = sorted({0, size} | {min(border, size) for border in borders})
    runs: list[tuple[str, Style]] = []
    for start, end in pairwise(edges):
        kind = next((kind for a, b, kind in line.spans if a <= start < b), "")
        style = palette.style(f"json-{kind}") if kind else Style.null()
        if any(a <= start < b for a, b in line.hits):
            style = palette.style("hit")
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + line.text[start:end], style)
        else:
            runs.append((line.text[start:end], style))
    return runs
