"""Saving text to a file of the person's own: never over another file, readable by nobody else, its full path told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from vtexmon.errors import UsageError
from vtexmon.i18n import _

_TRIES = 1000


def folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where a file may go, the first one that can be written to: the working folder, then the user's data folder."""
    data = environment.get("XDG_DATA_HOME", "")
    home = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return Path.cwd(), home / "vtexmon"


def save(text: str, name: str, environment: Mapping[str, str]) -> Path:
    """Write the text as it is; the file's full path. Raises ``UsageError`` when no folder can be written to."""
    problem: OSError | None = None
    data = text.encode("utf-8", "surrogatepass")
    own = folders(environment)
    for folder in own:
        try:
            if folder is own[-1]:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _written(data, folder, name)
        except OSError as error:
            problem = error
    raise UsageError(_("não foi possível salvar «{name}»: {problem}").format(name=name, problem=problem))


def _written(data: bytes, folder: Path, name: str) -> Path:
    for path in _names(folder, name):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except OSError:
            path.unlink(missing_ok=True)  # the disk is full: half a file would be taken for the whole
            raise
        return path
    raise FileExistsError(name)


def _names(folder: Path, name: str) -> Iterator[Path]:
    first = folder / name
    yield first
    for number in range(2, _TRIES):
        yield first.with_name(f"{first.stem}-{number}{first.suffix}")
