"""Reenvio de Dados: the plan first, then the order. Nothing is sent without a plan that was seen.

The plan lies over the screen that asked, without dimming it. The order is given once, however often the key is
pressed, and what it is about is fixed when the plan is made: rows that fail later are not swept in.
"""

from __future__ import annotations

import os
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from screens import resend_list, resend_question, theme
from screens.background import start
from screens.commands import COMMANDS, Scope, bindings_for, keys_of
from screens.session import Session
from screens.view import both
from screens.widgets import keys
from screens.widgets.dialog import Dialog
from screens.widgets.line_table import LineTable
from screens.widgets.status_line import StatusLine
from vtexmon.core import resend_plan
from vtexmon.core.filter_help import describe
from vtexmon.core.filters import Filter
from vtexmon.core.records import ResendProgress
from vtexmon.core.resend_plan import ResendPlan
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection
from vtexmon.i18n import _

PATIENCE_SECONDS: Final = 0.2
"""A plan that takes longer says that it is being made."""


class ResendScreen(ModalScreen[ResendProgress | None]):
    """The plan of a resend; answers with the progress of what was ordered, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.RESEND)]
    CSS = """
    ResendScreen { background: transparent; }
    ResendScreen > .list { display: none; background: $background; }
    ResendScreen.-listing > .list { display: block; }
    """
    AUTO_FOCUS = ""

    def __init__(self, session: Session, selection: Selection, query: Filter, query_text: str) -> None:
        """``query`` is the filter in use and ``query_text`` how the person wrote it."""
        super().__init__()
        self._session = session
        self._selection = selection
        self._query = query
        self._query_text = query_text
        self._palette = theme.palette(os.environ, session.ascii_only)
        self._chosen: Explicit | Matching | None = None
        self._plan: ResendPlan | None = None
        self._title = ""
        self._ordered = False
        self._note = ""

    def compose(self) -> ComposeResult:
        """The box, and the list under it that is shown when asked for."""
        yield StatusLine(self._palette, id="heading", classes="list")
        yield LineTable(resend_list.columns(), self._palette, markable=False, id="rows", classes="list")
        yield Dialog(self._palette)

    def on_mount(self) -> None:
        """Work the plan out, in a thread."""
        self.set_timer(PATIENCE_SECONDS, self._say_waiting)
        start(self, self._make_plan, group="plan", failed=self._refuse)

    def _say_waiting(self) -> None:
        if self._plan is None and self._dialog.question is None:
            self._dialog.ask(resend_question.waiting(_("contando o que será reenviado…")))

    async def _make_plan(self) -> None:
        commands, query, scope = self._session.commands, self._query, self._session.scope
        visible = None if isinstance(self._selection, Nothing) else both(scope, query)
        chosen = await self._session.order(lambda: commands.select(self._selection, query, scope))
        plan = await self._session.order(lambda: commands.plan_resend(chosen, visible))
        self._chosen, self._plan = chosen, plan
        where = describe(scope, self._session.timezone)
        self._title = resend_plan.title(self._selection, plan, where, self._query_text)
        self._ask()

    def _ask(self) -> None:
        assert self._plan is not None
        enter = keys.shown("enter", self._palette.ascii_only)
        question = resend_question.asking(self._selection, self._plan, self._title, _keys(), enter)
        self._dialog.ask(question, self._note)

    # the answers

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        """Give the order, once."""
        message.stop()
        chosen = self._chosen
        if chosen is None or self._ordered:
            return
        self._ordered = True
        self._dialog.ask(resend_question.ordering())
        start(self, self._order, chosen, message.note, group="order", failed=self._refuse)

    async def _order(self, chosen: Explicit | Matching, note: str) -> None:
        commands = self._session.commands
        self.dismiss(await self._session.order(lambda: commands.resend(chosen, self._title, note)))

    def _refuse(self, words: str) -> None:
        self._ordered = False
        self._chosen = None
        self._dialog.ask(resend_question.refused(words))

    def on_dialog_dismissed(self, message: Dialog.Dismissed) -> None:
        """No; an order that is being written cannot be taken back here."""
        message.stop()
        if self._ordered:
            self._dialog.ask(resend_question.ordering())
        else:
            self.dismiss(None)

    def on_dialog_chosen(self, message: Dialog.Chosen) -> None:
        """The list of rows."""
        message.stop()
        if message.choice == "list" and self._chosen is not None:
            self._note = message.dialog.note
            message.dialog.close()
            self.add_class("-listing")
            self.query_one(LineTable).focus()
            start(self, self._read_rows, self._chosen, group="rows", failed=self._list_failed)

    def _list_failed(self, words: str) -> None:
        self.query_one("#heading", StatusLine).say([(f" {words}", "alert")], [(_("esc volta ao plano "), "key")])

    async def _read_rows(self, chosen: Explicit | Matching) -> None:
        table = self.query_one(LineTable)
        table.set_empty(_("lendo…"))
        rows = await self._session.read(lambda connection: resend_list.read_rows(connection, chosen))
        if self._plan is not None:
            self.query_one("#heading", StatusLine).say(
                [(f" {resend_list.heading(self._plan)}", "header")], [(_("esc volta ao plano "), "key")]
            )
        table.reset(resend_list.lines(rows, self._palette), at_start=True, at_end=True)

    def on_line_table_opened(self, message: LineTable.Opened) -> None:
        """Enter in the list: back to the question."""
        message.stop()
        self._leave_list()

    def action_list(self) -> None:
        """The key of the list, in the list: back to the question."""
        self._leave_list()

    def action_cancel(self) -> None:
        """Escape in the list: back to the question; before there is one: no."""
        if self.has_class("-listing"):
            self._leave_list()
        elif self._plan is None:
            self.dismiss(None)

    def action_confirm(self) -> None:
        """Nothing is confirmed from the list; the question hears its own keys."""

    def action_note(self) -> None:
        """The note is written in the question, too."""

    def _leave_list(self) -> None:
        if self.has_class("-listing"):
            self.remove_class("-listing")
            self._ask()

    @property
    def _dialog(self) -> Dialog:
        return self.query_one(Dialog)


def _keys() -> resend_question.Keys:
    found = {command.id: keys_of(command)[0] for command in COMMANDS if command.scope is Scope.RESEND}
    return resend_question.Keys(found["resend.confirm"], found["resend.note"], found["resend.list"])
