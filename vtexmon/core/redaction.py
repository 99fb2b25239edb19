"""Secrets taken out of every text before it is shown, logged, hashed or stored.

A secret comes back in more forms than it was sent in: percent-encoded in an address, escaped in JSON, inside the base64
of something else. All of these are replaced by ``«segredo»``. Besides the known secrets, values that stand beside a
credential's name are replaced whatever they are.

Secrets shorter than ``SHORTEST`` are left alone: taking ``1`` or ``sp`` out of every text would destroy the evidence
that the log exists for, and a secret that short is none. At most one base64 character may stay at either edge of a
base64 form, where it also carries bits of its neighbours.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

from vtexmon.core.text import from_html

MASK = "«segredo»"
SHORTEST = 6

_ESCAPES = re.compile(r"[\\%&]")
_JSON_CHARACTER = re.compile(r"(?<!\\)\\+u([0-9a-fA-F]{4})")
_HTML_ESCAPE = re.compile(r"&(?:#|amp|lt|gt|quot|apos)")
_ADDRESS_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_NAMES = ("vtex-api-app", "vtexidclientautcookie", "authorization")
_NAMED_VALUE = re.compile(
    r"""(?ix)
    \b ( x-vtex-api-app(?:key|token) | vtexidclientautcookie(?:_[\w-]{1,100})? | (?:proxy-)?authorization )
    ( \\*+ ["']?+ \s*+ [:=] \s*+ )
    (?: ( \\*+ ["'] ) (?: [^"'\\\n]++ | \\++ (?! ["'] ) )*+ (?= \\*+ ["'] )
      | (?: (?:basic|bearer) \s+ )? [^\s,;&"'<>{}\[\]]+ )
    """
)


class Redactor:
    """Removes a fixed set of secrets from texts; built once per account."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret.strip() for secret in secrets}
        ordered = sorted((secret for secret in known if len(secret) >= SHORTEST), key=len, reverse=True)
        self._plain = tuple(ordered)
        self._encoded = tuple(sorted({form for secret in ordered for form in _base64_forms(secret)}, key=len)[::-1])

    def text(self, text: str, cut: bool = False) -> str:
        """The text without secrets. ``cut`` = it ends in the middle: the beginning of a secret at its end goes, too."""
        for form in (*self._plain, *self._encoded):
            if form in text:
                text = text.replace(form, MASK)
        if self._plain and _ESCAPES.search(text):
            text = self._without_escaped(text)
        if cut:
            text = self._without_cut_end(text)
        lowered = text.lower()
        return _NAMED_VALUE.sub(_masked, text) if any(name in lowered for name in _NAMES) else text

    def bytes(self, data: bytes, cut: bool = False) -> bytes:
        """As ``text``, for bytes in UTF-8; bytes that are no UTF-8 stay as they are."""
        return self.text(data.decode("utf-8", "surrogateescape"), cut).encode("utf-8", "surrogateescape")

    def json(self, value: Any) -> Any:
        """A decoded JSON value with every string in it, and every name, without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.json(item) for name, item in value.items()}
        return [self.json(item) for item in value] if isinstance(value, list) else value

    def _without_escaped(self, text: str) -> str:
        """Looks in the unescaped text first, since matching every escape everywhere is slow."""
        readable = _unescaped(text)
        for form in (*self._plain, *self._encoded):
            if form.replace("\\", "") in readable or not form.isascii():
                text = _in_any_escape(form).sub(MASK, text)
        return text

    def _without_cut_end(self, text: str) -> str:
        for form in (*self._plain, *self._encoded):
            for length in range(min(len(form) - 1, len(text)), SHORTEST - 3, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + MASK
        return text


def _masked(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{match[3] or ''}{MASK}"


def _unescaped(text: str) -> str:
    """The text with its JSON, HTML and address escapes taken back, in every way that makes sense."""
    plain = _JSON_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)
    variants = {plain, from_html(plain)} if _HTML_ESCAPE.search(plain) else {plain}
    if _ADDRESS_ESCAPE.search(plain):
        for _round in range(2):
            variants |= {take_back(variant) for variant in variants for take_back in (unquote, unquote_plus)}
    return "\0".join(variants).replace("\\", "")


def _base64_forms(secret: str) -> Iterator[str]:
    """What base64 of a longer text holds of the secret, at each of the three positions it may begin in a group."""
    data = secret.encode("utf-8", "replace")
    for offset, start in enumerate((0, 2, 3)):
        whole_characters = (offset + len(data)) * 8 // 6
        core = base64.b64encode(b"\0" * offset + data).decode()[start:whole_characters]
        yield core
        yield core.translate(str.maketrans("+/", "-_"))


@lru_cache(maxsize=64)
def _in_any_escape(form: str) -> re.Pattern[str]:
    """The form with any of its characters escaped as in JSON, addresses or HTML, mixed as the other side likes.

    Made when it is first needed, which is seldom: all of them together take as long as the rest of the engine's start.
    """
    return re.compile("".join(_one_in_any_escape(char) for char in form))


def _one_in_any_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    in_json = "".join(rf"\\{{1,4}}u(?i:{pair})" for pair in pairs)
    in_address = "".join(f"%(?:25)?(?i:{byte:02x})" for byte in char.encode("utf-8", "replace"))
    in_html = rf"&#0*{ord(char)};|&#[xX]0*(?i:{ord(char):x});"
    named = {"&": "|&amp;", "<": "|&lt;", ">": "|&gt;", '"': "|&quot;", "'": "|&apos;"}.get(char, "")
    return rf"(?:\\{{0,4}}{re.escape(char)}|{in_json}|{in_address}|{in_html}{named}{r'|[+]' if char == ' ' else ''})"
