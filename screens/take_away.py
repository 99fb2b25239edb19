"""Taking a text out of the program: to the terminal's clipboard, or to a file; and one line that says what was done."""

from __future__ import annotations

import asyncio
import os

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from screens import clipboard, saving
from screens.background import start
from screens.session import Session
from screens.theme import Palette
from screens.widgets.plain import one_line
from vtexmon.i18n import _


class TakeAway(Static):
    """What was copied or saved, in as many lines as a path needs; it takes no room until there is something to tell."""

    DEFAULT_CSS = """
    TakeAway { height: auto; max-height: 4; display: none; }
    TakeAway.-telling { display: block; }
    """

    def __init__(self, session: Session, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", markup=False, id=id)
        self._session = session
        self._palette = palette
        self.words = ""

    def tell(self, words: str, style: str = "") -> None:
        """Say it; empty words take the line away."""
        self.words = words
        self.set_class(bool(words), "-telling")
        self.update(Text(f" {one_line(words)}", self._palette.style(style) if style else Style.null(), overflow="fold"))

    def copy(self, text: str, name: str = "vtexmon.txt") -> None:
        """To the terminal's clipboard; what is too large for it goes to a file of that name."""
        if not text:
            self.tell(_("nada a copiar"))
        elif clipboard.fits(text):
            self.tell(clipboard.copy(self.app, text, os.environ))
        else:
            self._save(text, name, _("grande demais para o terminal; "))

    def save(self, text: str | None, name: str) -> None:
        """To a file."""
        if text:
            self._save(text, name, "")
        else:
            self.tell(_("nada a salvar: sem corpo"))

    def _save(self, text: str, name: str, why: str) -> None:
        start(self, self._write, text, name, why, group="save", failed=self._failed)

    async def _write(self, text: str, name: str, why: str) -> None:
        path = await asyncio.to_thread(saving.save, text, name, os.environ)
        self.tell(why + _("salvo em {path}").format(path=path))

    def _failed(self, words: str) -> None:
        self.tell(words, "alert")
