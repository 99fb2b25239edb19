"""Categories and brands (domain/vtex.md 2.2)."""

import pytest

from vtexmon.sandbox import running_sandbox

TREE = "/api/catalog_system/pub/category/tree"


def test_a_category_answers_with_link_and_path(shop):
    father = shop.category(Name="Formação Inicial")
    child = shop.made("POST", "pvt:category", shop.category_body(Name="Solda", FatherCategoryId=father))
    assert child["LinkId"] == "solda"
    assert child["TreePath"] == ["Formação Inicial", "Solda"]
    assert child["TreePathIds"] == [father, child["Id"]]


def test_every_field_the_schema_requires_must_be_there(shop):
    body = shop.category_body()
    del body["GlobalCategoryId"]
    response = shop.call("POST", "pvt:category", body)
    assert response.status_code == 400
    assert list(response.json()["ModelState"]) == ["GlobalCategoryId"]


def test_a_father_that_is_not_there_is_404(shop):
    assert shop.call("POST", "pvt:category", shop.category_body(FatherCategoryId=99)).status_code == 404


def test_put_replaces_a_category(shop):
    category = shop.category(Description="antes")
    shop.made("PUT", f"pvt:category/{category}", shop.category_body(Name="Novo"))
    assert shop.made("GET", f"pvt:category/{category}")["Description"] == ""


def test_a_category_cannot_be_put_under_itself(shop):
    category = shop.category()
    body = shop.category_body(FatherCategoryId=category)
    assert shop.call("PUT", f"pvt:category/{category}", body).status_code == 400


def test_the_tree_is_cut_at_the_levels_asked_for(shop):
    father = shop.category()
    shop.category(Name="Solda", FatherCategoryId=father)
    one, two = (shop.made("GET", f"{TREE}/{levels}")[0] for levels in (1, 2))
    assert (one["hasChildren"], one["children"]) == (True, [])
    assert [child["name"] for child in two["children"]] == ["Solda"]


def test_the_tree_may_be_an_old_snapshot(open_shop):
    with running_sandbox(tree_cache_seconds=60) as sandbox:
        shop = open_shop(sandbox.url)
        assert shop.made("GET", f"{TREE}/1") == []
        shop.category()
        assert shop.made("GET", f"{TREE}/1") == []


@pytest.mark.parametrize("second", ["SENAI", "SENAI ", " SENAI"])
def test_a_brand_name_is_taken_as_it_comes(shop, second):
    shop.brand(Name="SENAI")
    shop.brand(Name=second)
    assert [brand["name"] for brand in shop.made("GET", "old:brand/list")] == ["SENAI", second]


def test_a_category_name_with_an_outer_blank_is_a_second_category(shop, sandbox):
    shop.category(Name="Cursos")
    shop.category(Name="Cursos ")
    assert sandbox.state()["totals"]["categories"] == 2


def test_a_brand_may_bring_its_id_once(shop):
    shop.brand(Id=77)
    response = shop.call("POST", "pvt:brand", {"Id": 77, "Name": "SESI"})
    assert (response.status_code, response.json()) == (409, "Brand already created with this Id")


def test_brands_come_in_pages(shop):
    for name in ("A", "B", "C"):
        shop.brand(Name=name)
    page = shop.made("GET", "old:brand/pagedlist?pageSize=2&page=2")
    assert [brand["name"] for brand in page["items"]] == ["C"]
    assert page["paging"] == {"page": 2, "perPage": 2, "total": 3, "pages": 2}


def test_put_brand_replaces_it(shop):
    brand = shop.brand(Text="antes")
    shop.made("PUT", f"pvt:brand/{brand}", {"Id": brand, "Name": "SENAI"})
    after = shop.made("GET", f"pvt:brand/{brand}")
    assert (after["Text"], after["Active"]) == ("", False)


@pytest.mark.parametrize("path", ["pvt:brand/1", "pvt:category/1", "old:brand/1"])
def test_what_is_not_there_is_404(shop, path):
    assert shop.call("GET", path).status_code == 404
