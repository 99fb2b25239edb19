"""A copy of a SQLite file while others keep writing, believed only after it was looked into.

The source is read in one read transaction over all steps: in WAL mode that blocks no writer, and without it every
commit of another connection would start the copy again, which on a busy database never ends. The copy is made beside
its destination and gets its name last, so a file of that name is always a whole, verified one.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vtexmon.errors import UsageError, VtexmonError
from vtexmon.i18n import _
from vtexmon.store.sqlite_library import sqlite_driver

PAGES_PER_STEP = 2_000
"""How much is copied (8 MB, usually) before a signal can end it."""

SQLITE_FILES = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database file."""


class BackupFailed(VtexmonError):  # noqa: N818 - a fact, as its neighbours are
    """There is no copy: it could not be written, or it is not what the database was."""


@dataclass(frozen=True)
class Contents:
    """What a copy must have in common with its source."""

    revision: str | None
    logs: int


@dataclass(frozen=True)
class Copy:
    """A copy that was made and verified; ``size`` in bytes."""

    file: Path
    size: int
    contents: Contents
    seconds: float


def back_up(source: Path, file: Path) -> Copy:
    """Copy the SQLite database ``source`` to ``file``, which only its owner can read.

    Raises ``UsageError`` where ``file`` exists or cannot be made, ``BackupFailed`` for a copy that is not sound.
    """
    started = time.monotonic()
    _check_free(file)
    partial = _partial(file)
    try:
        contents = _copy(source, partial)
        _verify(partial, contents)
        _sync(partial)
        _give_name(partial, file)
    except sqlite_driver().Error as error:
        raise BackupFailed(_("a cópia não pôde ser feita: {0}").format(error)) from error
    finally:
        for left in (partial, *(_beside(partial, ending) for ending in SQLITE_FILES)):
            left.unlink(missing_ok=True)
    _sync(file.parent)
    return Copy(file, file.stat().st_size, contents, time.monotonic() - started)


def _check_free(file: Path) -> None:
    """Nothing is overwritten; and a journal left of another database would be played back into the copy."""
    if not file.parent.is_dir():
        raise UsageError(_("a pasta {0} não existe; crie-a ou escolha outra").format(file.parent))
    for taken in (file, *(_beside(file, ending) for ending in SQLITE_FILES)):
        if os.path.lexists(taken):
            raise UsageError(_("{0} já existe e não será sobrescrito; escolha outro nome").format(taken))


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _partial(file: Path) -> Path:
    """An empty file beside the destination, with mode 0600."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".parcial", dir=file.parent)
    except OSError as error:
        raise UsageError(_("não se pode gravar em {0}: {1}").format(file.parent, error.strerror)) from error
    os.close(descriptor)
    return Path(name)


def _copy(source: Path, partial: Path) -> Contents:
    """The pages of one moment; what the source held at that moment is read in the same transaction."""
    driver = sqlite_driver()
    with closing(_open(source, "mode=rw")) as reader, closing(driver.connect(str(partial))) as writer:
        reader.execute("BEGIN")
        contents = _contents(reader)
        reader.backup(writer, pages=PAGES_PER_STEP, sleep=0.05)
        reader.execute("COMMIT")
    return contents


def _verify(partial: Path, expected: Contents) -> None:
    with closing(_open(partial, "mode=ro&immutable=1")) as connection:
        damage = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
        if damage != ["ok"]:
            raise BackupFailed(_("a cópia não está íntegra: {0}").format("; ".join(damage)))
        found = _contents(connection)
    if found != expected:
        words = _("a cópia tem a revisão {0} e {1} registros; o banco tinha a revisão {2} e {3}")
        raise BackupFailed(words.format(found.revision, found.logs, expected.revision, expected.logs))


def _open(file: Path, options: str) -> Any:
    connection = sqlite_driver().connect(f"file:{quote(str(file))}?{options}", uri=True, isolation_level=None)
    for pragma in ("busy_timeout=10000", "mmap_size=0", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _contents(connection: Any) -> Contents:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    revision = logs = None
    if "alembic_version" in tables:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if "log" in tables:
        logs = connection.execute("SELECT count(*) FROM log").fetchone()
    return Contents(str(revision[0]) if revision else None, int(logs[0]) if logs else 0)


def _sync(path: Path) -> None:
    """Have a file, or a folder's list of files, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_name(partial: Path, file: Path) -> None:
    """Not a plain rename, which would replace a file that came to be there meanwhile."""
    with suppress(OSError):  # a file system without hard links, or the name is taken
        os.link(partial, file)
        return
    _check_free(file)
    partial.rename(file)
