"""The program as processes run it: the one of this tree, and an older one made from it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
OLDER_VERSION = "0.0.0.dev0"

_VERSION = re.compile(r'^__version__ = ".*"$', re.MULTILINE)
_HEAD = re.compile(r'^HEAD = "(\d+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """The packages in a folder."""

    folder: Path = ROOT

    @property
    def environment(self) -> dict[str, str]:
        """Makes Python take the packages from there."""
        return {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}


def older_program(folder: Path, program: Program) -> Program | None:
    """A copy with another version that does not know the newest migration; None while there is only one migration."""
    for package in ("vtexmon", "screens"):
        shutil.copytree(program.folder / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    versions = folder / "vtexmon" / "store" / "migrations" / "versions"
    *before, newest = sorted(versions.glob("r[0-9]*.py"))
    if not before:
        return None
    newest.unlink()
    head = re.match(r"r(\d+)", before[-1].name)
    assert head is not None
    _replace(folder / "vtexmon" / "store" / "schema.py", _HEAD, f'HEAD = "{head[1]}"')
    _replace(folder / "vtexmon" / "__init__.py", _VERSION, f'__version__ = "{OLDER_VERSION}"')
    return Program(folder)


def _replace(path: Path, pattern: re.Pattern[str], line: str) -> None:
    text, changes = pattern.subn(line, path.read_text(encoding="utf-8"))
    assert changes == 1, f"{path.name} has no line like {pattern.pattern}"
    path.write_text(text, encoding="utf-8")
