"""The form of catalogue records: which fields there are, of which type, how long, and what is left when they are not
sent.

Bodies are read strictly where VTEX's OpenAPI declares a type or a length, and wiping as its PUTs do: a field that is
left out or null takes its blank value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vtexmon.sandbox.wire import Answer, Record, RefusalError, json_answer


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``kind`` is the JSON type, ``blank`` what stands when nothing is sent, ``length`` the longest string.

    ``required`` wants a value; ``declared`` only wants the name to be present, as schemas with required nullable
    fields do.
    """

    name: str
    kind: type
    blank: Any = None
    length: int | None = None
    required: bool = False
    declared: bool = False


def read_fields(fields: Sequence[Field], body: object) -> Record:
    """The record that a body makes, unknown names dropped. Refuses with 400 and one message per field that is wrong."""
    if not isinstance(body, dict):
        raise invalid({"": ["An object is expected."]})
    wrong: dict[str, list[str]] = {}
    record: Record = {}
    for field in fields:
        value = body.get(field.name)
        complaint = _complaint(field, value, present=field.name in body)
        if complaint:
            wrong[field.name] = [complaint]
        record[field.name] = field.blank if value is None else _as_kind(field, value)
    if wrong:
        raise invalid(wrong)
    return record


def refuse_trailing_blanks(body: object) -> None:
    """A string that ends with a blank is answered 400 with an empty body (known issue 977033)."""
    values = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for value in values:
        if isinstance(value, str) and value != value.rstrip():
            raise RefusalError(Answer(400))
        if isinstance(value, list):
            refuse_trailing_blanks(value)


def invalid(wrong: dict[str, list[str]]) -> RefusalError:
    """400 in the catalogue's ``ModelState`` shape."""
    return RefusalError(json_answer({"Message": "The request is invalid.", "ModelState": wrong}, 400))


def _complaint(field: Field, value: Any, present: bool) -> str | None:
    if value is None:
        missing = field.required or (field.declared and not present)
        return f"The {field.name} field is required." if missing else None
    if not _has_kind(field.kind, value):
        return f"The value '{value}' is not valid for {field.name}."
    if field.required and value == "":
        return f"The {field.name} field is required."
    if field.length is not None and isinstance(value, str) and len(value) > field.length:
        return f"The field {field.name} must be a string with a maximum length of {field.length}."
    return None


def _has_kind(kind: type, value: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind is float:
        return isinstance(value, int | float)
    return isinstance(value, kind)


def _as_kind(field: Field, value: Any) -> Any:
    if field.kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
