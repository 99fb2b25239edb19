"""``vtexmon demo``: every status and every failure class, each by a request that the sandbox has really received."""

import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest

from vtexmon import program
from vtexmon.config import Config
from vtexmon.core.failures import FailureClass
from vtexmon.core.filters import Filter
from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.core.status import Status, WaitReason
from vtexmon.engine.runtime import Engine, EngineOptions
from vtexmon.errors import UsageError
from vtexmon.sandbox.demo import Demo, demo_folder, run_demo, running_demo
from vtexmon.sandbox.demo_day import CYCLE, MOST_NEW_CLASSES, edits
from vtexmon.sandbox.demo_faults import SPECS, UNFINDABLE
from vtexmon.sandbox.demo_morning import prepare
from vtexmon.sandbox.demo_sheets import Sheets
from vtexmon.sandbox.demo_world import SAMPLE
from vtexmon.sge.files import FilesSource
from vtexmon.store import log_pages, logs

SHOWN_WITHIN_SECONDS = 30.0
NEVER_A_FAILURE = {FailureClass.DUPLICATE}
"""It ends in Sucesso, by adoption."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A day that has been going on until all there is to see is there."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        source = program.make_source(demo.config)
        engine = Engine(demo.config, demo.database, source, EngineOptions("demo"))
        engine.start()
        try:
            _wait_until(lambda: _everything_is_there(demo))
            yield demo
        finally:
            engine.stop()


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SHOWN_WITHIN_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.25)


def _everything_is_there(demo: Demo) -> bool:
    shown = all_logs(demo)
    return {log.status for log in shown} == set(Status) and classes_of(shown) >= set(FailureClass) - NEVER_A_FAILURE


def all_logs(demo: Demo) -> list[LogRecord]:
    return demo.database.read(lambda c: log_pages.page(c, Filter(), 10_000))


def classes_of(shown: list[LogRecord]) -> set[str]:
    return {log.failure_class for log in shown if log.failure_class}


def items_of(demo: Demo, log: LogRecord) -> list[LogItemRecord]:
    return demo.database.read(lambda c: logs.items(c, log.id))


def only(demo: Demo, module: str, key_values: str) -> LogRecord:
    return next(log for log in all_logs(demo) if (log.module, log.key_values) == (module, key_values))


def test_every_status_is_shown(day: Demo) -> None:
    assert {log.status for log in all_logs(day)} == set(Status)


@pytest.mark.parametrize("failure_class", [kind for kind in FailureClass if kind not in NEVER_A_FAILURE])
def test_every_failure_class_is_shown(day: Demo, failure_class: FailureClass) -> None:
    assert failure_class in classes_of(all_logs(day))


def test_a_duplicate_is_adopted(day: Demo) -> None:
    log = only(day, "product", f"1;12;{UNFINDABLE}")
    assert log.status is Status.SUCCESS
    assert 409 in {item.http_status for item in items_of(day, log)}


def test_the_second_branch_waits_for_its_credentials(day: Demo) -> None:
    held = [log for log in all_logs(day) if log.branch == 13 and log.module in ("price", "stock")]
    assert [(log.status, log.wait_reason) for log in held] == [(Status.PENDING, WaitReason.CREDENTIAL)] * 2


def test_a_colleague_has_resent_until_the_maximum(day: Demo) -> None:
    log = only(day, "price", "1;12;CA.PBI.N-1;B2C")
    assert (log.status, log.attempts, log.updated_by) == (Status.CANCELLED, day.config.resend.max_attempts, "ana")


def test_every_log_shows_a_request_that_the_sandbox_has_received(day: Demo) -> None:
    shown = all_logs(day)
    _wait_until(lambda: not any(_is_about_to_be_sent(day, log) for log in shown))
    received = {(entry["method"], _without_account(entry["path"])) for entry in day.sandbox.requests()}
    without = [
        (log.module, log.key_values)
        for log in shown
        if not any((item.method, item.endpoint.partition("?")[0]) in received for item in items_of(day, log))
    ]
    assert without == []


def _is_about_to_be_sent(demo: Demo, log: LogRecord) -> bool:
    return log.status is Status.PENDING and not items_of(demo, log)


def _without_account(path: str) -> str:
    return re.sub(r"^/[^/]+(?=/pricing/)", "", path)


def test_every_fault_is_met(day: Demo) -> None:
    assert [fault["spec"] for fault in day.sandbox.faults() if not fault["hits"]] == []


def test_the_schedules_run_and_the_files_change_by_themselves(day: Demo) -> None:
    newest = day.database.read(logs.highest_id)
    _wait_until(lambda: day.database.read(logs.highest_id) > newest)
    added = [log for log in all_logs(day) if log.id > newest]
    assert added
    assert {log.created_by for log in added} == {"agendador"}


def test_the_sample_is_clean_and_small() -> None:
    snapshot = FilesSource(SAMPLE).read()
    assert snapshot.rejected == ()
    assert 15 <= len(snapshot.courses) <= 25
    assert 55 <= len(snapshot.classes) <= 70
    assert sum(file.stat().st_size for file in SAMPLE.iterdir()) < 40_000


def test_the_source_never_rejects_a_row_of_the_day(tmp_path: Path) -> None:
    sheets = Sheets(Path(shutil.copytree(SAMPLE, tmp_path / "dados")))
    prepare(sheets)
    for edit, turn in islice(edits(), len(CYCLE) * (MOST_NEW_CLASSES + 2)):
        edit(sheets, turn)
    snapshot = FilesSource(sheets.folder).read()
    assert snapshot.rejected == ()
    assert len(snapshot.classes) == len(FilesSource(SAMPLE).read().classes) + MOST_NEW_CLASSES


def test_the_day_is_the_same_every_time(tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        sheets = Sheets(Path(shutil.copytree(SAMPLE, tmp_path / name)))
        prepare(sheets)
        for edit, turn in islice(edits(), len(CYCLE) * 2):
            edit(sheets, turn)
        written.append({file.name: file.read_bytes() for file in sheets.folder.iterdir()})
    assert written[0] == written[1]


def test_the_folder_is_complete_and_its_secrets_are_private(tmp_path: Path) -> None:
    config = demo_folder(tmp_path, "http://127.0.0.1:8099")
    assert all(account.has_credentials for account in config.accounts.values())
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "segredos").iterdir()} == {0o600}
    with pytest.raises(FileExistsError):
        demo_folder(tmp_path, "http://127.0.0.1:8099")


def test_the_faults_are_told_apart() -> None:
    assert len(set(SPECS)) == len(SPECS)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with a configuration and variables of their own, and an empty folder for what is temporary."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "vtexmon.toml").write_text("isto não é da demonstração", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VTEXMON_CONFIG", str(tmp_path / "home" / "vtexmon.toml"))
    monkeypatch.setenv("VTEXMON_DATABASE__URL", f"sqlite:///{tmp_path}/home/vtexmon.db")
    monkeypatch.setenv("VTEXMON_DEMO_SECONDS", "1.5")
    return tmp_path


def test_a_run_leaves_nothing_behind(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variables = dict(os.environ)
    assert run_demo(headless=True) == 0
    assert list((home / "tmp").iterdir()) == []
    assert [file.name for file in (home / "home").iterdir()] == ["vtexmon.toml"]
    assert dict(os.environ) == variables
    first, *_others = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  Pendente \d+ · Sucesso \d+ · Erro \d+ · Cancelado \d+", first)


def test_the_monitor_is_opened_on_the_day_with_an_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Path, bool, bool]] = []

    def run_monitor(config: Config, read_only: bool, with_engine: bool) -> int:
        assert config.path is not None
        opened.append((config.path.parent.parent, read_only, with_engine))
        return 7

    monkeypatch.setitem(sys.modules, "screens.app", SimpleNamespace(run_monitor=run_monitor))
    assert run_demo(headless=False) == 7
    assert opened == [(home / "tmp", False, True)]


def test_an_interrupted_run_ends_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vtexmon.sandbox.demo.time.sleep", interrupt)
    assert run_demo(headless=True) == 0
    assert list((home / "tmp").iterdir()) == []


def test_seconds_that_are_no_number_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTEXMON_DEMO_SECONDS", "um minuto")
    with pytest.raises(UsageError, match="um minuto"):
        run_demo(headless=True)
