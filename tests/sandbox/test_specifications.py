"""Specifications (domain/vtex.md 2.4): fields of categories, and what products and SKUs hold in them."""

from typing import Any

import pytest

FIELDS = "/api/catalog_system/pub/specification"
TEXT, COMBO, CHECKBOX = 1, 5, 7


def field(shop: Any, category: int | None, name: str, type_id: int = TEXT, values: Any = (), **more: Any) -> int:
    group = shop.made("POST", "pvt:specificationgroup", {"CategoryId": category, "Name": "Curso"})["Id"]
    body = {"FieldTypeId": type_id, "FieldGroupId": group, "CategoryId": category, "Name": name, **more}
    made = int(shop.made("POST", "pvt:specification", body)["Id"])
    for value in values:
        shop.made("POST", "pvt:specificationvalue", {"FieldId": made, "Name": value})
    return made


def value_ids(shop: Any, field_id: int) -> dict[str, int]:
    return {one["Value"]: one["FieldValueId"] for one in shop.made("GET", f"{FIELDS}/fieldvalue/{field_id}")}


def held(shop: Any, owner: str) -> list[tuple[int, str]]:
    return [(row["FieldId"], row["Text"]) for row in shop.made("GET", f"pvt:{owner}/specification")]


def test_a_category_has_its_own_fields_those_above_it_and_those_of_all(shop):
    root = shop.category()
    leaf = shop.category(FatherCategoryId=root)
    names = {field(shop, place, name) for place, name in ((None, "Todas"), (root, "Área"), (leaf, "Folha"))}
    field(shop, shop.category(), "Outra")

    listed = shop.made("GET", f"{FIELDS}/field/listTreeByCategoryId/{leaf}")
    alone = shop.made("GET", f"{FIELDS}/field/listByCategoryId/{leaf}")
    assert {one["FieldId"] for one in listed} == names
    assert [one["Name"] for one in alone] == ["Folha"]


def test_values_of_a_product_are_replaced_by_field_and_others_stay(shop):
    category = shop.category()
    hours, modality = field(shop, category, "Carga"), field(shop, category, "Modalidade", CHECKBOX, ["EAD", "Noite"])
    product = shop.product(CategoryId=category)
    path = f"old:products/{product}/specification"
    shop.call("POST", path, [{"Id": hours, "Value": ["40 h"]}, {"Name": "Modalidade", "Value": ["EAD", "Noite"]}])

    assert shop.call("POST", path, [{"Id": hours, "Value": ["80 h"]}]).status_code == 200
    assert held(shop, f"product/{product}") == [(modality, "EAD"), (modality, "Noite"), (hours, "80 h")]


@pytest.mark.parametrize(
    "change", [{"Name": "Não existe", "Value": ["x"]}, {"Name": "Modalidade", "Value": ["Sábado"]}, {"Name": "Turno"}]
)
def test_what_does_not_exist_or_apply_is_400_and_changes_nothing(shop, change):
    category = shop.category()
    field(shop, category, "Modalidade", CHECKBOX, ["EAD"])
    field(shop, category, "Turno", COMBO, ["N"], IsStockKeepingUnit=True)
    product = shop.product(CategoryId=category)

    good = {"Name": "Modalidade", "Value": ["EAD"]}
    changes = [good, {"Value": ["N"], **change}]
    assert shop.call("POST", f"old:products/{product}/specification", changes).status_code == 400
    assert held(shop, f"product/{product}") == []


def test_one_of_a_list_is_deleted_by_its_field_and_a_text_by_its_own_id(shop):
    category = shop.category()
    modality, hours = field(shop, category, "Modalidade", CHECKBOX, ["EAD"]), field(shop, category, "Carga")
    product = shop.product(CategoryId=category)
    shop.call(
        "POST",
        f"old:products/{product}/specification",
        [{"Id": modality, "Value": ["EAD"]}, {"Id": hours, "Value": ["8"]}],
    )
    path = f"pvt:product/{product}/specification"
    ids = {row["FieldId"]: row["Id"] for row in shop.made("GET", path)}

    assert [shop.call("DELETE", f"{path}/{one}").status_code for one in (ids[modality], hours)] == [404, 404]
    assert [shop.call("DELETE", f"{path}/{one}").status_code for one in (modality, ids[hours])] == [200, 200]
    assert shop.made("GET", path) == []


def test_a_sku_takes_one_value_of_a_list_once(shop):
    category = shop.category()
    shift = field(shop, category, "Turno", COMBO, ["N", "M"], IsStockKeepingUnit=True)
    ids = value_ids(shop, shift)
    sku = shop.sku(ProductId=shop.product(CategoryId=category))
    path = f"pvt:stockkeepingunit/{sku}/specification"

    own = shop.made("POST", path, {"FieldId": shift, "FieldValueId": ids["N"]})["Id"]
    assert shop.call("POST", path, {"FieldId": shift, "FieldValueId": ids["M"]}).status_code == 409
    shop.made("PUT", path, {"Id": own, "FieldId": shift, "FieldValueId": ids["M"]})
    assert held(shop, f"stockkeepingunit/{sku}") == [(shift, "M")]
    assert shop.call("DELETE", f"{path}/{own}").status_code == 200
    assert held(shop, f"stockkeepingunit/{sku}") == []


def test_a_sku_takes_no_text(shop):
    category = shop.category()
    note = field(shop, category, "Nota", TEXT, IsStockKeepingUnit=True)
    sku = shop.sku(ProductId=shop.product(CategoryId=category))

    answer = shop.call("POST", f"pvt:stockkeepingunit/{sku}/specification", {"FieldId": note, "Text": "x"})
    assert answer.status_code == 400
    assert "Combo" in answer.json()["Message"]


def test_a_sku_is_activated_when_its_last_mandatory_specification_is_filled(shop):
    category = shop.category()
    shift = field(shop, category, "Turno", COMBO, ["N"], IsStockKeepingUnit=True, IsRequired=True)
    hours = field(shop, category, "Carga", IsRequired=True)
    product = shop.product(CategoryId=category)
    sku = shop.active_sku(ProductId=product)
    path = f"pvt:stockkeepingunit/{sku}"

    refused = shop.call("PUT", path, shop.made("GET", path) | {"IsActive": True})
    assert "mandatory specifications are not filled: Turno, Carga" in refused.json()["Message"]
    shop.made("POST", f"{path}/specification", {"FieldId": shift, "FieldValueId": value_ids(shop, shift)["N"]})
    assert shop.made("GET", path)["IsActive"] is False
    shop.call("POST", f"old:products/{product}/specification", [{"Id": hours, "Value": ["8"]}])
    assert shop.made("GET", path)["IsActive"] is True
