"""What was ordered, what came of it, and how that is told in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.processes.evidence import Evidence
from tests.chaos.processes.verdict import Verdict


@dataclass(frozen=True)
class Order:
    """What is to be run. ``troubles`` are kinds of ``timeline``; ``rest_seconds`` is how long all may take to rest."""

    seed: int
    records: int = 600
    trouble_seconds: float = 12.0
    troubles: frozenset[str] = frozenset({"kill", "freeze", "disk", "restart", "cut"})
    faulty: bool = True
    older: bool = True
    max_attempts: int = 5
    rest_seconds: float = 180.0


@dataclass
class Result:
    """What a run was and what it left."""

    order: Order
    engine: str
    verdict: Verdict
    evidence: Evidence
    done: Counter[str]
    ended: Counter[str]
    last_words: list[str]
    heard: list[str]
    own_mistakes: set[str]
    versions: set[str]
    rested: bool
    troubled: int
    seconds: float

    @property
    def clean(self) -> bool:
        return self.rested and self.verdict.clean and not self.own_mistakes

    def faults(self) -> Counter[str]:
        """Requests treated by each kind of fault; a status by its number."""
        specs = [request.fault for request in self.evidence.requests if request.fault]
        return Counter(_kind(spec) for spec in specs if "recusad" not in spec)


def _kind(spec: str) -> str:
    kind, _, options = spec.partition(":")
    if kind == "hang" and "delay=" in options:
        return "late"
    status = next((part[7:] for part in options.split(",") if part.startswith("status=")), "")
    return f"{kind} {status}".strip()


def told(result: Result) -> Iterator[str]:
    """The run in one line, and what is wrong with it in further ones."""
    counts, done = result.verdict.counts(), result.done
    troubles = " ".join(f"{name} {number}" for name, number in sorted(done.items()))
    hit = " ".join(f"{kind} {number}" for kind, number in sorted(result.faults().items()))
    counts["own mistakes"] = len(result.own_mistakes)
    rules = " ".join(f"{name} {number}" for name, number in counts.items())
    ended = " ".join(f"{how} ×{number}" for how, number in sorted(result.ended.items()))
    requests = f"{len(result.evidence.requests)} requests ({result.troubled} in trouble)"
    what = f"{result.engine} seed {result.order.seed}: {troubles} | faults: {hit} | {requests}"
    yield f"{what} | {rules} | ended: {ended} | {result.seconds:.1f} s"
    if not result.rested:
        yield "  it did not come to rest"
    yield from (f"  own mistake: {sentence}" for sentence in sorted(result.own_mistakes)[:20])
    yield from (f"  {sentence}" for sentence in result.verdict.sentences[:20])
