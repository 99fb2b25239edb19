"""What an export does with each record: made, counted, marked; what is open is never sent again by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.engine.bench import CATEGORY, POST_CATEGORY, Bench, bench_config, says
from tests.integrations.school import CLASS, COURSE, PRICE, STOCK, course, course_class, price, school, stock
from vtexmon.config import Regional, Resend
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.filters import KeyTerm, folded_key
from vtexmon.core.status import Phase, Status, WaitReason
from vtexmon.engine.exports import ExportScope, compare, in_scope
from vtexmon.integrations.contract import Planned, RecordKey, Skip
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.planning import rejected_hash, wanted_hash
from vtexmon.integrations.price import WantedPrice
from vtexmon.sge.source import Channel, ClassKey, CourseKey
from vtexmon.store.planning import Known, OpenLog

KEY = RecordKey("price", "sp", "B2C", ("1", "12", "T1", "B2C"), 1, 12, "FIC", ("A", "B", "C", "D"))
WANTED = WantedPrice("sp", "1-12-T1", "sku|nacional|B2C|1;12;T1", 100, None, False)
SAME = wanted_hash(WANTED)
BAD = Failure(FailureClass.DATA, "preço negativo")


def open_log(status: Status, phase: Phase = Phase.IDLE, source_hash: str = SAME) -> OpenLog:
    reason = WaitReason.RETRY if phase is Phase.WAITING else None
    return OpenLog(7, status, phase, reason, source_hash, False)


UNKNOWN = Known(None, None, None)
SENT = Known("55", SAME, None)
SENT_OTHERWISE = Known("55", "other", None)


def known(log: OpenLog) -> Known:
    return Known(None, None, log)


# (outcome, what is known, force) -> (new, skipped, changed, forced)
TABLE = {
    "never seen": (WANTED, UNKNOWN, False, (1, {}, [], [])),
    "sent and equal": (WANTED, SENT, False, (0, {"unchanged": 1}, [], [])),
    "sent and different": (WANTED, SENT_OTHERWISE, False, (1, {}, [], [])),
    "sent and equal, forced": (WANTED, SENT, True, (1, {}, [], [])),
    "pending": (WANTED, known(open_log(Status.PENDING, Phase.QUEUED)), False, (0, {"open": 1}, [], [])),
    "pending, source changed": (
        WANTED,
        known(open_log(Status.PENDING, Phase.QUEUED, "old")),
        False,
        (0, {"open": 1}, [], []),
    ),
    "pending, forced": (WANTED, known(open_log(Status.PENDING, Phase.QUEUED)), True, (0, {"open": 1}, [], [])),
    "error, equal": (WANTED, known(open_log(Status.ERROR)), False, (0, {"open": 1}, [], [])),
    "error, source changed": (
        WANTED,
        known(open_log(Status.ERROR, source_hash="old")),
        False,
        (0, {"open": 1}, [(7, SAME)], []),
    ),
    "error, forced": (WANTED, known(open_log(Status.ERROR, Phase.WAITING)), True, (0, {}, [], [7])),
    "error in flight, forced": (WANTED, known(open_log(Status.ERROR, Phase.SENDING)), True, (0, {"open": 1}, [], [])),
    "cancelled, equal": (WANTED, known(open_log(Status.CANCELLED)), False, (0, {"open": 1}, [], [])),
    "cancelled, source changed": (
        WANTED,
        known(open_log(Status.CANCELLED, source_hash="old")),
        False,
        (0, {"open": 1}, [(7, SAME)], []),
    ),
    "inactive and unknown": (replace(WANTED, only_if_known=True), UNKNOWN, False, (0, {"inactive": 1}, [], [])),
    "inactive and unknown, forced": (replace(WANTED, only_if_known=True), UNKNOWN, True, (0, {"inactive": 1}, [], [])),
    "inactive and known": (replace(WANTED, only_if_known=True), SENT_OTHERWISE, False, (1, {}, [], [])),
    "no account": (Skip("no_account"), UNKNOWN, False, (0, {"no_account": 1}, [], [])),
    "bad row": (BAD, UNKNOWN, False, (1, {}, [], [])),
    "bad row, open for the same reason": (
        BAD,
        known(open_log(Status.ERROR, source_hash=rejected_hash(BAD.message))),
        False,
        (0, {"open": 1}, [], []),
    ),
    "bad row, open for another reason": (
        BAD,
        known(open_log(Status.ERROR, source_hash="old")),
        False,
        (0, {"open": 1}, [(7, rejected_hash(BAD.message))], []),
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_an_export_does_with_a_record(case: str) -> None:
    outcome, before, force, expected = TABLE[case]

    plan = compare([Planned(KEY, outcome)], {KEY.text: before}, bench_config(), force)

    assert (len(plan.new), dict(plan.skipped), plan.changed, plan.forced) == expected


def test_a_bad_row_is_born_with_its_failure() -> None:
    plan = compare([Planned(KEY, BAD)], {}, bench_config(), False)

    assert plan.failures == {KEY.text: BAD}


BRANCH_13 = (
    course(key=CourseKey(1, 13, "SOLDA"), name="Soldador", category="Solda"),
    course_class(key=ClassKey(1, 13, "S.1"), course="SOLDA"),
    price(key=ClassKey(1, 13, "S.1")),
    stock(key=ClassKey(1, 13, "S.1")),
)


def chosen(scope: ExportScope, *, borrowed: bool = False) -> set[str]:
    """Keys of an export over two branches; ``borrowed``: the class of branch 13 is of the course of branch 12."""
    new_course, new_class, new_price, new_stock = BRANCH_13
    if borrowed:
        new_class = replace(new_class, course="AJUSTA")
    snapshot = school(
        [COURSE, *([] if borrowed else [new_course])], [CLASS, new_class], [PRICE, new_price], [STOCK, new_stock]
    )
    return {f"{one.key.module} {one.key.key_values[-1]}" for one in in_scope(Offer(snapshot, bench_config()), scope)}


def test_a_branch_brings_its_parents_along() -> None:
    assert chosen(ExportScope(branches=frozenset({13}))) == {
        "category Solda",
        "brand SENAI",
        "product SOLDA",
        "sku S.1",
        "price B2C",
        "stock 1",
    }


def test_a_branch_brings_the_course_of_another_branch_that_its_class_hangs_on() -> None:
    found = chosen(ExportScope(branches=frozenset({13})), borrowed=True)

    assert {"product AJUSTA", "category Metalmecânica", "sku S.1"} <= found
    assert "sku CQ.1" not in found


def test_modules_and_keys_narrow_an_export() -> None:
    assert chosen(ExportScope(modules=frozenset({"product"}))) == {"product AJUSTA", "product SOLDA"}
    assert chosen(ExportScope(keys=_key("solda"))) == {"product SOLDA", "category Solda"}


def test_an_export_makes_one_log_for_each_record_and_the_second_one_none(bench: Bench) -> None:
    assert bench.export().created == 6

    again = bench.export()

    assert (again.created, again.skipped) == (0, {"open": 6})
    assert len(bench.logs()) == 6


def test_what_waits_for_a_parent_is_born_waiting(bench: Bench) -> None:
    bench.export()

    waits = {log.module: log.wait_reason for log in bench.logs()}
    assert waits == {
        "category": None,
        "brand": None,
        "product": WaitReason.PARENT,
        "sku": WaitReason.PARENT,
        "price": WaitReason.PARENT,
        "stock": WaitReason.PARENT,
    }


@pytest.mark.parametrize(
    "snapshot",
    [school(classes=[course_class(active=False)]), school(courses=[course(active=False)])],
    ids=["class", "course"],
)
def test_nothing_waits_for_a_class_that_is_inactive_and_unknown(bench: Bench, snapshot: object) -> None:
    bench.source.snapshot = snapshot  # type: ignore[assignment]

    exported = bench.export(ExportScope(modules=frozenset({"sku", "price", "stock"})))

    assert (exported.created, exported.skipped) == (0, {"inactive": 3})


def test_a_changed_source_makes_an_erro_due_at_once_when_resends_are_automatic(bench: Bench) -> None:
    changed_under_an_erro(bench)

    assert bench.state() == ("Erro", "queued", None, 0)
    assert bench.log().source_changed
    bench.vtex.off()
    bench.turn()
    assert bench.state() == ("Sucesso", "idle", None, 1)  # it counts as any other resend


def test_without_automatic_resends_it_is_only_marked(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_attempts=None)
    changed_under_an_erro(bench)

    assert bench.state() == ("Erro", "idle", None, 0)
    assert bench.log().source_changed


def test_a_change_never_starts_an_automatic_resend_past_the_maximum(bench: Bench) -> None:
    """The maximum was lowered to what has been spent already: its next automatic turn cancels it."""
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'))
    bench.export(CATEGORY)
    bench.turn()
    for _resend in range(2):
        bench.resend()
        bench.turn()
    assert bench.state() == ("Erro", "waiting", "retry", 2)
    lowered = bench.restarted(resend=Resend(2))
    may_create_no_more(lowered)

    lowered.export(CATEGORY)

    assert lowered.turn() == 0
    assert lowered.log().source_changed


def test_a_change_leaves_to_people_what_is_left_to_people(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(resend=Resend(3, leave_data_errors=True))
    changed_under_an_erro(bench)

    assert bench.state() == ("Erro", "idle", None, 0)
    assert bench.log().source_changed


def test_a_changed_cancelado_is_only_marked(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_attempts=1)
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'))
    bench.export(CATEGORY)
    bench.turn()
    bench.resend()
    bench.turn()
    may_create_no_more(bench)

    bench.export(CATEGORY)

    assert bench.state() == ("Cancelado", "idle", None, 1)
    assert bench.log().source_changed


def test_a_forced_export_sends_a_success_again_in_a_new_log(bench: Bench) -> None:
    bench.export(CATEGORY)
    bench.turn()
    bench.vtex.tree = [{"id": 101, "name": "Metalmecânica", "children": []}]

    bench.export(ExportScope(modules=frozenset({"category"}), keys=_key("Metalmecânica"), force=True))
    bench.turn()

    assert [log.status for log in bench.logs("category")] == [Status.SUCCESS, Status.SUCCESS]


def test_force_without_a_key_forces_nothing(bench: Bench) -> None:
    bench.export(CATEGORY)
    bench.turn()

    assert bench.export(replace(CATEGORY, force=True)).created == 0


def test_a_forced_export_of_an_erro_is_a_manual_resend(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'), says(200, '{"Id": 7}'))
    bench.export(CATEGORY)
    bench.turn()

    bench.export(ExportScope(modules=frozenset({"category"}), keys=_key("Metalmecânica"), force=True))
    bench.turn()

    assert bench.state() == ("Sucesso", "idle", None, 1)


def test_a_b2b_row_without_an_account_is_counted_and_not_sent(bench: Bench) -> None:
    bench.source.snapshot = school(prices=[PRICE, price(channel=Channel.B2B)])

    assert bench.export().skipped == {"no_account": 4}


def test_the_log_carries_what_people_filter_by(bench: Bench) -> None:
    bench.export(ExportScope(modules=frozenset({"price"})))

    log = bench.log("price")
    assert (log.company, log.branch, log.education_level, log.account, log.channel) == (1, 12, "FIC", "sp", "B2C")
    assert (log.key_fields, log.key_values) == ("CODCOLIGADA;CODFILIAL;CODTURMA;CANAL", "1;12;CQ.1;B2C")
    assert (log.created_by, log.environment) == ("teste", "vtexcommercestable")


def _key(text: str) -> frozenset[KeyTerm]:
    return frozenset({KeyTerm(folded_key(text))})


def may_create_no_more(bench: Bench) -> None:
    """A change of what is wanted that needs no change of the source."""
    bench.context.offers.config = replace(bench.config, catalog=replace(bench.config.catalog, create_categories=False))
    bench.context.offers._offer = None


def changed_under_an_erro(bench: Bench) -> None:
    bench.vtex.on(POST_CATEGORY, says(400, '"no"'))
    bench.export(CATEGORY)
    bench.turn()
    bench.source.snapshot = school(courses=[course(category="METALMECÂNICA")])
    bench.export(CATEGORY)


def test_regionals_decide_where_a_price_goes(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(regionals=(Regional("SP", 1, (12,), b2c="nacional", warehouse="1"),))
    bench.export(ExportScope(modules=frozenset({"price"})))

    assert bench.log("price").account == "nacional"
