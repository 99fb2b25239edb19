"""``vtexmon sandbox`` and ``vtexmon init``: a folder to start from."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from urllib.request import urlopen

from tests.support import Station


def test_a_written_folder_works_with_the_running_sandbox(tmp_path: Path) -> None:
    station = Station(tmp_path / "pasta")
    station.folder.mkdir()
    process = station.start("sandbox", "--port", "0", "--write", str(station.folder), "--json")
    try:
        assert process.stdout is not None
        text = ""
        while not text.endswith("\n}\n"):
            text += process.stdout.readline()
        told = json.loads(text)
        with urlopen(f"{told['url']}/_sandbox/state") as answer:
            assert answer.status == 200
        checked = station.json("doctor")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert process.returncode == 0
    assert checked["ok"] is True
    assert told["environment"]["VTEX_SP_APP_KEY"]
    assert "[accounts.nacional]" in told["config"]


def test_init_then_check_says_what_is_missing(tmp_path: Path) -> None:
    station = Station(tmp_path)

    assert station.run("init").code == 0
    assert station.run("init").code == 2
    assert station.run("config", "check").code == 2
