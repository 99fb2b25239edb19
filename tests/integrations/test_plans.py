"""What the source says, seen through the configuration: channels, accounts, parents, references, what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.integrations.school import (
    CLASS,
    COURSE,
    PRICE,
    STOCK,
    course,
    course_class,
    price,
    school,
    stock,
)
from tests.integrations.shop import Shop, account_of
from vtexmon.config import Regional
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.integrations.contract import Planned, Skip
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.planning import wanted_hash
from vtexmon.integrations.registry import INTEGRATIONS
from vtexmon.integrations.sku import WantedSku
from vtexmon.integrations.stock import WantedStock
from vtexmon.sge.source import Channel, ClassKey, CourseKey, RejectedRow, Snapshot

B2B = price(channel=Channel.B2B, price_cents=150_000, list_price_cents=None)


def outcomes(shop: Shop, snapshot: Snapshot, module: str) -> dict[str, Any]:
    return {
        f"{one.key.account or '–'} {one.key.channel} {';'.join(one.key.key_values)}": one.outcome
        for one in shop.planned(snapshot, module)
    }


def only(shop: Shop, snapshot: Snapshot, module: str) -> Any:
    (planned,) = shop.planned(snapshot, module)
    return planned.outcome


def test_a_row_of_a_channel_without_an_account_is_skipped_as_no_account(shop: Shop) -> None:
    snapshot = school(prices=[PRICE, B2B])

    for module in ("product", "sku", "price", "stock"):
        found = [one.outcome for one in shop.planned(snapshot, module) if one.key.channel == "B2B"]
        assert found == [Skip("no_account")], module


def test_a_branch_of_no_regional_has_no_account_for_price_and_stock(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(regional={"branches": (99,)})

    assert only(shop, school(), "price") == only(shop, school(), "stock") == Skip("no_account")
    assert isinstance(only(shop, school(), "sku"), WantedSku)


def test_b2b_in_another_account_has_its_own_records_there(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(catalog={"b2b": "sp"}, regional={"b2b": "nacional"})
    snapshot = school(prices=[PRICE, B2B])

    assert set(outcomes(shop, snapshot, "sku")) == {"nacional B2C 1;12;CQ.1", "sp B2B 1;12;CQ.1"}
    prices = outcomes(shop, snapshot, "price")
    assert [(name, wanted.base_cents) for name, wanted in prices.items()] == [
        ("sp B2C 1;12;CQ.1;B2C", 179_550),
        ("nacional B2B 1;12;CQ.1;B2B", 150_000),
    ]
    parents = [wanted.parents for wanted in prices.values()]
    assert parents == [("sku|nacional|B2C|1;12;CQ.1",), ("sku|sp|B2B|1;12;CQ.1",)]


def test_a_class_goes_only_to_the_channels_it_has_a_price_in(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(catalog={"b2b": "sp"}, regional={"b2b": "nacional"})

    assert list(outcomes(shop, school(prices=[B2B]), "sku")) == ["sp B2B 1;12;CQ.1"]
    assert list(outcomes(shop, school(prices=[B2B]), "product")) == ["sp B2B 1;12;AJUSTA"]
    assert list(outcomes(shop, school(prices=[]), "sku")) == ["nacional B2C 1;12;CQ.1"]


def test_the_regional_that_names_the_branch_wins(shop: Shop) -> None:
    other = account_of(shop.sandbox, "sp12", "lojasp")
    open_one, named = Regional("SP", 1, (), b2c="sp"), Regional("SP 12", 1, (12,), b2c="sp12")
    shop.config = replace(shop.config, accounts={**shop.config.accounts, "sp12": other}, regionals=(open_one, named))

    assert only(shop, school(), "price").account == "sp12"


def test_the_parents_chain_is_category_and_brand_product_sku_price(shop: Shop) -> None:
    snapshot = school()

    assert only(shop, snapshot, "product").parents == (
        "category|nacional||nacional;metalmecanica",
        "brand|nacional||nacional;senai",
    )
    assert only(shop, snapshot, "sku").parents == ("product|nacional|B2C|1;12;AJUSTA",)
    assert (
        only(shop, snapshot, "price").parents
        == only(shop, snapshot, "stock").parents
        == ("sku|nacional|B2C|1;12;CQ.1",)
    )


def test_a_product_and_its_skus_share_a_serial_key_and_so_do_price_and_stock_of_one_sku(shop: Shop) -> None:
    snapshot = school()

    assert only(shop, snapshot, "product").serial_key == only(shop, snapshot, "sku").serial_key
    assert only(shop, snapshot, "price").serial_key == only(shop, snapshot, "stock").serial_key
    assert only(shop, snapshot, "sku").serial_key != only(shop, snapshot, "price").serial_key


def test_a_class_whose_course_is_in_one_other_branch_only_takes_that_one(shop: Shop) -> None:
    elsewhere = course(key=CourseKey(1, 99, "AJUSTA"))

    assert only(shop, school(courses=[elsewhere]), "sku").product_ref_id == "1-99-AJUSTA"


@pytest.mark.parametrize("module", ["sku", "price", "stock"])
@pytest.mark.parametrize(
    "courses",
    [(), (course(key=CourseKey(1, 98, "AJUSTA")), course(key=CourseKey(1, 99, "AJUSTA")))],
    ids=["none", "several"],
)
def test_a_class_without_one_course_is_a_context_error(shop: Shop, module: str, courses: Any) -> None:
    failure = only(shop, school(courses=courses), module)

    assert isinstance(failure, Failure)
    assert failure.failure_class is FailureClass.CONTEXT
    assert "AJUSTA" in failure.message


def test_without_any_image_it_is_a_data_error(open_shop: Callable[..., Shop]) -> None:
    failure = only(open_shop(catalog={"default_image_url": ""}), school(), "sku")

    assert isinstance(failure, Failure)
    assert failure.failure_class is FailureClass.DATA
    assert "imagem" in failure.message


def test_a_ref_id_that_is_too_long_is_a_data_error_and_never_cut(shop: Shop) -> None:
    long_class = course_class(key=ClassKey(1, 12, "C" * 60))
    long_course = course(key=CourseKey(1, 12, "C" * 101))

    sku = only(shop, school(classes=[long_class]), "sku")
    product = outcomes(shop, school(courses=[long_course], classes=[course_class(course="C" * 101)]), "product")

    for failure in (sku, *product.values()):
        assert isinstance(failure, Failure)
        assert failure.failure_class is FailureClass.DATA
    assert "50" in sku.message


def test_fifty_characters_are_still_sent(shop: Shop) -> None:
    fits = course_class(key=ClassKey(1, 12, "C" * 45))

    assert only(shop, school(classes=[fits]), "sku").ref_id == "1-12-" + "C" * 45


def test_two_records_of_one_ref_id_are_both_context_errors(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(catalog={"sku_ref_id": "{codcoligada}-{codturma}", "product_ref_id": "{codcurso}"})
    twins = [CLASS, course_class(key=ClassKey(1, 13, "CQ.1"))]
    courses = [COURSE, course(key=CourseKey(1, 13, "AJUSTA"))]

    for module, snapshot in (("sku", school(classes=twins)), ("product", school(courses=courses, classes=twins))):
        failures = [one.outcome for one in shop.planned(snapshot, module)]
        assert len(failures) == 2
        for failure in failures:
            assert isinstance(failure, Failure)
            assert failure.failure_class is FailureClass.CONTEXT
            assert "1;12;" in failure.message
            assert "1;13;" in failure.message


def test_a_course_without_category_or_without_any_brand_cannot_be_sent(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(catalog={"default_brand": ""})

    without_category = only(shop, school(courses=[course(category="", brand="SENAI")]), "product")
    without_brand = only(shop, school(), "product")

    assert (without_category.failure_class, without_brand.failure_class) == (FailureClass.DATA, FailureClass.CONTEXT)


def test_a_stock_without_any_warehouse_is_a_context_error(open_shop: Callable[..., Shop]) -> None:
    failure = only(open_shop(regional={"warehouse": ""}), school(stocks=[stock(warehouse="")]), "stock")

    assert isinstance(failure, Failure)
    assert failure.failure_class is FailureClass.CONTEXT


@pytest.mark.parametrize(
    "snapshot",
    [school(classes=[course_class(active=False)]), school(courses=[course(active=False)])],
    ids=["class", "course"],
)
def test_what_is_inactive_is_left_out_with_its_price_and_stock_until_vtex_knows_it(
    shop: Shop, snapshot: Snapshot
) -> None:
    """Else price and stock would wait for a SKU that never comes."""
    for module in ("sku", "price", "stock"):
        assert only(shop, snapshot, module).only_if_known, module
        assert not only(shop, school(), module).only_if_known, module


def test_an_inactive_class_wants_no_seats_and_the_same_price(shop: Shop) -> None:
    inactive = school(classes=[course_class(active=False)], stocks=[stock(unlimited=True)])

    wanted = only(shop, inactive, "stock")
    assert isinstance(wanted, WantedStock)
    assert (wanted.quantity, wanted.unlimited) == (0, False)
    assert wanted_hash(only(shop, inactive, "price")) == wanted_hash(only(shop, school(), "price"))


def test_the_wanted_state_does_not_depend_on_alterado_em(shop: Shop) -> None:
    def hashes(changed_at: str) -> list[str]:
        snapshot = school(
            [course(changed_at=changed_at)],
            [course_class(changed_at=changed_at)],
            [price(changed_at=changed_at)],
            [stock(changed_at=changed_at)],
        )
        return [wanted_hash(one.outcome) for one in shop.plan(snapshot)]

    assert hashes("2026-01-01") == hashes("2026-12-31")


def test_categories_of_one_name_in_two_spellings_are_one(shop: Shop) -> None:
    other = course(key=CourseKey(1, 12, "SOLDA"), category="METALMECANICA")
    snapshot = school(
        courses=[COURSE, other], classes=[CLASS, course_class(key=ClassKey(1, 12, "S.1"), course="SOLDA")]
    )

    assert list(outcomes(shop, snapshot, "category")) == ["nacional  nacional;METALMECANICA"]
    parents = [one.outcome.parents[0] for one in shop.planned(snapshot, "product")]  # type: ignore[union-attr]
    assert len(set(parents)) == 1


def test_a_course_without_classes_is_not_sent(shop: Shop) -> None:
    assert shop.planned(school(classes=[], prices=[], stocks=[]), "product") == []


def test_a_rejected_row_fails_under_its_own_key_with_file_line_column_value_and_reason(shop: Shop) -> None:
    row = RejectedRow("price", "precos.csv", 7, "preco", "-5", "o preço é negativo", ("1", "12", "CQ.1", "B2C"))

    (planned,) = shop.planned(school(prices=[], rejected=[row]), "price")

    assert planned.key.text == "price|sp|B2C|1;12;CQ.1;B2C"
    assert isinstance(planned.outcome, Failure)
    assert planned.outcome.failure_class is FailureClass.DATA
    for part in ("precos.csv", "7", "preco", "-5", "o preço é negativo"):
        assert part in planned.outcome.message


def test_a_row_without_a_readable_key_is_keyed_by_file_and_line(shop: Shop) -> None:
    row = RejectedRow("sku", "turmas.csv", 12, "codfilial", "x", "não é um número", None)

    (planned,) = [one for one in shop.planned(school(rejected=[row]), "sku") if isinstance(one.outcome, Failure)]

    assert planned.key.key_fields == ("ARQUIVO", "LINHA")
    assert planned.key.key_values == ("turmas.csv", "12")


@pytest.mark.parametrize("module", INTEGRATIONS)
def test_planning_one_key_gives_what_planning_all_gives(shop: Shop, module: str) -> None:
    rejected = [RejectedRow("sku", "turmas.csv", 12, "vagas", "x", "não é um número", ("1", "12", "CQ.9"))]
    snapshot = school(rejected=rejected, stocks=[stock(warehouse="")])
    offer = Offer(snapshot, shop.config)
    planned: list[Planned] = list(INTEGRATIONS[module].plan_all(offer))

    assert planned
    for one in planned:
        assert INTEGRATIONS[module].plan(offer, one.key) == one
    gone = Offer(school(courses=[], classes=[], prices=[], stocks=[]), shop.config)
    assert all(INTEGRATIONS[module].plan(gone, one.key) is None for one in planned)


def test_the_period_is_part_of_the_key_where_the_source_has_one(shop: Shop) -> None:
    keyed = ClassKey(1, 12, "CQ.1", "2027/1")
    snapshot = school(
        classes=[course_class(key=keyed)], prices=[price(key=keyed)], stocks=[STOCK.__class__(keyed, "1", 2, False, "")]
    )

    keys = {one.key.module: one.key for one in shop.plan(snapshot)}
    assert keys["sku"].key_values == ("1", "12", "CQ.1", "2027/1")
    assert keys["price"].key_values == ("1", "12", "CQ.1", "B2C", "2027/1")
    assert keys["stock"].key_fields[-1] == "PERIODOLETIVO"
