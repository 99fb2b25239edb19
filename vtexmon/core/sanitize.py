"""Text that came from outside, made harmless for a terminal: what cannot be seen becomes something that can.

Escape sequences, bidi overrides and zero-width characters can hide or forge what an operator reads; they are shown as
placeholders instead of being obeyed or silently dropped.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

UNSEEN = "\N{REPLACEMENT CHARACTER}"

_SUSPECT = re.compile(r"[^\x20-\x7e]")
_SUSPECT_BUT_NEWLINE = re.compile(r"[^\x20-\x7e\n]")
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def sanitize(text: str, keep_newlines: bool = False) -> str:
    """The text with every control, formatting and surrogate character as a placeholder (``␛``, ``␊``, ``�``).

    ``keep_newlines`` lets ``\\n`` through and reads ``\\r\\n`` as one. The result has no other control character, and
    sanitizing it again changes nothing.
    """
    if keep_newlines:
        return _SUSPECT_BUT_NEWLINE.sub(_placeholder, text.replace("\r\n", "\n"))
    return _SUSPECT.sub(_placeholder, text)


def _placeholder(match: re.Match[str]) -> str:
    return _shown(match[0])


@cache
def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    return UNSEEN if unicodedata.category(char) in _UNSAFE_CATEGORIES else char
