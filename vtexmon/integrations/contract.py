"""What an integration is (DESIGN.md section 2, idea 3): three functions over values, and the seam to the engine.

The engine gives every integration claiming, limits, retries, verification, audit and screens; an integration only knows
what VTEX should hold, how to bring it there, and how to see whether it arrived.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vtexmon.core.exchange import Answer, Request
from vtexmon.core.failures import Failure
from vtexmon.core.modules import ModuleInfo
from vtexmon.integrations.offer import Offer


@dataclass(frozen=True)
class RecordKey:
    """Which record: the identity that has at most one open log (module, context, channel, account, key)."""

    module: str
    account: str
    channel: str
    key_values: tuple[str, ...]
    company: int
    branch: int
    education_level: str
    key_fields: tuple[str, ...]
    identity: str = ""

    @property
    def text(self) -> str:
        """The store's ``record_key``; ``identity`` stands for the key values where their spelling varies."""
        return "|".join((self.module, self.account, self.channel, self.identity or ";".join(self.key_values)))


class Wanted(Protocol):
    """What VTEX should hold for one record: a frozen dataclass whose ``repr`` decides "has it changed"."""

    @property
    def account(self) -> str:
        """The configured account it is sent to."""

    @property
    def only_if_known(self) -> bool:
        """Whether a record that VTEX does not hold yet is left out (it is inactive at the source)."""

    @property
    def serial_key(self) -> str:
        """Records with an equal serial key are never in flight together."""

    @property
    def parents(self) -> tuple[str, ...]:
        """``RecordKey.text`` of the records whose external ids must be known first."""

    @property
    def title(self) -> str:
        """A human name of the record, for search."""


class Step(Protocol):
    """The only way an integration reaches VTEX. Every write has its intent on disk before it leaves.

    Both raise ``AttemptEnded`` for every verdict but DONE (and MISSING for a read); the engine decides what follows.
    """

    @property
    def known_id(self) -> str | None:
        """VTEX's id of this record where an earlier send, or the read-back of this one, made it known."""

    async def read(self, request: Request, shared: bool = False) -> Answer:
        """A read; the answer's verdict is DONE or MISSING. ``shared`` ones are asked once for many records."""

    def forget_shared(self, request: Request) -> None:
        """A shared read is out of date (we have just changed what it lists)."""

    def learned(self, external_id: str) -> None:
        """VTEX's id of this record: kept with the next thing written down, also when a later step fails."""

    async def write(self, step: str, request: Request, tolerate: Callable[[Answer], bool] | None = None) -> Answer:
        """A write, named ``step`` on the screen; a refusal that ``tolerate`` accepts is returned instead of raised."""


class AttemptEnded(Exception):  # noqa: N818 - it is not an error of the program
    """An answer after which the attempt cannot go on; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.verdict)
        self.answer = answer


class RecordFailed(Exception):  # noqa: N818 - it is not an error of the program
    """The integration itself found that the record cannot be sent as it is (an unknown warehouse, for instance)."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class Sent:
    """The wanted state is what VTEX holds now; ``external_id`` is VTEX's id of the record, None where it has none."""

    external_id: str | None
    message: str = ""


@dataclass(frozen=True)
class Intent:
    """What was stored as sent: the write whose outcome is to be found out. ``body`` is the decoded JSON that was sent.

    ``known_id`` is VTEX's id of the record where it was known already.
    """

    step: str
    method: str
    path: str
    body: Any
    known_id: str | None


@dataclass(frozen=True)
class Arrived:
    """The read-back found what the intent wanted; ``external_id`` where the write would have made one."""

    external_id: str | None = None


@dataclass(frozen=True)
class DidNotArrive:
    """The read-back is readable and what the intent wanted is not there."""


@dataclass(frozen=True)
class Skip:
    """A record the source has, but that is not sent: ``reason`` is one of the counted ones (no_account, inactive)."""

    reason: str


@dataclass(frozen=True)
class Planned:
    """A record of the source with what VTEX should hold, or why it cannot be sent, or why it is left out."""

    key: RecordKey
    outcome: Wanted | Failure | Skip


Verification = Arrived | DidNotArrive


@dataclass(frozen=True)
class Integration:
    """One module: ``plan_all`` walks the source; ``plan`` says it for one key (None = no longer at the source).

    ``verify`` reads through ``step`` and judges a stored intent by what VTEX holds, not by what the source says now.
    ``known`` maps the parents' ``RecordKey.text``, and the record's own, to external ids.
    """

    info: ModuleInfo
    plan_all: Callable[[Offer], Iterable[Planned]]
    plan: Callable[[Offer, RecordKey], Planned | None]
    send: Callable[[Any, Mapping[str, str], Step], Awaitable[Sent]]
    verify: Callable[[Intent, Step], Awaitable[Verification]]
