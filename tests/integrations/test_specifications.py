"""``[catalog.specifications]``: columns of the source as VTEX specifications, by fields that exist there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.integrations.school import CLASS, COURSE, course, course_class, school
from tests.integrations.shop import Done, RecordingStep, Shop
from vtexmon.core.exchange import Api, Request
from vtexmon.core.failures import FailureClass
from vtexmon.errors import UsageError
from vtexmon.integrations.contract import Arrived, DidNotArrive, Intent, Sent
from vtexmon.integrations.planning import wanted_hash
from vtexmon.integrations.product import WantedProduct
from vtexmon.integrations.specifications import Specification, refuse_missing_columns, wanted_of
from vtexmon.vtex import catalog

TEXT, COMBO, CHECKBOX = 1, 5, 7
PRODUCT = {"Carga horária": "carga_horaria", "Dias": "dias"}
SKU = {"Turno": "turno"}
Open = Callable[..., Shop]


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    """With the fields that are configured: a text and a checkbox of products, a combo of SKUs."""
    shop = open_shop(catalog={"product_specifications": PRODUCT, "sku_specifications": SKU})
    category = int(shop.by_hand("nacional", catalog.create_category("Metalmecânica"))["Id"])
    field(shop, category, "Carga Horaria", TEXT)
    field(shop, None, "Dias", CHECKBOX, ["Segunda", "Terça", "Sábado, de manhã"])
    field(shop, category, "Turno", COMBO, ["Manhã", "Noite"], IsStockKeepingUnit=True)
    return shop


def field(shop: Shop, category: int | None, name: str, type_id: int, values: Sequence[str] = (), **more: Any) -> int:
    def post(path: str, body: Mapping[str, Any]) -> Any:
        return shop.by_hand("nacional", Request(Api.CATALOG, "POST", f"/api/catalog/pvt/{path}", body))

    group = post("specificationgroup", {"CategoryId": category, "Name": "Curso"})["Id"]
    body = {"FieldTypeId": type_id, "FieldGroupId": group, "CategoryId": category, "Name": name, **more}
    made = int(post("specification", body)["Id"])
    for value in values:
        post("specificationvalue", {"FieldId": made, "Name": value})
    return made


def a_course(dias: str = "segunda", **changes: Any) -> Any:
    return course(extra={"dias": dias}, **changes)


def held(shop: Shop, kind: str) -> dict[str, list[str]]:
    (record,) = shop.held()[kind]
    return {one["FieldName"]: one["FieldValues"] for one in record["Specifications"]}


def last_requests(done: Done) -> list[str]:
    """Those about what is held, without the shared ones about fields."""
    return [line for line in done.requests if "/specification" in line and "GET specification/" not in line]


def test_a_new_course_and_class_get_their_values_in_vtexs_own_spelling(shop: Shop) -> None:
    done = shop.ship(school(courses=[a_course("terca, SEGUNDA")]))

    assert held(shop, "products") == {"Carga Horaria": ["216"], "Dias": ["Terça", "Segunda"]}
    assert held(shop, "skus") == {"Turno": ["Noite"]}
    product, sku = shop.held()["products"][0]["Id"], shop.held()["skus"][0]["Id"]
    assert last_requests(done["product"]) == [f"POST {product}/specification"]
    assert last_requests(done["sku"]) == [f"POST stockkeepingunit/{sku}/specification"]


def test_a_value_that_has_a_comma_itself_is_taken_whole(shop: Shop) -> None:
    shop.ship(school(courses=[a_course("sabado, de manha")]))

    assert held(shop, "products")["Dias"] == ["Sábado, de manhã"]


def test_what_is_held_already_is_not_written_again(shop: Shop) -> None:
    snapshot = school(courses=[a_course()])
    shop.ship(snapshot)

    done = shop.ship(snapshot)

    assert done["product"].writes == done["sku"].writes == []


def test_only_what_changed_is_written_and_what_is_not_configured_stays(shop: Shop) -> None:
    shop.ship(school(courses=[a_course()]))
    product, sku = shop.held()["products"][0]["Id"], shop.held()["skus"][0]["Id"]
    other = {"FieldName": "Feita à mão", "GroupName": "Outro", "RootLevelSpecification": False, "FieldValues": ["x"]}
    shop.by_hand(
        "nacional", Request(Api.CATALOG, "PUT", f"/api/catalog/pvt/product/{product}/specificationvalue", other)
    )

    done = shop.ship(school(courses=[a_course(workload_hours="80")], classes=[course_class(shift="manhã")]))

    assert done["product"].writes == [f"POST {product}/specification"]
    assert done["sku"].writes == [f"PUT stockkeepingunit/{sku}/specification"]
    assert held(shop, "products") == {"Dias": ["Segunda"], "Feita à mão": ["x"], "Carga Horaria": ["80"]}
    assert held(shop, "skus") == {"Turno": ["Manhã"]}


def test_an_empty_column_takes_the_value_away(shop: Shop) -> None:
    shop.ship(school(courses=[a_course()]))

    done = shop.ship(school(courses=[a_course("", workload_hours="")], classes=[course_class(shift="")]))

    assert [line.partition(" ")[0] for line in done["product"].writes] == ["DELETE", "DELETE"]
    assert held(shop, "products") == held(shop, "skus") == {}
    again = shop.ship(school(courses=[a_course("", workload_hours="")], classes=[course_class(shift="")]))
    assert again["product"].writes == again["sku"].writes == []


@pytest.mark.parametrize(
    ("module", "configured", "told"),
    [
        ("product", {"product_specifications": {"Nível": "nivel_ensino"}}, "de produto «Nível»"),
        ("sku", {"sku_specifications": {"Carga horária": "turno"}}, "de SKU «Carga horária»"),
        ("sku", {"sku_specifications": {"Nota": "turno"}}, "não é do tipo Combo"),
    ],
)
def test_a_field_that_the_category_has_not_is_a_context_error_before_anything_is_sent(
    shop: Shop, module: str, configured: dict[str, Any], told: str
) -> None:
    field(shop, None, "Nota", TEXT, IsStockKeepingUnit=True)
    none = {"product_specifications": {}, "sku_specifications": {}}
    shop.config = replace(shop.config, catalog=replace(shop.config.catalog, **{**none, **configured}))

    done = shop.ship(school())[module]

    assert done.failure.failure_class is FailureClass.CONTEXT
    assert told in done.failure.message
    assert "[catalog.specifications]" in done.failure.advice
    assert done.writes == []


@pytest.mark.parametrize(
    ("module", "snapshot"),
    [
        ("product", school(courses=[a_course("Segunda, Domingo")])),
        ("sku", school(courses=[a_course()], classes=[course_class(shift="Domingo")])),
    ],
)
def test_a_value_that_the_list_has_not_is_a_data_error_that_names_those_it_has(
    shop: Shop, module: str, snapshot: Any
) -> None:
    done = shop.ship(snapshot)[module]

    assert done.failure.failure_class is FailureClass.DATA
    assert "«Domingo»" in done.failure.message
    assert {"product": "«Segunda», «Sábado, de manhã», «Terça»", "sku": "«Manhã», «Noite»"}[
        module
    ] in done.failure.message
    assert done.writes == []


def test_an_inactive_field_does_not_count(shop: Shop) -> None:
    field(shop, None, "Velha", TEXT, IsActive=False)
    shop.config = replace(
        shop.config, catalog=replace(shop.config.catalog, product_specifications={"Velha": "carga_horaria"})
    )

    assert "inativa" in shop.ship(school())["product"].failure.message


def test_a_sku_is_active_once_its_mandatory_specification_is_filled(shop: Shop) -> None:
    field(shop, None, "Obrigatória", COMBO, ["N"], IsStockKeepingUnit=True, IsRequired=True)
    done = shop.ship(school(courses=[a_course()]))["sku"]
    assert "mandatory specifications are not filled: Obrigatória" in done.failure.message
    assert done.failure.failure_class is FailureClass.BUSINESS

    shop.config = replace(
        shop.config, catalog=replace(shop.config.catalog, sku_specifications={"Obrigatória": "modo", **SKU})
    )
    done = shop.ship(school(courses=[a_course()], classes=[course_class(extra={"modo": "n"})]))["sku"]

    (sku,) = shop.held()["skus"]
    assert isinstance(done.outcome, Sent)
    assert sku["IsActive"] is True
    assert done.writes == [f"POST stockkeepingunit/{sku['Id']}/specification"]  # VTEX activated it by itself


@pytest.mark.parametrize(
    ("snapshot", "module", "of_fields"),
    [
        (school(courses=[a_course("Domingo")]), "product", False),
        (school(courses=[a_course()], classes=[course_class(shift="Domingo")]), "sku", False),
        (school(courses=[a_course()]), "sku", True),
    ],
)
def test_what_was_not_found_in_a_shared_reading_is_read_anew_at_the_next_send(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, snapshot: Any, module: str, of_fields: bool
) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(RecordingStep, "forget_shared", lambda _step, request: forgotten.append(request.path))
    if of_fields:
        shop.config = replace(shop.config, catalog=replace(shop.config.catalog, sku_specifications={"Nova": "turno"}))

    assert shop.ship(snapshot)[module].failure.message

    (about_fields,) = (path for path in forgotten if "/specification/" in path)
    assert ("listTreeByCategoryId" in about_fields, "fieldvalue" in about_fields) == (of_fields, not of_fields)


def test_known_columns_are_written_as_people_write_them() -> None:
    columns = ("data_inicio", "horario_inicio", "vagas", "ativo", "codturma", "periodo_letivo", "codcurso", "TURNO ")

    found = wanted_of(CLASS, {column: column for column in columns})

    assert [one.text for one in found] == ["18/01/2027", "19:00", "16", "S", "CQ.1", "", "AJUSTA", "Noite"]
    assert wanted_of(COURSE, {"Código": "codcurso"}) == (Specification("Código", "AJUSTA"),)


def test_every_column_that_the_source_has_not_is_named_before_anything_is_sent(shop: Shop) -> None:
    with pytest.raises(UsageError) as refused:
        refuse_missing_columns(school(), shop.config)
    assert "«dias»" in str(refused.value)
    assert "cursos.csv" in str(refused.value)
    assert "turno" not in str(refused.value)

    refuse_missing_columns(school(courses=[a_course()]), shop.config)


def test_what_is_wanted_changes_only_where_specifications_are_configured(open_shop: Open) -> None:
    wanted = WantedProduct("c", "R", "N", "D", "K", "category", "brand", True)
    filled = replace(wanted, specifications=(Specification("Carga", "40"),))
    other = replace(wanted, specifications=(Specification("Carga", "80"),))

    assert "specification" not in repr(wanted)
    assert len({wanted_hash(one) for one in (wanted, filled, other)}) == 3
    hashes = {
        bool(configured): {
            one.key.text: wanted_hash(one.outcome) for one in open_shop(catalog=configured).plan(school())
        }  # type: ignore[arg-type]
        for configured in ({}, {"sku_specifications": SKU})
    }
    changed = {key.partition("|")[0] for key in hashes[True] if hashes[True][key] != hashes[False][key]}
    assert changed == {"sku"}


@pytest.mark.parametrize("configured", [{}, {"sku_specifications": SKU}])
def test_a_class_is_filled_again_when_its_course_moves_to_another_category(
    open_shop: Open, configured: dict[str, Any]
) -> None:
    shop = open_shop(catalog=configured)
    here, there = (shop.planned(school(courses=[course(category=name)]), "sku")[0] for name in ("Solda", "Gestão"))

    assert (wanted_hash(here.outcome) != wanted_hash(there.outcome)) is bool(configured)  # type: ignore[arg-type]


def test_a_class_whose_course_has_no_category_to_look_in_is_told_so(shop: Shop) -> None:
    done = shop.ship(school(courses=[a_course(category="")]))["sku"]

    assert (done.failure.failure_class, "categoria" in done.failure.message) == (FailureClass.DATA, True)


WRITES: dict[str, tuple[str, str, Any]] = {
    "a product's value": ("product", "POST /products/.*specification$", {"courses": [a_course(workload_hours="8")]}),
    "a product's list that becomes empty": ("product", "DELETE /product/", {"courses": [a_course("")]}),
    "another value of a SKU": (
        "sku",
        "PUT /.*/specification$",
        {"courses": [a_course()], "classes": [course_class(shift="Manhã")]},
    ),
    "a SKU's value that becomes empty": (
        "sku",
        "DELETE /stockkeepingunit/",
        {"courses": [a_course()], "classes": [course_class(shift="")]},
    ),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize(("fault", "expected"), [("applied", Arrived), ("drop", DidNotArrive)])
def test_after_doubt_it_is_found_exactly_when_it_was_applied(
    shop: Shop, what: str, fault: str, expected: type[Any]
) -> None:
    module, match, rows = WRITES[what]
    shop.ship(school(courses=[a_course()]))
    shop.sandbox.set_faults(f"{fault}:match={match}")

    done = shop.ship(school(**rows))[module]

    assert isinstance(shop.verify(module, "nacional", intent_of(done)), expected)


@pytest.mark.parametrize(("fault", "expected"), [("applied", Arrived), ("drop", DidNotArrive)])
def test_the_first_value_of_a_sku_is_found_exactly_when_it_was_applied(
    shop: Shop, fault: str, expected: type[Any]
) -> None:
    shop.sandbox.set_faults(f"{fault}:match=POST /stockkeepingunit/.*/specification$")

    done = shop.ship(school(courses=[a_course()]))["sku"]

    assert isinstance(shop.verify("sku", "nacional", intent_of(done)), expected)


def intent_of(done: Done) -> Intent:
    assert done.step is not None
    assert done.step.last_write is not None
    step, request = done.step.last_write
    assert "specification" in request.path
    return Intent(step, request.method, request.path, request.body, "1")
