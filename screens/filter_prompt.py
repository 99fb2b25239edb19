"""The ``/`` prompt: a filter with completion, how many records it finds while it is typed, and errors in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.timer import Timer

from screens.status_text import capped
from screens.view import both
from screens.widgets.prompt import History, Prompt
from vtexmon.core import filter_help, filter_syntax
from vtexmon.core.filter_syntax import FilterError
from vtexmon.core.filters import Filter
from vtexmon.i18n import _, ngettext

if TYPE_CHECKING:
    from screens.session import Session

TYPING_SECONDS: Final = 0.2
"""So long nothing may be typed before the filter is counted."""


class FilterPrompt(Prompt):
    """The prompt; ``Chosen`` gives a filter that could be read."""

    @dataclass
    class Chosen(Message):
        """Enter on a filter."""

        query: Filter
        text: str

    @dataclass
    class Left(Message):
        """Escape: the filter stays as it was."""

    @dataclass
    class Problem(Message):
        """What is wrong with what is typed, in words; empty: nothing."""

        words: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session: Session | None = None
        self._entered = History()
        self._timer: Timer | None = None

    def open(self, session: Session, text: str) -> None:
        """Ask, beginning with the filter in force."""
        self._session = session
        begun = f"{text} " if text else ""
        self.ask("/", begun, complete=self._offers, history=self._entered, hint=_("Tab completa"))

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Count, once nothing was typed for a moment."""
        message.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(TYPING_SECONDS, lambda: self._judge(message.text))

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Nothing changes."""
        message.stop()
        self._quiet()
        self.post_message(self.Left())

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Give the filter, or stay open and say what is wrong."""
        message.stop()
        self._quiet()
        query = self._read(message.text)
        if query is not None:
            self.post_message(self.Chosen(query, message.text.strip()))
        elif self._session is not None:
            self.ask("/", message.text, complete=self._offers, history=self._entered, hint=_("não entendi"))

    def _judge(self, text: str) -> None:
        self._timer = None
        query = self._read(text)
        if query is None:
            self.hint(_("não entendi"))
        elif self.asking:
            self.run_worker(self._count(query), group="count", exclusive=True, exit_on_error=False)

    async def _count(self, query: Filter) -> None:
        from vtexmon.store import log_pages

        session = self._session
        if session is not None:
            found = await session.read(lambda c: log_pages.count(c, both(session.scope, query)))
            self.hint(ngettext("{n} registro", "{n} registros", found).format(n=capped(found)))

    def _read(self, text: str) -> Filter | None:
        session = self._session
        if session is None:
            return None
        try:
            query = filter_syntax.parse(text, session.now(), session.timezone)
        except FilterError as error:
            self.post_message(self.Problem(str(error)))
            return None
        self.post_message(self.Problem(""))
        return query

    def _offers(self, text: str) -> list[str]:
        choices = filter_help.completions(text, len(text), self._known())
        return [filter_help.complete(text, len(text), choice)[0] for choice in choices]

    def _known(self) -> dict[str, list[str]]:
        config = self._session.config if self._session is not None else None
        if config is None:
            return {}
        regionals = config.regionals
        return {
            "filial": sorted({str(branch) for one in regionals for branch in one.branches}),
            "coligada": sorted({str(one.company) for one in regionals}),
            "conta": sorted(config.accounts),
        }

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
