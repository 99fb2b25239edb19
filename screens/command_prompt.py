"""The ``:`` prompt of any screen: it lies over the key line while it is open and does what is active on that screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from screens import active
from screens.commands import Scope
from screens.widgets.prompt import History, Prompt
from vtexmon.i18n import _

Run = Callable[[str, DOMNode], Awaitable[object]]


class CommandPrompt(Prompt):
    """The prompt; one per screen, mounted when it is first asked for."""

    DEFAULT_CSS = """
    CommandPrompt { dock: bottom; background: $background; }
    """

    def __init__(self, history: History, read_only: bool, run: Run) -> None:
        super().__init__()
        self._entered = history
        self._only_read = read_only
        self._run = run
        self._scopes: tuple[Scope, ...] = ()
        self._doers: dict[str, DOMNode] = {}
        self._focus_before: Widget | None = None

    def open(self, screen: Screen[object]) -> None:
        """Ask for a command of what is active on the screen now."""
        self._scopes, self._doers = active.scopes(screen), active.doers(screen)
        self._focus_before = screen.focused
        self.ask(":", complete=active.completer(self._scopes, self._only_read), history=self._entered)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Say which command it would be."""
        message.stop()
        command = active.meant(message.text, self._scopes, self._only_read)
        self.hint(_(command.word) if command else "")

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Back to where the person was."""
        message.stop()
        self._give_back()

    async def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Do it, or say that there is no such command and stay open."""
        message.stop()
        self._give_back()
        command = active.meant(message.text, self._scopes, self._only_read)
        doer = self._doers.get(command.id) if command else None
        if command is not None and doer is not None:
            await self._run(command.action, doer)
        elif message.text.strip():
            self.ask(":", message.text, complete=active.completer(self._scopes, self._only_read), history=self._entered)
            self.hint(_("não há esse comando"))

    def _give_back(self) -> None:
        if self._focus_before is not None:
            self._focus_before.focus()
