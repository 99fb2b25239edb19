"""How a fault rule is written: ``KIND:option=value,option=value``.

A comma inside a value is written ``\\,``. Every option may stand with every kind (the kinds are told in ``faults.py``):

| Option | Means |
|---|---|
| ``match=METHOD /path-regex`` | METHOD may be ``*`` or ``PUT|POST``; searched in the decoded path, without query |
| ``body=regex`` | searched in the request's body |
| ``every=N`` | each N-th request that fits |
| ``times=N`` | at most N hits |
| ``status=N`` | the status to answer, where the kind has one |
| ``retry_after=S`` | a Retry-After header |
| ``delay=S`` | wait before anything else is done; with ``hang`` it also makes the request be applied |
| ``text=...`` | the body to answer, where the kind has one |
| ``echo=1`` | the request's credentials are repeated in that body, to prove that a client hides them |
"""

import re
from collections.abc import Callable

from vtexmon.i18n import _
from vtexmon.sandbox.faults import KINDS, Fault

_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


def parse_fault(spec: str) -> Fault:
    """Read one rule; ValueError in Portuguese names the part that is wrong."""
    kind, _colon, rest = spec.partition(":")
    kind = kind.strip()
    if kind not in KINDS:
        raise ValueError(_("falha '{0}': tipo '{1}' desconhecido; use {2}").format(spec, kind, ", ".join(KINDS)))
    fault = Fault(spec=spec, kind=kind)
    for part in _UNESCAPED_COMMA.split(rest) if rest else []:
        name, equals, value = part.partition("=")
        read = _OPTIONS.get(name.strip())
        if read is None or not equals:
            known = ", ".join(_OPTIONS)
            words = _("falha '{0}': opção '{1}' desconhecida; use {2} (vírgula em valor: '\\,')")
            raise ValueError(words.format(spec, part, known))
        try:
            read(fault, value.replace("\\,", ","))
        except ValueError as error:
            words = _("falha '{0}': valor de {1} inválido: '{2}' ({3})")
            raise ValueError(words.format(spec, name.strip(), value, error)) from error
    _check(fault)
    return fault


def _check(fault: Fault) -> None:
    if fault.status == 0 and fault.kind != "applied":
        raise ValueError(_("falha '{0}': status=0 só vale para applied").format(fault.spec))
    if fault.kind == "slow" and fault.delay_seconds is None:
        raise ValueError(_("falha '{0}': slow exige delay=SEGUNDOS").format(fault.spec))


def _read_match(fault: Fault, value: str) -> None:
    methods, _blank, path = value.strip().partition(" ")
    if not path.strip().startswith(("/", "^", ".", "(")) or not re.fullmatch(r"\*|[A-Z]+(\|[A-Z]+)*", methods):
        raise ValueError(_("esperado 'MÉTODO /caminho', com * para qualquer método"))
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
        raise ValueError(_("esperado de 200 a 599, ou 0 com applied"))


def _read_retry_after(fault: Fault, value: str) -> None:
    fault.retry_after_seconds = _whole(value, least=0)


def _read_delay(fault: Fault, value: str) -> None:
    try:
        seconds = float(value)
    except ValueError:
        raise ValueError(_("esperado um número de segundos")) from None
    if not 0 <= seconds < 86_400:
        raise ValueError(_("esperado de 0 a 86400 segundos"))
    fault.delay_seconds = seconds


def _read_text(fault: Fault, value: str) -> None:
    fault.text = value


def _read_echo(fault: Fault, value: str) -> None:
    if value not in ("0", "1"):
        raise ValueError(_("esperado 0 ou 1"))
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
        raise ValueError(_("esperado um inteiro, no mínimo {0}").format(least))
    return int(value)


def _regex(value: str) -> re.Pattern[str]:
    try:
        return re.compile(value, re.DOTALL)
    except re.error as error:
        raise ValueError(_("expressão regular: {0}").format(error)) from error
