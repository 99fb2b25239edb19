"""What part of a text is seen: pretty with folds, raw and wrapped, or only the differences; cursor, scroll and search.

Only the lines in view are ever looked at closely, so that one megabyte opens as fast as one kilobyte. Nothing here
knows of Textual.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from rich.cells import chop_cells

from screens.widgets.texts import Difference, Document, Mode, Place, TextLine
from vtexmon.core.sanitize import sanitize

LONGEST_COLOURED: Final = 20_000
Piece = tuple[int, int, int]


class TextWindow:
    """A document seen through ``width`` × ``height`` cells."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mode = Mode.PRETTY
        self.width = self.height = 1
        self.top = self.left = self.cursor = 0
        self.needle = ""
        self._folded: set[int] = set()
        self._differences: Sequence[Difference] = ()
        self._hits: Sequence[tuple[int, int]] = ()
        self._hit = -1
        self._shown: Sequence[int] = range(len(document.lines))
        self._pieces: list[Piece] | None = None

    @property
    def count(self) -> int:
        """Lines that can be scrolled through in this mode."""
        match self.mode:
            case Mode.PRETTY:
                return len(self._shown)
            case Mode.RAW:
                return len(self._wrapped())
            case Mode.DIFF:
                return len(self._differences)

    @property
    def place(self) -> Place:
        """Where the cursor is."""
        path = self.document.path_at(self._number) if self.mode is Mode.PRETTY and self.count else ""
        total = len(self.document.lines) if self.mode is Mode.PRETTY else self.count
        line = self._number if self.mode is Mode.PRETTY else self.cursor
        return Place(path, min(line + 1, total), total, self._hit + 1, len(self._hits))

    @property
    def cursor_text(self) -> str:
        """The whole line under the cursor, as it is in the document."""
        if not self.count:
            return ""
        match self.mode:
            case Mode.PRETTY:
                return self.document.lines[self._number]
            case Mode.RAW:
                return self.document.raw_lines[self._wrapped()[self.cursor][0]]
            case Mode.DIFF:
                return self._differences[self.cursor].text

    def line(self, y: int) -> TextLine | None:
        """What line ``y`` of the view shows; None below the end."""
        index = self.top + y
        if not 0 <= index < self.count:
            return None
        match self.mode:
            case Mode.PRETTY:
                return self._pretty(self._shown[index])
            case Mode.RAW:
                number, start, end = self._wrapped()[index]
                text = sanitize(self.document.raw_lines[number][start:end])
                return TextLine(number, text, hits=self._hits_in(number, start, end))
            case Mode.DIFF:
                one = self._differences[index]
                text = sanitize(one.text[self.left : self.left + self.width])
                return TextLine(index, text, marker=one.marker, cut=len(one.text) > self.left + self.width)

    # moving

    def resize(self, width: int, height: int) -> None:
        """The view has another size."""
        if width != self.width:
            self._pieces = None
        self.width, self.height = max(1, width), max(1, height)
        self._settle()

    def move(self, lines: int) -> None:
        """Move the cursor; at the edge of the view it scrolls by half a page."""
        self.cursor += lines
        if self.cursor >= self.top + self.height:
            self.top = max(self.top + self.height // 2, self.cursor - self.height + 1)
        elif self.cursor < self.top:
            self.top = min(self.top - self.height // 2, self.cursor)
        self._settle()

    def page(self, pages: int) -> None:
        """Move view and cursor by whole pages."""
        step = pages * max(1, self.height - 1)
        self.cursor += step
        self.top += step
        self._settle()

    def go_to(self, index: int) -> None:
        """Put the cursor on a line; the view is centred on it when it was out of sight."""
        self.cursor = index
        if not self.top <= index < self.top + self.height:
            self.top = index - self.height // 2
        self._settle()

    def scroll(self, cells: int) -> None:
        """Move the view sideways (raw lines are wrapped and do not scroll)."""
        if self.mode is not Mode.RAW:
            visible = [line for line in map(self._length, range(self.top, self.top + self.height)) if line]
            longest = max(visible, default=0)
            self.left = max(0, min(self.left + cells, max(0, longest - self.width)))

    # modes, folds, search

    def show(self, mode: Mode, differences: Sequence[Difference] = ()) -> None:
        """Show in another way; the cursor stays on its line where that makes sense."""
        self._differences = differences
        self.mode = mode
        self.cursor = self.top = self.left = 0
        self.search(self.needle)
        self._settle()

    def toggle_fold(self) -> bool:
        """Fold or unfold at the cursor: what begins there, else what encloses it. False: nothing to fold."""
        if self.mode is not Mode.PRETTY or not self.count:
            return False
        start = self._fold_around(self._number)
        if start is None:
            return False
        self._set_folds(self._folded ^ {start}, start)
        return True

    def fold_all(self) -> None:
        """Fold everything inside the outermost."""
        folds = self.document.folds
        outermost = {start for start in folds if start == 0}
        self._set_folds(set(folds) - outermost, self._number if self.count else 0)

    def unfold_all(self) -> None:
        """Unfold everything."""
        self._set_folds(set(), self._number if self.count else 0)

    def search(self, needle: str) -> int:
        """Look for a text; the number of places that hold it. ``next_hit`` goes there."""
        self.needle, self._hit = needle, -1
        searchable = needle and self.mode is not Mode.DIFF
        self._hits = self.document.search(needle, self.mode is Mode.RAW) if searchable else ()
        return len(self._hits)

    def next_hit(self, step: int = 1) -> bool:
        """To the next (1) or previous (-1) hit, from the last one or the cursor, round the ends. False: none."""
        if not self._hits:
            return False
        if self._hit < 0:
            number = self._number if self.mode is Mode.PRETTY else self._wrapped()[self.cursor][0]
            after = bisect_right(self._hits, (number, -1))
            self._hit = (after if step > 0 else after - 1) % len(self._hits)
        else:
            self._hit = (self._hit + step) % len(self._hits)
        number, column = self._hits[self._hit]
        self._reveal(number, column)
        return True

    # inside

    @property
    def _number(self) -> int:
        return self._shown[self.cursor] if self.cursor < len(self._shown) else 0

    def _pretty(self, number: int) -> TextLine:
        whole = self.document.lines[number]
        start, end = self.left, self.left + self.width
        spans = self.document.spans(number) if len(whole) <= LONGEST_COLOURED else ()
        shifted = tuple((max(a - start, 0), b - start, kind) for a, b, kind in spans if b > start and a < end)
        last = self.document.folds.get(number)
        hidden = last - number if last is not None and number in self._folded else 0
        hits = self._hits_in(number, start, end)
        return TextLine(
            number, sanitize(whole[start:end]), shifted, hits, "", last is not None, hidden, len(whole) > end
        )

    def _hits_in(self, number: int, start: int, end: int) -> tuple[tuple[int, int], ...]:
        if not self._hits:
            return ()
        size = len(self.needle)
        first = bisect_right(self._hits, (number, start - size))
        last = bisect_right(self._hits, (number, end))
        return tuple(
            (max(column - start, 0), column - start + size) for _line, column in self._hits[first:last] if column < end
        )

    def _length(self, index: int) -> int:
        if index >= self.count:
            return 0
        one = self._differences[index].text if self.mode is Mode.DIFF else self.document.lines[self._shown[index]]
        return len(one)

    def _wrapped(self) -> list[Piece]:
        if self._pieces is None:
            raw = enumerate(self.document.raw_lines)
            self._pieces = [piece for number, line in raw for piece in _wrap(number, line, self.width)]
        return self._pieces

    def _fold_around(self, number: int) -> int | None:
        folds = self.document.folds
        if number in folds:
            return number
        around = [start for start, end in folds.items() if start < number <= end]
        return max(around, default=None)

    def _set_folds(self, folded: set[int], number: int) -> None:
        folds = self.document.folds
        self._folded = folded
        shown: list[int] = []
        line, total = 0, len(self.document.lines)
        while line < total:
            shown.append(line)
            line = folds[line] + 1 if line in folded else line + 1
        self._shown = shown if folded else range(total)
        self.go_to(max(0, bisect_right(self._shown, number) - 1))

    def _reveal(self, number: int, column: int) -> None:
        if self.mode is Mode.RAW:
            self.go_to(max(0, bisect_right(self._wrapped(), (number, column, 1 << 60)) - 1))
            return
        hiding = {start for start in self._folded if start < number <= self.document.folds[start]}
        if hiding:
            self._set_folds(self._folded - hiding, number)
        self.go_to(bisect_right(self._shown, number) - 1)
        if not self.left <= column < self.left + self.width - len(self.needle):
            self.left = max(0, column - self.width // 2) if column >= self.width else 0

    def _settle(self) -> None:
        self.cursor = max(0, min(self.cursor, self.count - 1))
        self.top = max(self.cursor - self.height + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, self.count - self.height))


def _wrap(number: int, line: str, width: int) -> list[Piece]:
    if line.isascii():
        return [(number, start, start + width) for start in range(0, len(line), width)] or [(number, 0, 0)]
    pieces, start = [], 0
    for chunk in chop_cells(line, width):
        pieces.append((number, start, start + len(chunk)))
        start += len(chunk)
    return pieces or [(number, 0, 0)]
