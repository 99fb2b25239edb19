"""``make bench``: every figure in one run, so that what is compared ran on the same machine in the same minutes."""

from __future__ import annotations

from benchmarks import export, screen


def main() -> None:
    """Measure and print."""
    print("screen, 80×24, 256 colours; ms to the last byte and bytes on the wire for each key; idle = bytes in 3 s")
    for line in screen.table(screen.all_programs()):
        print(line)
    for latency in (0.0, 0.15):
        print()
        for line in export.table(latency, export.rates(latency)):
            print(line)


main()
