"""A school of one course with one class, as source values; tests change what they are about."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from vtexmon.sge.source import (
    Channel,
    ClassKey,
    ClassPrice,
    ClassStock,
    Course,
    CourseClass,
    CourseKey,
    RejectedRow,
    Snapshot,
)

COURSE = Course(
    key=CourseKey(1, 12, "AJUSTA"),
    name="Ajustador Mecânico",
    education_level="FIC",
    category="Metalmecânica",
    brand="",
    workload_hours="216",
    description="Curso de ajustagem.",
    keywords="ajustador",
    image_url="",
    active=True,
    changed_at="2026-10-01T08:00:00",
)
CLASS = CourseClass(
    key=ClassKey(1, 12, "CQ.1"),
    course="AJUSTA",
    name="Ajustador Mecânico - CQ.1",
    shift="Noite",
    starts_on=date(2027, 1, 18),
    ends_on=date(2027, 4, 14),
    starts_at=time(19),
    ends_at=time(22),
    weekdays="SEG,TER",
    modality="Presencial",
    place="Escola",
    seats=16,
    enrolled=14,
    active=True,
    changed_at="2026-11-13T08:30:00",
)
PRICE = ClassPrice(CLASS.key, Channel.B2C, 179_550, 206_482, "2026-11-13T08:30:00")
STOCK = ClassStock(CLASS.key, "1", 2, False, "2026-11-13T08:30:00")

_numbers = itertools.count()


def school(
    courses: Iterable[Course] = (COURSE,),
    classes: Iterable[CourseClass] = (CLASS,),
    prices: Iterable[ClassPrice] = (PRICE,),
    stocks: Iterable[ClassStock] = (STOCK,),
    rejected: Iterable[RejectedRow] = (),
) -> Snapshot:
    """A snapshot of these rows."""
    return Snapshot(
        courses={row.key: row for row in courses},
        classes={row.key: row for row in classes},
        prices={(row.key, row.channel): row for row in prices},
        stocks={(row.key, row.warehouse): row for row in stocks},
        rejected=tuple(rejected),
        has_period=False,
        fingerprint=str(next(_numbers)),
    )


def course(**changes: Any) -> Course:
    return replace(COURSE, **changes)


def course_class(**changes: Any) -> CourseClass:
    return replace(CLASS, **changes)


def price(**changes: Any) -> ClassPrice:
    return replace(PRICE, **changes)


def stock(**changes: Any) -> ClassStock:
    return replace(STOCK, **changes)


@dataclass
class MemorySource:
    """A source whose next reading a test decides; ``problem`` is raised instead when it is set."""

    snapshot: Snapshot = field(default_factory=school)
    problem: Exception | None = None

    def read(self) -> Snapshot:
        if self.problem is not None:
            raise self.problem
        return self.snapshot

    def describe(self) -> str:
        return "memória"
