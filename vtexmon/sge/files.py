"""The ``files`` adapter: a folder of CSV files, as a spreadsheet or an export job leaves them.

Reading costs four ``stat`` calls while nothing changes. What rows mean is ``tables``'s; a layout that cannot be read is
told whole, all problems of all files at once, before anything is sent.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from vtexmon.clock import Clock, SystemClock
from vtexmon.errors import Problem, Unreachable, UsageError
from vtexmon.i18n import _
from vtexmon.sge.layout import Sheet, layout_of, problems_of, sheet_of
from vtexmon.sge.rows import Rows, read_rows
from vtexmon.sge.source import Snapshot
from vtexmon.sge.tables import CLASSES, COURSES, PERIOD_COLUMN, PRICES, STOCKS, TABLES, Table, Value

READ_ATTEMPTS = 5
PAUSE_SECONDS = 0.2
SETTLED_AFTER = timedelta(seconds=3)
"""File systems count coarsely: a file changed more recently may change again and keep its time of change."""

Stamp = Mapping[str, tuple[int, int, int] | None]
Contents = Mapping[str, bytes | None]


@dataclass(frozen=True)
class _Reading:
    """The last reading: of which files (``stamp``), whether that stamp may be trusted, and what it gave."""

    stamp: Stamp
    is_settled: bool
    snapshot: Snapshot


class FilesSource:
    """cursos.csv, turmas.csv, precos.csv and estoques.csv of one folder, as an ``SgeSource``."""

    def __init__(
        self, folder: Path, clock: Clock | None = None, wait_seconds: Callable[[float], None] = time.sleep
    ) -> None:
        self.folder = folder
        self._clock = clock or SystemClock()
        self._wait_seconds = wait_seconds
        self._latest: _Reading | None = None

    def describe(self) -> str:
        """Where this reads from, for people."""
        return _("arquivos CSV da pasta {0}").format(self.folder)

    def read(self) -> Snapshot:
        """What the files say now; the same object while they do not change.

        Raises ``UsageError`` naming every problem of folder, files and columns, ``Unreachable`` when a file cannot be
        read or does not stop changing.
        """
        latest = self._latest
        if latest is not None and latest.is_settled and latest.stamp == self._stamp():
            return latest.snapshot
        began_at_ns = int(self._clock.now().timestamp() * 1e9)
        stamp, contents = self._contents()
        fingerprint = _fingerprint(contents)
        is_known = latest is not None and latest.snapshot.fingerprint == fingerprint
        snapshot = latest.snapshot if latest and is_known else _snapshot(self.folder, contents, fingerprint)
        self._latest = _Reading(stamp, _is_settled(stamp, began_at_ns), snapshot)
        return snapshot

    def _contents(self) -> tuple[Stamp, Contents]:
        """The bytes of all files as they were at one moment: read again when one changed meanwhile."""
        first = before = self._stamp()
        for _attempt in range(READ_ATTEMPTS):
            contents = {table.file: self._bytes(table.file) for table in TABLES}
            after = self._stamp()
            if before == after:
                self._refuse_vanished(first, after)
                return after, contents
            self._wait_seconds(PAUSE_SECONDS)
            before = self._stamp()
        raise Unreachable(
            _("os arquivos de {0} não param de mudar; espere a exportação terminar e tente de novo").format(self.folder)
        )

    def _stamp(self) -> Stamp:
        """Time of change, size and inode of each file; None for one that does not exist."""
        try:
            if not self.folder.is_dir():
                remedy = _("Crie a pasta ou corrija path em [source]")
                raise UsageError(str(Problem(str(self.folder), None, _("pasta"), _("a pasta não existe"), remedy)))
            return {table.file: _file_stamp(self.folder / table.file) for table in TABLES}
        except OSError as error:
            raise _unreadable(self.folder, error) from error

    def _bytes(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.folder / name, error) from error

    def _refuse_vanished(self, first: Stamp, now: Stamp) -> None:
        vanished = [name for name, stamp in now.items() if stamp is None and first[name] is not None]
        if vanished:
            message = _("{0} sumiu de {1} durante a leitura; espere a exportação terminar e tente de novo")
            raise Unreachable(message.format(", ".join(vanished), self.folder))


def _unreadable(path: Path, error: OSError) -> Unreachable:
    message = _("não foi possível ler {0} ({1}); confira se existe e se este usuário pode lê-lo")
    return Unreachable(message.format(error.filename or path, error.strerror))


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _is_settled(stamp: Stamp, now_ns: int) -> bool:
    newest_ns = max((file[0] for file in stamp.values() if file), default=0)
    return newest_ns + SETTLED_AFTER.total_seconds() * 1e9 < now_ns


def _fingerprint(contents: Contents) -> str:
    """Thirty-two hex digits over names and contents."""
    digest = hashlib.blake2b(digest_size=16)
    for name, data in contents.items():
        digest.update(f"{name}:{-1 if data is None else len(data)}\n".encode())
        digest.update(data or b"")
    return digest.hexdigest()


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No garbage collection inside: rows make no cycles, and looking for them again and again doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_collector_at_rest()
def _snapshot(folder: Path, contents: Contents, fingerprint: str) -> Snapshot:
    """The contents as values. Raises ``UsageError`` with all problems of all layouts."""

    def opened(table: Table[Value]) -> Sheet[Value]:
        return sheet_of(table, folder / table.file, contents[table.file])

    def rows(sheet: Sheet[Value]) -> Rows[Value]:
        return read_rows(layout_of(sheet, has_period))

    sheets = opened(COURSES), opened(CLASSES), opened(PRICES), opened(STOCKS)
    has_period = PERIOD_COLUMN in sheets[1].names
    problems = [problem for each in sheets for problem in problems_of(each, has_period)]
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    courses, classes, prices, stocks = rows(sheets[0]), rows(sheets[1]), rows(sheets[2]), rows(sheets[3])
    return Snapshot(
        courses={course.key: course for course in courses.values},
        classes={course_class.key: course_class for course_class in classes.values},
        prices={(price.key, price.channel): price for price in prices.values},
        stocks={(stock.key, stock.warehouse): stock for stock in stocks.values},
        rejected=(*courses.rejected, *classes.rejected, *prices.rejected, *stocks.rejected),
        has_period=has_period,
        fingerprint=fingerprint,
    )
