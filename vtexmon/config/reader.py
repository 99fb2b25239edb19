"""From what TOML delivered to converted values, walking the table of keys. Every problem is collected; nothing stops.

The result has the file's shape, with defaults in place of what is absent; what could not be read stands as its default
too, so that the checks across keys can go on, and ``broken`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vtexmon.config.lines import KeyPath
from vtexmon.config.model import Secret
from vtexmon.config.places import Places, dotted, suggestion
from vtexmon.config.schema import TREE, Entries, Items, Leaf, Names, Node, Table
from vtexmon.config.values import Invalid, mismatch
from vtexmon.errors import Problem
from vtexmon.i18n import _

_ABSENT = object()


@dataclass
class Reading:
    """What was read so far: ``values`` in the file's shape, origins by dotted key, secrets by path, problems."""

    places: Places
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    secrets: dict[KeyPath, Secret] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[KeyPath] = field(default_factory=set)

    def report(self, path: KeyPath, what: str, remedy: str) -> None:
        """Note a problem at this key."""
        self.broken.add(path)
        self.problems.append(self.places.problem(path, what, remedy))


def read(data: dict[str, Any], places: Places) -> Reading:
    """Convert the whole document."""
    reading = Reading(places)
    reading.values = _read(reading, TREE, data, ())
    return reading


def _read(reading: Reading, node: Node, raw: object, path: KeyPath) -> Any:
    match node:
        case Leaf():
            return _value(reading, node, raw, path)
        case Table(children):
            return _table(reading, children, raw, path)
        case Entries(entry, names):
            return _entries(reading, entry, names, raw, path)
        case Items(item):
            return _items(reading, item, raw, path)


def _value(reading: Reading, leaf: Leaf, raw: object, path: KeyPath) -> Any:
    key = leaf.key
    reading.origins[dotted(path)] = reading.places.origin(path)
    if raw is _ABSENT:
        if key.required:
            reading.report(
                path, _("a chave é obrigatória e está faltando"), _("Acrescente-a: {doc}").format(doc=_(key.doc))
            )
        return key.default
    try:
        value = key.kind.convert(raw)
    except Invalid as invalid:
        reading.report(path, invalid.what, invalid.remedy)
        return key.default
    if value is None and key.required:
        reading.report(path, _("a chave é obrigatória e está vazia"), _("Preencha-a: {doc}").format(doc=_(key.doc)))
    if isinstance(value, Secret):
        reading.secrets[path] = value
    return value


def _as_table(reading: Reading, raw: object, path: KeyPath) -> dict[str, Any] | None:
    if raw is _ABSENT:
        return {}
    if isinstance(raw, dict):
        return raw
    invalid = mismatch(_("uma tabela"), raw, f"[{dotted(path)}]")
    reading.report(path, invalid.what, invalid.remedy)
    return None


def _table(reading: Reading, children: Mapping[str, Node], raw: object, path: KeyPath) -> dict[str, Any]:
    table = _as_table(reading, raw, path)
    if table is None:
        return {name: _blank(child) for name, child in children.items()}
    for name in table:
        if name not in children:
            reading.report((*path, name), _("chave desconhecida"), suggestion(name, children))
    return {name: _read(reading, child, table.get(name, _ABSENT), (*path, name)) for name, child in children.items()}


def _blank(node: Node) -> Any:
    """What stands for a part that cannot be read, so that its required keys are not reported as well."""
    match node:
        case Leaf(key):
            return key.default
        case Table(children):
            return {name: _blank(child) for name, child in children.items()}
        case Entries():
            return {}
        case Items():
            return []


def _entries(reading: Reading, entry: Node, names: Names, raw: object, path: KeyPath) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, item in (_as_table(reading, raw, path) or {}).items():
        here = (*path, name)
        if names.allows(name):
            values[name] = _read(reading, entry, item, here)
        elif names.known:
            reading.report(here, _("nome desconhecido"), suggestion(name, names.known))
        else:
            rule = _("Use só {rule}.").format(rule=_(names.rule)) if names.rule else _("Escreva um nome.")
            reading.report(here, _("nome não permitido"), rule)
    return values


def _items(reading: Reading, item: Node, raw: object, path: KeyPath) -> list[Any]:
    if raw is _ABSENT:
        return []
    if not isinstance(raw, list):
        invalid = mismatch(_("uma lista de tabelas"), raw, f"[[{dotted(path)}]]")
        reading.report(path, invalid.what, invalid.remedy)
        return []
    return [_read(reading, item, element, (*path, index)) for index, element in enumerate(raw)]
