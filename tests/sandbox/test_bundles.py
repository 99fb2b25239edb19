"""Kits and complements (domain/vtex.md 2.8, 2.9)."""

KIT = "pvt:stockkeepingunitkit"
COMPLEMENT = "pvt:skucomplement"


def component(kit, sku, quantity=1):
    return {"StockKeepingUnitParent": kit, "StockKeepingUnitId": sku, "Quantity": quantity, "UnitPrice": 50.5}


def two_skus(shop, **fields):
    product = shop.product()
    return shop.active_sku(ProductId=product, RefId="A"), shop.sku(ProductId=product, RefId="B", **fields)


def test_a_component_answers_with_the_kits_id(shop):
    sku, kit = two_skus(shop, IsKit=True)
    assert shop.made("POST", KIT, component(kit, sku)) == {"Id": kit} | component(kit, sku)


def test_only_a_kit_takes_components(shop):
    sku, plain = two_skus(shop)
    assert shop.call("POST", KIT, component(plain, sku)).status_code == 400


def test_components_are_one_object_or_an_array(shop):
    sku, kit = two_skus(shop, IsKit=True)
    shop.made("POST", KIT, component(kit, sku))
    assert shop.made("GET", f"{KIT}?parentSkuId={kit}")["StockKeepingUnitId"] == sku
    shop.made("POST", KIT, component(kit, kit))
    assert len(shop.made("GET", f"{KIT}?parentSkuId={kit}")) == 2
    assert shop.made("GET", f"{KIT}?skuId={sku}")["Id"] == kit


def test_components_are_deleted_one_by_one_or_all(shop):
    sku, kit = two_skus(shop, IsKit=True)
    for deletion in (f"{KIT}?parentSkuId={kit}", f"{KIT}?skuId={sku}", f"{KIT}/{kit}"):
        shop.made("POST", KIT, component(kit, sku))
        assert shop.call("DELETE", deletion).status_code == 200
        assert shop.call("GET", f"{KIT}?parentSkuId={kit}").status_code == 404


def test_a_kit_is_active_only_with_active_components(shop):
    sku, kit = two_skus(shop, IsKit=True, ActivateIfPossible=True)
    shop.image(kit)
    assert not shop.made("GET", f"pvt:stockkeepingunit/{kit}")["IsActive"]
    shop.made("POST", KIT, component(kit, sku))
    assert shop.made("GET", f"pvt:stockkeepingunit/{kit}")["IsActive"]


def test_a_complement_is_not_idempotent(shop):
    sku, parent = two_skus(shop)
    body = {"ParentSkuId": parent, "SkuId": sku, "ComplementTypeId": 2}
    first, _second = (shop.made("POST", COMPLEMENT, body)[0]["Id"] for _ in range(2))
    listed = shop.made("GET", f"old:sku/complements/{parent}/2")
    assert listed == {"ParentSkuId": parent, "ComplementSkuIds": [sku, sku], "Type": "2"}
    assert shop.call("DELETE", f"{COMPLEMENT}/{first}").status_code == 200
    assert len(shop.made("GET", f"pvt:stockkeepingunit/{parent}/complement/2")) == 1


def test_a_complement_type_that_does_not_exist_is_400(shop):
    sku, parent = two_skus(shop)
    body = {"ParentSkuId": parent, "SkuId": sku, "ComplementTypeId": 4}
    assert shop.call("POST", COMPLEMENT, body).status_code == 400
