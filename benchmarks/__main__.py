"""``make bench``: every figure beside its comparator in one run: both had the same machine in the same minutes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import attempts, chains, claims, disk, export, screen, unchanged
from benchmarks.databases import Server, postgresql
from benchmarks.report import Table


@dataclass(frozen=True)
class Conditions:
    """What the rows are measured with."""

    rounds: int
    million: bool
    servers: dict[str, Server | None]


ENGINE: dict[str, Callable[[Conditions], Table]] = {
    "export": lambda on: export.table(on.rounds),
    "chains": lambda on: chains.table(on.rounds),
    "attempts": lambda on: attempts.table(on.rounds, on.servers),
    "claims": lambda on: claims.processes(on.servers),
    "open-records": lambda on: claims.sizes(on.servers, on.million),
    "unchanged": lambda on: unchanged.table(on.rounds),
    "disk": lambda on: disk.table(on.servers),
}


def main() -> None:
    """Measure and print."""
    wanted = _arguments()
    tables: list[Table] = []
    if "screen" in wanted.parts:
        print("screen, 80×24, 256 colours; ms to the last byte and bytes on the wire for each key; idle = bytes in 3 s")
        for line in screen.table(screen.all_programs()):
            print(line, flush=True)
    if "engine" in wanted.parts:
        with postgresql() as server:
            print(f"\n{server.missing or server.settings}")
            servers: dict[str, Server | None] = {"SQLite": None} | ({} if server.missing else {"PostgreSQL": server})
            conditions = Conditions(wanted.rounds, wanted.million, servers)
            for name in wanted.rows:
                table = ENGINE[name](conditions)
                if server.missing and name in ("attempts", "claims", "open-records", "disk"):
                    table.notes.append(server.missing)
                tables.append(table)
                print("\n" + "\n".join(table.lines()), flush=True)
    if wanted.json:
        documents = [table.document() for table in tables]
        wanted.json.write_text(json.dumps(documents, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["screen", "engine"], help="screen, engine; nothing = both")
    parser.add_argument("--rows", type=_names, default=list(ENGINE), help=f"of the engine: {','.join(ENGINE)}")
    parser.add_argument("--rounds", type=int, default=2, help="how often what is compared alternates")
    parser.add_argument("--million", action="store_true", help="open-records: up to 10⁶ (minutes)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the engine's tables as JSON")
    wanted = parser.parse_args()
    if unknown := set(wanted.parts) - {"screen", "engine"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return wanted


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(ENGINE):
        raise argparse.ArgumentTypeError(f"no such row: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    main()
