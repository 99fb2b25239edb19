"""Products (domain/vtex.md 2.3, 2.4, 2.9)."""

import pytest

BY_REF_ID = "old:products/productgetbyrefid"


def test_a_product_by_ids_gets_link_department_and_date(shop):
    father = shop.category()
    child = shop.category(Name="Solda", FatherCategoryId=father)
    product = shop.made("POST", "pvt:product", shop.product_body(Name="Soldador à Arco", CategoryId=child))
    assert product["LinkId"] == "soldador-a-arco"
    assert product["DepartmentId"] == father
    assert product["ReleaseDate"]


def test_a_product_by_names_creates_what_is_missing(shop, sandbox):
    shop.made("POST", "pvt:product", {"Name": "Solda", "CategoryPath": "Cursos/Solda", "BrandName": "SENAI"})
    shop.made("POST", "pvt:product", {"Name": "Torno", "CategoryPath": "Cursos/Torno", "BrandName": "SENAI"})
    state = sandbox.state()["accounts"]["lojanacional"]
    assert [category["Name"] for category in state["categories"]] == ["Cursos", "Solda", "Torno"]
    assert len(state["brands"]) == 1


@pytest.mark.parametrize(("field", "text"), [("BrandId", "Brand not found"), ("CategoryId", "Category not found")])
def test_an_unknown_place_is_404_in_a_bare_string(shop, field, text):
    response = shop.call("POST", "pvt:product", shop.product_body(**{field: 999}))
    assert (response.status_code, response.json()) == (404, text)


def test_equal_ref_ids_are_409_with_the_holder(shop):
    first = shop.product()
    response = shop.call("POST", "pvt:product", shop.product_body(LinkId="outro"))
    text = f"There is already a product created with the same RefId with Product Id {first}"
    assert (response.status_code, response.json()) == (409, text)


def test_equal_link_ids_are_409_with_the_holder(shop):
    first = shop.product()
    response = shop.call("POST", "pvt:product", shop.product_body(RefId="outro"))
    text = f"There is already a product with the same LinkId with Product Id {first}"
    assert (response.status_code, response.json()) == (409, text)


def test_equal_ids_are_409(shop):
    shop.product(Id=7)
    response = shop.call("POST", "pvt:product", shop.product_body(Id=7, RefId="outro", LinkId="outro"))
    assert (response.status_code, response.json()) == (409, "Product already created with this Id")


def test_a_string_that_ends_with_a_blank_is_400_without_a_body(shop):
    response = shop.call("POST", "pvt:product", shop.product_body(Description="texto "))
    assert (response.status_code, response.content) == (400, b"")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", "x" * 151),
        ("Name", ""),
        ("Name", None),
        ("RefId", "x" * 101),
        ("Title", "x" * 151),
        ("TaxCode", "x" * 151),
        ("LinkId", "x" * 256),
        ("LinkId", "ação"),
        ("LinkId", "admin"),
        ("IsActive", "sim"),
        ("BrandId", "1"),
        ("Id", 0),
        ("Score", 1.5),
    ],
)
def test_a_wrong_field_is_400_and_named(shop, field, value):
    response = shop.call("POST", "pvt:product", shop.product_body(**{field: value}))
    assert response.status_code == 400
    assert response.json()["Message"] == "The request is invalid."
    assert list(response.json()["ModelState"]) == [field]


def test_the_longest_values_are_taken(shop):
    assert shop.product(Name="x" * 150, RefId="x" * 100, Title="x" * 150)


def test_put_erases_what_is_left_out(shop):
    product = shop.product(Description="texto", KeyWords="solda", ShowWithoutStock=True)
    before = shop.made("GET", f"pvt:product/{product}")
    kept = {name: before[name] for name in ("Name", "CategoryId", "BrandId")}
    after = shop.made("PUT", f"pvt:product/{product}", kept)
    erased = ("Description", "KeyWords", "RefId", "IsActive", "IsVisible", "ShowWithoutStock")
    assert {name: after[name] for name in erased} == dict.fromkeys(erased[:3], "") | dict.fromkeys(erased[3:], False)
    assert shop.made("GET", f"{BY_REF_ID}/1-12-SOLDA") is None


def test_put_with_its_own_ref_id_and_link_id_is_no_conflict(shop):
    product = shop.product()
    before = shop.made("GET", f"pvt:product/{product}")
    assert shop.made("PUT", f"pvt:product/{product}", before | {"Name": "Novo"})["Name"] == "Novo"


def test_put_needs_category_and_brand(shop):
    response = shop.call("PUT", f"pvt:product/{shop.product()}", {"Name": "Novo"})
    assert set(response.json()["ModelState"]) == {"CategoryId", "BrandId"}


def test_by_ref_id_is_null_with_200_when_there_is_none(shop):
    response = shop.call("GET", f"{BY_REF_ID}/nada")
    assert (response.status_code, response.text) == (200, "null")


def test_by_ref_id_takes_encoded_characters(shop):
    product = shop.product(RefId="1/12 Á")
    assert shop.made("GET", f"{BY_REF_ID}/1%2F12%20%C3%81")["Id"] == product


def test_a_product_that_is_not_there_is_404(shop):
    assert shop.call("GET", "pvt:product/5").status_code == 404
    assert shop.call("PUT", "pvt:product/5", {}).status_code == 404


def test_trade_policies_are_added_and_removed(shop):
    path = f"pvt:product/{shop.product()}/salespolicy"
    for method, policy in (("POST", 2), ("DELETE", 1)):
        assert shop.call(method, f"{path}/{policy}").status_code == 200
    assert [policy["StoreId"] for policy in shop.made("GET", path)] == [2]
    assert shop.call("POST", f"{path}/9").status_code == 404


def test_a_specification_is_made_by_name_and_replaced(shop, sandbox):
    path = f"pvt:product/{shop.product()}/specificationvalue"
    body = {"FieldName": "Carga", "GroupName": "Curso", "RootLevelSpecification": False, "FieldValues": ["40 h"]}
    shop.made("PUT", path, body)
    assert shop.made("PUT", path, body | {"FieldValues": ["80 h"]})[0]["Text"] == "80 h"
    stored = sandbox.state()["accounts"]["lojanacional"]["products"][0]["Specifications"]
    assert [item["FieldValues"] for item in stored] == [["80 h"]]


def test_a_specification_name_has_at_most_100_characters(shop):
    body = {"FieldName": "x" * 101, "GroupName": "g", "RootLevelSpecification": False, "FieldValues": ["v"]}
    assert shop.call("PUT", f"pvt:product/{shop.product()}/specificationvalue", body).status_code == 400


def test_ids_are_listed_in_windows_of_250(shop):
    sku = shop.sku()
    listed = shop.made("GET", "old:products/GetProductAndSkuIds?_from=1&_to=250")
    assert list(listed["data"].values()) == [[sku]]
    assert shop.call("GET", "old:products/GetProductAndSkuIds?_from=1&_to=251").status_code == 400
