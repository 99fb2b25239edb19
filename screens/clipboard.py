"""Sending text to the terminal's clipboard by OSC 52, with honest words: nobody answers whether it arrived.

What is copied will be pasted, often into a terminal, so control characters are made harmless first; a saved file holds
the text as it was. Terminals cap the size, tmux drops it by default, screen always (``reference/terminal-ui.md`` 3.9).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.app import App

from vtexmon.core.formats import thousands
from vtexmon.core.sanitize import sanitize
from vtexmon.i18n import _

LARGEST_ENCODED: Final = 74_000
"""Encoded bytes that every terminal with OSC 52 takes."""


def encoded_size(text: str) -> int:
    """Bytes of the text in base64."""
    return (len(text.encode("utf-8", "replace")) + 2) // 3 * 4


def harmless(text: str) -> str:
    """The text as it is copied."""
    return sanitize(text, keep_newlines=True)


def fits(text: str) -> bool:
    """Whether the terminal is asked at all."""
    return encoded_size(harmless(text)) <= LARGEST_ENCODED


def copy(app: App[object], text: str, environment: Mapping[str, str]) -> str:
    """Send the text to the terminal; gives what to tell the person. Ask ``fits`` first."""
    safe = harmless(text)
    app.copy_to_clipboard(safe)
    return sent_words(len(safe), environment)


def sent_words(size: int, environment: Mapping[str, str]) -> str:
    """What may be said after sending ``size`` characters, by where the program runs."""
    sent = _("enviado ao terminal ({n} caracteres)").format(n=thousands(size))
    if environment.get("TMUX"):
        return sent + _("; no tmux só chega com: set -s set-clipboard on")
    if environment.get("STY"):
        return sent + _("; o screen não o repassa: salve com S")
    return sent
