"""Builders for the sandbox's tests: a fresh sandbox, and a client per account that sends what VTEX requires."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from vtexmon.sandbox import NATIONAL_ACCOUNT, REGIONAL_ACCOUNT, AccountSettings, RunningSandbox, running_sandbox

CATEGORY = {
    "Name": "Cursos",
    "Keywords": "",
    "Title": "Cursos",
    "Description": "",
    "AdWordsRemarketingCode": None,
    "LomadeeCampaignCode": None,
    "FatherCategoryId": None,
    "GlobalCategoryId": 0,
    "ShowInStoreFront": True,
    "IsActive": True,
    "ActiveStoreFrontLink": True,
    "ShowBrandFilter": False,
    "Score": None,
    "StockKeepingUnitSelectionMode": "SPECIFICATION",
}
SIZES = {"PackagedHeight": 1, "PackagedLength": 1, "PackagedWidth": 1, "PackagedWeightKg": 1}
IMAGE = {"Name": "curso", "Url": "https://loja.example/curso.png", "IsMain": True}


class Shop:
    """One account as a client sees it, with short names for the routes and builders for what tests need first."""

    def __init__(self, url: str, account: AccountSettings, **headers: str) -> None:
        self.account = account
        credentials = {"X-VTEX-API-AppKey": account.app_key, "X-VTEX-API-AppToken": account.app_token}
        json_headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self.http = httpx.Client(base_url=url, headers=json_headers | credentials | headers, timeout=5)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        path = path.replace("pvt:", "/api/catalog/pvt/").replace("old:", "/api/catalog_system/pvt/")
        path = path.replace("price:", f"/{self.account.name}/pricing/prices/").replace("stock:", "/api/logistics/pvt/")
        content = {} if body is None else {"json": body}
        return self.http.request(method, path, **content, **options)

    def made(self, method: str, path: str, body: Any = None) -> Any:
        response = self.call(method, path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def category_body(self, **fields: Any) -> dict[str, Any]:
        return CATEGORY | fields

    def category(self, **fields: Any) -> int:
        return int(self.made("POST", "pvt:category", self.category_body(**fields))["Id"])

    def brand(self, **fields: Any) -> int:
        return int(self.made("POST", "pvt:brand", {"Id": 0, "Name": "SENAI", "Active": True} | fields)["Id"])

    def product_body(self, **fields: Any) -> dict[str, Any]:
        place = {} if "CategoryId" in fields or "CategoryPath" in fields else {"CategoryId": self.category()}
        place |= {} if "BrandId" in fields or "BrandName" in fields else {"BrandId": self.brand()}
        return {"Name": "Solda MIG", "RefId": "1-12-SOLDA", "IsActive": True, "IsVisible": True} | place | fields

    def product(self, **fields: Any) -> int:
        return int(self.made("POST", "pvt:product", self.product_body(**fields))["Id"])

    def sku_body(self, **fields: Any) -> dict[str, Any]:
        product = {} if "ProductId" in fields else {"ProductId": self.product()}
        return {"Name": "Turma 1", "RefId": "1-12-T1", "IsActive": False} | SIZES | product | fields

    def image(self, sku: int, **fields: Any) -> Any:
        return self.made("POST", f"pvt:stockkeepingunit/{sku}/file", IMAGE | fields)

    def active_sku(self, **fields: Any) -> int:
        sku = self.sku(ActivateIfPossible=True, **fields)
        self.image(sku)
        return sku

    def sku(self, **fields: Any) -> int:
        return int(self.made("POST", "pvt:stockkeepingunit", self.sku_body(**fields))["Id"])


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def open_shop() -> Iterator[Callable[..., Shop]]:
    shops: list[Shop] = []

    def build(url: str, account: AccountSettings = NATIONAL_ACCOUNT, **headers: str) -> Shop:
        shops.append(Shop(url, account, **headers))
        return shops[-1]

    yield build
    for shop in shops:
        shop.http.close()


@pytest.fixture
def shop(sandbox: RunningSandbox, open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(sandbox.url)


@pytest.fixture
def regional(sandbox: RunningSandbox, open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(sandbox.url, REGIONAL_ACCOUNT)
