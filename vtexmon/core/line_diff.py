"""Which lines differ between two texts, in time that grows with their length.

difflib alone is quadratic on two large answers that differ in every element. Lines that occur once in both texts anchor
the comparison (patience diff), and difflib sees only what lies between two anchors, when that is small.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_LARGEST_PRODUCT = 250_000
"""Above so many pairs of lines between two anchors, all of them count as changed."""


@dataclass(frozen=True)
class Change:
    """Lines ``old_from`` to ``old_to`` (excluded) became lines ``new_from`` to ``new_to``; either may be none."""

    old_from: int
    old_to: int
    new_from: int
    new_to: int


def changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """The differing stretches, in order; the lines outside them are equal."""
    old_from = new_from = 0
    for old_to, new_to in (*_anchors(old, new), (len(old), len(new))):
        yield from _between(old, new, Change(old_from, old_to, new_from, new_to))
        old_from, new_from = old_to + 1, new_to + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of lines that are unique in both texts, the longest series that goes forward in both."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: number for number, line in enumerate(new) if in_new[line] == 1}
    pairs = [(number, places[line]) for number, line in enumerate(old) if in_old[line] == 1 and line in places]
    return _longest_forward(pairs)


def _longest_forward(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_old, new) in enumerate(pairs):
        at = bisect_left(ends, new)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [new]
        last[at : at + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(old: Sequence[str], new: Sequence[str], gap: Change) -> Iterator[Change]:
    """The changes inside a gap, after what is equal at its two ends."""
    old_from, old_to, new_from, new_to = gap.old_from, gap.old_to, gap.new_from, gap.new_to
    while old_from < old_to and new_from < new_to and old[old_from] == new[new_from]:
        old_from, new_from = old_from + 1, new_from + 1
    while old_from < old_to and new_from < new_to and old[old_to - 1] == new[new_to - 1]:
        old_to, new_to = old_to - 1, new_to - 1
    if old_from == old_to and new_from == new_to:
        return
    smaller, product = min(old_to - old_from, new_to - new_from), (old_to - old_from) * (new_to - new_from)
    if smaller == 0 or product == 1 or product > _LARGEST_PRODUCT:
        yield Change(old_from, old_to, new_from, new_to)
        return
    matcher = SequenceMatcher(None, old[old_from:old_to], new[new_from:new_to])
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield Change(old_from + old_start, old_from + old_end, new_from + new_start, new_from + new_end)
