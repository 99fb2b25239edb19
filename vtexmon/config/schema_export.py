"""The table of keys as a JSON schema, for editors and for ``vtexmon config schema``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from vtexmon.config.schema import TREE, Entries, Items, Key, Leaf, Names, Node, Table
from vtexmon.config.values import format_duration
from vtexmon.i18n import _


def json_schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of ``vtexmon.toml``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "vtexmon.toml"} | _of(TREE)


def _of(node: Node) -> dict[str, Any]:
    match node:
        case Leaf(key):
            return _leaf(key)
        case Table(children):
            required = [name for name, child in children.items() if isinstance(child, Leaf) and child.key.required]
            table = _closed() | {"properties": {name: _of(child) for name, child in children.items()}}
            return table | ({"required": required} if required else {})
        case Entries(entry, names):
            return {"type": "object", "additionalProperties": _of(entry)} | _names(names)
        case Items(item):
            return {"type": "array", "items": _of(item)}


def _closed() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False}


def _names(names: Names) -> dict[str, Any]:
    allowed = {"enum": list(names.known)} if names.known else {"pattern": f"^{names.pattern}$"}
    return {"propertyNames": allowed}


def _leaf(key: Key) -> dict[str, Any]:
    default = {} if key.default is None else {"default": _json(key.default)}
    return dict(key.kind.schema) | {"description": _(key.doc)} | default


def _json(value: Any) -> Any:
    match value:
        case timedelta():
            return format_duration(value)
        case tuple():
            return list(value)
        case _:
            return value
