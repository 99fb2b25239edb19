"""Only the marked, page by page, when the mark is a predicate with exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from screens import list_reads, reads
from screens.session import Session
from screens.view import MarkCounts, View
from screens.widgets.rows import Direction
from tests.screens.world import session
from vtexmon.core.filters import Filter
from vtexmon.core.ordering import Edge
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import Status

ERRO = Filter(statuses=frozenset({Status.ERROR}))
MARKED = Matching(ERRO, 60, minus=frozenset({54, 12}), plus=frozenset({59, 50, 1}))
WANTED = [60, 59, 50, 48, 42, 36, 30, 24, 18, 6, 1]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Session]:
    with session(tmp_path) as one:
        yield one


def page(world: Session, direction: Direction, key: int | None, limit: int) -> list_reads.Page:
    view, edge = View(marked=MARKED), None if key is None else Edge.at(key)
    return world.database.read(lambda c: list_reads.page(c, view, direction, edge, limit))


@pytest.mark.parametrize("limit", [2, 3, 50])
def test_pages_downwards_are_the_marked_and_nothing_else(world: Session, limit: int) -> None:
    found = page(world, Direction.FIRST, None, limit)
    ids, lowest = [row.id for row in found.rows], 0
    while not found.complete:
        lowest = ids[-1]
        found = page(world, Direction.AFTER, lowest, limit)
        ids += [row.id for row in found.rows]
        assert found.complete or found.rows
    assert ids == WANTED


@pytest.mark.parametrize("limit", [2, 3, 50])
def test_pages_upwards_are_the_same(world: Session, limit: int) -> None:
    found = page(world, Direction.LAST, None, limit)
    ids = [row.id for row in found.rows]
    while not found.complete:
        found = page(world, Direction.BEFORE, ids[0], limit)
        ids = [*(row.id for row in found.rows), *ids]
        assert found.complete or found.rows
    assert ids == WANTED


def test_a_page_of_rows_that_were_unmarked_again_is_not_the_end(world: Session) -> None:
    view = View(marked=Matching(Filter(), 60, minus=frozenset(range(20, 61))))
    found = world.database.read(lambda c: list_reads.page(c, view, Direction.FIRST, None, 5))
    assert found.rows[0].id == 19
    assert not found.complete


def test_marked_and_hidden_are_counted(world: Session) -> None:
    def count(selection: Explicit | Matching, view: View) -> MarkCounts:
        return world.database.read(lambda c: reads.count_marks(c, selection, view))

    assert count(Explicit(frozenset({60, 59, 58})), View(ERRO)) == MarkCounts(3, 2)
    assert count(MARKED, View(ERRO)) == MarkCounts(11, 3)
    assert count(Matching(ERRO, 60), View(ERRO)) == MarkCounts(10, 0)
    assert count(Matching(ERRO, 60), View()) == MarkCounts(10, 0)
