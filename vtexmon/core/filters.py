"""What a person filters logs by, as a value, and which records it lets through.

``Filter`` is what the screen, the command line and saved views agree on; ``store/`` turns it into SQL and ``matches``
is what that SQL must answer. Inside a field the values mean *or*, between fields *and*; an empty or None field does not
restrict. How people write it is ``filter_syntax.py``; completions and words for it are ``filter_help.py``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from vtexmon.core.failures import FailureClass
from vtexmon.core.records import LogRecord
from vtexmon.core.status import Phase, Status
from vtexmon.core.text import fold

KEY_SEPARATOR = ";"


class KeyMatch(StrEnum):
    """How a key term is compared (DESIGN.md section 8)."""

    WHOLE = "whole"  # the whole key, or one whole component
    PREFIX = "prefix"  # the key, or one component, begins so
    INSIDE = "inside"  # anywhere in the key


@dataclass(frozen=True, order=True)
class KeyTerm:
    """One value of ``chave:``; ``text`` is folded as ``folded_key`` folds a record's key."""

    text: str
    kind: KeyMatch = KeyMatch.WHOLE

    def matches(self, key_values: str) -> bool:
        """Whether a record's ``;``-joined key values match."""
        whole = folded_key(key_values)
        candidates = (whole, *whole.split(KEY_SEPARATOR))
        match self.kind:
            case KeyMatch.WHOLE:
                return self.text in candidates
            case KeyMatch.PREFIX:
                return any(candidate.startswith(self.text) for candidate in candidates)
            case KeyMatch.INSIDE:
                return self.text in whole


@dataclass(frozen=True)
class AttemptRange:
    """Resend attempts from ``minimum`` to ``maximum``, both included; None = open on that side."""

    minimum: int | None = None
    maximum: int | None = None

    def holds(self, attempts: int) -> bool:
        """Whether a number of attempts lies in the range."""
        return (self.minimum is None or attempts >= self.minimum) and (self.maximum is None or attempts <= self.maximum)


@dataclass(frozen=True)
class Period:
    """A span of time in UTC: ``since`` included, ``until`` excluded; None = open on that side."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in the period."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True)
class Filter:
    """Everything a filter can ask for. Texts are folded, times are UTC, ``words`` are prefixes that must all be found.

    ``accounts`` and ``channels`` are folded too: compare them with the folded column. ``changed`` is *fonte alterada*.
    """

    statuses: frozenset[Status] = frozenset()
    modules: frozenset[str] = frozenset()
    companies: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()
    keys: frozenset[KeyTerm] = frozenset()
    classes: frozenset[FailureClass] = frozenset()
    fingerprints: frozenset[str] = frozenset()
    phases: frozenset[Phase] = frozenset()
    accounts: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()
    attempts: AttemptRange | None = None
    created: Period | None = None
    updated: Period | None = None
    changed: bool | None = None
    words: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether every record passes."""
        return self == Filter()


def folded_key(key_values: str) -> str:
    """The ``;``-joined key with each component folded: what the store keeps to answer ``chave:``."""
    return KEY_SEPARATOR.join(fold(component) for component in key_values.split(KEY_SEPARATOR))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, each once, in order: runs of letters and digits, as in FTS5's ``unicode61``."""
    runs = ("".join(run) for is_word, run in groupby(fold(text), str.isalnum) if is_word)
    return tuple(dict.fromkeys(runs))


def search_text(
    key_values: str, *, reference: str = "", title: str = "", external_id: str | None = None, message: str = ""
) -> str:
    """What the free text of a filter is looked for in, as blank-separated folded words."""
    return " ".join(words(" ".join((key_values, reference, title, external_id or "", message))))


def matches(query: Filter, record: LogRecord, text: str | None = None) -> bool:
    """Whether a record passes. ``text`` is its stored search text, where that knows more than the record itself."""
    return (
        _among(record.status, query.statuses)
        and _among(record.module, query.modules)
        and _among(record.company, query.companies)
        and _among(record.branch, query.branches)
        and _among(record.failure_class, query.classes)
        and _among(record.fingerprint, query.fingerprints)
        and _among(record.phase, query.phases)
        and _among(fold(record.account), query.accounts)
        and _among(fold(record.channel), query.channels)
        and _among(record.id, query.ids)
        and (not query.keys or any(term.matches(record.key_values) for term in query.keys))
        and (query.attempts is None or query.attempts.holds(record.attempts))
        and (query.created is None or query.created.holds(record.created_at))
        and (query.updated is None or query.updated.holds(record.updated_at))
        and query.changed in (None, record.source_changed)
        and _has_words(query.words, record, text)
    )


def _among(value: object, allowed: Container[object]) -> bool:
    return not allowed or value in allowed


def _has_words(wanted: Iterable[str], record: LogRecord, text: str | None) -> bool:
    if not wanted:
        return True
    if text is None:
        text = search_text(record.key_values, external_id=record.external_id, message=record.message)
    present = text.split()
    return all(any(word.startswith(prefix) for word in present) for prefix in wanted)
