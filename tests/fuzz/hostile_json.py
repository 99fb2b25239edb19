"""What can be done to one good JSON answer: a defect at one place in it, or in the document as a whole.

``defects`` walks every place; each has a name to find it again by. Values are chosen so that they are wrong, never
another true-looking answer: what reads as well as the truth cannot be told from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

Path = tuple[str | int, ...]

TOO_LARGE = "@too-large@"
"""Stands for ``1e400``, which no JSON library writes and every one reads."""
NOT_A_NUMBER = "@not-a-number@"
DELETED = object()


class Defect(NamedTuple):
    """One defect: its name, and what it makes of a good answer's bytes."""

    name: str
    spoil: Callable[[bytes], bytes]


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place in a JSON value with what stands there, the value itself first."""
    yield path, value
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from places(item, (*path, name))


def changed(value: Any, path: Path, to: Any) -> Any:
    """A copy of the value with something else at that place; ``DELETED`` takes it away."""
    if not path:
        return to
    copy, (first, *rest) = value.copy(), path
    if rest:
        copy[first] = changed(copy[first], tuple(rest), to)
    elif to is DELETED:
        del copy[first]
    else:
        copy[first] = to
    return copy


def encoded(value: Any) -> bytes:
    """The JSON text, with the numbers that JSON libraries refuse to write."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace(f'"{TOO_LARGE}"', "1e400").replace(f'"{NOT_A_NUMBER}"', "NaN").encode()


WRONG: Mapping[str, Any] = {
    "null": None,
    "text": "texto",
    "true": True,
    "object": {},
    "list": [],
    "in a list": ...,
    "1e400": TOO_LARGE,
    "NaN": NOT_A_NUMBER,
    "half": 0.5,
    "deleted": DELETED,
}
IDS: Mapping[str, Any] = {"zero": 0, "negative": -7, "beyond 32 bits": 99_999_999_999, "1e300": 1e300}


def defects(value: Any) -> Iterator[Defect]:
    """Every defect at every place of this document, to be done to documents like it."""
    for path, item in places(value):
        wrong = {**WRONG, **IDS} if _is_id(path) else WRONG
        for name, to in wrong.items():
            if not _true_looking(path, to, item) and not _same_kind(name, to, item):
                yield Defect(f"{name} at /{'/'.join(map(str, path))}", partial(_with_wrong, path, to))


def _with_wrong(path: Path, to: Any, body: bytes) -> bytes:
    value = json.loads(body)
    found = dict(places(value)).get(path, DELETED)
    if found is DELETED:
        return body
    return encoded(changed(value, path, [found] if to is ... else to))


def _is_id(path: Path) -> bool:
    return bool(path) and path[-1] in ("Id", "id", "ProductId")


def _true_looking(path: Path, to: Any, item: Any) -> bool:
    """A list with nothing or less in it is as good an answer as the one that was given."""
    shorter = to is DELETED and (not path or isinstance(path[-1], int))
    return shorter or (isinstance(item, list) and to == [])


def _same_kind(name: str, to: Any, item: Any) -> bool:
    if name in IDS:
        return False
    if isinstance(item, bool) or isinstance(to, bool):
        return isinstance(item, bool) and isinstance(to, bool)
    if isinstance(item, int | float):
        return isinstance(to, int | float)
    return type(item) is type(to) and not isinstance(to, list | dict)


DOCUMENTS: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda _body: b"",
    "blanks": lambda _body: b" \r\n\t ",
    "half": lambda body: body[: len(body) // 2],
    "one byte short": lambda body: body[:-1],
    "NUL inside": lambda body: body[:1] + b"\0" + body[1:],
    "NULs": lambda _body: b"\0" * 100,
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "Latin-1": lambda body: body[:-1] + b',"x":"\xe7\xe3o"' + body[-1:] if body[:1] == b"{" else b"\xe7" + body,
    "byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "twice": lambda body: body + body if body.strip() else b"{}{}",
    "as a text": lambda body: json.dumps(body.decode()).encode(),
    "single quotes": lambda body: body.replace(b'"', b"'"),
    "just a text": lambda _body: b'"OK"',
    "false": lambda _body: b"false",
    "a number": lambda _body: b"7",
    "NaN": lambda _body: b"NaN",
    "1e400": lambda _body: b"1e400",
    "digits": lambda _body: b"9" * 10_000,
    "nested deeply": lambda _body: b"[" * 10_000 + b"]" * 10_000,
    "nested deeply, open": lambda _body: b'{"Id":' * 10_000,
    "page": lambda _body: b"<!DOCTYPE html><html><head><title>Be right back</title></head><body>?</body></html>",
    "log-in page": lambda _body: b"<html><head><title>Login</title></head><body>VTEX ID</body></html>",
    "XML": lambda _body: b'<?xml version="1.0"?><Error><Id>7</Id></Error>',
    "list of nothing": lambda _body: b"[null]",
    "list of itself": lambda body: b"[" + (body.strip() or b"1") + b", {}]",
    "object of nothing": lambda _body: b"{}",
    "error with success": lambda _body: b'{"error": {"code": "1", "message": "An error has occurred."}}',
}
"""What is wrong with the text as a whole."""


def documents() -> Iterator[Defect]:
    yield from (Defect(name, spoil) for name, spoil in DOCUMENTS.items())
