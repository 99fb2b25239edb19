"""Sizes as a signal to redesign: no module over 400 lines, no function over 40."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40

MODULES = sorted(
    path
    for package in ("vtexmon", "screens")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)


def functions_of(path: Path) -> list[tuple[str, int]]:
    """The functions of a module with their lengths, the docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            documented = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
            found.append((node.name, (node.end_lineno or 0) - node.lineno + 1 - documented))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE, f"{lines} lines: which second idea moved in?"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    too_long = [f"{name}: {length}" for name, length in functions_of(path) if length > LONGEST_FUNCTION]
    assert not too_long
