"""Anything that may happen, in any order: the machine of ``machine.py`` over the real engine, file and integrations.

``VTEXMON_TEST_EXAMPLES=2000`` makes it long and random: it prints its seed, which ``VTEXMON_TEST_SEED`` repeats.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos import guards
from tests.chaos.machine import Life
from vtexmon.config import EngineSettings

EXAMPLES, STEPS = 60, 30
FEW = 12


@pytest.fixture
def life(memory_folder: Path, template: Path, tmp_path: Path) -> type[Life]:
    class OneLife(Life):
        """With a folder of its own."""

    OneLife.folder, OneLife.template = memory_folder / tmp_path.name, template
    return OneLife


def how(examples: int, **more: object) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,  # type: ignore[arg-type]
    )


def test_whatever_happens_nothing_is_lost_doubled_or_untrue(life: type[Life]) -> None:
    examples = int(os.environ.get("VTEXMON_TEST_EXAMPLES", "0"))
    if not examples:
        run_state_machine_as_test(life, settings=how(EXAMPLES, derandomize=True))
        return
    number = int(os.environ.get("VTEXMON_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"VTEXMON_TEST_SEED={number}")  # noqa: T201 - what repeats this run
    run_state_machine_as_test(seed(number)(life), settings=how(examples, print_blob=True))


@dataclass(frozen=True)
class Tooth:
    """A guard taken out, what the machine then finds, and seeds with which it finds it within ``FEW`` lives."""

    remove: Callable[[pytest.MonkeyPatch], None]
    finds: str
    seeds: tuple[int, ...]


def without_the_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in doubt is read back at once; VTEX takes its time as before."""
    monkeypatch.setattr(Life, "engine", EngineSettings(verify_grace=timedelta(seconds=1)))


UNDER_WAY_TOGETHER = "two in flight"

TEETH = {
    "quarantine": Tooth(without_the_quarantine, UNDER_WAY_TOGETHER, (2, 1)),
    "intent": Tooth(guards.without_the_intent, "sent without an intent", (1,)),
    "owner and epoch": Tooth(guards.without_the_fence, UNDER_WAY_TOGETHER, (145, 128, 103, 109)),
    "epoch, and one open intent per log": Tooth(guards.without_the_epoch, UNDER_WAY_TOGETHER, (244,)),
}


@pytest.mark.parametrize("name", TEETH)
def test_the_machine_finds_what_a_missing_guard_lets_through(
    life: type[Life], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tooth = TEETH[name]
    tooth.remove(monkeypatch)
    assert any(finds(seed(number)(life), tooth.finds) for number in tooth.seeds)


def finds(life: type[Life], words: str) -> bool:
    try:
        run_state_machine_as_test(life, settings=how(FEW, phases=[Phase.generate], report_multiple_bugs=False))
    except AssertionError as found:
        return words in str(found)
    return False
