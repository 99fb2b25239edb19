"""A VTEX that repeats the credentials in its answers: nothing of them may stay behind anywhere."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.end_to_end.searching import forms_of, found_in, left_behind
from tests.support import Result, Station
from vtexmon.core.redaction import Redactor
from vtexmon.sandbox import AccountSettings, RunningSandbox, SandboxSettings, running_sandbox

KEY, TOKEN = "vtexappkey-lojanacional-QWERTY", "tok/en+a&b=c%7E<x>-0123456789"
REGIONAL_KEY, REGIONAL_TOKEN = "vtexappkey-lojasp-ASDFGH", "outro~token:9876543210/ZYX"
SECRETS = [KEY, TOKEN, REGIONAL_KEY, REGIONAL_TOKEN]
SETTINGS = SandboxSettings(
    accounts=(AccountSettings("lojanacional", KEY, TOKEN), AccountSettings("lojasp", REGIONAL_KEY, REGIONAL_TOKEN))
)

_BASE64 = "|".join(base64.b64encode(f"{'x' * place}{REGIONAL_TOKEN}".encode()).decode() for place in range(3))
FAULTS = (
    r"status:match=POST /pvt/product$,status=400,echo=1,times=1",
    r"applied:match=PUT /pricing/,status=500,echo=1,times=1",
    rf'status:match=PUT /inventory/,status=400,times=1,text={{"Message":"{quote(REGIONAL_TOKEN, safe="")} {_BASE64}"}}',
    r"html:match=POST /file$,echo=1,times=1,text=Em manutenção",
)


def exported(station: Station, sandbox: RunningSandbox, *, here: bool) -> Result:
    """One export that meets all faults, and the resend; the write-ahead log stays, for a reader holds the database."""
    assert station.run("db", "upgrade").code == 0
    run = station.run if here else station.run_process
    with closing(sqlite3.connect(station.database_file)) as reader:
        reader.execute("SELECT count(*) FROM log").fetchall()
        first = run("export", "--json", "--wait-max", "6s")
        station.run("show", "1")
    assert all(fault["hits"] for fault in sandbox.faults()), sandbox.faults()
    return first


def run_and_search(folder: Path, *, here: bool) -> list[str]:
    with running_sandbox(settings=SETTINGS, faults=FAULTS) as sandbox:
        station = Station.create(folder, sandbox, schedules=False)
        result = exported(station, sandbox, here=here)
    places = [("stdout", result.stdout.encode()), ("stderr", result.stderr.encode())]
    places += left_behind(folder, station.database_file)
    names = {place.split()[0] for place, _data in places}
    assert {"file", "payload", "table"} <= names
    assert b"An error has occurred" in b"".join(data for place, data in places if place.startswith("payload"))
    return found_in(SECRETS, iter(places))


def test_nothing_of_a_credential_stays_behind(tmp_path: Path) -> None:
    assert run_and_search(tmp_path, here=False) == []


def test_without_redaction_the_same_search_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that the test above can fail: the credentials do come back, and it looks where they end up."""

    def leave(_self: Redactor, value: Any, *_args: Any, **_options: Any) -> Any:
        return value

    for name in ("text", "bytes", "json"):
        monkeypatch.setattr(Redactor, name, leave)

    found = run_and_search(tmp_path, here=True)

    for expected in ("plain of secret 0", "plain of secret 1", "address of secret 3", "base64, place 1 of secret 3"):
        assert any(line.startswith(expected) and "payload" in line for line in found), (expected, found)
    assert any("table" in line for line in found)
    assert any("file" in line for line in found)


@pytest.mark.parametrize("place", range(3))
def test_the_search_knows_every_place_in_a_base64_group(place: int) -> None:
    text = base64.b64encode(b"y" * place + TOKEN.encode() + b"z")

    assert found_in([TOKEN], iter([("here", text)])) == [f"base64, place {place} of secret 0 in here"]


@pytest.mark.parametrize("form", ["plain", "address", "form", "json", "json, every character"])
def test_the_search_knows_every_escape(form: str) -> None:
    assert any(form in line for line in found_in([TOKEN], iter([("here", b"a " + forms_of(TOKEN)[form] + b" b")])))
