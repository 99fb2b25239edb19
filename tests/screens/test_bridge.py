"""Facts and other processes' commits become one look, however many they are."""

from __future__ import annotations

import os
import pty
import threading
from pathlib import Path
from typing import Any

from textual.message import Message

from screens.bridge import CommitWatch, DataChanged, EngineTrouble, hear
from screens.log_export import save_view
from screens.terminal import is_hung_up
from screens.view import View
from tests.screens.world import change, insert, log_row, monitor, run, session, settled
from vtexmon.core.filters import Filter
from vtexmon.core.status import Status
from vtexmon.engine.facts import EngineFailed, Facts, LogsChanged, TargetChanged
from vtexmon.store.database import Database


def test_facts_are_heard_until_one_stops_listening() -> None:
    heard: list[Message] = []
    facts = Facts()
    stop = hear(facts, lambda message: heard.append(message) or True)
    facts.tell(LogsChanged((1, 2)))
    facts.tell(EngineFailed("caiu"))
    stop()
    facts.tell(TargetChanged("sp", "catalog"))

    assert [type(message) for message in heard] == [DataChanged, EngineTrouble]


def test_a_thousand_facts_from_a_thread_are_a_few_looks(tmp_path: Path) -> None:
    async def use(world: Any) -> int:
        app = monitor(world)
        looks = 0
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            look = app.monitor.feed.look

            async def counted() -> None:
                nonlocal looks
                looks += 1
                await look()

            app.monitor.feed.look = counted  # type: ignore[method-assign]
            thread = threading.Thread(target=lambda: [world.facts.tell(LogsChanged((n,))) for n in range(1000)])
            thread.start()
            await settled(pilot)
            thread.join()
            await settled(pilot)
        return looks

    with session(tmp_path) as world:
        assert 1 <= run(use(world)) <= 10


def test_commits_of_another_process_are_seen_on_every_connection(tmp_path: Path) -> None:
    with session(tmp_path) as world:
        other = Database(str(world.database.url.render_as_string()))
        watch = CommitWatch()
        for _look in range(8):
            world.database.read(watch.look)
        assert not any(world.database.read(watch.look) for _look in range(8))
        change(other, 1, message="outro processo")
        assert world.database.read(watch.look)
        other.close()


def test_a_terminal_that_was_closed_is_noticed() -> None:
    ours, theirs = pty.openpty()
    assert not is_hung_up(theirs)
    os.close(ours)
    assert is_hung_up(theirs)
    os.close(theirs)


def test_the_list_is_saved_as_it_is_filtered_and_cannot_start_a_formula(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with session(tmp_path) as world:
        insert(world.database, [log_row(61, Status.ERROR, message="=HYPERLINK(1)")])
        words = run(save_view(world, View(Filter(statuses=frozenset({Status.ERROR})))))
    path = tmp_path / "logs-20261124-143207.csv"
    lines = path.read_text(encoding="utf-8").splitlines()

    assert words.startswith("11 registros em ")
    assert lines[0].startswith("id;module;")
    assert len(lines) == 12
    assert "'=HYPERLINK(1)" in lines[1]
