"""The way out to plain text: printed in the terminal's normal screen, where its own selection and scrolling work."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from vtexmon.core.sanitize import sanitize
from vtexmon.i18n import _


def show_plain(lines: Iterable[str], out: TextIO | None = None, keyboard: TextIO | None = None) -> None:
    """Print the lines, made harmless, and wait for Enter; call it while the program is suspended."""
    out, keyboard = out or sys.stdout, keyboard or sys.stdin
    for line in lines:
        out.write(sanitize(line) + "\n")
    out.write("\n" + _("[Enter volta ao programa]") + " ")
    out.flush()
    keyboard.readline()
