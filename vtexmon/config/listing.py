"""The configuration as a list of settings, for ``config show`` and the fingerprint: TOML's shape, no secret's value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from vtexmon.config.lines import KeyPath
from vtexmon.config.model import Config, Secret
from vtexmon.config.places import DEFAULT_ORIGIN, dotted
from vtexmon.config.urls import masked_url
from vtexmon.config.values import format_duration

_LOCAL_KEYS = ("language", "database.url")


@dataclass(frozen=True)
class Setting:
    """One dotted key: its value as JSON has it (a secret's is the reference), its origin, and the secret itself."""

    key: str
    value: Any
    origin: str
    secret: Secret | None = None


def settings(config: Config) -> list[Setting]:
    """Every key in force, in the file's order."""
    return [_setting(dotted(path), value, config) for path, value in _flat(_document(config), ())]


def fingerprint(config: Config) -> str:
    """Equal for processes that would act alike: no secrets' values, no database address, no screen language."""
    values = {setting.key: setting.value for setting in settings(config) if setting.key not in _LOCAL_KEYS}
    text = json.dumps(values, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _setting(key: str, value: Any, config: Config) -> Setting:
    secret = value if isinstance(value, Secret) else None
    return Setting(key, _plain(value), config.origins.get(key, DEFAULT_ORIGIN), secret)


def _plain(value: Any) -> Any:
    match value:
        case Secret():
            return value.reference
        case timedelta():
            return format_duration(value)
        case tuple():
            return [_plain(item) for item in value]
        case str():
            return masked_url(value)
        case _:
            return value


def _flat(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    match node:
        case Mapping():
            for name, child in node.items():
                yield from _flat(child, (*path, name))
        case list():
            for index, child in enumerate(node):
                yield from _flat(child, (*path, index))
        case _:
            yield path, node


def _table(value: Any, *left_out: str) -> dict[str, Any]:
    """The fields of a dataclass, one level deep."""
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in left_out}


def _document(config: Config) -> dict[str, Any]:
    catalog = config.catalog
    dimensions = {
        name: value if name == "weight" else float(value) for name, value in _table(catalog.sku_dimensions).items()
    }
    specifications = {"product": catalog.product_specifications, "sku": catalog.sku_specifications}
    return {
        "language": config.language,
        "timezone": config.timezone,
        "database": {"url": config.database_url},
        "source": {"type": config.source_type} | _nested(config.source) | dict(config.source_secrets),
        "accounts": {name: _table(account, "name") for name, account in config.accounts.items()},
        "catalog": _table(catalog, "product_specifications", "sku_specifications")
        | {
            "sku_dimensions": dimensions,
            "trade_policy": _table(catalog.trade_policy),
            "specifications": specifications,
        },
        "regionals": [_table(regional) for regional in config.regionals],
        "resend": _table(config.resend),
        "finance": [_table(finance) for finance in config.finance],
        "schedules": {name: _table(schedule, "name") for name, schedule in config.schedules.items()},
        "engine": _table(config.engine),
        "limits": {name: _table(limit) for name, limit in config.limits.items()},
        "access": _table(config.access),
    }


def _nested(source: Mapping[str, str]) -> dict[str, Any]:
    queries = {name.removeprefix("queries."): value for name, value in source.items() if name.startswith("queries.")}
    return {name: value for name, value in source.items() if not name.startswith("queries.")} | {"queries": queries}
