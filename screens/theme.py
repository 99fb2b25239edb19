"""Colours and signs: what a status, a stage or a part of a payload looks like.

The theme uses the terminal's own sixteen colours, which halves the bytes and follows light terminals. Nothing is told
by colour alone: every status has a sign and a word, and PRODUÇÃO, HOMOLOGAÇÃO and SANDBOX differ by reverse and
underline too, so that monochrome, ``NO_COLOR`` and ASCII terminals lose nothing (``reference/terminal-ui.md`` 3.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rich.style import Style
from textual.theme import BUILTIN_THEMES

from vtexmon.core.status import Status
from vtexmon.i18n import _, msg


class Stage(StrEnum):
    """Where an account's writes go; the values of ``stage`` in the configuration."""

    PRODUCTION = "producao"
    STAGING = "homologacao"
    SANDBOX = "sandbox"


STAGE_LABELS: Final[Mapping[Stage, str]] = {
    Stage.PRODUCTION: msg("PRODUÇÃO"),
    Stage.STAGING: msg("HOMOLOGAÇÃO"),
    Stage.SANDBOX: "SANDBOX",
}

STATUS_STYLES: Final[Mapping[Status, str]] = {
    Status.ERROR: "error",
    Status.CANCELLED: "cancelled",
    Status.PENDING: "pending",
    Status.SUCCESS: "success",
}
"""The name of each status' style, as ``Line.style`` carries it."""


@dataclass(frozen=True)
class Glyphs:
    """The signs in use; the ASCII set is for consoles whose font lacks the others."""

    error: str = "✗"
    cancelled: str = "⊘"
    pending: str = "…"
    success: str = "✓"
    cursor: str = "▌"
    mark: str = "●"
    in_range: str = "○"
    ellipsis: str = "…"
    about: str = "≈"
    changed: str = "↻"
    live: str = "⟳"
    connected: str = "●"
    folded: str = "▸"
    unfolded: str = "▾"
    back: str = "‹"
    dash: str = "–"
    separator: str = "·"
    box: str = "┌─┐│└┘"


UNICODE_GLYPHS: Final = Glyphs()
ASCII_GLYPHS: Final = Glyphs(
    error="!",
    cancelled="x",
    pending=".",
    success="+",
    cursor=">",
    mark="*",
    in_range="o",
    ellipsis="~",
    about="~",
    changed="^",
    live="@",
    connected="*",
    folded=">",
    unfolded="v",
    back="<",
    dash="-",
    separator="-",
    box="+-+|++",
)

_COLOURED: Final[Mapping[str, Style]] = {
    "error": Style(color="red"),
    "cancelled": Style(color="magenta"),
    "pending": Style(color="yellow"),
    "success": Style(color="green"),
    "alert": Style(color="red", bold=True),
    "warning": Style(color="yellow", bold=True),
    "quiet": Style(dim=True),
    "stale": Style(dim=True, strike=True),
    "cursor": Style(reverse=True),
    "cursor-blurred": Style(bold=True),
    "header": Style(bold=True),
    "key": Style(bold=True),
    "hit": Style(reverse=True),
    "hidden-marks": Style(color="yellow", bold=True),
    "producao": Style(color="red", bold=True, reverse=True),
    "homologacao": Style(color="yellow", bold=True, underline=True),
    "sandbox": Style(color="cyan"),
    "json-key": Style(color="cyan"),
    "json-string": Style(color="green"),
    "json-number": Style(color="magenta"),
    "json-literal": Style(color="yellow"),
    "added": Style(color="green"),
    "removed": Style(color="red"),
}
_MONOCHROME: Final[Mapping[str, Style]] = {
    "error": Style(bold=True),
    "cancelled": Style(),
    "pending": Style(),
    "success": Style(),
    "json-key": Style(bold=True),
    "removed": Style(dim=True),
    "added": Style(bold=True),
}


@dataclass(frozen=True)
class Palette:
    """Styles by name and the signs, for one terminal; an unknown name is the terminal's plain text."""

    glyphs: Glyphs = UNICODE_GLYPHS
    monochrome: bool = False

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII signs may be sent."""
        return self.glyphs is ASCII_GLYPHS

    def style(self, name: str) -> Style:
        """The style of that name."""
        style = _COLOURED.get(name, Style.null())
        if not self.monochrome:
            return style
        return _MONOCHROME.get(name, style.without_color)

    def status(self, status: Status) -> str:
        """Sign and word of a status, as cells show it: ``✗ Erro``."""
        return f"{getattr(self.glyphs, STATUS_STYLES[status])} {status.value}"

    def stage(self, stage: Stage) -> tuple[str, Style]:
        """The stage's word and style; in brackets for PRODUÇÃO, so that it differs even where styles are lost."""
        label = _(STAGE_LABELS[stage])
        return (f" {label} " if stage is Stage.PRODUCTION else label), self.style(stage.value)


def palette(environment: Mapping[str, str], ascii_only: bool = False) -> Palette:
    """What the terminal can show: ``NO_COLOR`` asks for monochrome, ``TERM=linux`` for plain signs."""
    plain = ascii_only or environment.get("TERM") in {"linux", "vt100"}
    return Palette(ASCII_GLYPHS if plain else UNICODE_GLYPHS, bool(environment.get("NO_COLOR")))


THEME: Final = replace(BUILTIN_THEMES["ansi-dark"], name="vtexmon", accent="ansi_cyan")
"""The program's theme: register it and set ``App.theme = THEME.name``, both in ``App.__init__``."""
