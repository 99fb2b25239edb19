"""Every VTEX request that arrived, faulted or not: what tests count and people read.

An entry is opened when the request arrives and completed in place, so a request that hangs is seen with ``status``
null and one that is applied late turns ``applied`` later. When it arrived, was applied and was done with is noted to
the microsecond, so that it can be told whether two were under way at once. Credentials are removed before anything is
kept. Bounded: beyond the cap the oldest tenth goes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from vtexmon.sandbox.wire import Answer, Record, Request

REDACTED = "***"
RESPONSE_CHARACTERS_KEPT = 65_536
_SHORTEST_SECRET = 4


@dataclass(slots=True)
class Entry:
    """One request and what became of it.

    ``applied_at`` is when the state was changed by it, ``ended_at`` when nothing more could come of it.
    """

    number: int
    time: datetime
    account: str | None
    method: str
    path: str
    query: str
    request_id: str
    body: str
    secrets: tuple[str, ...] = ()
    status: int | None = None
    response: str | None = None
    fault: str | None = None
    applied_at: datetime | None = None
    ended_at: datetime | None = None

    def to_json(self) -> Record:
        """As ``/_sandbox/requests`` lists it."""
        return {
            "n": self.number,
            "time": _told(self.time),
            "account": self.account,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "request_id": self.request_id,
            "body": self.body,
            "response": self.response,
            "fault": self.fault,
            "applied": self.applied_at is not None,
            "applied_at": _told(self.applied_at),
            "ended_at": _told(self.ended_at),
        }


def _told(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Journal:
    """The requests in order of arrival, numbered from 1."""

    def __init__(self, cap: int, secrets: Iterable[str]) -> None:
        self._cap = max(cap, 10)
        self._entries: list[Entry] = []
        self._last_number = 0
        self._secrets = frozenset(secrets)
        self._known = re.compile("|".join(re.escape(secret) for secret in sorted(self._secrets, key=len, reverse=True)))

    def open(self, request: Request, account: str | None, request_id: str) -> Entry:
        """Note a request that has just arrived."""
        self._last_number += 1
        own = tuple(
            value for value in request.credentials() if len(value) >= _SHORTEST_SECRET and value not in self._secrets
        )
        entry = Entry(
            number=self._last_number,
            time=datetime.now(UTC),
            account=account,
            method=request.method,
            path=self._clean(request.path, own),
            query=self._clean(request.raw_query, own),
            request_id=request_id,
            body=self._clean(request.body.decode("utf-8", "replace"), own),
            secrets=own,
        )
        self._entries.append(entry)
        if len(self._entries) > self._cap:
            del self._entries[: self._cap // 10]
        return entry

    def complete(self, entry: Entry, answer: Answer) -> None:
        """Note what was answered."""
        entry.status = answer.status
        text = answer.body.decode("utf-8", "replace")[:RESPONSE_CHARACTERS_KEPT]
        entry.response = self._clean(text, entry.secrets)

    def applied(self, entry: Entry) -> None:
        """Note that the state was just changed by it."""
        entry.applied_at = datetime.now(UTC)

    def end(self, entry: Entry) -> None:
        """Note that nothing more will come of it, whatever the client waits for."""
        entry.ended_at = datetime.now(UTC)

    def since(self, number: int) -> list[Record]:
        """The entries after that number that are still kept; 0 for all."""
        dropped = self._last_number - len(self._entries)
        return [entry.to_json() for entry in self._entries[max(0, number - dropped) :]]

    @property
    def last_number(self) -> int:
        """The number of the latest entry, to be given to ``since`` next time."""
        return self._last_number

    def _clean(self, text: str, own: tuple[str, ...]) -> str:
        text = self._known.sub(REDACTED, text)
        for value in own:
            text = text.replace(value, REDACTED)
        return text
