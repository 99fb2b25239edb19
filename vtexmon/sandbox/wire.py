"""What goes in and out of the sandbox as values: a request, an answer, a refusal.

Handlers are plain functions from a request to an answer; how bytes reach a socket is left to ``server.py``.
"""

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, unquote

Record = dict[str, Any]

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

APP_KEY_HEADER = "x-vtex-api-appkey"
APP_TOKEN_HEADER = "x-vtex-api-apptoken"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, wholly read. ``raw_path`` is still percent-encoded; header names are lower case."""

    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The decoded path, as people write it in fault rules."""
        return unquote(self.raw_path)

    def query(self) -> dict[str, str]:
        """The query's pairs; of a repeated name the last wins."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    def credentials(self) -> tuple[str, str]:
        """AppKey and AppToken as sent, empty where absent."""
        return self.headers.get(APP_KEY_HEADER, ""), self.headers.get(APP_TOKEN_HEADER, "")


@dataclass(slots=True)
class Answer:
    """One HTTP response before it is delivered."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """Raised by a handler that will not do what was asked; carries the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Ending(Enum):
    """What happens to the connection once the answer (if any) is out."""

    KEEP = auto()
    CLOSE = auto()
    RESET = auto()
    TRUNCATE = auto()
    HANG = auto()


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer together with how the socket treats it; no answer means that nothing is written."""

    answer: Answer | None
    ending: Ending = Ending.KEEP


def json_answer(value: object, status: int = 200) -> Answer:
    """An answer with a JSON body, compact and in UTF-8."""
    return Answer(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def text_answer(text: str, status: int = 200) -> Answer:
    """Plain text, as Pricing and Logistics use for their errors."""
    return Answer(status, text.encode(), TEXT)


def html_answer(title: str, status: int = 200) -> Answer:
    """A page, such as the login page that VTEX shows in place of a 401 on older routes."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), HTML)


def empty_answer(status: int = 200) -> Answer:
    """No body at all; several VTEX writes answer so."""
    return Answer(status)


def error_answer(status: int, message: str) -> Answer:
    """The ``error.code / error.message`` shape of gateway, OMS and 401/403 answers."""
    return json_answer({"error": {"code": "1", "message": message, "exception": None}}, status)


def message_answer(status: int, message: str) -> Answer:
    """The ``Message`` shape of the catalogue."""
    return json_answer({"Message": message}, status)


def refuse_string(status: int, text: str) -> RefusalError:
    """A refusal whose body is a bare JSON string, as the catalogue's conflicts are."""
    return RefusalError(json_answer(text, status))


def refuse_text(status: int, text: str) -> RefusalError:
    """A refusal in plain text."""
    return RefusalError(text_answer(text, status))


def refuse_message(status: int, message: str) -> RefusalError:
    """A refusal in the catalogue's ``Message`` shape."""
    return RefusalError(message_answer(status, message))


def parse_json(body: bytes) -> Any:
    """The body as JSON; a refusal with 400 when it is none."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise refuse_message(400, "The request is invalid. The body is not valid JSON.") from error
