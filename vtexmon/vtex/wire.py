"""What all request builders share: safe path segments, stripped strings, ids as VTEX wants them.

VTEX answers 400 with an empty body when any string ends with a blank (``domain/vtex.md`` 2.3), so no builder passes a
string on as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from vtexmon.core.exchange import Json

VtexId = int | str
"""A numeric VTEX id, as the answer's number or as the store's text."""

MAX_ID = 2_147_483_647
"""VTEX's ids are 32-bit (``domain/vtex.md`` 1.6)."""

_DOT_SEGMENTS = {".": "%2E", "..": "%2E%2E"}


def segment(value: VtexId) -> str:
    """One path segment, percent-encoded: a RefId may hold ``/``, blanks and accents; a lone ``.`` is no folder."""
    text = str(value).strip()
    return _DOT_SEGMENTS.get(text) or quote(text, safe="")


def stripped(value: Json) -> Json:
    """The JSON value with the outer blanks of every string in it taken away; names of fields are left alone."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        return {name: stripped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [stripped(item) for item in value]
    return value


def read_id(value: Any) -> int | None:
    """A whole number that may come as one, as a float or as a string of digits; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value) if len(value.strip()) <= 18 else None
    return None


def vtex_id(value: Any) -> int | None:
    """As ``read_id``, for what can be the id of a record: 0, negative and endless ones are none."""
    found = read_id(value)
    return found if found is not None and 0 < found <= MAX_ID else None


def created_id(answer_json: Json) -> int | None:
    """The ``Id`` (or ``id``) of the object that VTEX answers for a creation or a read; None when there is none."""
    if not isinstance(answer_json, Mapping):
        return None
    return vtex_id(answer_json.get("Id", answer_json.get("id")))
