"""Each rule can fail: for every one there is a made-up journal that breaks it, and the same journal mended is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from tests.contract import journal, order, pace, rules
from tests.contract.journal import Seen
from tests.contract.order import BY_REF_ID
from tests.contract.rules import PRODUCT, SKU

RULES = {**rules.RULES, **order.RULES, **pace.RULES}
SHOP = "loja"
PRICE = f"/{SHOP}/pricing/prices/70"
INVENTORY = "/api/logistics/pvt/inventory/skus/70"
STOCK = f"{INVENTORY}/warehouses/1"
WAREHOUSES = "/api/logistics/pvt/configuration/warehouses"
TREE, BRANDS = "/api/catalog_system/pub/category/tree/3", "/api/catalog_system/pvt/brand/list"

Line = Mapping[str, Any]


def line(
    call: str, body: Any = None, answer: Any = None, *, query: str = "", status: int | None = 200, at: float = 0
) -> Line:
    """One record of a journal; ``at`` in seconds."""
    method, path = call.split(" ", 1)
    return {
        "time": f"2026-11-24T12:{int(at) // 60:02}:{at % 60:06.3f}+00:00",
        "account": SHOP,
        "method": method,
        "path": path,
        "query": query,
        "status": status,
        "body": "" if body is None else json.dumps(body),
        "response": "" if answer is None else json.dumps(answer),
    }


def seen(lines: Sequence[Line]) -> list[Seen]:
    return journal.read({"n": number, **one} for number, one in enumerate(lines, 1))


class Case(NamedTuple):
    """A journal that breaks a rule, and one that differs only in what the rule asks for."""

    bad: list[Line]
    good: list[Line]


def product(**fields: Any) -> Line:
    made = {"Name": "Curso", "RefId": "R", "CategoryId": 1, "BrandId": 2, **fields}
    return line(f"POST {PRODUCT}", {name: value for name, value in made.items() if value is not None}, {"Id": 7})


def sku(status: int | None = 200, **fields: Any) -> Line:
    made = {"Name": "Turma", "RefId": "R", "IsActive": False, "PackagedWeightKg": 1, **fields}
    body = {name: value for name, value in made.items() if value is not None}
    return line(f"POST {SKU}", body, {"Id": 70} if status == 200 else None, status=status)


def price(**fields: Any) -> Line:
    return line(f"PUT {PRICE}", {"basePrice": 10, **fields})


def stock(**fields: Any) -> Line:
    return line(f"PUT {STOCK}", {"quantity": 1, "unlimitedQuantity": False, "leadTime": "00:00:00", **fields})


def put_sku(**fields: Any) -> Line:
    return line(f"PUT {SKU}/70", {"Name": "Turma", "RefId": "R", "PackagedWeightKg": 1, **fields})


def shown_sku(**fields: Any) -> Line:
    return line(f"GET {SKU}/70", None, {"Id": 70, "Name": "Antes", "RefId": "R", "PackagedWeightKg": 1, **fields})


def image(status: int = 200, **fields: Any) -> Line:
    body = {"Name": "curso", "Url": "https://loja.example/a.png", **fields}
    return line(f"POST {SKU}/70/file", body, [{"Id": 1}] if status == 200 else None, status=status)


def dated(start: str) -> Line:
    dates = {"from": start, "to": "2027-01-01T00:00:00Z"}
    return price(fixedPrices=[{"tradePolicyId": "2", "value": 5, "minQuantity": 1, "dateRange": dates}])


def at_pace(call: str, count: int, a_second: float) -> list[Line]:
    return [line(call, at=number / a_second) for number in range(count)]


FIELDS = line("GET /api/catalog_system/pub/specification/field/listTreeByCategoryId/5", None, [{"FieldId": 301}])
FILL = "POST /api/catalog_system/pvt/products/7/specification"
SPECIFICATIONS = f"GET {SKU}/70/specification"
FILL_SKU = line(f"POST {SKU}/70/specification", {"FieldId": 301, "FieldValueId": 311}, {"Id": 9})
READ_FILES = line(f"GET {SKU}/70/file", status=404)
LOOK_UP_SKU = line(f"GET {SKU}", query="RefId=R", status=404)
LOOK_UP_PRODUCT = line(f"GET {BY_REF_ID}R")
LINK_ID_TAKEN = line(f"POST {PRODUCT}", {"Name": "Curso", "RefId": "R"}, "same LinkId", status=409)
FIXED = {"tradePolicyId": "2", "value": 99.9, "minQuantity": 1}
READ_PRICE = line(f"GET {PRICE}", None, {"basePrice": 9, "fixedPrices": [FIXED]})
CATEGORY, BRAND = line("POST /api/catalog/pvt/category", {"Name": "A"}), line("POST /api/catalog/pvt/brand", {"Id": 1})
READ_BRANDS, READ_WAREHOUSES = line(f"GET {BRANDS}", None, []), line(f"GET {WAREHOUSES}", None, [{"id": "1"}])
PRODUCTS = "GET /api/catalog_system/pvt/products/GetProductAndSkuIds"

CASES: Mapping[str, Sequence[Case]] = {
    "a_sku_is_created_inactive": [
        Case([sku(IsActive=True)], [sku()]),
        Case([sku(IsActive=None)], [sku()]),
    ],
    "a_creation_names_category_and_brand_in_one_form": [
        Case([product(BrandId=None)], [product()]),
        Case([product(BrandId=None, BrandName="SENAI")], [product()]),
    ],
    "vtex_gives_the_ids_of_products_and_skus": [Case([product(Id=0)], [product()]), Case([sku(Id=70)], [sku()])],
    "ids_are_of_32_bits": [
        Case([line("GET /api/catalog/pvt/product/2147483648")], [line("GET /api/catalog/pvt/product/2147483647")]),
        Case([line("POST /api/catalog/pvt/brand", {"Id": 0})], [BRAND]),
    ],
    "no_string_has_outer_blanks": [
        Case([product(Description="texto\n")], [product(Description="texto")]),
        Case([price(fixedPrices=[{"tradePolicyId": " 2"}])], [price(fixedPrices=[{"tradePolicyId": "2"}])]),
        Case([line(f"GET {SKU}", query="RefId=R%20")], [line(f"GET {SKU}", query="RefId=R")]),
        Case([line(f"GET {BY_REF_ID}R ")], [line(f"GET {BY_REF_ID}R")]),
    ],
    "strings_are_no_longer_than_vtex_takes": [
        *(
            Case([product(**{name: "x" * (longest + 1)})], [product(**{name: "x" * longest})])
            for name, longest in (("Name", 150), ("RefId", 100), ("LinkId", 255), ("Title", 150), ("TaxCode", 150))
        ),
        Case([sku(Name="x" * 201)], [sku(Name="x" * 200)]),
        Case([put_sku(RefId="x" * 51)], [put_sku(RefId="x" * 50)]),
    ],
    "a_product_and_a_sku_have_a_ref_id": [Case([sku(RefId="")], [sku()]), Case([product(RefId=None)], [product()])],
    "a_link_id_is_a_slug": [
        *(Case([product(LinkId=bad)], [product(LinkId="a-1")]) for bad in ("ação", "a b", "a/b", "a\n", "api", "")),
    ],
    "packaged_weight_is_whole_grams_above_zero": [
        *(Case([sku(PackagedWeightKg=bad)], [sku()]) for bad in (1.5, 1.0, 0, -1, True, "1", None)),
    ],
    "the_commercial_condition_is_never_0": [
        Case([sku(CommercialConditionId=0)], [sku(CommercialConditionId=1)]),
    ],
    "amounts_are_positive_with_two_decimals_at_most": [
        *(Case([price(basePrice=bad)], [price(basePrice=19.99)]) for bad in (1795.505, 0.1 + 0.2, 0, -1, "10", True)),
        Case([price(fixedPrices=[{"value": 1.001}])], [price(fixedPrices=[{"value": 1.01}])]),
        Case([line(f"PATCH {PRICE}/fixed", [{"value": -1}])], [line(f"PATCH {PRICE}/fixed", [{"value": 1}])]),
    ],
    "cost_price_and_markup_are_never_sent": [
        Case([price(costPrice=8)], [price()]),
        Case([price(markup=0)], [price()]),
        Case([line(f"PUT {PRICE}", {"listPrice": 8})], [price()]),
    ],
    "list_price_is_above_base_price": [
        Case([price(listPrice=10)], [price(listPrice=10.01)]),
        Case([price(listPrice=None)], [price()]),
    ],
    "dates_of_prices_have_a_zone": [
        Case([dated("2026-01-01T00:00:00")], [dated("2026-01-01T00:00:00-03:00")]),
        Case([dated("2026-01-01")], [dated("2026-01-01T00:00:00Z")]),
    ],
    "lead_time_is_days_and_clock": [
        *(Case([stock(leadTime=bad)], [stock(leadTime="1.00:00:00")]) for bad in ("0", "24:00:00", "1:00:00", None)),
    ],
    "stock_is_whole_and_not_negative": [
        *(Case([stock(quantity=bad)], [stock(quantity=0)]) for bad in (-1, 1.5, 1.0, "1", None, True, 2**31)),
    ],
    "an_images_address_ends_in_its_extension": [
        *(
            Case([image(Url=bad)], [image()])
            for bad in ("ftp://x/a.png", "https://x/a", "https://x/a.png?b=1", "https://x.png")
        ),
    ],
    "windows_and_pages_are_within_the_limits": [
        Case([line(PRODUCTS, query="_from=1&_to=251")], [line(PRODUCTS, query="_from=1&_to=250")]),
        Case([line("GET /api/oms/pvt/orders", query="page=31")], [line("GET /api/oms/pvt/orders", query="page=30")]),
        Case(
            [line("GET /api/oms/pvt/orders", query="per_page=101")],
            [line("GET /api/oms/pvt/orders", query="per_page=100")],
        ),
    ],
    "a_put_leaves_out_nothing_that_was_read": [
        Case([put_sku()], [shown_sku(), put_sku()]),
        Case([shown_sku(), put_sku(), put_sku()], [shown_sku(), put_sku(), shown_sku(), put_sku()]),
        Case([shown_sku(IsActive=True), put_sku()], [shown_sku(IsActive=True), put_sku(IsActive=True)]),
        Case([shown_sku(Videos=["v"]), put_sku(Videos=None)], [shown_sku(ModalType=None), put_sku()]),
    ],
    "a_put_changes_only_the_fields_of_the_export": [
        Case(
            [shown_sku(ManufacturerCode="M"), put_sku(ManufacturerCode="")],
            [shown_sku(ManufacturerCode="M "), put_sku(ManufacturerCode="M")],
        ),
        Case([shown_sku(), put_sku(CubicWeight=1)], [shown_sku(CubicWeight=1.0), put_sku(CubicWeight=1)]),
    ],
    "a_price_is_read_before_it_is_replaced_and_keeps_its_fixed_prices": [
        Case([price()], [line(f"GET {PRICE}", status=404), price()]),
        Case([READ_PRICE, price()], [READ_PRICE, price(fixedPrices=[FIXED])]),
        Case([READ_PRICE, price(fixedPrices=[FIXED | {"value": 1}])], [READ_PRICE, price(fixedPrices=[FIXED])]),
    ],
    "a_ref_id_is_looked_up_before_it_is_created": [
        Case([sku()], [LOOK_UP_SKU, sku()]),
        Case([product()], [LOOK_UP_PRODUCT, product()]),
        Case([line(f"GET {BY_REF_ID}S"), product()], [LOOK_UP_PRODUCT, product()]),
        Case([LOOK_UP_SKU, sku(500), sku()], [LOOK_UP_SKU, sku(500), LOOK_UP_SKU, sku()]),
        Case([LOOK_UP_SKU, sku(None), sku()], [LOOK_UP_PRODUCT, LINK_ID_TAKEN, product()]),
    ],
    "no_creation_is_repeated_once_it_was_answered": [
        Case([LOOK_UP_SKU, sku(), LOOK_UP_SKU, sku()], [LOOK_UP_SKU, sku(500), LOOK_UP_SKU, sku()]),
        Case([product(), product()], [LINK_ID_TAKEN, product()]),
    ],
    "a_name_is_looked_for_before_it_is_created": [
        Case([CATEGORY], [line(f"GET {TREE}", None, []), CATEGORY]),
        Case([BRAND], [READ_BRANDS, BRAND]),
        Case([READ_BRANDS, BRAND, BRAND], [READ_BRANDS, BRAND, READ_BRANDS, BRAND]),
    ],
    "images_are_listed_before_one_is_added_except_to_a_new_sku": [
        Case([image()], [sku(), image()]),
        Case([sku(), image(500), image()], [sku(), image(500), READ_FILES, image()]),
        Case([sku(500), image()], [sku(500), READ_FILES, image()]),
    ],
    "a_sku_is_activated_only_with_an_image": [
        Case([shown_sku(IsActive=False), put_sku(IsActive=True)], [shown_sku(IsActive=True), put_sku(IsActive=True)]),
        Case([READ_FILES, put_sku(IsActive=True)], [image(), put_sku(IsActive=True)]),
    ],
    "prices_and_stocks_are_those_of_skus_that_vtex_showed": [
        Case([price()], [sku(), price()]),
        Case([sku(500), stock()], [shown_sku(), stock()]),
    ],
    "a_warehouse_is_known_before_its_first_stock": [
        Case([stock()], [READ_WAREHOUSES, stock()]),
        Case([line(f"GET {WAREHOUSES}", None, [{"id": "A"}]), stock()], [READ_WAREHOUSES, stock()]),
    ],
    "a_specification_is_of_a_field_that_vtex_showed": [
        Case([FILL_SKU], [FIELDS, FILL_SKU]),
        Case([FIELDS, line(FILL, [{"Id": 302, "Value": ["x"]}])], [FIELDS, line(FILL, [{"Id": 301, "Value": ["x"]}])]),
        Case([FIELDS, line(f"PUT {PRODUCT}/7/specificationvalue", {"FieldName": "Carga"})], [FIELDS]),
    ],
    "a_sku_gets_a_first_specification_only_where_it_has_none": [
        Case([FILL_SKU], [sku(), FILL_SKU]),
        Case([sku(), FILL_SKU, FILL_SKU], [sku(), FILL_SKU]),
        Case(
            [line(SPECIFICATIONS, None, [{"Id": 9, "FieldId": 301}]), FILL_SKU],
            [line(SPECIFICATIONS, None, [{"Id": 9, "FieldId": 302}]), FILL_SKU],
        ),
    ],
    "no_burst_is_above_the_published_one": [
        Case(at_pace(f"PUT {PRICE}", 501, 100_000), at_pace(f"PUT {PRICE}", 500, 100_000)),
        Case(at_pace(f"PUT {PRICE}", 1100, 70), at_pace(f"PUT {PRICE}", 1100, 33)),
        Case(at_pace(f"DELETE {PRICE}", 301, 100_000), at_pace(f"DELETE {PRICE}", 300, 100_000)),
        Case(at_pace(f"GET {PRICE}", 1001, 100_000), at_pace(f"GET {PRICE}", 1000, 100_000)),
    ],
    "no_minute_holds_more_than_the_catalogue_takes": [
        Case(at_pace(f"GET {SKU}/70", 15_001, 300), at_pace(f"GET {SKU}/70", 15_001, 249)),
    ],
    "vtex_never_had_to_say_429": [Case([line(f"GET {SKU}/70", status=429)], [line(f"GET {SKU}/70")])],
}


def test_every_rule_has_a_journal_that_breaks_it() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}-{n}") for rule, cases in CASES.items() for n, case in enumerate(cases)],
)
def test_a_rule_flags_what_breaks_it_and_nothing_else(rule: str, case: Case) -> None:
    assert list(RULES[rule](seen(case.bad))) != []
    assert list(RULES[rule](seen(case.good))) == []


def test_the_catalogue_of_an_account_is_counted_over_all_endpoints() -> None:
    calls = seen([line(f"GET {SKU}/70", at=1), line(f"GET {PRODUCT}/7", at=30), line(f"GET {SKU}/70", at=62)])

    assert list(pace.no_minute_holds_more_than_the_catalogue_takes(calls, {"catalog": 1, "endpoint": 9})) != []
    assert list(pace.no_minute_holds_more_than_the_catalogue_takes(calls, {"catalog": 2, "endpoint": 1})) == []
