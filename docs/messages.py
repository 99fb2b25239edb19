"""``make messages``: brings the English catalogue up to date with the sentences in the code, and compiles it.

The translations are kept in the ``.po`` file; what is no longer said is dropped from it, what is new stands there with
an empty translation and is listed. Neither file holds dates, names or line numbers: they change with the words only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from vtexmon.cli import words
from vtexmon.cli.root import VERBS, command
from vtexmon.config.schema import KEYS
from vtexmon.i18n import DOMAIN, LOCALE_FOLDER

ROOT = Path(__file__).parents[1]
LANGUAGE = "en"
SOURCE = LOCALE_FOLDER / LANGUAGE / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED = SOURCE.with_suffix(".mo")
PACKAGES = ("vtexmon", "screens")
MARKS = {"_": 1, "msg": 1, "ngettext": 2}
"""The functions that a message is written in, and how many of their arguments are its forms."""

HEADER = "# English words for vtexmon. Written by hand but for the list of messages, which `make messages` keeps."
WIDTH = 120


class Words(Catalog):
    """A catalogue whose header says only what its readers need."""

    def __init__(self) -> None:
        super().__init__(locale=LANGUAGE, header_comment=HEADER, fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What gettext and the editors of catalogues read."""
        return [
            ("Language", LANGUAGE),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def said() -> Words:
    """Every message in the code, without translations: what is marked, and what tables of the program hold."""
    catalog = Words()
    for file in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        for message in marked(file.read_text(encoding="utf-8")):
            catalog.add(message, locations=[(file.relative_to(ROOT).as_posix(), 0)])
    for place, messages in (("vtexmon/cli", _help_texts()), ("vtexmon/config/schema.py", (key.doc for key in KEYS))):
        for text in messages:
            catalog.add(text, locations=[(place, 0)])
    return catalog


def marked(code: str) -> Iterator[str | tuple[str, ...]]:
    """The messages of a module, in its order. Babel's own extractor does not look into f-strings before Python 3.12."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        forms = MARKS.get(call.func.id, 0) if isinstance(call.func, ast.Name) else 0
        texts = tuple(one.value for one in call.args[:forms] if isinstance(one, ast.Constant) and one.value)
        if forms and len(texts) == forms:
            yield texts if forms > 1 else texts[0]


def known() -> Catalog:
    """The catalogue as it stands in the tree."""
    with SOURCE.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain=DOMAIN)


def with_translations(catalog: Words, translated: Catalog) -> Words:
    """The messages of the one with the translations of the other."""
    for message in catalog:
        if message.id and (found := translated.get(message.id)) is not None:
            message.string = found.string
    return catalog


def missing(catalog: Iterable[Any]) -> list[str]:
    """The messages without a translation, a plural's every form included."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]


def source_of(catalog: Catalog) -> bytes:
    """The text of the ``.po`` file."""
    text = BytesIO()
    write_po(text, catalog, width=WIDTH, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return text.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The content of the ``.mo`` file."""
    content = BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def _help_texts() -> Iterator[str]:
    root = command()
    yield from words.texts(root)
    for name in VERBS:
        yield from words.texts(root.get_command(None, name))


def main() -> int:
    """Write both files; 1 when something has to be translated."""
    catalog = with_translations(said(), known() if SOURCE.exists() else Words())
    SOURCE.parent.mkdir(parents=True, exist_ok=True)
    SOURCE.write_bytes(source_of(catalog))
    COMPILED.write_bytes(compiled(catalog))
    untranslated = missing(catalog)
    for message in untranslated:
        sys.stderr.write(f"without translation: {message}\n")
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
