"""Which course a class belongs to (DESIGN.md section 9): the one of its own branch, else the only one of its coligada.

A course whose row was rejected still exists at the source: it is never passed over for one of another branch.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vtexmon.i18n import _
from vtexmon.sge.source import CourseClass, CourseKey, Snapshot

_COURSE_MODULE = "product"


@dataclass(frozen=True)
class ParentProblem:
    """Why a class has no parent (failure class ``contexto``): what was found and what to do."""

    reason: str


@dataclass(frozen=True)
class _CourseIndex:
    """The courses of one snapshot by coligada and codcurso; ``unreadable`` are those whose row was rejected."""

    by_code: Mapping[tuple[int, str], Sequence[CourseKey]]
    unreadable: frozenset[CourseKey]


_indexes: dict[int, _CourseIndex] = {}


def parent_course(snapshot: Snapshot, course_class: CourseClass) -> CourseKey | ParentProblem:
    """The key of the class's course, which is in ``snapshot.courses``; or why there is none. O(1) for each class."""
    index = _index_of(snapshot)
    key = course_class.key
    own = CourseKey(key.company, key.branch, course_class.course)
    found = [own] if own in snapshot.courses else index.by_code.get((key.company, course_class.course), ())
    if own in index.unreadable:
        found = [own]
    if len(found) == 1:
        return found[0] if found[0] not in index.unreadable else ParentProblem(_reason_unreadable(found[0]))
    return ParentProblem(_reason_several(own, found) if found else _reason_none(own))


def _index_of(snapshot: Snapshot) -> _CourseIndex:
    """The index of this very snapshot, made at its first use and dropped with it."""
    index = _indexes.get(id(snapshot))
    if index is None:
        index = _indexes[id(snapshot)] = _make_index(snapshot)
        weakref.finalize(snapshot, _indexes.pop, id(snapshot), None).atexit = False
    return index


def _make_index(snapshot: Snapshot) -> _CourseIndex:
    unreadable = frozenset(
        CourseKey(int(row.key_values[0]), int(row.key_values[1]), row.key_values[2])
        for row in snapshot.rejected
        if row.module == _COURSE_MODULE and row.key_values is not None
    )
    by_code: defaultdict[tuple[int, str], list[CourseKey]] = defaultdict(list)
    for key in sorted(unreadable.union(snapshot.courses)):
        by_code[key.company, key.course].append(key)
    return _CourseIndex(by_code, unreadable)


def _reason_none(own: CourseKey) -> str:
    message = _("o curso «{0}» da turma não existe na coligada {1}; cadastre o curso ou corrija codcurso da turma")
    return message.format(own.course, own.company)


def _reason_several(own: CourseKey, found: Sequence[CourseKey]) -> str:
    message = _(
        "o curso «{0}» não existe na filial {1} e existe em mais de uma filial da coligada {2} ({3}); "
        "cadastre o curso na filial da turma"
    )
    branches = ", ".join(str(key.branch) for key in found)
    return message.format(own.course, own.branch, own.company, branches)


def _reason_unreadable(course: CourseKey) -> str:
    message = _("o curso «{0}» da turma está na origem, mas a linha dele foi rejeitada; corrija o curso primeiro")
    return message.format(";".join(course.values))
