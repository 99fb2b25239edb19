"""Columns are chosen from the width alone, and text is cut by cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.columns import Column, cut, fit
from tests.screens.widgets.virtual_list import COLUMNS


@given(st.integers(1, 250))
def test_the_columns_fill_the_width_exactly_and_none_is_narrower_than_of_use(width: int) -> None:
    fitted = fit(COLUMNS, width)

    assert fitted
    assert all(one.width >= one.column.min_width for one in fitted) or len(fitted) == 1
    assert fitted[-1].x + fitted[-1].width == max(width, 1)
    assert [one.index for one in fitted] == sorted(one.index for one in fitted)


def test_the_least_wanted_column_drops_out_first() -> None:
    columns = (Column("a", "A", 10, 10, priority=1), Column("b", "B", 10, 10), Column("c", "C", 10, 10, priority=2))

    assert [one.column.id for one in fit(columns, 25)] == ["a", "c"]
    assert [one.column.id for one in fit(columns, 15)] == ["c"]


@pytest.mark.parametrize(
    ("text", "width", "align", "expected"),
    [
        ("curso", 7, "left", "curso  "),
        ("42", 5, "right", "   42"),
        ("Campo Title", 8, "left", "Campo T…"),
        ("日本語", 6, "left", "日本語"),
        ("日本語", 5, "left", "日本…"),
        ("日本語", 4, "left", "日… "),
        ("x", 0, "left", ""),
    ],
)
def test_text_is_cut_by_cells(text: str, width: int, align: str, expected: str) -> None:
    assert cut(text, width, "right" if align == "right" else "left") == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), max_size=30), st.integers(0, 20))
def test_a_cut_text_always_takes_its_cells(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) == width
