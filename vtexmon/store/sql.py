"""SQL as text with named values, for what the screen reads first: it must not wait for an SQL library to be imported.

A statement says ``:name`` for a value on both databases; ``rows`` gives it to the driver in the driver's own writing.
Anything that has a dialect's name and ``exec_driver_sql`` will do as a connection: SQLAlchemy's, or ``store/plain.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from vtexmon.core.ordering import microseconds

_NAME = re.compile(r":(v\d+)")
LARGEST = 2**63 - 1
"""The largest number either database compares with."""

Value = str | int | None


class Dialect(Protocol):
    """What is asked of a connection's dialect."""

    @property
    def name(self) -> str:
        """``sqlite`` or ``postgresql``."""


class SqlConnection(Protocol):
    """A connection that runs a statement in its driver's own writing."""

    @property
    def dialect(self) -> Dialect:
        """The database's kind."""

    def exec_driver_sql(self, statement: str, parameters: Any = None) -> Any:
        """Run it; the result has ``fetchall``."""


@dataclass
class Values:
    """The values of one statement, each under a name of its own."""

    named: dict[str, Value] = field(default_factory=dict)

    def add(self, value: str | int | datetime | Enum | None) -> str:
        """Keep a value; gives what stands for it in the text."""
        name = f"v{len(self.named)}"
        self.named[name] = _plain(value)
        return f":{name}"

    def add_all(self, values: Iterable[str | int | Enum]) -> str:
        """Keep several; gives them as a list for ``IN``."""
        return "(" + ", ".join(self.add(value) for value in values) + ")"


def like_escaped(text: str) -> str:
    """A text as it stands in a ``LIKE … ESCAPE '\\'`` pattern, its own signs meaning themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def on_postgresql(connection: SqlConnection) -> bool:
    """Whether the connection speaks to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def rows(connection: SqlConnection, text: str, values: Values | None = None) -> Sequence[Any]:
    """Everything a query finds."""
    named: Mapping[str, Value] = values.named if values is not None else {}
    if on_postgresql(connection):
        text = _NAME.sub(r"%(\1)s", text)
    found: Sequence[Any] = connection.exec_driver_sql(text, dict(named)).fetchall()
    return found


def scalar(connection: SqlConnection, text: str, values: Values | None = None) -> Any:
    """The first column of the first row; None where there is none."""
    found = rows(connection, text, values)
    return found[0][0] if found else None


def _plain(value: str | int | datetime | Enum | None) -> Value:
    match value:
        case Enum():
            return str(value.value)
        case datetime():
            return microseconds(value)
        case bool() | str() | None:
            return value
        case int():
            return max(-LARGEST - 1, min(value, LARGEST))
