"""What the documents name exists, and what exists is named."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from screens.commands import Scope, commands

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")

INVOCATION = re.compile(r"^(?:`|\| `)?vtexmon ([a-z]+)((?: [^`#\n|]*)?)", re.MULTILINE)
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
VERB_LINE = re.compile(r"^  ([a-z]+)  ", re.MULTILINE)


@cache
def help_of(*verb: str) -> str:
    command = [sys.executable, "-m", "vtexmon", *verb, "--help"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def verbs() -> set[str]:
    return set(VERB_LINE.findall(help_of().split("Comandos:", 1)[1]))


def test_every_verb_is_in_the_readme() -> None:
    missing = [verb for verb in verbs() if f"vtexmon {verb}" not in README and f"`{verb}" not in README]
    assert missing == []


@pytest.mark.parametrize("document", [README, MANUAL], ids=["README", "manual"])
def test_every_verb_and_flag_in_a_document_exists(document: str) -> None:
    known = verbs()
    for verb, rest in INVOCATION.findall(document):
        assert verb in known, verb
        for flag in FLAG.findall(rest):
            assert flag in help_of(verb), f"{verb} {flag}"


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make ([a-z]+)", README, re.MULTILINE)
    assert targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_key_has_words_for_the_help() -> None:
    for command in commands(tuple(Scope)):
        assert command.help, command.id
