"""The monitor on a terminal of 80 × 24 against an empty Textual app and the stock ``DataTable`` over the same data."""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.terminal import Terminal, environment
from benchmarks.world import folder_with_logs

ROUNDS = 3
SIZES = (1_000, 100_000)
DOWN, PAGE_DOWN, END = "\x1b[B", "\x1b[6~", "\x1b[F"


@dataclass
class Measured:
    """One program: medians of seconds to its first rows, and bytes for what a person does."""

    name: str
    seconds: float = 0.0
    first_bytes: int = 0
    keys: dict[str, tuple[float, int]] = field(default_factory=dict)
    idle_bytes: int = 0


def measure(name: str, command: list[str], marker: str, folder: Path) -> Measured:
    """Start a program a few times, then press keys in the last one."""
    found = Measured(name)
    seconds, first = [], []
    for turn in range(ROUNDS):
        terminal = Terminal.start(command, environment(), str(folder))
        try:
            elapsed, count = terminal.until(marker)
            seconds.append(elapsed)
            first.append(count)
            if turn == ROUNDS - 1:
                terminal.settle(3.0)
                _use(terminal, found)
        finally:
            terminal.stop()
    found.seconds, found.first_bytes = statistics.median(seconds), int(statistics.median(first))
    return found


def _use(terminal: Terminal, found: Measured) -> None:
    for name, keys in (("Down", DOWN), ("60 Down", DOWN * 60), ("PageDown", PAGE_DOWN), ("End", END)):
        samples = [terminal.press(keys) for _turn in range(3)]
        found.keys[name] = min(samples, key=lambda sample: sample[0])
    found.idle_bytes = terminal.settle(3.0)


def all_programs() -> list[Measured]:
    """Everything that is compared, over databases of each size."""
    python = sys.executable
    results = []
    with tempfile.TemporaryDirectory(prefix="vtexmon-bench-") as name:
        for size in SIZES:
            folder = folder_with_logs(Path(name) / str(size), size)
            config, database = str(folder / "vtexmon.toml"), str(folder / "vtexmon.db")
            if not results:
                empty = [python, "-m", "benchmarks.apps", "empty"]
                results.append(measure("empty Textual", empty, "pronto", Path.cwd()))
            stock = [python, "-m", "benchmarks.apps", "stock", database]
            newest = f"T-{size}"
            results.append(measure(f"stock DataTable, {size:,}", stock, newest, Path.cwd()))
            ours = [python, "-m", "vtexmon", "--config", config]
            results.append(measure(f"vtexmon, {size:,}", ours, newest, folder))
    return results


def table(results: list[Measured]) -> list[str]:
    """The figures as lines, with the ratio to the empty app and, for ours, to the stock table of the same size."""
    empty = results[0]
    lines = [
        f"{'program':<26}{'first rows':>11}{'× empty':>9}{'bytes':>9}{'Down':>14}{'60 Down':>16}"
        f"{'PageDown':>16}{'End':>16}{'idle':>8}"
    ]
    for one in results:
        keys = "".join(
            f"{one.keys[name][0] * 1000:>{width - 8}.0f} ms {one.keys[name][1]:>5}"[:40].rjust(width)
            for name, width in (("Down", 14), ("60 Down", 16), ("PageDown", 16), ("End", 16))
        )
        ratio = one.seconds / empty.seconds
        lines.append(f"{one.name:<26}{one.seconds:>9.2f} s{ratio:>9.2f}{one.first_bytes:>9,}{keys}{one.idle_bytes:>8}")
    return lines
