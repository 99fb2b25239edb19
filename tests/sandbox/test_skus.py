"""SKUs, their images and activation (domain/vtex.md 2.5 to 2.7)."""

import pytest

SKU = "pvt:stockkeepingunit"
BY_REF_ID = "old:sku/stockkeepingunitidbyrefid"
BY_REF_IDS = "/api/catalog_system/pub/sku/stockkeepingunitidsbyrefids"


def is_active(shop, sku):
    return shop.made("GET", f"{SKU}/{sku}")["IsActive"]


def test_a_sku_is_never_created_active(shop):
    assert shop.call("POST", SKU, shop.sku_body(IsActive=True)).status_code == 400


def test_a_new_sku_has_vtexs_defaults(shop):
    sku = shop.made("POST", SKU, shop.sku_body())
    defaults = {"CommercialConditionId": 1, "MeasurementUnit": "un", "UnitMultiplier": 1.0, "IsKit": False}
    assert {name: sku[name] for name in defaults} == defaults


def test_equal_ref_ids_are_409_with_the_holder(shop):
    product = shop.product()
    first = shop.sku(ProductId=product)
    response = shop.call("POST", SKU, shop.sku_body(ProductId=product))
    text = f"Sku can not be created because the RefId is registered in Sku id {first}"
    assert (response.status_code, response.json()) == (409, text)


def test_equal_ids_are_409(shop):
    product = shop.product()
    shop.sku(Id=7, ProductId=product)
    response = shop.call("POST", SKU, shop.sku_body(Id=7, ProductId=product, RefId="outro"))
    assert (response.status_code, response.json()) == (409, "Sku already created with this Id")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", "x" * 201),
        ("RefId", "x" * 51),
        ("PackagedHeight", None),
        ("PackagedWeightKg", 1.5),
        ("CommercialConditionId", 0),
        ("MeasurementUnit", "dúzia"),
        ("IsActive", 0),
        ("Id", 2_147_483_648),
    ],
)
def test_a_wrong_field_is_400_and_named(shop, field, value):
    response = shop.call("POST", SKU, shop.sku_body(**{field: value}))
    assert response.status_code == 400
    assert list(response.json()["ModelState"]) == [field]


def test_a_string_that_ends_with_a_blank_is_400_without_a_body(shop):
    response = shop.call("POST", SKU, shop.sku_body(Name="Turma "))
    assert (response.status_code, response.content) == (400, b"")


def test_a_product_that_is_not_there_is_404(shop):
    response = shop.call("POST", SKU, shop.sku_body(ProductId=5))
    assert (response.status_code, response.json()) == (404, "Product not found")


def test_look_ups_by_ref_id(shop):
    sku = shop.sku()
    assert shop.made("GET", f"{BY_REF_ID}/1-12-T1") == str(sku)
    assert shop.made("GET", f"{SKU}?RefId=1-12-T1")["Id"] == sku
    assert shop.made("POST", BY_REF_IDS, ["1-12-T1", "B"]) == {"1-12-T1": str(sku), "B": None}


@pytest.mark.parametrize("path", [f"{BY_REF_ID}/nada", f"{SKU}?RefId=nada", f"{SKU}/5", f"{SKU}/5/file"])
def test_what_is_not_there_is_404(shop, path):
    assert shop.call("GET", path).status_code == 404


def test_a_repeated_ref_id_in_the_list_is_500(shop):
    assert shop.call("POST", BY_REF_IDS, ["A", "A"]).status_code == 500


def test_the_skus_of_a_product_are_listed(shop):
    product = shop.product()
    sku = shop.sku(ProductId=product)
    assert [item["Id"] for item in shop.made("GET", f"old:sku/stockkeepingunitByProductId/{product}")] == [sku]


def test_active_without_an_image_is_refused_with_vtexs_sentence(shop):
    body = shop.sku_body()
    sku = shop.made("POST", SKU, body)["Id"]
    response = shop.call("PUT", f"{SKU}/{sku}", body | {"IsActive": True})
    assert response.status_code == 400
    assert response.json()["Message"].endswith(
        "could not be set as active because it does not have any files associated to it yet."
    )


def test_with_an_image_it_may_be_set_active(shop):
    body = shop.sku_body()
    sku = shop.made("POST", SKU, body)["Id"]
    shop.image(sku)
    assert shop.made("PUT", f"{SKU}/{sku}", body | {"IsActive": True})["IsActive"]


def test_leaving_out_is_active_deactivates_and_erases(shop):
    sku = shop.active_sku(ManufacturerCode="M1")
    body = shop.made("GET", f"{SKU}/{sku}")
    kept = {name: body[name] for name in body if name not in ("IsActive", "ActivateIfPossible", "ManufacturerCode")}
    after = shop.made("PUT", f"{SKU}/{sku}", kept)
    assert (after["IsActive"], after["ActivateIfPossible"], after["ManufacturerCode"]) == (False, False, "")


def test_the_last_condition_activates_a_sku_that_waits(shop):
    sku = shop.sku(ActivateIfPossible=True)
    assert not is_active(shop, sku)
    shop.image(sku)
    assert is_active(shop, sku)


def test_an_image_does_not_activate_a_sku_that_does_not_wait(shop):
    sku = shop.sku()
    shop.image(sku)
    assert not is_active(shop, sku)


@pytest.mark.parametrize("missing", ["RefId", "product", "brand", "category"])
def test_each_condition_holds_activation_back(shop, missing):
    category = shop.category(IsActive=missing != "category")
    brand = shop.brand(Active=missing != "brand")
    product = shop.product(CategoryId=category, BrandId=brand, IsActive=missing != "product")
    sku = shop.active_sku(ProductId=product, RefId="" if missing == "RefId" else "T1")
    assert not is_active(shop, sku)


def test_activating_the_product_the_brand_or_the_category_activates_what_waits(shop):
    category, brand = shop.category(IsActive=False), shop.brand(Active=False)
    product = shop.product(CategoryId=category, BrandId=brand, IsActive=False)
    sku = shop.active_sku(ProductId=product)
    shop.made("PUT", f"pvt:product/{product}", shop.product_body(CategoryId=category, BrandId=brand))
    shop.made("PUT", f"pvt:brand/{brand}", {"Id": brand, "Name": "SENAI", "Active": True})
    assert not is_active(shop, sku)
    shop.made("PUT", f"pvt:category/{category}", shop.category_body())
    assert is_active(shop, sku)


def test_deactivating_the_product_leaves_its_skus_active(shop):
    product = shop.product()
    sku = shop.active_sku(ProductId=product)
    fields = shop.made("GET", f"pvt:product/{product}")
    shop.made("PUT", f"pvt:product/{product}", fields | {"IsActive": False})
    assert is_active(shop, sku)


def test_being_a_kit_cannot_be_undone(shop):
    body = shop.sku_body(IsKit=True)
    sku = shop.made("POST", SKU, body)["Id"]
    assert shop.made("PUT", f"{SKU}/{sku}", body | {"IsKit": False})["IsKit"]


def test_a_repeated_image_is_stored_twice_and_the_last_main_one_wins(shop):
    sku = shop.sku()
    shop.image(sku)
    shop.image(sku)
    assert [image["IsMain"] for image in shop.made("GET", f"{SKU}/{sku}/file")] == [False, True]


def test_images_are_404_when_none_and_after_delete(shop):
    sku = shop.sku()
    path = f"{SKU}/{sku}/file"
    assert shop.call("GET", path).status_code == 404
    first = shop.image(sku)[0]["Id"]
    shop.image(sku)
    assert shop.call("DELETE", f"{path}/{first}").status_code == 200
    assert len(shop.made("GET", path)) == 1
    assert shop.call("DELETE", path).status_code == 200
    assert shop.call("GET", path).status_code == 404


def test_an_image_may_be_replaced_in_place(shop):
    sku = shop.sku()
    image = shop.image(sku)[0]["Id"]
    body = {"Name": "novo", "Url": "https://loja.example/novo.jpg"}
    shop.made("PUT", f"{SKU}/{sku}/file/{image}", body)
    assert [item["Name"] for item in shop.made("GET", f"{SKU}/{sku}/file")] == ["novo"]


@pytest.mark.parametrize(
    "url", ["ftp://loja.example/a.png", "https://loja.example/a", "https://loja.example/a.png?v=1"]
)
def test_an_image_url_must_end_in_an_extension(shop, url):
    response = shop.call("POST", f"{SKU}/{shop.sku()}/file", {"Name": "a", "Url": url})
    assert response.status_code == 400
