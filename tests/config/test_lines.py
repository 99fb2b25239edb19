"""Each key of a TOML text is found on the line where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.config.lines import KeyPath, key_lines

TEXT = '''# comentário
language = "pt_BR"

[database]  # comentário [falso]
url = "sqlite:///a#b.db"
[catalog]
sku_dimensions = { weight = 1, height = 2 } # x
trade_policy.b2c = 1
"nome com # e ]" = 'literal "com" aspas'
[[regionals]]
name = "um"
branches = [
  12, # comentário ]
  13,
]
[[regionals]]
name = """
várias
linhas [[x]] = 1"""
after = 3
[regionals.sub]
x = 1
[limits.catalog]
rate = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("language",), 2),
        (("database",), 4),
        (("database", "url"), 5),
        (("catalog", "sku_dimensions", "height"), 7),
        (("catalog", "trade_policy", "b2c"), 8),
        (("catalog", "nome com # e ]"), 9),
        (("regionals", 0), 10),
        (("regionals", 0, "branches"), 12),
        (("regionals", 0, "branches", 1), 14),
        (("regionals", 1), 16),
        (("regionals", 1, "name"), 17),
        (("regionals", 1, "after"), 20),
        (("regionals", 1, "sub", "x"), 22),
        (("limits",), 23),
        (("limits", "catalog", "rate"), 24),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_key_has_its_line(path: KeyPath, line: int, line_end: str) -> None:
    assert key_lines(TEXT.replace("\n", line_end))[path] == line


@pytest.mark.parametrize(
    "value",
    [
        '""',
        "''",
        '""""""',
        '"""a"" b"""',
        '"""fim com duas""\\\n"""',
        '"""a"""""',
        "'''''a'''''",
        '"a\\"b]"',
        '"\\\\"',
        "[[1, 2], ['a', \"]\"], []]",
        "[{ a = 1 }, { a = [2, 3] }]",
        "1979-05-27 07:32:00",
        "{}",
        "{ a.b = 1, 'c d' = \"}\" }",
    ],
)
def test_the_key_after_any_kind_of_value_is_still_found(value: str) -> None:
    text = f"first = {value}\nlast = 1\n"
    last_line = text.count("\n")

    assert tomllib.loads(text)["last"] == 1
    assert key_lines(text)["last",] == last_line


def flat(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in items:
        yield (*path, name), child
        if isinstance(child, dict | list):
            yield from flat(child, (*path, name))


NAMES = st.text(st.sampled_from("abc-_é \"'.#]="), min_size=1, max_size=4)
LEAVES = st.none() | st.text(st.sampled_from("a\"'#]}=,\n\\ é"), max_size=8)
DOCUMENTS = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=12,
    ),
    max_size=5,
)


def marked(node: Any, numbers: Iterator[int]) -> Any:
    """The same document, each None replaced by a number that occurs once."""
    match node:
        case dict():
            return {name: marked(child, numbers) for name, child in node.items()}
        case list():
            return [marked(child, numbers) for child in node]
        case None:
            return next(numbers)
        case _:
            return node


@given(DOCUMENTS)
def test_the_scanner_finds_exactly_the_keys_that_tomllib_finds(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(marked(document, count(7_000_001)))
    data = tomllib.loads(text)

    lines = key_lines(text)

    assert set(lines) == {path for path, _value in flat(data)}
    rows = text.split("\n")
    for path, value in flat(data):
        if isinstance(value, int):
            assert str(value) in rows[lines[path] - 1]
