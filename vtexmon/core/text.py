"""Text in another writing: without case and accents, so that ``mecanico`` finds ``Mecânico``, or out of HTML."""

from __future__ import annotations

import html
import re
import unicodedata


def fold(text: str) -> str:
    """The text in lower case, without accents and outer blanks, runs of blanks as one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())  # compatibility forms (™) bring capitals back


def slug(text: str) -> str:
    """Letters, digits and single hyphens only, as a VTEX LinkId wants them (``domain/vtex.md`` 2.3)."""
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in fold(text)).split()
    return "-".join(words)


def from_html(text: str) -> str:
    """The text with HTML's escapes taken back; a character's number may have any number of digits."""
    return html.unescape(_NUMBERED.sub(r"&#\1", text))


_NUMBERED = re.compile(r"&#0*+([0-9]{0,8})[0-9]*+")
"""``html.unescape`` raises ``ValueError`` for thousands of digits; eight are beyond every character already."""
