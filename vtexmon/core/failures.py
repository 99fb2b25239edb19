"""What went wrong, as a value: class, sentence, fingerprint, and what the operator should do.

Which answer is which class is decided where the answer is read (``vtex/answers.py``, the sources); what a class means is
decided here, once.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum


class FailureClass(StrEnum):
    """The failure classes of DESIGN.md section 4, in the words the screen shows."""

    TRANSIENT = "transitório"
    CREDENTIAL = "credencial"
    CONTEXT = "contexto"
    DATA = "dado"
    DEPENDENCY = "dependência"
    BUSINESS = "negócio"
    DUPLICATE = "duplicado"
    UNKNOWN = "desconhecido"


_NUMBERS = re.compile(r"\d+")
_QUOTED = re.compile(r"""(["'“‘]).*?(["'”’])""")
_BLANKS = re.compile(r"\s+")


def normalised(message: str) -> str:
    """The message with its numbers and quoted values taken out, so that equal causes read equal."""
    return _BLANKS.sub(" ", _NUMBERS.sub("#", _QUOTED.sub("«»", message))).strip().casefold()


def fingerprint(failure_class: FailureClass, endpoint: str, message: str) -> str:
    """Sixteen hex digits that are the same for the same cause: class, endpoint without ids, normalised message."""
    text = "\n".join((failure_class.value, _NUMBERS.sub("#", endpoint), normalised(message)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Failure:
    """One failure of one record: ``message`` is what happened, ``advice`` what to do, both in the operator's words."""

    failure_class: FailureClass
    message: str
    endpoint: str = ""
    advice: str = ""

    @property
    def fingerprint(self) -> str:
        """The cause this failure belongs to."""
        return fingerprint(self.failure_class, self.endpoint, self.message)

    @property
    def left_to_people(self) -> bool:
        """Whether ``[resend] leave_data_errors`` keeps this failure from being resent automatically."""
        return self.failure_class is FailureClass.DATA
