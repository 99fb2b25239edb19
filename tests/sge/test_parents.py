from __future__ import annotations

import gc

import pytest

from vtexmon.sge import parents
from vtexmon.sge.parents import ParentProblem, parent_course
from vtexmon.sge.source import ClassKey, CourseKey


def parent_of(source, code: str = "CQ.1", branch: int = 12):
    snapshot = source.read()
    return parent_course(snapshot, snapshot.classes[ClassKey(1, branch, code)])


def test_the_course_of_the_same_branch_comes_first(source_of):
    source = source_of(cursos=[{"codfilial": "11"}, {}, {"codfilial": "13"}], turmas=[{}])
    assert parent_of(source) == CourseKey(1, 12, "AJUSTA")


def test_else_the_only_one_of_the_coligada(source_of):
    source = source_of(cursos=[{"codfilial": "11"}, {"codcoligada": "2"}, {"codcurso": "X"}], turmas=[{}])
    assert parent_of(source) == CourseKey(1, 11, "AJUSTA")


@pytest.mark.parametrize(
    ("courses", "words"),
    [
        ([], ["«AJUSTA»", "não existe na coligada 1"]),
        ([{"codcoligada": "2"}, {"codcurso": "ajusta"}], ["«AJUSTA»", "não existe na coligada 1"]),
        ([{"codfilial": "13"}, {"codfilial": "11"}], ["«AJUSTA»", "não existe na filial 12", "(11, 13)"]),
        ([{"nome": ""}], ["«1;12;AJUSTA»", "foi rejeitada"]),
        ([{}, {}], ["«1;12;AJUSTA»", "foi rejeitada"]),
        ([{"codfilial": "11", "nome": ""}], ["«1;11;AJUSTA»", "foi rejeitada"]),
    ],
)
def test_none_or_several_is_a_problem_that_names_what_was_found(source_of, courses, words):
    problem = parent_of(source_of(cursos=courses, turmas=[{}]))

    assert isinstance(problem, ParentProblem)
    assert all(word in problem.reason for word in words)


def test_a_rejected_course_is_never_passed_over_for_one_of_another_branch(source_of):
    own_is_bad = source_of(cursos=[{"nome": ""}, {"codfilial": "11"}], turmas=[{}])
    problem = parent_of(own_is_bad)
    assert isinstance(problem, ParentProblem)
    assert "«1;12;AJUSTA» da turma está na origem, mas" in problem.reason

    other_is_bad = source_of(cursos=[{"codfilial": "13", "nome": ""}, {"codfilial": "11"}], turmas=[{}])
    problem = parent_of(other_is_bad)
    assert isinstance(problem, ParentProblem)
    assert "(11, 13)" in problem.reason


def test_a_course_row_without_a_readable_key_is_no_candidate(source_of):
    source = source_of(cursos=[{"codfilial": "x"}, {"codfilial": "11"}], turmas=[{}])
    assert parent_of(source) == CourseKey(1, 11, "AJUSTA")


def test_each_snapshot_has_its_own_index_and_takes_it_along(source_of):
    source = source_of(cursos=[{}], turmas=[{}])
    before = dict(parents._indexes)
    assert parent_of(source) == CourseKey(1, 12, "AJUSTA")
    assert len(parents._indexes) == len(before) + 1

    del source
    gc.collect()
    assert set(parents._indexes) <= set(before)
