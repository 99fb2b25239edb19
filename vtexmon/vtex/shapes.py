"""What VTEX's bodies say: JSON or page, and the eight shapes in which an error comes.

VTEX does not keep to its own schemas, so a body is searched for its message in a fixed order (``domain/vtex.md`` 10).
Which success is believed is left to ``believable``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vtexmon.core.exchange import Json, Request
from vtexmon.core.sanitize import sanitize
from vtexmon.core.text import from_html

MESSAGE_LIMIT = 500
"""Characters of VTEX's text that a message keeps; the item holds all of it."""

UNREADABLE: Any = object()
"""Stands for a body that is no JSON, since null is a JSON value."""

_HTML_START = re.compile(
    r"\s*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html|head|body|meta|script|title)\b", re.I
)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]*)", re.I)
_LOGIN = re.compile(r"log[ -]?in|sign[ -]?in|entrar|vtexid|senha|password|autentica|authenticat|acesso negado", re.I)
_NAMES_BEFORE_IDS = frozenset(
    {"productgetbyrefid", "stockkeepingunitidbyrefid", "prices", "fixed", "skus", "warehouses"}
)
_VERSION = re.compile(r"v\d+")


def decoded(text: str | None) -> Json:
    """The body as JSON, or ``UNREADABLE``; NaN and what is beyond all numbers (1e400) are no JSON.

    Taken for null they would read as "there is none", which is a statement.
    """
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_finite) if text else UNREADABLE
    except (ValueError, RecursionError):
        return UNREADABLE


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refused(digits)


def is_html(text: str | None, content_type: str) -> bool:
    """Whether this is a page for people and not an answer."""
    if not text or not text.strip():
        return False
    return "text/html" in content_type.lower() or bool(_HTML_START.match(text[:2000]))


def is_login_page(text: str | None) -> bool:
    """Whether a page asks for a log-in, as older routes do for a missing role (``domain/vtex.md`` 1.3)."""
    return bool(text and _LOGIN.search(text[:20_000]))


def endpoint_of(request: Request) -> str:
    """Method and path with every id as ``{id}``: what failures are grouped by."""
    segments = request.path.split("?")[0].split("/")
    shown = [
        "{id}" if _is_id(segment, before) else segment
        for before, segment in zip(["", *segments], segments, strict=False)
    ]
    return f"{request.method} {'/'.join(shown)}"


def _is_id(segment: str, before: str) -> bool:
    if not segment or _VERSION.fullmatch(segment):
        return False
    return before in _NAMES_BEFORE_IDS or any(char.isdigit() or char == "%" for char in segment)


def said(body: Json, text: str | None, page: bool) -> str:
    """What VTEX said, as one clean line of at most ``MESSAGE_LIMIT`` characters; empty when it said nothing."""
    if page:
        title = _TITLE.search(text or "")
        return one_line(from_html(title[1]) if title else "")
    if body is UNREADABLE:
        return one_line(text or "")
    found = next((words for shape in _SHAPES if (words := shape(body))), "")
    return one_line(found or ("" if body is None else text or ""))


def is_an_error(body: Json) -> bool:
    """Whether a document is one of the error shapes, whatever the status that came with it."""
    return any(shape(body) for shape in (_error_object, _capital_message, _small_message))


def one_line(text: str) -> str:
    """The text on one line, without control characters, cut with ``…``."""
    line = sanitize(" ".join(text[: MESSAGE_LIMIT * 20].split()))
    return line if len(line) <= MESSAGE_LIMIT else line[: MESSAGE_LIMIT - 1].rstrip() + "…"


def _error_object(body: Json) -> str:
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, str):
        return error
    if not isinstance(error, Mapping):
        return ""
    message, code = _words(error.get("message")), _words(error.get("code"))
    return f"{message} ({code})" if message and code else message or code


def _capital_message(body: Json) -> str:
    if not isinstance(body, Mapping):
        return ""
    return _joined(_words(body.get("Message")), _by_field(body.get("ModelState")))


def _small_message(body: Json) -> str:
    return _words(body.get("message")) if isinstance(body, Mapping) else ""


def _bare_string(body: Json) -> str:
    return body if isinstance(body, str) else ""


def _problem(body: Json) -> str:
    if not isinstance(body, Mapping):
        return ""
    return _joined(_words(body.get("title")), _words(body.get("detail")), _by_field(body.get("errors")))


def _list_of_errors(body: Json) -> str:
    if not isinstance(body, list):
        return ""
    return "; ".join(words for item in body[:10] if (words := next((w for s in _SHAPES[:5] if (w := s(item))), "")))


_SHAPES: tuple[Callable[[Json], str], ...] = (
    _error_object,
    _capital_message,
    _small_message,
    _bare_string,
    _problem,
    _list_of_errors,
)


def _words(value: Json) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def _by_field(value: Json) -> str:
    """``{"Name": ["too long"]}`` as ``Name: too long``."""
    if isinstance(value, list):
        return "; ".join(_words(item) or _capital_message(item) or _small_message(item) for item in value[:10])
    if not isinstance(value, Mapping):
        return _words(value)
    lines = (f"{name}: {', '.join(_texts(texts))}" for name, texts in list(value.items())[:10])
    return "; ".join(lines)


def _texts(value: Json) -> Iterable[str]:
    return [_words(item) for item in value] if isinstance(value, list) else [_words(value)]
