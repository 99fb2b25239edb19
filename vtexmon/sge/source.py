"""The source contract (DESIGN.md section 9): what every SGE adapter delivers, in value types, whatever it reads from.

A ``Snapshot`` is everything the source says at one moment. Rows that cannot be read are part of it (``RejectedRow``):
one bad row never stops the others, and none is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """To whom is sold: natural persons or companies."""

    B2C = "B2C"
    B2B = "B2B"


@dataclass(frozen=True, order=True)
class CourseKey:
    """The primary key of a course."""

    company: int
    branch: int
    course: str

    @property
    def values(self) -> tuple[str, ...]:
        """In the order of CODCOLIGADA;CODFILIAL;CODCURSO."""
        return str(self.company), str(self.branch), self.course


@dataclass(frozen=True, order=True)
class ClassKey:
    """The primary key of a class; ``period`` (PERIODOLETIVO) is empty when the source has no such column."""

    company: int
    branch: int
    course_class: str
    period: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """In the order of CODCOLIGADA;CODFILIAL;CODTURMA (;PERIODOLETIVO)."""
        key = str(self.company), str(self.branch), self.course_class
        return (*key, self.period) if self.period else key


@dataclass(frozen=True)
class Course:
    """A row of cursos.csv: becomes a VTEX product. Text is stripped; ``extra`` holds the unknown columns."""

    key: CourseKey
    name: str
    education_level: str
    category: str
    brand: str
    workload_hours: str
    description: str
    keywords: str
    image_url: str
    active: bool
    changed_at: str
    extra: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class CourseClass:
    """A row of turmas.csv: becomes a VTEX SKU. ``course`` is the codcurso as written; the parent is found by rule."""

    key: ClassKey
    course: str
    name: str
    shift: str
    starts_on: date | None
    ends_on: date | None
    starts_at: time | None
    ends_at: time | None
    weekdays: str
    modality: str
    place: str
    seats: int | None
    enrolled: int | None
    active: bool
    changed_at: str
    extra: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ClassPrice:
    """A row of precos.csv: what a class costs in one channel, in integer cents; ``list_price_cents`` is preco_de."""

    key: ClassKey
    channel: Channel
    price_cents: int
    list_price_cents: int | None
    changed_at: str


@dataclass(frozen=True)
class ClassStock:
    """A row of estoques.csv: seats for sale in one warehouse; ``warehouse`` empty = the regional's."""

    key: ClassKey
    warehouse: str
    quantity: int
    unlimited: bool
    changed_at: str


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used: where it stands, which column, what it says and why that is no good.

    ``module`` is the module id it would have fed; ``key_values`` its key where that could be read, else None (then the
    log is keyed ARQUIVO;LINHA). A key that stands twice in a file rejects every one of its lines.
    """

    module: str
    file: str
    line: int
    column: str
    value: str
    reason: str
    key_values: tuple[str, ...] | None


@dataclass(frozen=True)
class Snapshot:
    """What the source says now, by key; ``fingerprint`` is equal for equal contents."""

    courses: Mapping[CourseKey, Course]
    classes: Mapping[ClassKey, CourseClass]
    prices: Mapping[tuple[ClassKey, Channel], ClassPrice]
    stocks: Mapping[tuple[ClassKey, str], ClassStock]
    rejected: Sequence[RejectedRow]
    has_period: bool
    fingerprint: str


class SgeSource(Protocol):
    """What an adapter does; ``read`` raises ``UsageError`` for an unreadable layout, ``Unreachable`` for an outage."""

    def read(self) -> Snapshot:
        """The source as it is now; cheap when nothing changed since the last call."""

    def describe(self) -> str:
        """Where this reads from, for people, without secrets."""
