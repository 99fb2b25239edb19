"""Where a value is from, and how a problem names that place: a line of the file or a variable of the environment."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vtexmon.config.lines import KeyPath
from vtexmon.errors import Problem
from vtexmon.i18n import _, msg

DEFAULT_ORIGIN = msg("padrão")
_FILE_ORIGIN = "arquivo:"
_ENVIRONMENT_ORIGIN = "ambiente "
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: KeyPath) -> str:
    """The path as people read it: ``regionals[0].b2c``, names with blanks in quotes."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else '"' + name.replace('"', '\\"') + '"'


@dataclass(frozen=True)
class Places:
    """``lines`` of the file's keys; ``overrides`` names the environment variable that replaced a key."""

    file: Path
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    overrides: Mapping[KeyPath, str] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int | None:
        """The line of the key, else of the nearest table around it."""
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[near] for near in around if near in self.lines), None)

    def origin(self, path: KeyPath) -> str:
        """``padrão``, ``arquivo:LINHA`` or ``ambiente VTEXMON_…``."""
        if path in self.overrides:
            return _ENVIRONMENT_ORIGIN + self.overrides[path]
        return f"{_FILE_ORIGIN}{self.line(path)}" if path in self.lines else DEFAULT_ORIGIN

    def problem(self, path: KeyPath, what: str, remedy: str) -> Problem:
        """A problem at this key."""
        if path in self.overrides:
            return environment_problem(self.overrides[path], dotted(path), what, remedy)
        return Problem(str(self.file), self.line(path), dotted(path), what, remedy)


def environment_problem(variable: str, key: str, what: str, remedy: str) -> Problem:
    """A problem with a value that came from the environment."""
    return Problem(origin_words(_ENVIRONMENT_ORIGIN + variable), None, key, what, remedy)


def origin_words(origin: str) -> str:
    """An origin in the language in use; JSON has it as it is."""
    if origin.startswith(_ENVIRONMENT_ORIGIN):
        return _("ambiente {0}").format(origin.removeprefix(_ENVIRONMENT_ORIGIN))
    if origin.startswith(_FILE_ORIGIN):
        return _("arquivo:{0}").format(origin.removeprefix(_FILE_ORIGIN))
    return _(origin)


def problem_at_origin(file: Path | None, origin: str, key: str, what: str, remedy: str) -> Problem:
    """A problem of a value that is already loaded, placed by its origin."""
    if origin.startswith(_ENVIRONMENT_ORIGIN):
        return environment_problem(origin.removeprefix(_ENVIRONMENT_ORIGIN), key, what, remedy)
    line = int(origin.removeprefix(_FILE_ORIGIN)) if origin.startswith(_FILE_ORIGIN) else None
    return Problem(str(file or "vtexmon.toml"), line, key, what, remedy)


def is_from_file(origin: str) -> bool:
    """Whether the value stands in the file."""
    return origin.startswith(_FILE_ORIGIN)


def suggestion(name: str, known: Iterable[str]) -> str:
    """ "Did you mean", or all that there is."""
    names = list(known)
    near = difflib.get_close_matches(name.lower(), names, 1, 0.6)
    if near:
        return _('Você quis dizer "{name}"?').format(name=near[0])
    return _("Existem: {names}.").format(names=", ".join(names)) if names else _("Não existe nenhum.")
