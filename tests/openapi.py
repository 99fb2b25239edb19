"""VTEX's own OpenAPI files, where they lie beside the project: operations by method and path, bodies as JSON schema.

The files' known defects are handled here and the files are left as they are (the README beside them lists the defects):
a body that an operation declares is demanded although ``requestBody.required`` is absent, unknown fields are refused
although no schema says so (which also keeps a wrong type from slipping through the two shapes of product creation),
and ``nullable`` becomes a type.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from vtexmon.core.exchange import Api

FOLDER = Path(__file__).parents[1].parent / "shared" / "vtex-openapi"
needs_openapi = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"VTEX's OpenAPI files are not in {FOLDER}")
FILES = {
    Api.CATALOG: "VTEX - Catalog API.json",
    Api.PRICING: "VTEX - Pricing API.json",
    Api.LOGISTICS: "VTEX - Logistics API.json",
}


class Operation(NamedTuple):
    """One operation, its parameters with references followed, and what a path says for those of the path."""

    template: str
    parameters: list[dict[str, Any]]
    path_values: dict[str, str]
    body_schema: dict[str, Any] | None


@cache
def document(api: Api) -> Any:
    return json.loads((FOLDER / FILES[api]).read_text("utf-8"))


def operation(api: Api, method: str, path: str) -> Operation | None:
    """The operation for a method and a path; of several templates that fit, the one with the fewest parameters."""
    found = [
        (template.count("{"), template, match.groupdict())
        for template, pattern in _templates(api, method)
        if (match := pattern.fullmatch(path))
    ]
    if not found:
        return None
    _count, template, values = min(found, key=lambda one: one[0])
    parameters, body = _declared(api, method, template)
    return Operation(template, parameters, values, body)


@cache
def _templates(api: Api, method: str) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (template, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)))
        for template, methods in document(api)["paths"].items()
        if method.lower() in methods
    ]


@cache
def _declared(api: Api, method: str, template: str) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    root = document(api)
    declared = root["paths"][template][method.lower()]
    parameters = [_followed(parameter, root) for parameter in declared.get("parameters", [])]
    content = declared.get("requestBody", {}).get("content")
    return parameters, as_json_schema(content["application/json"]["schema"], root) if content else None


def as_json_schema(schema: Any, root: Any) -> Any:
    """An OpenAPI 3.0 schema as a JSON schema: references followed, ``nullable`` as a type, unknown fields refused."""
    if isinstance(schema, list):
        return [as_json_schema(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return as_json_schema(_followed(schema, root), root)
    made = {name: as_json_schema(item, root) for name, item in schema.items() if name not in ("example", "description")}
    if "properties" in made and isinstance(schema["properties"], dict):
        made["additionalProperties"] = False
    if made.pop("nullable", False) and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _followed(schema: Any, root: Any) -> Any:
    while "$ref" in schema:
        target = root
        for name in schema["$ref"].split("/")[1:]:
            target = target[name]
        schema = target
    return schema
