"""The help of the screen it was opened from: every key that works there, from the table of commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from screens.commands import HelpRow, Scope, bindings_for, help_rows
from screens.theme import Palette
from screens.widgets.columns import Column
from screens.widgets.key_line import KeyLine
from screens.widgets.line_table import LineTable
from screens.widgets.rows import Line
from screens.widgets.status_line import StatusLine
from vtexmon.i18n import _


class HelpScreen(Screen[None]):
    """All keys of some scopes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for binding in bindings_for(Scope.GLOBAL) if binding.action == "back"),
    ]
    AUTO_FOCUS = "LineTable"

    def __init__(self, scopes: Sequence[Scope], palette: Palette, read_only: bool) -> None:
        super().__init__()
        self._rows = help_rows(scopes, read_only, ascii_only=palette.ascii_only)
        self._palette = palette
        self._only_read = read_only

    def compose(self) -> ComposeResult:
        """Title, keys, key line."""
        yield StatusLine(self._palette, id="title")
        yield LineTable(_columns(), self._palette, markable=False)
        yield KeyLine(Scope.GLOBAL, self._palette, read_only=self._only_read)

    def on_mount(self) -> None:
        """Show the rows."""
        back = f" {self._palette.glyphs.back} "
        self.query_one(StatusLine).say(((back, ""), (_("Ajuda desta tela"), "header")), _("esc volta "))
        lines = [_line(number, row) for number, row in enumerate(self._rows, 1)]
        self.query_one(LineTable).reset(lines, at_start=True, at_end=True)

    def action_back(self) -> None:
        """To the screen it was opened from."""
        self.dismiss()


def scope_words(scope: Scope) -> str:
    """What a scope is called."""
    return {
        Scope.GLOBAL: _("em toda parte"),
        Scope.TABLE: _("na lista"),
        Scope.TEXT: _("no texto"),
        Scope.PROMPT: _("ao digitar"),
        Scope.LOGS: _("Monitor de Log"),
        Scope.DETAIL: _("Registro"),
        Scope.PAYLOAD: _("Conteúdo"),
        Scope.RESEND: _("Reenvio"),
        Scope.SCHEDULES: _("Agendamentos"),
    }[scope]


def _columns() -> tuple[Column, ...]:
    return (
        Column("keys", _("Teclas"), 14, 12, priority=9),
        Column("help", _("O que faz"), 60, 40, priority=8),
        Column("scope", _("Onde"), 14, 13, priority=7),
    )


def _line(number: int, row: HelpRow) -> Line:
    return Line(number, (row.keys, row.help, scope_words(row.scope)))
