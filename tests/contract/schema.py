"""Whether a request is one that VTEX's own OpenAPI files declare, in every part that the journal holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from tests.contract.journal import UNREADABLE, Seen
from tests.openapi import operation


def _is_integer(_checker: Any, value: Any) -> bool:
    """JSON Schema takes 1.0 for an integer; a reader of typed JSON may not."""
    return isinstance(value, int) and not isinstance(value, bool)


_STRICT = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def breaches(seen: Seen) -> Iterator[str]:
    """What OpenAPI has against a request; nothing when it is valid."""
    declared = operation(seen.api, seen.method, seen.path) if seen.api else None
    if declared is None:
        yield f"{seen}: no such operation in the file of its API"
        return
    types = {(one["in"], one["name"]): one["schema"].get("type") for one in declared.parameters}
    for name, value in declared.path_values.items():
        if not _is_of(types.get(("path", name)), value):
            yield f"{seen}: {name} is not of the declared type"
    yield from _query_breaches(seen, declared.parameters, types)
    yield from _body_breaches(seen, declared.body_schema)


def _is_of(declared: str | None, value: str) -> bool:
    if declared == "integer":
        return value.isascii() and value.isdigit()
    if declared == "boolean":
        return value in ("true", "false")
    return declared is not None and value != ""


def _query_breaches(seen: Seen, parameters: list[dict[str, Any]], types: dict[tuple[str, str], Any]) -> Iterator[str]:
    names = [name for name, _value in seen.query]
    for name, value in seen.query:
        if not _is_of(types.get(("query", name)), value):
            yield f"{seen}: query {name}={value} is not declared, or not of the declared type"
    yield from (f"{seen}: query {name} twice" for name in {name for name in names if names.count(name) > 1})
    wanted = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
    yield from (f"{seen}: query {name} is missing" for name in sorted(wanted - set(names)))


def _body_breaches(seen: Seen, schema: dict[str, Any] | None) -> Iterator[str]:
    if seen.body == UNREADABLE:
        yield f"{seen}: the body is not JSON"
    elif (seen.body is None) != (schema is None):
        yield f"{seen}: a body is {'missing' if schema else 'sent that is not declared'}"
    elif schema is not None:
        error = best_match(_STRICT(schema).iter_errors(seen.body))
        if error is not None:
            yield f"{seen}: {error.json_path} {error.message[:300]}"
