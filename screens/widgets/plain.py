"""Text from outside, made harmless for one line of the screen."""

from __future__ import annotations

from functools import lru_cache

from vtexmon.core.sanitize import sanitize

_BREAKS = str.maketrans({"\n": " ", "\r": " ", "\t": " "})


@lru_cache(maxsize=8192)
def one_line(text: str) -> str:
    """The text without anything a terminal would obey; line breaks and tabs become blanks."""
    return sanitize(text.translate(_BREAKS))
