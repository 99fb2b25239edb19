"""Files that are replaced, touched, taken away or refused while the program runs."""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vtexmon.errors import Unreachable, UsageError
from vtexmon.sge.files import FilesSource


def codes(source: FilesSource) -> list[str]:
    return [key.course for key in source.read().courses]


class MovingClock:
    """A clock that tests set; by default a minute after the files were written."""

    def __init__(self, ahead: timedelta = timedelta(minutes=1)) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return 0.0


def test_nothing_is_opened_while_nothing_changes(folder_of, monkeypatch):
    source = FilesSource(folder_of(cursos=[{}]), clock=MovingClock())
    first = source.read()
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"opened {path}"))
    assert source.read() is first


def test_a_change_is_seen(folder_of):
    source = FilesSource(folder_of(cursos=[{}]), clock=MovingClock())
    first = source.read()
    folder_of(cursos=[{"nome": "Outro nome"}])
    second = source.read()
    assert [course.name for course in second.courses.values()] == ["Outro nome"]
    assert first.fingerprint != second.fingerprint


def test_a_replaced_file_of_equal_size_and_time_is_seen(folder_of):
    folder = folder_of(cursos=[{}])
    source = FilesSource(folder, clock=MovingClock())
    source.read()
    path, new = folder / "cursos.csv", folder / "novo.csv"
    new.write_bytes(path.read_bytes().replace(b"AJUSTA", b"TORNEI"))
    os.utime(new, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    new.replace(path)
    assert codes(source) == ["TORNEI"]


def test_a_change_within_the_coarseness_of_file_times_is_seen(folder_of):
    folder = folder_of(cursos=[{}])
    source = FilesSource(folder, clock=MovingClock(timedelta()))
    source.read()
    path = folder / "cursos.csv"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"AJUSTA", b"TORNEI"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert codes(source) == ["TORNEI"]


def test_a_file_that_was_only_touched_keeps_the_snapshot(folder_of):
    folder = folder_of(cursos=[{}])
    source = FilesSource(folder, clock=MovingClock())
    first = source.read()
    os.utime(folder / "cursos.csv", (1, 1))
    assert source.read() is first


def test_a_file_replaced_during_the_read_is_read_again(folder_of, monkeypatch):
    folder = folder_of(cursos=[{}])
    pauses: list[float] = []
    read_bytes = Path.read_bytes

    def replace_cursos_behind_the_first_read(path: Path) -> bytes:
        contents = read_bytes(path)
        if path.name == "estoques.csv" and not pauses:
            folder_of(cursos=[{"codcurso": "NOVO1"}])
        return contents

    monkeypatch.setattr(Path, "read_bytes", replace_cursos_behind_the_first_read)
    assert codes(FilesSource(folder, wait_seconds=pauses.append)) == ["NOVO1"]
    assert len(pauses) == 1


def test_files_that_do_not_stop_changing_are_unreachable(folder_of, monkeypatch):
    folder = folder_of()
    read_bytes = Path.read_bytes

    def grow(path: Path) -> bytes:
        with path.open("ab") as file:
            file.write(b"\n")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", grow)
    with pytest.raises(Unreachable, match="não param de mudar"):
        FilesSource(folder, wait_seconds=lambda seconds: None).read()


def test_a_file_that_vanishes_during_the_read_is_unreachable(folder_of, monkeypatch):
    folder = folder_of()
    read_bytes = Path.read_bytes

    def take_precos_away(path: Path) -> bytes:
        (folder / "precos.csv").unlink(missing_ok=True)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", take_precos_away)
    with pytest.raises(Unreachable, match=r"precos\.csv sumiu"):
        FilesSource(folder, wait_seconds=lambda seconds: None).read()


def test_a_file_that_may_not_be_read_is_unreachable(folder_of, monkeypatch):
    folder = folder_of()

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(Unreachable, match=r"cursos\.csv \(Permission denied\)"):
        FilesSource(folder).read()


def test_a_folder_in_the_place_of_a_file_is_unreachable(folder_of):
    folder = folder_of()
    (folder / "cursos.csv").unlink()
    (folder / "cursos.csv").mkdir()
    with pytest.raises(Unreachable, match=r"cursos\.csv"):
        FilesSource(folder).read()


def test_the_collector_is_left_as_it_was(folder_of, tmp_path):
    gc.disable()
    try:
        FilesSource(folder_of()).read()
        assert not gc.isenabled()
    finally:
        gc.enable()
    (folder_of() / "cursos.csv").unlink()
    with pytest.raises(UsageError):
        FilesSource(tmp_path).read()
    assert gc.isenabled()
