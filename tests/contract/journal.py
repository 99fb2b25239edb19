"""The requests that a run made, as values: what the sandbox's journal holds, read the way VTEX would read it.

Amounts are read as decimals, so that the digits on the wire are seen and not what a float makes of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from vtexmon.core.exchange import Api

UNREADABLE = "<unreadable>"


@dataclass(frozen=True)
class Seen:
    """One request and its answer. ``path`` is decoded and without Pricing's account; ``at`` is in seconds.

    ``body`` and ``answer`` are the JSON, None where there is none; ``status`` None = nothing was answered.
    """

    number: int
    at: float
    account: str | None
    api: Api | None
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any
    status: int | None
    answer: Any

    def __str__(self) -> str:
        return f"{self.number}: {self.method} {self.path}"

    @property
    def ok(self) -> bool:
        """A 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def call(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


def read(records: Iterable[Mapping[str, Any]]) -> list[Seen]:
    """The journal's records as ``GET /_sandbox/requests`` lists them, in order of arrival."""
    return [_seen(record) for record in records]


def _seen(record: Mapping[str, Any]) -> Seen:
    api, path = _placed(record["path"], record["account"])
    return Seen(
        number=record["n"],
        at=datetime.fromisoformat(record["time"]).timestamp(),
        account=record["account"],
        api=api,
        method=record["method"],
        path=path,
        query=tuple(parse_qsl(record["query"], keep_blank_values=True)),
        body=_json(record["body"]),
        status=record["status"],
        answer=_json(record["response"]),
    )


def _placed(path: str, account: str | None) -> tuple[Api | None, str]:
    """Which API a path of the sandbox belongs to; Pricing's has the account's name before it, no other has."""
    own = path.removeprefix(f"/{account}") if account else path
    if own != path:
        return (Api.PRICING, own) if own.startswith("/pricing/") else (None, path)
    if path.startswith("/api/logistics/"):
        return Api.LOGISTICS, path
    return (Api.CATALOG, path) if path.startswith(("/api/catalog/", "/api/catalog_system/")) else (None, path)


def _json(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return UNREADABLE
