"""Text from outside, made harmless for one line of the screen."""

from __future__ import annotations

from functools import lru_cache

from vtexmon.core.sanitize import sanitize

_BREAKS = str.maketrans({"\n": " ", "\r": " ", "\t": " "})


@lru_cache(maxsize=8192)
def one_line(text: str) -> str:
    """The text without anything a terminal would obey; line breaks and tabs become blanks."""
    return sanitize(text.translate(_BREAKS))


_SIGNS = str.maketrans(dict(zip("–·…↻−⏎“”«»", '--~^-<""""', strict=True)))


def plain_signs(text: str) -> str:
    """The signs that a console font may lack replaced by others of the same width; letters with accents stay."""
    return text.translate(_SIGNS)


def shown(text: str, ascii_only: bool) -> str:
    """``one_line`` of the text, with plain signs where the terminal has no others."""
    return plain_signs(one_line(text)) if ascii_only else one_line(text)
