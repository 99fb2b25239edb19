"""From read values to ``Config``: derived addresses, paths against the file's folder, secrets resolved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vtexmon.config import model
from vtexmon.config.credentials import resolve_secret
from vtexmon.config.urls import absolute_database_url, absolute_path, is_loopback

SANDBOX_STAGE = "sandbox"
_SOURCE_PATHS = ("path", "ca_file")


def account_urls(account: Mapping[str, Any]) -> dict[str, str]:
    """The three addresses of an account, VTEX's own where the file gives none (``domain/vtex.md`` 1.2 and 6)."""
    name = account["account_name"]
    return {
        "base_url": account["base_url"] or f"https://{name}.{account['environment']}.com.br",
        "pricing_url": account["pricing_url"] or f"https://api.vtex.com/{name}",
        "reviews_url": account["reviews_url"] or f"https://{name}.myvtex.com",
    }


def is_local(account: Mapping[str, Any]) -> bool:
    """Whether nothing of this account leaves the machine."""
    return all(is_loopback(url) for url in account_urls(account).values())


def build(
    values: Mapping[str, Any], file: Path, environ: Mapping[str, str], origins: Mapping[str, str]
) -> model.Config:
    """The configuration of values that have no problems."""
    folder = file.parent
    source = {name: value for name, value in values["source"].items() if value is not None}
    password = source.pop("password", None)
    return model.Config(
        path=file,
        language=values["language"],
        timezone=values["timezone"],
        database_url=absolute_database_url(values["database"]["url"], folder),
        source_type=source.pop("type"),
        source=_source(source, folder),
        source_secrets={"password": resolve_secret(password, folder, environ)} if password else {},
        accounts={name: _account(name, account, folder, environ) for name, account in values["accounts"].items()},
        catalog=_catalog(values["catalog"]),
        regionals=tuple(model.Regional(**regional) for regional in values["regionals"]),
        resend=model.Resend(**values["resend"]),
        finance=tuple(model.Finance(**finance) for finance in values["finance"]),
        schedules={name: model.Schedule(name, **schedule) for name, schedule in values["schedules"].items()},
        engine=model.EngineSettings(**values["engine"]),
        limits={name: model.Limit(**limit) for name, limit in values["limits"].items()},
        access=model.Access(**values["access"]),
        origins=dict(origins),
    )


def _source(source: Mapping[str, Any], folder: Path) -> dict[str, str]:
    paths = {name: str(absolute_path(source[name], folder)) for name in _SOURCE_PATHS if name in source}
    queries = {f"queries.{name}": query for name, query in source["queries"].items()}
    return {name: value for name, value in source.items() if name != "queries"} | paths | queries


def _account(name: str, account: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> model.Account:
    secrets = {key: resolve_secret(account[key], folder, environ) for key in ("app_key", "app_token")}
    return model.Account(
        name=name,
        account_name=account["account_name"],
        environment=account["environment"],
        stage=account["stage"] or SANDBOX_STAGE,
        app_key=secrets["app_key"],
        app_token=secrets["app_token"],
        **account_urls(account),
    )


def _catalog(catalog: Mapping[str, Any]) -> model.Catalog:
    plain = {name: value for name, value in catalog.items() if name != "specifications"}
    return model.Catalog(
        **plain
        | {
            "sku_dimensions": model.SkuDimensions(**catalog["sku_dimensions"]),
            "trade_policy": model.TradePolicy(**catalog["trade_policy"]),
            "product_specifications": catalog["specifications"]["product"],
            "sku_specifications": catalog["specifications"]["sku"],
        }
    )
