"""One request to VTEX and what came of it, as values: integrations ask, the client answers, the store keeps.

``Verdict`` is the only thing the engine decides by. It says what is known about the request, not how VTEX worded it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from vtexmon.core.failures import Failure

Json = Any
"""A decoded JSON value. VTEX's answers do not follow its own schemas, so their shape is checked where it is used."""


class Api(StrEnum):
    """The APIs of an account that have their own limits, breaker and pause (DESIGN.md section 11)."""

    CATALOG = "catalog"
    PRICING = "pricing"
    LOGISTICS = "logistics"


class Verdict(StrEnum):
    """What is known about a request after trying it."""

    DONE = "done"  # answered 2xx and readable
    MISSING = "missing"  # a read found nothing: 404, or the literal null with 200
    REFUSED = "refused"  # VTEX said no and why; nothing was changed
    NOT_PROCESSED = "not_processed"  # 429, 503 with Retry-After, 423: try later, nothing was changed
    CREDENTIAL = "credential"  # 401, 403, a redirect or a login page
    NOT_SENT = "not_sent"  # connect error, connect timeout or pool timeout: it never left
    UNKNOWN = "unknown"  # no answer after sending, 5xx, unreadable 2xx: it may have been applied


@dataclass(frozen=True)
class Request:
    """One call: ``path`` starts with ``/`` and is relative to the API's base URL; ``endpoint`` is the path without ids.

    ``body`` None sends no body. ``query`` values are text.
    """

    api: Api
    method: str
    path: str
    body: Json = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_write(self) -> bool:
        """Whether this changes something at VTEX. The one POST that reads is named here."""
        return self.method != "GET" and not self.path.endswith("/stockkeepingunitidsbyrefids")

    @property
    def is_public(self) -> bool:
        """Whether VTEX answers it to anybody, so that its answer says nothing about the credentials."""
        return "/pub/" in self.path

    @property
    def target(self) -> str:
        """Path and query as one text, as it is shown and kept."""
        if not self.query:
            return self.path
        return self.path + "?" + "&".join(f"{name}={value}" for name, value in self.query.items())


@dataclass(frozen=True)
class Answer:
    """What came back. ``text`` is the body as it went over the wire with secrets taken out; None when there was none.

    ``answered`` tells whether VTEX answered at all: an UNKNOWN with an answer (5xx) fails after the read-back, one
    without is sent once more (DESIGN.md section 4, step 8).
    """

    request: Request
    verdict: Verdict
    status: int | None = None
    text: str | None = None
    json: Json = None
    request_id: str | None = None
    duration_ms: int = 0
    retry_after: timedelta | None = None
    failure: Failure | None = None

    @property
    def answered(self) -> bool:
        """Whether an HTTP status came back."""
        return self.status is not None
