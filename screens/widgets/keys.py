"""Names of keys: how one is written on screen, and why a key someone chose would not work.

Textual takes a misspelt key in silence, and some keys never reach a program over plain SSH
(``reference/terminal-ui.md`` 3.8); both are told here in words.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from textual.keys import Keys, format_key

from vtexmon.i18n import _, msg

_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})
_KNOWN: Final = frozenset(key.value for key in Keys if not key.value.startswith("<"))

_GLYPHS: Final = {
    "space": "␣",
    "enter": "⏎",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_PLAIN: Final = {
    "space": msg("espaço"),
    "enter": msg("enter"),
    "up": msg("cima"),
    "down": msg("baixo"),
    "left": msg("esquerda"),
    "right": msg("direita"),
}
_WORDS: Final = {"escape": "esc", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "tab": "Tab"}

_LOST: Final = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+j": "enter",
    "ctrl+m": "enter",
    "ctrl+at": msg("ctrl+espaço"),
    "ctrl+@": msg("ctrl+espaço"),
    "ctrl+space": "ctrl+@",
    "ctrl+enter": "enter",
    "shift+enter": "enter",
    "alt+enter": "enter",
    "shift+space": msg("espaço"),
}
_TAKEN: Final = frozenset({"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z", "ctrl+c"})
_DEAD: Final = frozenset("~^`´¨")


def normal(key: str) -> str:
    """The key as Textual names it: ``/`` becomes ``slash``, ``R`` stays ``R``."""
    key = key.strip()
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_RENAMED: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}


def shown(key: str, ascii_only: bool = False) -> str:
    """The key as the key line and the help write it, in Portuguese words where it has no sign."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if last in _GLYPHS:
        text = _(_PLAIN[last]) if ascii_only else _GLYPHS[last]
    elif last in _WORDS:
        text = _WORDS[last]
    elif last.startswith("f") and last[1:].isdigit():
        text = last.upper()
    else:
        text = format_key(last)
    return "+".join([*modifiers, text])


def problem(key: str) -> str | None:
    """Why this key cannot be used, in one sentence for the operator; None when it can."""
    key = key.strip()
    name = normal(key)
    if not name:
        return _("a tecla está vazia")
    if name in _LOST:
        return _("a tecla {key} chega ao programa como {other} na maioria dos terminais").format(
            key=key, other=_(_LOST[name])
        )
    if key in _DEAD:
        return _("a tecla {key} é morta no teclado ABNT2").format(key=key)
    if name in _TAKEN:
        return _("a tecla {key} é usada pelo terminal, pelo tmux ou pelo screen").format(key=key)
    if not _exists(name):
        return _("a tecla {key} não existe").format(key=key)
    return None


def _exists(name: str) -> bool:
    if name in _KNOWN or (len(name) == 1 and name.isprintable()):
        return True
    *modifiers, last = name.split("+")
    if not _MODIFIERS.issuperset(modifiers):
        return False
    return last in _KNOWN or len(format_key(last)) == 1
