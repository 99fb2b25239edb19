"""The guard against an emptied source: what is gone at once is held, what was noted before is not news."""

from __future__ import annotations

import pytest

from tests.engine.test_exports import KEY, SAME, WANTED
from vtexmon.engine.vanished import disappearance
from vtexmon.integrations.contract import Planned
from vtexmon.store.planning import Known

SENT = Known("55", SAME, None)
NOTED = Known("55", SAME, None, missing=True)
NEVER_SENT = Known(None, None, None)


def prices(count: int, one: Known = SENT) -> dict[str, Known]:
    return {f"price|sp|B2C|1;12;G{number};B2C": one for number in range(count)}


# (others that are known and gone, percent allowed) -> held
HELD = {
    "nothing gone": (prices(0), 30, False),
    "half gone": (prices(1), 30, True),
    "just as much as is allowed": (prices(1), 50, False),
    "gone before, and noted": (prices(3, NOTED), 30, False),
    "never sent": (prices(3, NEVER_SENT), 30, False),
}


@pytest.mark.parametrize("case", HELD)
def test_a_module_is_held_when_too_much_is_gone_at_once(case: str) -> None:
    others, allowed, held = HELD[case]

    gone = disappearance([Planned(KEY, WANTED)], {KEY.text: SENT, **others})

    assert gone.held(allowed) == (frozenset({"price"}) if held else frozenset())


def test_what_is_missing_is_counted_each_time_and_new_only_once() -> None:
    gone = disappearance([], {**prices(2), "price|sp|B2C|1;12;OLD;B2C": NOTED})

    assert (gone.missing, len(gone.newly_missing), gone.gone_or_inactive) == (3, 2, {"price": 2})


def test_what_came_back_is_told() -> None:
    gone = disappearance([Planned(KEY, WANTED)], {KEY.text: NOTED})

    assert (gone.back, gone.missing) == ((KEY.text,), 0)


def test_a_branch_is_counted_by_itself() -> None:
    elsewhere = {"price|sp|B2C|1;13;X;B2C": SENT, "category|nacional||nacional;solda": SENT}

    gone = disappearance([], {KEY.text: SENT, **elsewhere}, branches=frozenset({12}))

    assert (gone.missing, gone.known) == (1, {"price": 1})


def test_the_words_name_the_numbers_and_the_way_out() -> None:
    gone = disappearance([], prices(2))

    assert "2 de 2" in gone.words("Preço", "price")
    assert "--confirm-vanished" in gone.words("Preço", "price")


def test_names_that_courses_carry_are_no_rows() -> None:
    gone = disappearance([], {"category|nacional||nacional;solda": SENT, "brand|nacional||nacional;senai": SENT})

    assert (gone.missing, gone.held(0)) == (0, frozenset())
