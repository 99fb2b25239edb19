"""A question on top of a screen, without dimming it: the safe answer is the easy one.

It is drawn into the screen that asks (a modal screen repaints everything, several times). ``Enter`` and ``escape``
dismiss it; a letter confirms, or for many rows the number that is typed and then ``Enter``. While it is open it hears
every key, so that nothing below can be done by mistake, and it answers once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rich.style import Style
from textual import events
from textual.message import Message

from screens.theme import Palette
from screens.widgets.dialog_drawing import DialogState, Piece, dialog_lines
from screens.widgets.line_view import LineView
from screens.widgets.plain import one_line
from vtexmon.i18n import _

LONGEST_NOTE: Final = 200
WIDTH: Final = 77


@dataclass(frozen=True)
class Question:
    """What is asked: title, the lines that tell the consequences, and how it is confirmed.

    ``letter`` confirms at once; when ``number`` is given it has to be typed instead. ``note_key`` (empty: no note) goes
    to the note. ``others`` maps further keys to what they choose: the question stays open and ``Chosen`` tells.
    ``answers`` is the last line: what can be pressed, in words. ``only_told``: nothing is asked, any key dismisses it.
    """

    title: str
    lines: tuple[tuple[Piece, ...], ...]
    answers: str
    letter: str = "s"
    number: int | None = None
    note_key: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    only_told: bool = False


class Dialog(LineView[tuple[Piece, ...]], inherit_bindings=False):
    """The question box; one per screen, hidden until ``ask``."""

    DEFAULT_CSS = """
    Dialog { layer: dialog; width: 77; height: 1; display: none; }
    Dialog.-asking { display: block; }
    """

    @dataclass
    class Confirmed(Message):
        """The person said yes; ``note`` is what they wrote."""

        dialog: Dialog
        question: Question
        note: str

    @dataclass
    class Dismissed(Message):
        """The person said no, or nothing."""

        dialog: Dialog
        question: Question

    @dataclass
    class Chosen(Message):
        """One of the question's other keys; the question is still open."""

        dialog: Dialog
        question: Question
        choice: str

    def __init__(
        self,
        palette: Palette | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._palette = palette or Palette()
        self._question: Question | None = None
        self._state = DialogState()
        self._lines: list[tuple[Piece, ...]] = []
        self._box = (0, 0)

    @property
    def question(self) -> Question | None:
        """What is being asked; None when closed."""
        return self._question

    @property
    def note(self) -> str:
        """What was written so far."""
        return self._state.note

    def ask(self, question: Question, note: str = "") -> None:
        """Open, or change what is asked (what was typed of the note stays)."""
        kept = self._state.note if self._question is not None else note
        self._question = question
        self._state = DialogState(note=kept)
        self._layout()
        self.add_class("-asking")
        self.focus()

    def close(self) -> None:
        """Hide without an answer."""
        self._question = None
        self.remove_class("-asking")

    def on_mount(self) -> None:
        """Lie above the screen's other widgets."""
        self.screen.set_styles("layers: default dialog;")

    def on_key(self, event: events.Key) -> None:
        """Every key ends here while the question is open."""
        event.stop()
        event.prevent_default()
        question = self._question
        if question is None:
            return
        if question.only_told:
            self._finish(self.Dismissed(self, question))
        elif self._state.writing:
            self._write(event)
        elif event.key in ("enter", "escape"):
            self._answer(question, event.key == "enter")
        else:
            self._choose(question, event)
        if self._question is not None:
            self._layout()
            self.paint()

    def on_paste(self, event: events.Paste) -> None:
        """Pasting goes to the note."""
        event.stop()
        if self._state.writing:
            self._state.note = (self._state.note + one_line(event.text))[:LONGEST_NOTE]
            self._layout()
            self.paint()

    # drawing

    def state_of(self, y: int) -> tuple[Piece, ...]:
        """The line of the box at ``y``."""
        return self._lines[y] if y < len(self._lines) else ()

    def segments_of(self, state: tuple[Piece, ...]) -> list[tuple[str, Style]]:
        """The line's runs of text."""
        return [(text, self._palette.style(name) if name else Style.null()) for text, name in state]

    # inside

    def _layout(self) -> None:
        question = self._question
        if question is None:
            return
        screen = self.screen.size
        width = max(20, min(WIDTH, screen.width - 2))
        number = "" if question.number is None else str(question.number)
        self._lines = dialog_lines(question, self._state, number, width, self._palette)
        height = min(len(self._lines), max(1, screen.height))
        if self._box != (width, height):
            self._box = (width, height)
            self.styles.width, self.styles.height = width, height
            self.styles.offset = ((screen.width - width) // 2, max(0, (screen.height - height) // 2))

    def _answer(self, question: Question, entered: bool) -> None:
        state = self._state
        if entered and question.number is not None and state.typed:
            if state.typed == str(question.number):
                self._finish(self.Confirmed(self, question, state.note.strip()))
            else:
                state.typed = ""
                state.problem = _("o número não confere: digite {number}").format(number=question.number)
            return
        self._finish(self.Dismissed(self, question))

    def _choose(self, question: Question, event: events.Key) -> None:
        state, typed = self._state, event.character or ""
        state.problem = ""
        if question.number is not None and typed.isdecimal():
            state.typed = (state.typed + typed)[: len(str(question.number)) + 1]
        elif event.key == "backspace":
            state.typed = state.typed[:-1]
        elif question.number is None and typed == question.letter:
            self._finish(self.Confirmed(self, question, state.note.strip()))
        elif question.note_key and typed == question.note_key:
            state.writing = True
        elif typed in question.others:
            self.post_message(self.Chosen(self, question, question.others[typed]))

    def _write(self, event: events.Key) -> None:
        state = self._state
        match event.key:
            case "enter" | "escape" | "tab":
                state.writing = False
            case "backspace":
                state.note = state.note[:-1]
            case "ctrl+u":
                state.note = ""
            case _ if event.character and event.is_printable:
                state.note = (state.note + event.character)[:LONGEST_NOTE]

    def _finish(self, message: Message) -> None:
        self.close()
        self.post_message(message)
