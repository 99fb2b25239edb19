"""What must not be in the tree: paths of a machine, addresses of a package index, English on the screens."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH = re.compile(
    r"\b(the|and|with|from|not found|error|failed|please|loading|press|select|cancel|unknown|missing|is|are|of)\b",
    re.IGNORECASE,
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        if path != Path(__file__):
            yield path, path.read_bytes().decode("utf-8", "replace")


def test_no_path_of_a_machine_stands_in_the_tree() -> None:
    pattern = re.compile(r"(?<![\w.~$}])/(?:home|root|Users|work)/\w")
    assert [str(path.relative_to(ROOT)) for path, text in texts() if pattern.search(text)] == []


def test_no_address_of_a_package_index_stands_in_the_tree() -> None:
    option, folder, lock = "index" + "-url", "sim" + "ple", '"res' + 'olved":'  # in pieces: none stands here either
    pattern = re.compile(rf"{option}|https?://[^\s\"']*/{folder}\b|{lock}")
    assert [str(path.relative_to(ROOT)) for path, text in texts() if pattern.search(text)] == []


def messages() -> Iterator[tuple[str, str]]:
    """Every literal that goes through gettext, with the file it stands in."""
    for package in ("vtexmon", "screens"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "_msg"):
                    for argument in node.args:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield str(path.relative_to(ROOT)), argument.value


def test_what_people_read_is_portuguese() -> None:
    found = [(file, text) for file, text in messages() if ENGLISH.search(re.sub(r"\{.*?\}", "", text))]
    assert found == []
