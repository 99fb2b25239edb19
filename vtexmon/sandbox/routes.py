"""The table of calls: method and path template to handler, and which limit and lock a call falls under.

A template's ``{name}`` takes one path segment. Routes of a new API are added as one more module with its own
``ROUTES``.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from vtexmon.sandbox.state import Account, World
from vtexmon.sandbox.wire import (
    Answer,
    Record,
    RefusalError,
    Request,
    empty_answer,
    parse_json,
    refuse_text,
    text_answer,
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that found its route and its account."""

    request: Request
    account: Account
    world: World
    params: dict[str, str]

    def json(self) -> Any:
        """The body as JSON, refused with 400 when it is none."""
        return parse_json(self.request.body)

    def number(self, name: str) -> int:
        """A path parameter that must be a positive integer."""
        value = self.params[name]
        if not value.isdecimal() or int(value) < 1:
            raise refuse_text(400, f"The value '{value}' is not valid.")
        return int(value)

    def known_sku_id(self) -> int:
        """The path's SKU for Pricing and Logistics, which may be of any account's catalogue; 404 in text if of none."""
        sku_id = self.number("sku_id")
        if not self.world.has_sku(sku_id):
            raise refuse_text(404, f"SKU {sku_id} not found")
        return sku_id

    def query(self) -> Record:
        """The query's pairs."""
        return dict(self.request.query())


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One call.

    ``writes`` says that success changes the state; ``locks`` that two at once on one SKU and warehouse are refused.
    """

    method: str
    template: str
    handler: Handler
    limit: str
    writes: bool = False
    locks: bool = False

    @property
    def public(self) -> bool:
        """Public calls need no credentials."""
        return "/pub/" in self.template

    @property
    def is_pricing(self) -> bool:
        """Pricing answers with rate-limit headers, and its path names the account."""
        return self.limit.startswith("pricing")


class RouteTable:
    """Finds the route of a request by method and number of segments, then by template."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._buckets: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
        self._paths: list[re.Pattern[str]] = []
        for route in routes:
            pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route.template)))
            self._buckets.setdefault((route.method, route.template.count("/")), []).append((pattern, route))
            self._paths.append(pattern)

    def find(self, request: Request) -> tuple[Route, dict[str, str]]:
        """The route and its decoded parameters; refuses with 404, or 405 when only the method is wrong."""
        path = request.raw_path
        for pattern, route in self._buckets.get((request.method, path.count("/")), ()):
            match = pattern.fullmatch(path)
            if match:
                return route, {name: unquote(value) for name, value in match.groupdict().items()}
        known = any(pattern.fullmatch(path) for pattern in self._paths)
        raise RefusalError(empty_answer(405) if known else text_answer("Not Found", 404))
