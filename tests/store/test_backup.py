"""A copy is whole and true or it is not there, whatever happens while it is made."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.store.conftest import NOW
from vtexmon.errors import UsageError
from vtexmon.store import backup, health, migrate, schema
from vtexmon.store.backup import BackupFailed, back_up
from vtexmon.store.database import sqlite_path
from vtexmon.store.rows import LOG, LOG_ITEM
from vtexmon.store.sqlite_library import sqlite_driver


@pytest.fixture
def backend():
    """Only SQLite: PostgreSQL has ``pg_dump``."""
    return "sqlite"


@pytest.fixture
def source(store) -> Path:
    return sqlite_path(store.url)


@pytest.fixture
def small_steps(monkeypatch):
    """A copy in many steps, with time for others between any two."""
    monkeypatch.setattr(backup, "PAGES_PER_STEP", 1)


def an_item(log_id):
    return {
        "log_id": log_id,
        "attempt": 0,
        "step": "criar SKU",
        "method": "POST",
        "endpoint": "/api",
        "status": "Sucesso",
        "message": "",
        "epoch": 0,
        "created_at": NOW,
        "updated_at": NOW,
        "completed_at": NOW,
    }


def log_with_item(store):
    """One transaction: a log is never without its item."""
    row = store.a_row()

    def work(connection):
        log_id = connection.execute(insert(LOG).returning(LOG.c.id), row).scalar_one()
        connection.execute(insert(LOG_ITEM), an_item(log_id))

    store.write(work)


def rows(file, sql):
    connection = sqlite_driver().connect(str(file))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def left_beside(file: Path) -> list[str]:
    return sorted(one.name for one in file.parent.iterdir() if file.name in one.name)


def test_a_copy_holds_what_the_database_held(store, source, tmp_path):
    store.log(key_values="1;12;KEPT")
    made = back_up(source, tmp_path / "copy.db")
    assert rows(made.file, "SELECT key_values FROM log") == [("1;12;KEPT",)]
    assert (made.contents.revision, made.contents.logs) == (schema.HEAD, 1)
    assert made.size == made.file.stat().st_size > 0
    assert made.seconds > 0


def test_only_its_owner_reads_it_and_nothing_is_left_beside_it(store, source, tmp_path):
    before = os.umask(0)
    try:
        made = back_up(source, tmp_path / "copy.db")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert left_beside(made.file) == ["copy.db"]


def test_while_others_write_the_copy_is_of_one_moment_and_nobody_waits(store, source, tmp_path, small_steps, opened):
    for _number in range(20):
        log_with_item(store)
    done, waits = threading.Event(), []

    def keep_writing():
        while not done.is_set():
            started = time.monotonic()
            log_with_item(store)
            waits.append(time.monotonic() - started)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        copies = [back_up(source, tmp_path / f"copy{number}.db") for number in range(5)]
    finally:
        done.set()
        writer.join()

    assert len(waits) > 5
    assert max(waits) < 5
    for copy in copies:
        restored = opened(f"sqlite:///{copy.file}")
        assert restored.read(health.quick_check) == []
        assert [one.name for one in restored.read(health.findings) if one.count] == []
        without = "SELECT count(*) FROM log WHERE id NOT IN (SELECT log_id FROM log_item)"
        assert rows(copy.file, without) == [(0,)]
        assert rows(copy.file, "SELECT count(*) FROM log") == rows(copy.file, "SELECT count(*) FROM log_item")
        assert rows(copy.file, "SELECT count(*) FROM log") == [(copy.contents.logs,)]


def test_a_write_between_two_steps_does_not_start_the_copy_again(store, source, tmp_path, small_steps, monkeypatch):
    """SQLite would, for ever on a busy database: one step at a time, each with a commit before it."""
    store.log()
    open_as_is, steps = backup._open, []

    class Watched:
        def __init__(self, connection):
            self.connection = connection

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def backup(self, target, **options):
            def between(_status, remaining, _total):
                steps.append(remaining)
                assert len(steps) < 1_000, "it starts again and again"
                store.log()

            self.connection.backup(target, progress=between, **options)

    monkeypatch.setattr(backup, "_open", lambda *arguments: Watched(open_as_is(*arguments)))
    made = back_up(source, tmp_path / "copy.db")
    assert made.contents.logs == 1
    assert steps == sorted(set(steps), reverse=True)
    assert store.count(LOG) == len(steps) + 1


def test_an_existing_file_is_never_touched(store, source, tmp_path):
    file = tmp_path / "copy.db"
    file.write_text("mine")
    with pytest.raises(UsageError, match="já existe"):
        back_up(source, file)
    assert file.read_text() == "mine"
    assert left_beside(file) == ["copy.db"]


def test_a_file_that_came_to_be_there_meanwhile_is_not_touched_either(store, source, tmp_path, monkeypatch):
    file, verify = tmp_path / "copy.db", backup._verify

    def somebody_else_writes(*arguments):
        verify(*arguments)
        file.write_text("mine")

    monkeypatch.setattr(backup, "_verify", somebody_else_writes)
    with pytest.raises(UsageError, match="já existe"):
        back_up(source, file)
    assert file.read_text() == "mine"
    assert left_beside(file) == ["copy.db"]


def test_a_file_system_without_hard_links_will_do(store, source, tmp_path, monkeypatch):
    def refused(*_arguments):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refused)
    made = back_up(source, tmp_path / "copy.db")
    assert left_beside(made.file) == ["copy.db"]


def test_a_journal_of_another_database_is_not_played_into_the_copy(store, source, tmp_path):
    (tmp_path / "copy.db-wal").write_bytes(b"old")
    with pytest.raises(UsageError, match=r"copy\.db-wal"):
        back_up(source, tmp_path / "copy.db")


def test_a_folder_must_exist(store, source, tmp_path):
    with pytest.raises(UsageError, match="não existe"):
        back_up(source, tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_copy_that_is_damaged_is_not_kept(store, source, tmp_path, monkeypatch):
    store.logs([{} for _number in range(200)])
    copy = backup._copy

    def damaged(source, partial):
        contents = copy(source, partial)
        with partial.open("r+b") as file:
            file.seek(partial.stat().st_size // 2)
            file.write(b"\xff" * 8192)
        return contents

    monkeypatch.setattr(backup, "_copy", damaged)
    with pytest.raises(BackupFailed):
        back_up(source, tmp_path / "copy.db")
    assert left_beside(tmp_path / "copy.db") == []


def test_a_copy_with_another_number_of_logs_is_not_kept(store, source, tmp_path, monkeypatch):
    store.log()
    copy = backup._copy

    def loses_one(source, partial):
        contents = copy(source, partial)
        return backup.Contents(contents.revision, contents.logs + 1)

    monkeypatch.setattr(backup, "_copy", loses_one)
    with pytest.raises(BackupFailed, match=r"e 2$"):
        back_up(source, tmp_path / "copy.db")
    assert left_beside(tmp_path / "copy.db") == []


KILLED = """
import sys
from pathlib import Path
from vtexmon.store import backup

verify = backup._verify

def wait(*arguments):
    print("copied", flush=True)
    sys.stdin.read()

backup._verify = wait
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_being_killed_in_the_middle_leaves_no_copy(store, source, tmp_path):
    store.log()
    file = tmp_path / "copy.db"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(source), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "copied\n"
        process.send_signal(signal.SIGKILL)
    assert not file.exists()
    assert back_up(source, file).contents.logs == 1


def test_an_interruption_takes_its_half_copy_away(store, source, tmp_path, monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, "_verify", interrupted)
    with pytest.raises(KeyboardInterrupt):
        back_up(source, tmp_path / "copy.db")
    assert left_beside(tmp_path / "copy.db") == []


def test_the_copy_before_a_migration_is_verified_and_private_and_never_replaces_one(store, now, monkeypatch):
    today = schema.HEAD
    monkeypatch.setattr(migrate, "HEAD", "9998")
    for _time in range(2):
        migrate.upgrade(store.database, now)
    folder = sqlite_path(store.url).parent
    copies = sorted(folder.glob("*antes-da-*"))
    assert [copy.name for copy in copies] == [
        f"vtexmon.db.antes-da-{today}.20261124172500",
        f"vtexmon.db.antes-da-{today}.20261124172500-2",
    ]
    assert {stat.S_IMODE(copy.stat().st_mode) for copy in copies} == {0o600}
