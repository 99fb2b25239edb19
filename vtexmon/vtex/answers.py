"""What an answer of VTEX means: verdict, failure class and message, from status, headers and bytes alone.

Lenient on purpose: any bytes are judged, none raise. What cannot be read after a write is UNKNOWN, never a success and
never a failure (``domain/vtex.md`` 10; ``reference/engine.md`` 4.2). Pure; sending is left to ``client``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from vtexmon.core.exchange import Answer, Json, Request, Verdict
from vtexmon.core.failures import Failure, FailureClass, advice_for
from vtexmon.core.redaction import Redactor
from vtexmon.i18n import _
from vtexmon.vtex import waits
from vtexmon.vtex.believable import is_believable, says_there_is_none
from vtexmon.vtex.shapes import UNREADABLE, decoded, endpoint_of, is_html, is_login_page, one_line, said

_REQUEST_IDS = (
    "x-request-id",
    "x-vtex-operation-id",
    "x-vtex-request-id",
    "x-vtex-router-request-id",
    "x-correlation-id",
)
_CREDENTIAL_STATUS = frozenset({401, 403})
_CONFLICT = 409
_NOT_PROCESSED_STATUS = frozenset({423, 425, 429})


@dataclass(frozen=True)
class _Reading:
    """One HTTP answer, read as far as it can be. ``body`` is ``UNREADABLE`` when it is no JSON or cut off."""

    request: Request
    status: int
    text: str | None
    body: Json
    page: bool
    retry_after: timedelta | None
    limit_reset: timedelta | None
    incomplete: str

    @property
    def said(self) -> str:
        return said(self.body, self.text, self.page)


def judge(
    request: Request,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    redactor: Redactor,
    *,
    now: datetime | None = None,
    duration_ms: int = 0,
    incomplete: str = "",
) -> Answer:
    """The answer that these bytes are; never raises.

    ``now`` (aware) is what an HTTP date in Retry-After is held against; ``incomplete`` says in words why the body ends
    early: a 2xx is then not believed, any other status says enough by itself. Texts are without secrets.
    """
    names = {name.lower(): value for name, value in headers.items()}
    raw = body.decode("utf-8-sig", "replace")
    text = redactor.text(raw, cut=bool(incomplete)) if raw else None
    unreadable = incomplete or not _is_utf8(body)
    value = UNREADABLE if unreadable else _without_secrets(decoded(raw), redactor if text != raw else None)
    now = now or datetime.now(UTC)
    reading = _Reading(
        request,
        status,
        text,
        value,
        value is UNREADABLE and is_html(text, names.get("content-type", "")),
        waits.retry_after(names, now),
        waits.limit_reset(names, now),
        incomplete,
    )
    answer = _verdict(reading)
    request_id = next((names[name] for name in _REQUEST_IDS if names.get(name)), None)
    return replace(
        answer,
        status=status,
        text=text,
        json=None if value is UNREADABLE else value,
        request_id=one_line(redactor.text(request_id))[:200] if request_id else None,
        duration_ms=duration_ms,
    )


def _is_utf8(body: bytes) -> bool:
    """JSON is UTF-8; a document read with ``�`` in it would be written back like that."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_secrets(value: Json, redactor: Redactor | None) -> Json:
    """The decoded body redacted; one nested deeper than can be walked counts as unreadable."""
    try:
        return redactor.json(value) if redactor and value is not UNREADABLE else value
    except RecursionError:
        return UNREADABLE


def _verdict(reading: _Reading) -> Answer:
    status = reading.status
    if 200 <= status < 300:
        return _success(reading)
    if status in _CREDENTIAL_STATUS or 300 <= status < 400:
        return _credential(reading)
    if status in _NOT_PROCESSED_STATUS or (status == 503 and reading.retry_after is not None):
        message = _("A VTEX pediu para esperar ({status}): {said}").format(
            status=status, said=_or_nothing(reading.said)
        )
        answer = _answer(reading, Verdict.NOT_PROCESSED, FailureClass.TRANSIENT, message)
        return replace(answer, retry_after=reading.retry_after or reading.limit_reset)
    if status == 404 and says_there_is_none(reading.request, status, reading.page):
        return Answer(reading.request, Verdict.MISSING)
    if 400 <= status < 500 and status != 408:
        return _refusal(reading)
    message = _("HTTP {status} da VTEX: {said}").format(status=status, said=_or_nothing(reading.said))
    return _answer(reading, Verdict.UNKNOWN, FailureClass.TRANSIENT, message)


def _success(reading: _Reading) -> Answer:
    request, no_content = reading.request, reading.status in (204, 205)
    if reading.incomplete:
        template = _("A resposta da VTEX ({status}) veio incompleta: {reason}")
        message = template.format(status=reading.status, reason=reading.incomplete)
        return _answer(reading, Verdict.UNKNOWN, FailureClass.TRANSIENT, message)
    if reading.page:
        return _page_instead_of_answer(reading)
    nothing = no_content or reading.body is None
    if nothing and says_there_is_none(request, reading.status, reading.page):
        return Answer(request, Verdict.MISSING)
    if is_believable(request, None if no_content else reading.text, reading.body, no_content):
        return Answer(request, Verdict.DONE)
    if not reading.text:
        message = _("A VTEX respondeu {status} sem conteúdo onde devia haver").format(status=reading.status)
    else:
        template = _("A VTEX respondeu {status}, mas a resposta não pôde ser lida: {said}")
        message = template.format(status=reading.status, said=_or_nothing(reading.said))
    return _answer(reading, Verdict.UNKNOWN, FailureClass.UNKNOWN, message)


def _page_instead_of_answer(reading: _Reading) -> Answer:
    """HTML with 2xx: a log-in page is a credential matter; after a write any other page leaves the outcome open."""
    if not reading.request.is_write or is_login_page(reading.text):
        return _credential(reading)
    template = _("A VTEX respondeu {status} com uma página em vez de dados: {said}")
    message = template.format(status=reading.status, said=_or_nothing(reading.said))
    return _answer(reading, Verdict.UNKNOWN, FailureClass.TRANSIENT, message)


def _credential(reading: _Reading) -> Answer:
    if reading.status in _CREDENTIAL_STATUS:
        template = _("A VTEX recusou a credencial ({status}): {said}")
    else:
        template = _("A VTEX respondeu {status} com a página de entrada em vez de dados: {said}")
    message = template.format(status=reading.status, said=_or_nothing(reading.said))
    return _answer(reading, Verdict.CREDENTIAL, FailureClass.CREDENTIAL, message)


def _refusal(reading: _Reading) -> Answer:
    message = _("{said} (VTEX {status})").format(status=reading.status, said=_or_nothing(reading.said))
    return _answer(reading, Verdict.REFUSED, _refusal_class(reading.status, reading.said), message)


_CLASS_BY_WORDS: tuple[tuple[frozenset[int], re.Pattern[str], FailureClass], ...] = tuple(
    (frozenset(statuses), re.compile(words, re.I), failure_class)
    for statuses, words, failure_class in (
        ((400, 404, 409, 422), r"does not have any files", FailureClass.DATA),
        ((400, 409, 422), r"could not be set as active|can ?not be activated", FailureClass.BUSINESS),
        (
            (400, 409),
            r"already (created|exists)|already a product|is registered in|same (refid|linkid)",
            FailureClass.DUPLICATE,
        ),
        (
            (400, 404, 409, 422),
            r"(brand|category|product|\bsku|stock ?keeping ?unit|warehouse|trade ?policy|sales ?channel)\b.*"
            r"(not found|not exist|does ?n.t exist|n[aã]o encontrad|n[aã]o existe)",
            FailureClass.DEPENDENCY,
        ),
    )
)

_CLASS_BY_STATUS: Mapping[int, FailureClass] = {
    400: FailureClass.DATA,
    402: FailureClass.BUSINESS,
    404: FailureClass.DATA,
    409: FailureClass.BUSINESS,
    412: FailureClass.BUSINESS,
    413: FailureClass.DATA,
    422: FailureClass.DATA,
}


def _refusal_class(status: int, words: str) -> FailureClass:
    for statuses, pattern, failure_class in _CLASS_BY_WORDS:
        if status in statuses and pattern.search(words):
            return failure_class
    return _CLASS_BY_STATUS.get(status, FailureClass.UNKNOWN)


def _answer(reading: _Reading, verdict: Verdict, failure_class: FailureClass, message: str) -> Answer:
    advice = advice_for(failure_class, reading.said if verdict is Verdict.REFUSED else "", reading.status)
    failure = Failure(failure_class, one_line(message), endpoint_of(reading.request), advice)
    return Answer(reading.request, verdict, failure=failure)


def _or_nothing(words: str) -> str:
    return words or _("sem explicação")


# No whole answer


def not_sent(request: Request, reason: str, duration_ms: int = 0) -> Answer:
    """It never left this machine; ``reason`` is without secrets."""
    message = one_line(_("Sem conexão com a VTEX: {reason}").format(reason=reason))
    return _without_answer(request, Verdict.NOT_SENT, FailureClass.TRANSIENT, message, duration_ms)


def no_credential(request: Request, reason: str) -> Answer:
    """It was not sent, because the account has no credential that can be sent."""
    message = one_line(_("Conta sem credencial: {reason}").format(reason=reason))
    return _without_answer(request, Verdict.CREDENTIAL, FailureClass.CREDENTIAL, message, 0)


def unanswered(request: Request, reason: str, duration_ms: int = 0) -> Answer:
    """It was sent, at least in part, and nothing readable came back: it may have been applied."""
    message = one_line(_("A VTEX não respondeu: {reason}").format(reason=reason))
    return _without_answer(request, Verdict.UNKNOWN, FailureClass.TRANSIENT, message, duration_ms)


def _without_answer(
    request: Request, verdict: Verdict, failure_class: FailureClass, message: str, duration_ms: int
) -> Answer:
    failure = Failure(failure_class, message, endpoint_of(request), advice_for(failure_class))
    return Answer(request, verdict, duration_ms=duration_ms, failure=failure)


# What a conflict says

_SAME_REF_ID = re.compile(r"\bsame ref ?id\b.*?\bproduct id\s*:?\s*(\d{1,10})\b", re.I)
_SKU_ID = re.compile(r"\brefid is registered in (?:the )?sku id\s*:?\s*(\d{1,10})\b", re.I)
_SAME_LINK_ID = re.compile(r"\bsame (?:link ?id|text ?link)\b", re.I)


def existing_product_id(answer: Answer) -> int | None:
    """The product that already has our RefId, from a 409; None for a LinkId conflict, which names another one."""
    return _number_in(answer, _SAME_REF_ID)


def existing_sku_id(answer: Answer) -> int | None:
    """The SKU that already has our RefId, from a 409."""
    return _number_in(answer, _SKU_ID)


def is_link_id_conflict(answer: Answer) -> bool:
    """Whether a product was refused because another one has its LinkId (``domain/vtex.md`` 2.3): send under another."""
    return _is_conflict(answer) and bool(_SAME_LINK_ID.search(_words_of(answer)))


def _number_in(answer: Answer, pattern: re.Pattern[str]) -> int | None:
    found = pattern.search(_words_of(answer)) if _is_conflict(answer) else None
    return int(found[1]) if found else None


def _is_conflict(answer: Answer) -> bool:
    return answer.verdict is Verdict.REFUSED and answer.status == _CONFLICT


def _words_of(answer: Answer) -> str:
    return said(UNREADABLE if answer.json is None else answer.json, answer.text, page=False)
