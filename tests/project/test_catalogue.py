"""English is a whole second language: every sentence of the program is translated, with the same places in it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message

from docs import messages
from vtexmon.cli.root import VERBS
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Status
from vtexmon.i18n import _, use_language

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "vtexmon" / "config"

MANUALS_LABELS = (
    "Id Log",
    "Campos Chave",
    "Valores Chave",
    "Status",
    "Funcionalidade",
    "Módulo",
    "Data de Criação",
    "Data da última alteração",
    "Criador por",
    "Alterado Por",
    "Número de tentativas de Reenvio",
    "Id. Item Log",
    "Id. Log",
    "Mensagem",
    "Dados Enviados",
    "Dados Recebidos",
    "Data da última Alteração",
)
"""The manual's fields: their labels are the same in every language, so that the manual can be followed."""

VERBATIM = re.compile(
    "|".join(
        (
            *MANUALS_LABELS,
            *Status,
            *(module.label for module in MODULES.values()),
            *(module.feature.value for module in MODULES.values()),
            "Número de tentativas de reenvio",
            "Parâmetros",
            "Nível de Ensino",
            r"Filia(?:l|is)",
            "Coligada",
            "Nome da Conta",
            "Ambiente",
        )
    )
)
"""What stands in English sentences as it stands in the manual and in the data."""

PORTUGUESE = re.compile(
    r"[à-öø-ÿ]|\b(?:não|de|da|dos|das|em|para|(?<!\.)com|que|uma?|foi|ainda|nenhum|nada|sem|por|já|até|depois|antes"
    r"|enviad[oa]s?|reenvio|conta|registro|arquivo|origem|banco|motor|linha|chave|erro|aguardando)\b",
    re.IGNORECASE,
)
PLACES = re.compile(r"\{[^{}]*\}|%[A-Za-z]|\\\d")
NAMES = re.compile(rf"--[a-z][a-z-]*|[a-z0-9]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z]+)+|vtexmon (?:{'|'.join(VERBS)})|\w+://")
"""Options, keys of the configuration, variables, commands: people type them, so they are in no language."""


def translated() -> list[Message]:
    return [message for message in messages.known() if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """Each Portuguese form with its English one."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


PAIRS = [pair for message in translated() for pair in forms(message)]


def foreign(text: str) -> list[str]:
    """The Portuguese that is left in an English text."""
    return PORTUGUESE.findall(VERBATIM.sub("", text))


# the catalogue


def test_it_holds_the_sentences_of_the_program_and_no_others() -> None:
    said = {message.id for message in messages.said() if message.id}

    assert {message.id for message in translated()} ^ said == set(), "run: make messages"


def test_every_sentence_has_its_translation() -> None:
    assert messages.missing(messages.known()) == []
    assert [message.id for message in translated() if message.fuzzy] == []
    assert not messages.known().obsolete


def test_the_compiled_catalogue_is_the_one_in_words() -> None:
    catalog = messages.with_translations(messages.said(), messages.known())

    assert messages.compiled(catalog) == messages.COMPILED.read_bytes(), "run: make messages"


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    assert [pair for pair in PAIRS if sorted(PLACES.findall(pair[0])) != sorted(PLACES.findall(pair[1]))] == []


def test_what_people_type_is_the_same_in_both_languages() -> None:
    assert [pair for pair in PAIRS if set(NAMES.findall(pair[0])) != set(NAMES.findall(pair[1]))] == []


def test_blanks_around_a_sentence_stay() -> None:
    def around(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [pair for pair in PAIRS if around(pair[0]) != around(pair[1])] == []


def test_no_portuguese_is_left_in_a_translation() -> None:
    assert [(words, foreign(words)) for _portuguese, words in PAIRS if foreign(words)] == []


def test_the_labels_of_the_manual_stay_as_they_are() -> None:
    use_language("en")

    assert [_(label) for label in MANUALS_LABELS] == list(MANUALS_LABELS)


def test_the_source_changes_with_the_words_only() -> None:
    text = messages.SOURCE.read_text(encoding="utf-8")
    places = {line.removeprefix("#: ") for line in text.splitlines() if line.startswith("#:")}

    assert not re.search(r"Date|Translator|Generated|Team", text.partition("\n\n")[0])
    assert [place for line in places for place in line.split() if not (ROOT / place).exists()] == []
    assert not re.search(r"^#:.*:\d", text, re.MULTILINE)


def test_a_message_inside_an_f_string_is_found() -> None:
    code = """f"{_('um')} {ngettext('dois', 'três', n)}"; _(dynamic); msg("quatro")"""

    assert set(messages.marked(code)) == {"um", ("dois", "três"), "quatro"}


def called_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that run when a module is imported: those outside of every function's body."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for outside in (*node.decorator_list, node.args):
                yield from called_at_import(outside)
        else:
            yield from called_at_import(node)


def test_no_sentence_is_fixed_when_a_module_is_imported() -> None:
    frozen = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for package in messages.PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for call in called_at_import(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext")
    ]

    assert frozen == []


# the files that people are given


def test_the_two_templates_differ_in_comments_and_language_only() -> None:
    portuguese, english = (
        (CONFIG / name).read_text(encoding="utf-8") for name in ("template.toml", "template.en.toml")
    )

    def keys(text: str) -> list[str]:
        lines = (re.sub(r"(?<=[\w\]\"}])\s+# .*", "", line) for line in text.splitlines())
        return [line for line in lines if re.match(r"#? ?[\w\"]+ = |#? ?\[", line) and "language" not in line]

    assert tomllib.loads(english) == tomllib.loads(portuguese) | {"language": "en"}
    assert keys(english) == keys(portuguese)
    assert len(english.splitlines()) == len(portuguese.splitlines())
