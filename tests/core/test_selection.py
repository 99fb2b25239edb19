from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.filters import Filter
from vtexmon.core.selection import (
    Explicit,
    Matching,
    Nothing,
    add,
    clear,
    contains,
    count_hidden,
    named_ids,
    ordered,
    remove,
    select_all_matching,
    size,
    toggle,
)
from vtexmon.core.status import Status

ERRORS = Filter(statuses=frozenset({Status.ERROR}))
IDS = range(1, 13)
AS_OF = 9


@pytest.fixture(scope="session")
def logs(a_log):
    """Twelve logs: odd ids in Erro, even ids in Sucesso, the last three newer than the marks."""
    return {number: a_log(id=number, status=Status.ERROR if number % 2 else Status.SUCCESS) for number in IDS}


def marked(selection, logs):
    return {log.id for log in logs.values() if contains(selection, log)}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["toggle", "add", "remove"]), st.lists(st.sampled_from(list(IDS)), min_size=1, max_size=4)
    ),
    max_size=6,
)


def after(steps, selection, logs):
    def step(held, pair):
        name, ids = pair
        records = [logs[number] for number in ids]
        return {"toggle": lambda: reduce(toggle, records, held), "add": lambda: add(held, records)}.get(
            name, lambda: remove(held, records)
        )()

    return reduce(step, steps, selection)


STARTS = st.sampled_from([Nothing(), Explicit(frozenset({1, 2})), Matching(ERRORS, AS_OF)])


@given(STARTS, STEPS, st.sampled_from(list(IDS)))
def test_toggling_twice_changes_nothing(logs, start, steps, number):
    selection = after(steps, start, logs)
    once = toggle(selection, logs[number])
    assert marked(once, logs) ^ marked(selection, logs) == {number}
    assert marked(toggle(once, logs[number]), logs) == marked(selection, logs)


@given(STARTS, STEPS, st.sets(st.sampled_from(list(IDS))))
def test_add_and_remove_mark_exactly_what_they_are_given(logs, start, steps, ids):
    selection = after(steps, start, logs)
    records = [logs[number] for number in ids]
    assert marked(add(selection, records), logs) == marked(selection, logs) | ids
    assert marked(remove(selection, records), logs) == marked(selection, logs) - ids


@given(STARTS, STEPS)
def test_adding_and_removing_twice_is_as_good_as_once(logs, start, steps):
    selection = after(steps, start, logs)
    records = [logs[2], logs[3], logs[11]]
    assert add(add(selection, records), records) == add(selection, records)
    assert remove(remove(selection, records), records) == remove(selection, records)


@given(STEPS)
def test_no_marks_left_is_nothing(logs, steps):
    selection = after(steps, Nothing(), logs)
    assert remove(selection, logs.values()) == Nothing() == clear(selection)
    assert isinstance(selection, Nothing) == (not marked(selection, logs))


def test_all_matching_takes_later_rows_in_only_by_hand(logs):
    selection = select_all_matching(ERRORS, AS_OF)
    assert marked(selection, logs) == {1, 3, 5, 7, 9}
    assert marked(add(selection, [logs[11], logs[2]]), logs) == {1, 2, 3, 5, 7, 9, 11}


def test_marks_inside_and_beside_a_matching_are_kept_apart(logs):
    selection = reduce(toggle, (logs[3], logs[4]), select_all_matching(ERRORS, AS_OF))
    assert selection == Matching(ERRORS, AS_OF, minus=frozenset({3}), plus=frozenset({4}))
    assert reduce(toggle, (logs[3], logs[4]), selection).plus == frozenset()


def test_a_later_row_marked_and_unmarked_leaves_no_trace(logs):
    selection = select_all_matching(ERRORS, AS_OF)
    assert reduce(toggle, (logs[11], logs[11]), selection) == selection


def test_what_was_taken_out_stays_out_even_if_it_matches_again(logs, a_log):
    success_now = a_log(id=3, status=Status.SUCCESS)
    selection = remove(select_all_matching(ERRORS, AS_OF), [success_now])
    assert not contains(selection, logs[3])


def test_the_scope_of_the_time_of_marking_counts_beside_the_filter(a_log):
    selection = select_all_matching(ERRORS, AS_OF, scope=Filter(branches=frozenset({12})))
    assert contains(selection, a_log(id=1, branch=12))
    assert not contains(selection, a_log(id=1, branch=13))


def test_marks_survive_a_change_of_their_row(a_log):
    selection = toggle(Nothing(), a_log(id=5))
    assert contains(selection, a_log(id=5, status=Status.SUCCESS, message="outra"))


def test_hidden_marks_are_counted():
    visible = {1, 2}
    assert count_hidden(Nothing(), visible) == 0
    assert count_hidden(Explicit(frozenset({1, 5, 6})), visible) == 2
    assert count_hidden(Matching(ERRORS, AS_OF, plus=frozenset({2, 8})), visible) == 1


def test_sizes():
    assert [size(Nothing()), size(Explicit(frozenset({1, 2}))), size(Matching(ERRORS, AS_OF))] == [0, 2, None]
    assert named_ids(Explicit(frozenset({1}))) == {1}


@pytest.mark.parametrize(
    ("query", "changes", "included"),
    [
        (Filter(), {}, True),
        (Filter(), {"status": Status.CANCELLED}, False),
        (Filter(), {"branch": 13}, False),
        (Filter(), {"id": AS_OF + 1}, False),
        (Filter(modules=frozenset({"price"})), {}, False),
        (Filter(statuses=frozenset({Status.CANCELLED})), {}, False),
        (Filter(statuses=frozenset({Status.CANCELLED})), {"status": Status.CANCELLED}, False),
    ],
)
def test_nothing_marked_means_all_erro_inside_scope_and_filter(a_log, query, changes, included):
    selection = ordered(Nothing(), query, Filter(branches=frozenset({12})), AS_OF)
    assert contains(selection, a_log(**{"id": 1, **changes})) is included


def test_marks_are_ordered_as_they_are():
    explicit = Explicit(frozenset({1}))
    assert ordered(explicit, Filter(), Filter(), AS_OF) is explicit
