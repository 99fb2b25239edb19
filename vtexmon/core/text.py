"""Folding: text without case and accents, so that people find ``Mecânico`` by typing ``mecanico``."""

from __future__ import annotations

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
