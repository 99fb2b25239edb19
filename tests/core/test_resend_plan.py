from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.filters import Filter
from vtexmon.core.resend_plan import (
    CONFIRMED_BY_ONE_LETTER,
    Cause,
    Eligible,
    Ignored,
    PlanGroup,
    eligibility,
    ignored_words,
    lines,
    plan,
    plan_of_records,
    title,
)
from vtexmon.core.selection import Explicit, Matching, Nothing
from vtexmon.core.status import Phase, RetryPolicy, Status, WaitReason

FIVE = RetryPolicy(5)


def group(status=Status.ERROR, phase=Phase.IDLE, count=1, **changes):
    fields = {"wait_reason": None, "source_changed": False, "attempts": 0, "fingerprint": "f", "message": "m"} | changes
    return PlanGroup(status=status, phase=phase, count=count, **fields)


HELD = {Status.ERROR: Eligible.RESEND, Status.CANCELLED: Eligible.RESEND, Status.PENDING: Eligible.FIRST_SEND}
BUSY = {Phase.QUEUED: Ignored.QUEUED, Phase.SENDING: Ignored.SENDING, Phase.VERIFYING: Ignored.VERIFYING}


@pytest.mark.parametrize(("status", "phase"), list(product(Status, Phase)))
def test_only_held_erro_cancelado_and_pendente_are_sent(status, phase):
    expected = Ignored.SUCCESS if status is Status.SUCCESS else BUSY.get(phase, HELD.get(status))
    assert eligibility(group(status, phase)) is expected


GROUPS = st.lists(
    st.builds(
        PlanGroup,
        status=st.sampled_from(Status),
        phase=st.sampled_from(Phase),
        wait_reason=st.none() | st.sampled_from(WaitReason),
        source_changed=st.booleans(),
        attempts=st.integers(0, 8),
        count=st.integers(1, 10**7),
        fingerprint=st.none() | st.sampled_from("abc"),
        message=st.sampled_from(["", "x", "y"]),
    ),
    max_size=20,
)
POLICIES = st.builds(RetryPolicy, st.none() | st.integers(1, 8))


@given(GROUPS, POLICIES)
def test_everything_selected_is_either_sent_or_ignored(groups, policy):
    made = plan(groups, policy)
    assert made.sent + made.left_out == made.selected == sum(group.count for group in groups)
    assert sum(cause.count for cause in made.causes) == made.sent
    assert made.source_changed <= made.sent
    assert made.last_attempt <= made.error


@given(GROUPS, POLICIES, st.randoms())
def test_the_order_of_the_groups_does_not_matter(groups, policy, random):
    shuffled = random.sample(groups, len(groups))
    assert plan(shuffled, policy) == plan(groups, policy)


@given(GROUPS, POLICIES)
def test_every_plan_can_be_told(groups, policy):
    made = plan(groups, policy)
    assert all("\n" not in line for line in lines(made))
    assert (lines(made)[0] == "nada a reenviar") == (made.sent == 0)


@pytest.mark.parametrize(
    ("status", "attempts", "maximum", "last"),
    [
        (Status.ERROR, 4, 5, True),
        (Status.ERROR, 3, 5, False),
        (Status.ERROR, 9, 5, True),
        (Status.ERROR, 4, None, False),
        (Status.CANCELLED, 5, 5, False),
        (Status.PENDING, 0, 1, False),
    ],
)
def test_the_last_attempt_is_that_of_an_erro_whose_failure_reaches_the_maximum(status, attempts, maximum, last):
    waiting = group(status, Phase.WAITING, count=3, attempts=attempts)
    assert plan([waiting], RetryPolicy(maximum)).last_attempt == (3 if last else 0)


def test_more_than_twenty_rows_need_the_number_typed():
    assert not plan([group(count=CONFIRMED_BY_ONE_LETTER)], FIVE).needs_typed_number
    assert plan([group(count=CONFIRMED_BY_ONE_LETTER + 1)], FIVE).needs_typed_number
    assert not plan([group(Status.SUCCESS, count=1000)], FIVE).needs_typed_number


def test_causes_are_the_largest_first():
    made = plan([group(fingerprint="a", message="x", count=2), group(fingerprint="b", message="y", count=9)], FIVE)
    assert made.causes == (Cause("b", "y", 9), Cause("a", "x", 2))


def test_records_count_as_groups_of_one(a_log):
    made = plan_of_records([a_log(), a_log(status=Status.SUCCESS, fingerprint=None)], FIVE, hidden=1)
    assert (made.error, made.ignored, made.hidden) == (1, ((Ignored.SUCCESS, 1),), 1)


def test_every_reason_has_words():
    assert len({ignored_words(reason) for reason in Ignored}) == len(Ignored)


PICTURE = [
    group(count=120, fingerprint="a", message="nome recusado", source_changed=True, attempts=4),
    group(count=60, fingerprint="b", message="HTTP 500"),
    group(Status.CANCELLED, count=12, fingerprint="c", message="sem depósito", attempts=5),
    group(Status.PENDING, Phase.WAITING, count=9, fingerprint=None, message="", wait_reason=WaitReason.PARENT),
    group(Status.SUCCESS, count=9),
    group(phase=Phase.SENDING, count=4),
]


def test_the_plan_in_lines():
    assert lines(plan(PICTURE, FIVE)) == [
        "serão reenviados    201   Erro 180 · Cancelado 12 · adiantados 9",
        "serão ignorados      13   Sucesso 9 · em envio 4",
        "por causa                 nome recusado 120 · HTTP 500 60 · sem depósito 12 · outras 9",
        "fonte alterada desde o erro: 120 de 201",
        "última tentativa (vira Cancelado se falhar): 120",
    ]


def test_nothing_to_resend_is_said():
    assert lines(plan([], FIVE)) == ["nada a reenviar"]
    assert lines(plan([group(Status.SUCCESS, count=2)], FIVE)) == [
        "nada a reenviar",
        "serão ignorados       2   Sucesso 2",
    ]


@pytest.mark.parametrize(
    ("selection", "count", "hidden", "told"),
    [
        (Nothing(), 189, 0, "NADA marcado: todos os 189 com status Erro de SENAI-SP · Filial 12, filtro modulo:sku"),
        (Nothing(), 1, 0, "NADA marcado: o único com status Erro de SENAI-SP · Filial 12, filtro modulo:sku"),
        (Explicit(frozenset({1})), 1, 0, "1 marcado"),
        (Explicit(frozenset({1, 2})), 1214, 3, "1.214 marcados (3 ocultos pelo filtro)"),
        (
            Matching(Filter(), 9, minus=frozenset({1, 2}), plus=frozenset({12})),
            50,
            1,
            "todos os 50 marcados de SENAI-SP · Filial 12, filtro modulo:sku, menos 2 desmarcados, mais 1 marcado "
            "(1 oculto pelo filtro)",
        ),
    ],
)
def test_the_title_says_what_the_plan_is_about(selection, count, hidden, told):
    made = plan([group(count=count)], FIVE, hidden)
    assert title(selection, made, "SENAI-SP · Filial 12", "modulo:sku") == told
