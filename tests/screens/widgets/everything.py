"""An app with every widget, as a screen would compose them; run as a program it is what the byte tests drive."""

from __future__ import annotations

import json

from textual.app import ComposeResult
from textual.binding import Binding

from screens.commands import Scope
from screens.theme import Palette
from screens.widgets.dialog import Dialog, Question
from screens.widgets.json_view import JsonView
from screens.widgets.key_line import KeyLine
from screens.widgets.line_table import LineTable
from screens.widgets.prompt import Prompt
from screens.widgets.status_line import StatusLine
from tests.screens.widgets.virtual_list import COLUMNS, ListApp
from vtexmon.core.payload import Payload

QUESTION = Question(
    "Reenviar",
    (
        (("214 marcados ", ""), ("(3 ocultos pelo filtro)", "hidden-marks")),
        (("  serão reenviados   201   Erro 180 · Cancelado 12 · adiantados 9", ""),),
        (("  serão ignorados     13   Sucesso 9 · em envio 4", ""),),
    ),
    "esc cancela   v ver a lista",
    number=201,
    note_key="n",
    others={"v": "list"},
)
SMALL = Question("Reenviar", ((("2 marcados", ""),),), "s reenvia   ⏎ cancela")
PAYLOAD = Payload.from_text(
    json.dumps({"Message": "inválido", "itens": [{"id": n, "nome": f"Curso {n}"} for n in range(300)]})
)


class Everything(ListApp):
    BINDINGS = (
        *ListApp.BINDINGS,
        Binding("slash", "filter"),
        Binding("R", "ask"),
        Binding("m", "ask_small"),
        Binding("d", "detail"),
        Binding("s", "status"),
    )
    CSS = "JsonView { display: none; }"

    def compose(self) -> ComposeResult:
        yield StatusLine(Palette(), id="status")
        yield LineTable(COLUMNS, Palette(), follow=self.follow)
        yield JsonView(Palette())
        yield Prompt()
        yield KeyLine(Scope.LOGS, Palette())
        yield Dialog(Palette())

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#status", StatusLine).say((("vtexmon ", ""), ("PRODUÇÃO", "producao")), "linha 1")

    def action_filter(self) -> None:
        self.query_one(Prompt).ask("/", "status:", complete=lambda text: (text + "erro", text + "cancelado"))

    def action_ask(self) -> None:
        self.query_one(Dialog).ask(QUESTION)

    def action_ask_small(self) -> None:
        self.query_one(Dialog).ask(SMALL)

    def action_status(self) -> None:
        self.query_one("#status", StatusLine).say((("vtexmon ", ""), ("PRODUÇÃO", "producao")), "linha 2")

    def action_detail(self) -> None:
        view = self.query_one(JsonView)
        view.show(PAYLOAD)
        self.table.display = False
        view.display = True
        view.focus()

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.told.append(("changed", message.text))
        message.prompt.hint(f"{len(message.text)} registros")

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.told.append(("submitted", message.text))
        self.table.focus()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        self.told.append(("cancelled", message.text))
        self.table.focus()

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        self.told.append(("confirmed", message.note))
        self.table.focus()

    def on_dialog_dismissed(self, message: Dialog.Dismissed) -> None:
        self.told.append(("dismissed",))
        self.table.focus()

    def on_dialog_chosen(self, message: Dialog.Chosen) -> None:
        self.told.append(("chosen", message.choice))


if __name__ == "__main__":
    Everything().run(mouse=False)
