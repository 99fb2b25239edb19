"""Words for people: Portuguese is written in the code, other languages are gettext catalogues in ``locale/``.

The message ids are the Portuguese sentences themselves, so that a missing catalogue can never show English to an
operator. ``use_language`` is called when the program starts; ``_`` when the words are needed, never at import.
The compiled catalogue is committed (``make messages`` makes it, a test compares it with its source): the start then
needs nothing but the standard library, and an installation no build step.
"""

from __future__ import annotations

import gettext
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent / "locale"
DOMAIN = "vtexmon"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str) -> None:
    """Make ``_`` and ``ngettext`` answer in ``language`` (``pt_BR`` or ``en``); unknown ones stay in Portuguese."""
    global _catalogue
    _catalogue = gettext.translation(DOMAIN, str(LOCALE_FOLDER), languages=[language], fallback=True)


def _(message: str) -> str:
    """The message in the language in use."""
    return _catalogue.gettext(message) if message else ""  # gettext answers its own header to an empty message


def msg(message: str) -> str:
    """Mark a message that stands in a table for the catalogue; ``_`` translates it when it is shown."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the message that fits ``count``; the caller formats the number in."""
    return _catalogue.ngettext(singular, plural, count)
