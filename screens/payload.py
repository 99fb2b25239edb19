"""One text that was sent or received, on the whole screen: pretty or raw, searched, compared, copied, saved.

How it is drawn is ``widgets/json_view.py``, how it leaves the program ``screens/take_away.py``.
"""

from __future__ import annotations

import os
from typing import ClassVar, Final

from sqlalchemy import Connection
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType

from screens import theme
from screens.background import start
from screens.commands import Scope, bindings_for, may_run
from screens.log_items import request_words, size_words
from screens.payload_reading import Both, Comparison, Side, curl_of, file_name, read_both, read_comparison
from screens.plain_view import show_plain
from screens.session import Session
from screens.still import StillScreen
from screens.take_away import TakeAway
from screens.theme import STATUS_STYLES
from screens.widgets.json_view import JsonView
from screens.widgets.key_line import KeyLine
from screens.widgets.prompt import History, Prompt
from screens.widgets.status_line import StatusLine
from screens.widgets.texts import Mode
from vtexmon.core.formats import duration_ms
from vtexmon.core.payload import PayloadKind
from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.i18n import _, ngettext
from vtexmon.store import logs

COUNTED_WHILE_TYPING: Final = 200_000
"""Characters up to which the hits are counted at each key of a search."""

_KINDS: Final = {PayloadKind.JSON: "JSON", PayloadKind.XML: "XML", PayloadKind.HTML: "HTML"}


class PayloadScreen(StillScreen[None]):
    """Dados Enviados or Dados Recebidos of one item."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for(Scope.PAYLOAD),
        *(binding for binding in bindings_for(Scope.GLOBAL) if binding.action == "back"),
    ]
    AUTO_FOCUS = "JsonView"

    def __init__(self, session: Session, item: LogItemRecord, which: Side | str = Side.RECEIVED) -> None:
        super().__init__()
        self._session = session
        self._item = item
        self._side = Side(which)
        self._palette = theme.palette(os.environ, session.ascii_only)
        self._both: Both | None = None
        self._record: LogRecord | None = None
        self._compared: Comparison | None = None
        self._history = History()

    def compose(self) -> ComposeResult:
        """Title, text, what was done, place, search, keys."""
        yield StatusLine(self._palette, id="title")
        yield JsonView(self._palette)
        yield TakeAway(self._session, self._palette)
        yield StatusLine(self._palette, id="place")
        yield Prompt(id="search")
        yield KeyLine(Scope.PAYLOAD, self._palette, read_only=self._session.read_only)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Read-only hides what writes."""
        return may_run(Scope.PAYLOAD, action, self._session.read_only)

    def on_mount(self) -> None:
        """Read both texts, in a thread."""
        self._view.set_empty(_("lendo…"))
        start(self, self._read, group="text", failed=self._tell)

    async def _read(self) -> None:
        self._both, self._record = await self._session.read(self._find)
        self._show()

    def _find(self, connection: Connection) -> tuple[Both, LogRecord | None]:
        return read_both(connection, self._item), logs.find(connection, self._item.log_id)

    def _show(self) -> None:
        if self._both is None:
            return
        text = self._both.side(self._side)
        self._compared = None
        self._view.set_empty(text.why)
        self._view.show(text.payload)
        self._say()

    # what the lines say

    def _say(self) -> None:
        item, glyphs = self._item, self._palette.glyphs
        left = [(f" {glyphs.back} {item.log_id} / {item.id}  ", "quiet"), (self._side.label, "header")]
        left += [(f"  {request_words(item)}", "")]
        self.query_one("#title", StatusLine).say(left, [(self._outcome(), STATUS_STYLES[item.status])])
        self._say_place()

    def _outcome(self) -> str:
        item = self._item
        http = "" if item.http_status is None else f" HTTP {item.http_status}"
        took = "" if item.duration_ms is None else f" {duration_ms(item.duration_ms)}"
        return f"{self._palette.status(item.status)}{http}{took} "

    def _say_place(self) -> None:
        view = self._view
        place = view.place
        left = [(f" {place.path or self._about()}", "quiet")]
        where = _("linha {line} de {lines}").format(line=place.line, lines=place.lines) if place.lines else ""
        if view.window.needle and view.mode is not Mode.DIFF:
            found = f"{place.hit}/{place.hits}" if place.hits else _("não encontrado")
            where = f"“{view.window.needle}” {found}   {where}"
        self.query_one("#place", StatusLine).say(left, [(f"{where} ", "")])

    def _about(self) -> str:
        if self._compared is not None and self._view.mode is Mode.DIFF:
            return self._compared_words(self._compared)
        text = self._both.side(self._side) if self._both else None
        if text is None or text.text is None:
            return ""
        kind = _KINDS.get(text.payload.kind, _("texto"))
        return " · ".join(part for part in (kind, size_words(text.size), text.payload.note) if part)

    def _compared_words(self, compared: Comparison) -> str:
        if compared.before is None:
            return ""
        words = _("só o que mudou desde a tentativa {attempt} (item {id}):  − antes  + agora")
        return words.format(attempt=compared.before.attempt, id=compared.before.id)

    def on_json_view_place_changed(self, message: JsonView.PlaceChanged) -> None:
        """Tell the path and the line."""
        message.stop()
        self._say_place()

    # keys

    def action_back(self) -> None:
        """Out of the difference, then out of the search, then to the items."""
        view = self._view
        if view.mode is Mode.DIFF:
            self._show()
        elif view.window.needle:
            view.search("")
            view.redraw()
            self._say_place()
        else:
            self.dismiss()

    def action_other_side(self) -> None:
        """Sent or received."""
        self._side = self._side.other
        self._show()

    def action_search(self) -> None:
        """Ask for a text."""
        self.query_one("#search", Prompt).ask("/", history=self._history)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """How many places hold what is typed; not for long texts, where counting takes longer than a key."""
        payload = self._both.side(self._side).payload if self._both else None
        if payload is None or len(payload.text) > COUNTED_WHILE_TYPING or not message.text:
            return
        found = len(payload.search(message.text, self._view.mode is Mode.RAW))
        message.prompt.hint(ngettext("{n} ocorrência", "{n} ocorrências", found).format(n=found))

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Go to the first place."""
        self._view.focus()
        if self._view.mode is Mode.DIFF:
            self._show()
        self._view.search(message.text)
        self._view.redraw()
        self._say_place()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Back to the text."""
        self._view.focus()

    def action_compare(self) -> None:
        """Only the difference with the attempt before; again: the text."""
        if self._view.mode is Mode.DIFF:
            self._show()
        elif self._both is not None:
            start(self, self._compare, self._both, self._side, group="compare", failed=self._tell)

    async def _compare(self, both: Both, side: Side) -> None:
        found = await self._session.read(lambda connection: read_comparison(connection, both, side))
        if side is not self._side:
            return
        if found.before is None:
            self._tell(_("não há tentativa anterior desta etapa para comparar"))
            return
        self._compared = found
        self._view.set_empty(_("igual ao da tentativa anterior: nada mudou.  esc volta ao texto"))
        self._view.show_diff(found.lines)
        self._say_place()

    def action_copy(self) -> None:
        """The line under the cursor."""
        self.query_one(TakeAway).copy(self._view.cursor_text.strip(), self._file_name)

    def action_copy_all(self) -> None:
        """The whole text, as it went over the wire."""
        if self._both is not None:
            self.query_one(TakeAway).copy(self._both.side(self._side).text or "", self._file_name)

    def action_save(self) -> None:
        """The whole text, as it went over the wire, into a file."""
        if self._both is not None:
            self.query_one(TakeAway).save(self._both.side(self._side).text, self._file_name)

    def action_curl(self) -> None:
        """The request as a curl command; the credentials are left to the reader's environment."""
        if self._both is None or self._record is None:
            return
        command = curl_of(self._session.config, self._record, self._item, self._both.sent.text)
        if command is None:
            missing = _("a conta «{name}» não está na configuração: sem endereço para o curl")
            self._tell(missing.format(name=self._record.account))
        else:
            self.query_one(TakeAway).copy(command, f"vtexmon-log{self._item.log_id}-item{self._item.id}.sh")

    def action_plain(self) -> None:
        """The text outside the program, where the terminal's own selection works."""
        if self._both is None:
            return
        text = self._both.side(self._side)
        lines = text.payload.lines or (text.why,)
        try:
            with self.app.suspend():
                show_plain([request_words(self._item), self._side.label, "", *lines])
        except SuspendNotSupported:
            self._tell(_("este terminal não permite sair do programa para o texto puro"))

    def _tell(self, words: str) -> None:
        self.query_one(TakeAway).tell(words)

    @property
    def _view(self) -> JsonView:
        return self.query_one(JsonView)

    @property
    def _file_name(self) -> str:
        kind = self._both.side(self._side).payload.kind if self._both else PayloadKind.TEXT
        return file_name(self._item, self._side, kind)
