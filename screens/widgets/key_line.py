"""The key line: the most useful commands of the scope that is heard, as many as fit whole."""

from __future__ import annotations

from collections.abc import Mapping

from screens.commands import NO_OVERRIDES, Scope, key_line
from screens.theme import Palette
from screens.widgets.status_line import Piece, StatusLine


class KeyLine(StatusLine):
    """One line of keys and words, from the table of commands."""

    DEFAULT_CSS = "KeyLine { height: 1; width: 1fr; }"

    def __init__(
        self,
        scope: Scope,
        palette: Palette | None = None,
        *,
        read_only: bool = False,
        overrides: Mapping[str, str] = NO_OVERRIDES,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(palette, id=id, classes=classes)
        self._scope = scope
        self._read_only = read_only
        self._overrides = overrides

    def show_scope(self, scope: Scope) -> None:
        """Another scope is heard (a prompt opened, a dialog closed)."""
        self._scope = scope
        self._draw()

    def hide_writing(self) -> None:
        """From now on only what does not write is shown."""
        self._read_only = True
        self._draw()

    def _draw(self) -> None:
        self._left = tuple(self._pieces_of_keys(self.size.width - 1))
        super()._draw()

    def _pieces_of_keys(self, width: int) -> list[Piece]:
        pieces: list[Piece] = [(" ", "")]
        ascii_only = self._palette.ascii_only
        for hint in key_line(self._scope, width, self._read_only, self._overrides, ascii_only):
            gap = "  " if len(pieces) > 1 else ""
            pieces += [(f"{gap}{hint.key}", "key"), (f" {hint.label}", "")]
        return pieces
