"""Where ``vtexmon.toml`` is, and its one line that is needed before the rest is read: the language.

Apart from ``config``, whose schema takes longer to import than the help takes to be shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "vtexmon.toml"
SYSTEM_FILE = Path("/etc/vtexmon") / FILE_NAME
_LANGUAGE = re.compile(r"""^[ \t]*language[ \t]*=[ \t]*["'](\w*)["']""", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def find(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file to load: the named one (``path``, else VTEXMON_CONFIG), even if missing; else the first that exists."""
    named = path or (Path(environ["VTEXMON_CONFIG"]) if environ.get("VTEXMON_CONFIG") else None)
    if named is not None:
        return named.absolute()
    return next((candidate.absolute() for candidate in _candidates(environ) if os.path.isfile(candidate)), None)


def stated_language(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The language that environment or file ask for, empty for none.

    Read by its line and not as TOML, so that what is wrong with the rest of the file is told in this language, too.
    """
    if stated := environ.get("VTEXMON_LANGUAGE"):
        return stated
    file = find(path, environ)
    try:
        text = file.read_text(encoding="utf-8") if file else ""
    except (OSError, ValueError):  # whoever loads the file says what is wrong with it
        return ""
    line = _LANGUAGE.search(_TABLE.split(text, maxsplit=1)[0])
    return line[1] if line else ""


def _candidates(environ: Mapping[str, str]) -> list[Path]:
    home = [Path(environ["HOME"]) / ".config"] if environ.get("HOME") else []
    folders = [Path(environ["XDG_CONFIG_HOME"])] if environ.get("XDG_CONFIG_HOME") else home
    return [Path(FILE_NAME), *(folder / "vtexmon" / FILE_NAME for folder in folders), SYSTEM_FILE]
