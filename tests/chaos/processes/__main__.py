"""``make chaos``: run after run over seeds and engines, one line each; ends with 1 when any promise was broken."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.chaos.processes.databases import Base, NoPostgres, PostgresServer, SqliteFile, postgres_server
from tests.chaos.processes.programs import ROOT, Program
from tests.chaos.processes.result import Order, Result, told
from tests.chaos.processes.run import run

ENGINES = ("sqlite", "postgresql")
MEMORY = Path("/dev/shm")
"""Where the disk does not wait: nothing here cuts the power."""


def main() -> int:
    """Run what was asked for."""
    options = _options()
    seeds = [options.seed] if options.seed is not None else random.SystemRandom().sample(range(10**6), options.seeds)
    engines = [options.engine] if options.engine else list(ENGINES)
    violations = 0
    with ExitStack() as stack:
        server = _server(stack) if "postgresql" in engines else None
        for engine in engines:
            if engine == "postgresql" and server is None:
                continue
            for seed in seeds:
                violations += not _one(Order(seed, options.records), engine, server, options)
    _say(f"{violations} runs with a violation" if violations else "no violation")
    return 1 if violations else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many runs on each engine (20)")
    parser.add_argument("--records", type=int, default=600, help="how many records each (600)")
    parser.add_argument("--engine", choices=ENGINES, help="only this engine")
    parser.add_argument("--seed", type=int, help="only this seed: replays what was drawn")
    parser.add_argument("--program", type=Path, default=ROOT, help="the folder that holds the packages to run")
    parser.add_argument("--verbose", action="store_true", help="also what processes said that ended by themselves")
    return parser.parse_args()


def _server(stack: ExitStack) -> PostgresServer | None:
    try:
        return stack.enter_context(postgres_server())
    except NoPostgres as why:
        _say(str(why))
        return None


def _one(order: Order, engine: str, server: PostgresServer | None, options: argparse.Namespace) -> bool:
    """One run; true when it was clean. The folder of one that was not is kept."""
    memory = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix=f"vtexmon-chaos-{engine}-{order.seed}-", dir=memory))
    with _base(engine, folder, server) as base:
        result = run(order, base, folder, Program(options.program.resolve()))
    for line in told(result):
        _say(line)
    if options.verbose or not result.clean:
        _say("\n".join(f"    {line}" for line in result.last_words))
    if result.clean:
        shutil.rmtree(folder)
    else:
        _say(f"  replay: {replay(result)}; what it left: {folder}")
    return result.clean


def replay(result: Result) -> str:
    """The line that draws the same again."""
    order = result.order
    return f'make chaos CHAOS="--engine {result.engine} --seed {order.seed} --records {order.records}"'


@contextmanager
def _base(engine: str, folder: Path, server: PostgresServer | None) -> Iterator[Base]:
    if engine == "sqlite":
        yield SqliteFile(folder / "vtexmon.db")
        return
    assert server is not None
    with server.database() as database:
        yield database


def _say(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
