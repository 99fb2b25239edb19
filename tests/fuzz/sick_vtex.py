"""A VTEX in this process that does what it is asked and then spoils what it answers.

The sandbox's handlers do the work, so that its state is the truth; one ``Illness`` at a time falls on the answers of
one route. What is judged are bytes, as the client would have received them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.sandbox_handlers import ask
from vtexmon.core.exchange import Answer, Request
from vtexmon.core.redaction import Redactor
from vtexmon.sandbox import SandboxSettings, sandbox_account
from vtexmon.sandbox.service import Service
from vtexmon.vtex import answers
from vtexmon.vtex.shapes import endpoint_of

ACCOUNTS = {"nacional": "lojanacional", "sp": "lojasp"}


@dataclass(frozen=True)
class Given:
    """An answer before it is judged."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


Spoil = Callable[[Given], Given | Answer]


@dataclass(frozen=True)
class Illness:
    """What is done to the answers of one route. ``before``: the request itself never arrives."""

    route: str
    name: str
    spoil: Spoil
    before: bool = False


@dataclass
class SickVtex:
    """Both accounts; ``seen`` holds the first good answer of every route."""

    service: Service = field(
        default_factory=lambda: Service(
            SandboxSettings(accounts=tuple(sandbox_account(name) for name in ACCOUNTS.values()), limits={})
        )
    )
    illness: Illness | None = None
    struck: int = 0
    seen: dict[str, Given] = field(default_factory=dict)

    def clients(self) -> dict[str, SickClient]:
        return {alias: SickClient(self, name) for alias, name in ACCOUNTS.items()}

    def state(self, account_name: str) -> dict[str, Any]:
        return dict(self.service.world.to_json()["accounts"][account_name])


@dataclass
class SickClient:
    """One account's ``Exchange``."""

    vtex: SickVtex
    account_name: str

    async def exchange(self, request: Request) -> Answer:
        illness = self.vtex.illness
        if illness is None or illness.route != endpoint_of(request):
            given = await self.healthy(request)
            if given.status < 300 and given.body != b"null":
                self.vtex.seen.setdefault(endpoint_of(request), given)
            return judged(given)
        self.vtex.struck += 1
        given = Given(request, 0, {}, b"") if illness.before else await self.healthy(request)
        spoiled = illness.spoil(given)
        return spoiled if isinstance(spoiled, Answer) else judged(spoiled)

    async def healthy(self, request: Request) -> Given:
        """What VTEX answers, after doing it."""
        status, headers, body = await ask(self.vtex.service, self.account_name, request)
        return Given(request, status, headers, body)


def judged(given: Given) -> Answer:
    return answers.judge(given.request, given.status, given.headers, given.body, Redactor(()))


def with_body(spoil: Callable[[bytes], bytes]) -> Spoil:
    """A spoilt body in a good answer; one without a document, or that was no success, is left as it was."""
    return lambda given: (
        replace(given, body=spoil(given.body)) if given.status < 300 and given.body != b"null" else given
    )


def with_status(status: int, body: bytes | None = None, **headers: str) -> Spoil:
    """Another status and headers; the body stays unless one is given."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}

    def spoil(given: Given) -> Given:
        kept = given.body if body is None else body
        return replace(given, status=status, headers={**given.headers, **names}, body=kept)

    return spoil


def loses_the_answer(given: Given) -> Answer:
    return answers.unanswered(given.request, "a conexão caiu")


def never_leaves(given: Given) -> Answer:
    return answers.not_sent(given.request, "conexão recusada")


def never_arrives(given: Given) -> Answer:
    return answers.unanswered(given.request, "o prazo acabou")
