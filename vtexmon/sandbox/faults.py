"""Faults by rule: which request a rule hits and what it does to the answer. The notation is left to ``fault_spec.py``.

| Kind | Applied? | The client sees |
|---|---|---|
| ``status`` | no | ``status`` (500) |
| ``applied`` | yes | ``status`` (500); with ``status=0`` the connection is closed without an answer |
| ``slow`` | yes, after ``delay`` | the normal answer |
| ``hang`` | only if ``delay`` is given, after it | nothing, ever: with a delay this is the server that applies late |
| ``drop`` | no | the connection is closed without an answer |
| ``reset`` | yes | a TCP reset without an answer |
| ``truncate`` | yes | half of the body under the full Content-Length, then the connection is closed |
| ``malformed`` | yes | 200 with broken JSON |
| ``empty`` | yes | 200 without a body |
| ``html`` | no | 200 with a page |

"Applied" means processed as without the rule: what VTEX would refuse stays refused, whatever the client is shown.
Rules are tried in order; the first that hits wins, and later ones do not count that request.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vtexmon.sandbox.wire import (
    JSON,
    TEXT,
    Answer,
    Delivery,
    Ending,
    Record,
    Request,
    error_answer,
    html_answer,
    message_answer,
    text_answer,
)

MALFORMED_BODY = b'{"Id": 12, "Name": "Curso'


@dataclass(slots=True)
class Fault:
    """One rule with its counters: ``matches`` requests fitted it, ``hits`` were treated by it."""

    spec: str
    kind: str
    methods: frozenset[str] = frozenset()
    path: re.Pattern[str] | None = None
    body: re.Pattern[str] | None = None
    every: int = 1
    times: int | None = None
    status: int = 500
    retry_after_seconds: int | None = None
    delay_seconds: float | None = None
    text: str | None = None
    echo: bool = False
    matches: int = field(default=0, compare=False)
    hits: int = field(default=0, compare=False)

    @property
    def applies(self) -> bool:
        """Is the request processed although the rule spoils its answer?"""
        if self.kind == "hang":
            return self.delay_seconds is not None
        return KINDS[self.kind].applies

    def hit(self, request: Request) -> bool:
        """Count the request; true when this rule treats it."""
        if not self._fits(request) or (self.times is not None and self.hits >= self.times):
            return False
        self.matches += 1
        if self.matches % self.every:
            return False
        self.hits += 1
        return True

    def deliver(self, normal: Answer | None, request: Request) -> Delivery:
        """What the client gets; ``normal`` is the true answer when the request was processed."""
        return KINDS[self.kind].deliver(self, normal, request)

    def to_json(self) -> Record:
        """As ``/_sandbox/faults`` lists it."""
        return {"spec": self.spec, "kind": self.kind, "matches": self.matches, "hits": self.hits}

    def _fits(self, request: Request) -> bool:
        if self.methods and request.method not in self.methods:
            return False
        if self.path is not None and not self.path.search(request.path):
            return False
        return self.body is None or bool(self.body.search(request.body.decode("utf-8", "replace")))


class FaultBook:
    """The rules in force, in order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Only these from now on."""
        self.faults = list(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """These as well, after those in force."""
        self.faults.extend(faults)

    def pick(self, request: Request) -> Fault | None:
        """The rule that treats this request, if one does."""
        for fault in self.faults:
            if fault.hit(request):
                return fault
        return None


def _error_answer(fault: Fault, request: Request) -> Answer:
    """The answer of ``fault.status`` with the body that VTEX usually gives it."""
    if fault.text is not None:
        content_type = JSON if fault.text[:1] in ("{", "[", '"') else TEXT
        answer = Answer(fault.status, fault.text.encode(), content_type)
    elif fault.status in (401, 403):
        answer = error_answer(fault.status, "Acesso não autorizado")
    elif fault.status == 429:
        answer = text_answer("Too Many Requests", 429)
    else:
        answer = message_answer(fault.status, "An error has occurred.")
    return _decorated(answer, fault, request)


def _decorated(answer: Answer, fault: Fault, request: Request) -> Answer:
    if fault.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(fault.retry_after_seconds)
    if fault.echo:
        app_key, app_token = request.credentials()
        note = f"X-VTEX-API-AppKey: {app_key} X-VTEX-API-AppToken: {app_token}"
        is_object = answer.content_type == JSON and answer.body.endswith(b"}")
        answer.body = (
            answer.body[:-1] + f',"echo":"{note}"}}'.encode() if is_object else answer.body + b" " + note.encode()
        )
    return answer


def _deliver_status(fault: Fault, _normal: Answer | None, request: Request) -> Delivery:
    if fault.status == 0:
        return Delivery(None, Ending.CLOSE)
    return Delivery(_error_answer(fault, request))


def _deliver_normal(fault: Fault, normal: Answer | None, request: Request) -> Delivery:
    return Delivery(normal)


def _deliver_hang(_fault: Fault, _normal: Answer | None, _request: Request) -> Delivery:
    return Delivery(None, Ending.HANG)


def _deliver_drop(_fault: Fault, _normal: Answer | None, _request: Request) -> Delivery:
    return Delivery(None, Ending.CLOSE)


def _deliver_reset(_fault: Fault, _normal: Answer | None, _request: Request) -> Delivery:
    return Delivery(None, Ending.RESET)


def _deliver_truncated(_fault: Fault, normal: Answer | None, _request: Request) -> Delivery:
    return Delivery(normal, Ending.TRUNCATE)


def _deliver_malformed(fault: Fault, _normal: Answer | None, request: Request) -> Delivery:
    return Delivery(_decorated(Answer(200, MALFORMED_BODY), fault, request))


def _deliver_empty(_fault: Fault, _normal: Answer | None, _request: Request) -> Delivery:
    return Delivery(Answer(200))


def _deliver_html(fault: Fault, _normal: Answer | None, request: Request) -> Delivery:
    return Delivery(_decorated(html_answer(fault.text or "VTEX - Login"), fault, request))


@dataclass(frozen=True, slots=True)
class Kind:
    """Is a request of this kind processed, and what is delivered afterwards."""

    applies: bool
    deliver: Callable[[Fault, Answer | None, Request], Delivery]


KINDS: dict[str, Kind] = {
    "status": Kind(applies=False, deliver=_deliver_status),
    "applied": Kind(applies=True, deliver=_deliver_status),
    "slow": Kind(applies=True, deliver=_deliver_normal),
    "hang": Kind(applies=False, deliver=_deliver_hang),
    "drop": Kind(applies=False, deliver=_deliver_drop),
    "reset": Kind(applies=True, deliver=_deliver_reset),
    "truncate": Kind(applies=True, deliver=_deliver_truncated),
    "malformed": Kind(applies=True, deliver=_deliver_malformed),
    "empty": Kind(applies=True, deliver=_deliver_empty),
    "html": Kind(applies=False, deliver=_deliver_html),
}
