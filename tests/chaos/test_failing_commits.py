"""The database fails at every commit there is: before it (disk full, deadlock) or after it (the connection is cut).

That is no failure of a record: nothing becomes Erro, no attempt is spent, nothing is lost or created twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.chaos.simulation import EVERYTHING, Process, Simulate, Simulation, holdings_of
from vtexmon.core.exchange import Request


def fails(_request: Request | None) -> None:
    raise OperationalError("COMMIT", {}, Exception("disk full"))


def until_done(simulation: Simulation) -> int:
    """One process that goes on after each failure, as the engine's loops do; gives how many there were."""
    process, failures = simulation.start(), 0

    def tried(work: Callable[[Process], Any]) -> None:
        nonlocal failures
        try:
            work(process)
        except OperationalError:
            failures += 1
            tried(work)

    tried(lambda process: process.export(EVERYTHING))
    tried(lambda process: process.work())
    tried(lambda process: process.export(EVERYTHING))
    tried(lambda process: process.work())
    return failures


@pytest.mark.parametrize("moment", ["commit: before", "commit: after"])
def test_a_commit_that_fails_is_nobodys_failed_attempt(simulate: Simulate, moment: str) -> None:
    calm = simulate()
    until_done(calm)
    assert calm.violations() == []
    points = calm.points.numbers(moment)

    for number in points:
        simulation = simulate({number: fails})
        assert until_done(simulation) == 1
        assert simulation.violations() == [], f"{moment} {number}"
        assert holdings_of(simulation) == holdings_of(calm), f"{moment} {number}"

    print(f"failed once at each of {len(points)} points '{moment}'")  # noqa: T201 - the number of this proof
