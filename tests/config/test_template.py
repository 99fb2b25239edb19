"""The annotated vtexmon.toml: complete, true to the defaults, and the same file that ``vtexmon init`` writes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from vtexmon.config import json_schema, load, require_credentials, settings
from vtexmon.config.lines import KeyPath
from vtexmon.config.listing import Setting
from vtexmon.config.loading import examine
from vtexmon.config.places import Places
from vtexmon.config.reader import read
from vtexmon.config.schema import KEYS, TREE, Entries, Items, Leaf, Node, Table

ROOT = Path(__file__).parents[2]
FILE = ROOT / "vtexmon.toml"
CREDENTIALS = {f"VTEX_{account}_APP_{part}": "x" for account in ("NACIONAL", "SP") for part in ("KEY", "TOKEN")}
OFF = re.compile(r'# (?="?[\w ]+"? = |\[)')
EXAMPLES = (
    "source.path",
    "accounts.",
    "catalog.b2c",
    "catalog.default_brand",
    "regionals[0].",
    "finance[0].",
    "schedules.",
    "resend.max_attempts",
)


def test_the_root_file_is_the_one_that_init_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == files("vtexmon.config").joinpath("template.toml").read_text(
        encoding="utf-8"
    )


def test_it_loads_without_problems_when_its_references_are_set() -> None:
    require_credentials(load(FILE, CREDENTIALS))


def test_it_is_valid_under_the_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(tomllib.loads(FILE.read_text(encoding="utf-8")), json_schema())


def patterns(node: Node, raw: Any) -> Iterator[str]:
    """The rows of the table of keys that a document uses; an unknown key is a KeyError."""
    match node:
        case Leaf(key):
            yield key.pattern
        case Table(children):
            for name, child in raw.items():
                yield from patterns(children[name], child)
        case Entries(entry):
            for child in raw.values():
                yield from patterns(entry, child)
        case Items(item):
            for child in raw:
                yield from patterns(item, child)


def documented() -> Iterator[str]:
    """Each line of the file by itself under its header, those that are switched off switched on."""
    header = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        statement = OFF.sub("", line, count=1) if line.startswith("# ") else line
        if statement.startswith("["):
            header = statement
        elif not statement.startswith("#"):
            yield from patterns(TREE, tomllib.loads(f"{header}\n{statement}\n"))


def test_every_key_is_documented_and_nothing_else() -> None:
    assert set(documented()) == {key.pattern for key in KEYS}


def test_every_value_is_the_codes_default_or_an_example() -> None:
    given = {setting.key: setting for setting in settings(load(FILE, CREDENTIALS))}
    empty = examine("", FILE, {}).config
    assert empty is not None
    defaults = {setting.key: setting for setting in settings(empty)}

    def values(found: dict[str, Setting]) -> dict[str, Any]:
        return {key: setting.value for key, setting in found.items() if not key.startswith(EXAMPLES)}

    assert values(given) == values(defaults)


def test_each_switched_off_line_would_be_accepted() -> None:
    """Switching a line on may break a rule between keys, but never the reading of that key."""
    header = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        statement = OFF.sub("", line, count=1) if line.startswith("# ") else line
        header = statement if statement.startswith("[") else header
        if statement == line or statement.startswith("["):
            continue
        reading = read(tomllib.loads(f"{header}\n{statement}"), Places(FILE))
        own: list[KeyPath] = [path for path in reading.broken if not _is_required(path)]
        assert own == [], statement


def _is_required(path: KeyPath) -> bool:
    return path[-1] in {key.pattern.rpartition(".")[2] for key in KEYS if key.required}
