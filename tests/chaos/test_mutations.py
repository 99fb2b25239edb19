"""The mutation check: each guard of the send protocol is taken out, and something breaks that holds with it.

``python -m pytest tests/chaos/test_mutations.py`` ends with the list of all guards and what each of them prevents.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chaos.guards import GUARDS
from tests.chaos.simulation import Simulate


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_is_needed(
    simulate: Simulate,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    name: str,
) -> None:
    guard = GUARDS[name]

    with_it = guard.scenario(simulate).violations()
    with monkeypatch.context() as without:
        guard.remove(without)
        without_it = guard.scenario(simulate).violations()

    assert with_it == []
    broken = [one for one in without_it if one.startswith(guard.breaks)]
    assert broken, without_it
    record_property("guard", f"{name}: green with, red without: {broken[0].strip()}")
