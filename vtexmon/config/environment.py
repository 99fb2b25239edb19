"""Overrides from the environment: ``VTEXMON_DATABASE__URL`` replaces ``database.url``; ``__`` separates the levels.

Case does not matter. Only single values can be replaced; a variable that names nothing is a problem, not a silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from vtexmon.config.lines import KeyPath
from vtexmon.config.places import environment_problem
from vtexmon.config.schema import KEYS, TREE, Entries, Items, Leaf, Node, Table
from vtexmon.config.values import Invalid
from vtexmon.errors import Problem
from vtexmon.i18n import _

PREFIX = "VTEXMON_"
_RESERVED = "VTEXMON_CONFIG"
_RESERVED_PREFIX = "VTEXMON_TEST_"
_VARIABLES = tuple(PREFIX + key.pattern.replace(".", "__").upper() for key in KEYS if not set("*[") & set(key.pattern))


def override(data: dict[str, Any], environ: Mapping[str, str]) -> tuple[dict[KeyPath, str], list[Problem]]:
    """Put the environment's values into ``data`` (changed in place); returns the variable of each replaced key."""
    replaced: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        upper = variable.upper()
        if not upper.startswith(PREFIX) or upper == _RESERVED or upper.startswith(_RESERVED_PREFIX):
            continue
        try:
            path, leaf = _target(variable, data)
        except Invalid as invalid:
            problems.append(environment_problem(variable, variable, invalid.what, invalid.remedy))
            continue
        if _put(data, path, leaf.key.kind.from_text(environ[variable])):
            replaced[path] = variable
    return replaced, problems


def _target(variable: str, data: Mapping[str, Any]) -> tuple[KeyPath, Leaf]:
    node: Node = TREE
    here: Any = data
    path: KeyPath = ()
    for segment in variable[len(PREFIX) :].split("__"):
        name, node = _step(node, segment, here if isinstance(here, dict) else {}, variable)
        here = here.get(name) if isinstance(here, dict) else None
        path = (*path, name)
    match node:
        case Leaf(key) if key.kind.scalar:
            return path, node
        case Leaf() | Items():
            raise _list_error()
        case Table() | Entries():
            raise _unknown(variable)


def _step(node: Node, segment: str, here: Mapping[str, Any], variable: str) -> tuple[str, Node]:
    match node:
        case Table(children) if segment.lower() in children:
            return segment.lower(), children[segment.lower()]
        case Entries(entry, names):
            present = (name for name in here if name.casefold() == segment.casefold())
            name = next(present, segment.lower())
            if name and names.allows(name):
                return name, entry
            raise _unknown(variable)
        case Items():
            raise _list_error()
        case Table() | Leaf():
            raise _unknown(variable)


def _unknown(variable: str) -> Invalid:
    near = difflib.get_close_matches(variable.upper(), _VARIABLES, 1)
    remedy = (
        _("Você quis dizer {name}?") if near else _("Veja as chaves em vtexmon config schema; __ separa os níveis.")
    )
    return Invalid(_("a variável não corresponde a nenhuma chave"), remedy.format(name="".join(near)))


def _list_error() -> Invalid:
    return Invalid(
        _("listas não podem ser substituídas pelo ambiente"), _("Escreva a lista no arquivo de configuração.")
    )


def _put(data: dict[str, Any], path: KeyPath, value: object) -> bool:
    """Whether the value found its place; a file with another type on the way has its own problem."""
    table: Any = data
    for name in path[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            return False
    table[path[-1]] = value
    return True
