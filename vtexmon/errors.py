"""Errors that a person reads: what happened, what it means, what to do.

VtexmonError                   anything that ends a command with a sentence instead of a traceback
├── UsageError                 exit 2: wrong arguments, unknown id, unreadable source layout
│   └── ConfigurationError     exit 2: every problem of the configuration at once
├── Refused                    exit 4: read-only, no permission, not confirmed
└── Unreachable                exit 5: VTEX or the source cannot be reached, or refuses the credentials
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class VtexmonError(Exception):
    """An error with a sentence for the operator; ``exit_code`` is the command's exit status (DESIGN.md section 8)."""

    exit_code = 1


class UsageError(VtexmonError):
    """The command, the configuration or the source's layout is wrong; nothing was sent."""

    exit_code = 2


class Refused(VtexmonError):  # noqa: N818 - it is no fault, it is a no
    """The program could, but may not: read-only, no permission, or not confirmed."""

    exit_code = 4


class Unreachable(VtexmonError):  # noqa: N818 - named for what is the case
    """The other side cannot be reached or refuses the credentials."""

    exit_code = 5


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file a person wrote: where it is, what is wrong, how to put it right."""

    file: str
    line: int | None
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.what}. {self.remedy}"


class ConfigurationError(UsageError):
    """All problems of a configuration, told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
