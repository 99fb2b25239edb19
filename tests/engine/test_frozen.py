"""A process that stands still (stopped, swapped out, its disk slow) between writing an intent and sending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.bench import CATEGORY, Bench
from vtexmon.engine.step import EngineStep


@pytest.fixture
def freeze(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """From now on the process stands still for so long once an intent is committed."""
    original = EngineStep._record_intent

    def for_seconds(seconds: float) -> None:
        async def committed_late(self: EngineStep, *arguments: Any) -> int:
            item_id = await original(self, *arguments)
            bench.clock.advance(seconds)
            return item_id

        monkeypatch.setattr(EngineStep, "_record_intent", committed_late)

    return for_seconds


def test_an_intent_that_was_committed_too_late_is_not_sent(bench: Bench, freeze: Callable[[float], None]) -> None:
    """Lease 180 s, deadline and grace 60 s each: 61 s later another one could take over while ours is on its way."""
    bench.export(CATEGORY)
    freeze(61)
    bench.turn()

    assert bench.wrote() == []
    (item,) = bench.items()
    assert (item.status.value, item.message) == ("Erro", "não enviado: a gravação levou tempo demais")
    assert bench.state() == ("Pendente", "queued", None, 0)
    freeze(0)
    bench.turn()
    assert bench.state() == ("Sucesso", "idle", None, 0)
    assert bench.wrote() == ["POST /api/catalog/pvt/category"]


def test_who_lost_the_lease_while_its_intent_was_committed_sends_nothing(
    bench: Bench, freeze: Callable[[float], None]
) -> None:
    bench.export(CATEGORY)
    freeze(181)
    (claim,) = bench.claim("frozen")
    other = bench.restarted()

    taken: list[int] = []
    monkeyed = bench.clock.advance

    def taken_over(seconds: float) -> None:
        monkeyed(seconds)
        if not taken:
            taken.append(len(other.claim()))

    bench.clock.advance = taken_over  # type: ignore[method-assign]
    bench.run(claim)

    assert taken == [1]
    assert bench.wrote() == []
    assert [item.status.value for item in bench.items()] == ["Pendente"]
