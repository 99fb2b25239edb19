"""Faults by rule: what a rule says, which request it hits, and what it does to the answer.

A rule is ``KIND:option=value,option=value``. A comma inside a value is written ``\\,``.

| Kind | Applied? | The client sees |
|---|---|---|
| ``status`` | no | ``status`` (500) |
| ``applied`` | yes | ``status`` (500); with ``status=0`` the connection is closed without an answer |
| ``slow`` | yes, after ``delay`` | the normal answer |
| ``hang`` | only if ``delay`` is given, after it | nothing, ever |
| ``drop`` | no | the connection is closed without an answer |
| ``reset`` | yes | a TCP reset without an answer |
| ``truncate`` | yes | half of the body, then the connection is closed |
| ``malformed`` | yes | 200 with broken JSON |
| ``empty`` | yes | 200 without a body |
| ``html`` | no | 200 with a page |

"Applied" means processed as without the rule: what VTEX would refuse stays refused, whatever the client is shown.
Options: ``match=METHOD /path-regex`` (METHOD may be ``*`` or ``PUT|POST``; found anywhere in the decoded path), ``body=regex``,
``every=N`` (each N-th match), ``times=N`` (at most N hits), ``status=N``, ``retry_after=S``, ``delay=S`` (waits before anything else),
``text=...`` (the body of the answer), ``echo=1`` (the request's credentials are repeated in the body).
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
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


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

    def __init__(self, specs: Iterable[str]) -> None:
        self.faults = [parse_fault(spec) for spec in specs]

    def replace(self, specs: Iterable[str]) -> None:
        """Only these from now on; nothing changes when one of them is wrong."""
        self.faults = [parse_fault(spec) for spec in specs]

    def add(self, specs: Iterable[str]) -> None:
        """These as well, after those in force."""
        self.faults = [*self.faults, *(parse_fault(spec) for spec in specs)]

    def pick(self, request: Request) -> Fault | None:
        """The rule that treats this request, if one does."""
        for fault in self.faults:
            if fault.hit(request):
                return fault
        return None


def parse_fault(spec: str) -> Fault:
    """Read one rule; ValueError in Portuguese names the part that is wrong."""
    kind, _, rest = spec.partition(":")
    kind = kind.strip()
    if kind not in KINDS:
        raise ValueError(f"falha '{spec}': tipo '{kind}' desconhecido; use {', '.join(KINDS)}")
    fault = Fault(spec=spec, kind=kind)
    for part in _UNESCAPED_COMMA.split(rest) if rest else []:
        name, equals, value = part.partition("=")
        read = _OPTIONS.get(name.strip())
        if read is None or not equals:
            known = ", ".join(_OPTIONS)
            raise ValueError(f"falha '{spec}': opção '{part}' desconhecida; use {known} (vírgula em valor: '\\,')")
        try:
            read(fault, value.replace("\\,", ","))
        except ValueError as error:
            raise ValueError(f"falha '{spec}': valor de {name.strip()} inválido: '{value}' ({error})") from error
    _check(fault)
    return fault


def _check(fault: Fault) -> None:
    if fault.status == 0 and fault.kind != "applied":
        raise ValueError(f"falha '{fault.spec}': status=0 só vale para applied")
    if fault.kind == "slow" and fault.delay_seconds is None:
        raise ValueError(f"falha '{fault.spec}': slow exige delay=SEGUNDOS")


def _read_match(fault: Fault, value: str) -> None:
    methods, _, path = value.strip().partition(" ")
    if not path.strip().startswith(("/", "^", ".", "(")) or not re.fullmatch(r"\*|[A-Z]+(\|[A-Z]+)*", methods):
        raise ValueError("esperado 'MÉTODO /caminho', com * para qualquer método")
    fault.methods = frozenset() if methods == "*" else frozenset(methods.split("|"))
    fault.path = _regex(path.strip())


def _read_body(fault: Fault, value: str) -> None:
    fault.body = _regex(value)


def _read_every(fault: Fault, value: str) -> None:
    fault.every = _whole(value, least=1)


def _read_times(fault: Fault, value: str) -> None:
    fault.times = _whole(value, least=1)


def _read_status(fault: Fault, value: str) -> None:
    fault.status = _whole(value, least=0)
    if fault.status and not 200 <= fault.status <= 599:
        raise ValueError("esperado de 200 a 599, ou 0 com applied")


def _read_retry_after(fault: Fault, value: str) -> None:
    fault.retry_after_seconds = _whole(value, least=0)


def _read_delay(fault: Fault, value: str) -> None:
    try:
        seconds = float(value)
    except ValueError:
        raise ValueError("esperado um número de segundos") from None
    if not 0 <= seconds < 86_400:
        raise ValueError("esperado de 0 a 86400 segundos")
    fault.delay_seconds = seconds


def _read_text(fault: Fault, value: str) -> None:
    fault.text = value


def _read_echo(fault: Fault, value: str) -> None:
    if value not in ("0", "1"):
        raise ValueError("esperado 0 ou 1")
    fault.echo = value == "1"


_OPTIONS: dict[str, Callable[[Fault, str], None]] = {
    "match": _read_match,
    "body": _read_body,
    "every": _read_every,
    "times": _read_times,
    "status": _read_status,
    "retry_after": _read_retry_after,
    "delay": _read_delay,
    "text": _read_text,
    "echo": _read_echo,
}


def _whole(value: str, least: int) -> int:
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"esperado um inteiro, no mínimo {least}")
    return int(value)


def _regex(value: str) -> re.Pattern[str]:
    try:
        return re.compile(value, re.DOTALL)
    except re.error as error:
        raise ValueError(f"expressão regular: {error}") from error
