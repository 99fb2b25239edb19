"""A one-line prompt: the filter after ``/``, the command after ``:``, a search; with completion, history and a hint.

The prompt knows no query language: what can be completed comes from a callable, what the text means from the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from screens.commands import Scope, bindings_for
from screens.widgets.plain import one_line

HISTORY: Final = 50
Completions = Callable[[str], Sequence[str]]


def no_completions(text: str) -> Sequence[str]:
    """Nothing to complete."""
    return ()


class History:
    """Texts entered before, the newest first when walked; what was being typed waits at the end."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts = list(texts)[-HISTORY:]
        self._at = len(self.texts)
        self._draft = ""

    def add(self, text: str) -> None:
        """Remember a text; the same one is not kept twice."""
        if text.strip():
            self.texts = [*(one for one in self.texts if one != text), text][-HISTORY:]
        self.rewind()

    def rewind(self) -> None:
        """Stand after the newest again."""
        self._at = len(self.texts)

    def older(self, current: str) -> str:
        """The text entered before the one shown."""
        if self._at == len(self.texts):
            self._draft = current
        self._at = max(0, self._at - 1)
        return self.texts[self._at] if self.texts else current

    def newer(self, current: str) -> str:
        """The text entered after the one shown; at the end what was being typed."""
        if self._at >= len(self.texts):
            return current
        self._at += 1
        return self.texts[self._at] if self._at < len(self.texts) else self._draft


class Prompt(Horizontal):
    """The prompt; hidden until ``ask``, hidden again when submitted or cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Scope.PROMPT)]
    DEFAULT_CSS = """
    Prompt { height: 1; width: 1fr; display: none; }
    Prompt.-asking { display: block; }
    Prompt > #prompt-sign { width: auto; }
    Prompt > #prompt-hint { width: 24; text-align: right; }
    Prompt > Input { width: 1fr; height: 1; border: none; padding: 0; background: transparent; }
    Prompt > Input:focus { border: none; background-tint: transparent; }
    """

    @dataclass
    class Changed(Message):
        """The text is another one: a hint (how many match) may be shown with ``hint``."""

        prompt: Prompt
        text: str

        def can_replace(self, message: Message) -> bool:
            """Only the last text matters."""
            return isinstance(message, Prompt.Changed) and message.prompt is self.prompt

    @dataclass
    class Submitted(Message):
        """Enter: the text is to be applied."""

        prompt: Prompt
        text: str

    @dataclass
    class Cancelled(Message):
        """Escape: everything as it was when ``ask`` was called; ``text`` is what it was then."""

        prompt: Prompt
        text: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._complete: Completions = no_completions
        self._history = History()
        self._cycle: tuple[Sequence[str], int] | None = None
        self._expected: str | None = None
        self._before = ""

    def compose(self) -> ComposeResult:
        """Sign, text, hint."""
        yield Static("", id="prompt-sign", markup=False)
        field = Input(compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Static("", id="prompt-hint", markup=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self._field.value

    @property
    def asking(self) -> bool:
        """Whether it is open."""
        return self.has_class("-asking")

    def ask(
        self,
        sign: str,
        text: str = "",
        *,
        complete: Completions = no_completions,
        history: History | None = None,
        hint: str = "",
    ) -> None:
        """Open with a sign (``/``, ``:``) and a text, take the focus."""
        self._complete, self._history = complete, history or History()
        self._history.rewind()
        self._cycle = None
        self._before = text
        self.query_one("#prompt-sign", Static).update(f" {sign} ")
        self.hint(hint)
        self.add_class("-asking")
        self._put(text)
        self._field.focus()

    def hint(self, text: str) -> None:
        """What is said on the right: how many match, or what is wrong."""
        self.query_one("#prompt-hint", Static).update(one_line(text), layout=False)

    def close(self) -> None:
        """Hide."""
        self.remove_class("-asking")
        if self._field.has_focus:
            self.screen.set_focus(None)

    def action_complete(self) -> None:
        """Complete; again: the next suggestion."""
        self._cycle_by(1)

    def action_complete_back(self) -> None:
        """The suggestion before."""
        self._cycle_by(-1)

    def action_older(self) -> None:
        """A text entered before."""
        self._put(self._history.older(self.text))

    def action_newer(self) -> None:
        """A text entered after."""
        self._put(self._history.newer(self.text))

    def action_accept(self) -> None:
        """Apply."""
        self._history.add(self.text)
        text = self.text
        self.close()
        self.post_message(self.Submitted(self, text))

    def action_cancel(self) -> None:
        """Leave as it was."""
        self.close()
        self.post_message(self.Cancelled(self, self._before))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter reaches the field first."""
        event.stop()
        self.action_accept()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing ends a cycle of completions."""
        event.stop()
        harmless = one_line(event.value)
        if harmless != event.value:
            self._put(harmless)
            return
        if event.value != self._expected:
            self._cycle = None
        self._expected = None
        if self.asking:
            self.post_message(self.Changed(self, event.value))

    @property
    def _field(self) -> Input:
        return self.query_one(Input)

    def _cycle_by(self, step: int) -> None:
        if self._cycle is None:
            offered = self._complete(self.text)
            at = 0 if step > 0 else len(offered) - 1
        else:
            offered, at = self._cycle[0], self._cycle[1] + step
        if offered:
            at %= len(offered)
            self._cycle = (offered, at)
            self._put(offered[at])

    def _put(self, text: str) -> None:
        self._expected = text if text != self.text else None
        self._field.value = text
        self._field.cursor_position = len(text)
