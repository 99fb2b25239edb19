"""What every part of the engine works with; made once by the runtime, handed to all."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.exchange import Json, Request
from vtexmon.engine.facts import Facts
from vtexmon.engine.gate import Gate
from vtexmon.engine.offers import Offers
from vtexmon.engine.step import Exchange, SharedReads
from vtexmon.store.database import Database


@dataclass
class Tally:
    """Requests of this process: all of them, and those that write."""

    requests: int = 0
    writes: int = 0

    def count(self, request: Request) -> None:
        """One request is about to leave."""
        self.requests += 1
        self.writes += request.is_write


@dataclass
class Context:
    """The engine's surroundings. ``owner`` names this process in leases; ``encode`` is the text a body is sent as."""

    config: Config
    database: Database
    clock: Clock
    facts: Facts
    gate: Gate
    offers: Offers
    clients: dict[str, Exchange]
    encode: Callable[[Json], str]
    owner: str
    shared: SharedReads = field(default_factory=SharedReads)
    tally: Tally = field(default_factory=Tally)

    def jitter(self) -> float:
        """The factor of every delay, drawn from [0.5, 1]."""
        return random.uniform(0.5, 1.0)
