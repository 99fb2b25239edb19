"""Sources for tests: ``source_of`` makes one from rows, by every adapter there is; ``folder_of`` only by files.

An adapter joins the conformance suite by one more entry in ``ADAPTERS``. A row is given by what differs from a good
one.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from vtexmon.sge.files import FilesSource
from vtexmon.sge.source import SgeSource

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

KEY = {"codcoligada": "1", "codfilial": "12"}
CHANGED_AT = {"alterado_em": "2026-11-13T08:30:00"}
GOOD_ROWS: dict[str, dict[str, str]] = {
    "cursos": {
        **KEY,
        "codcurso": "AJUSTA",
        "nome": "Ajustador mecânico",
        "nivel_ensino": "FIC",
        "categoria": "Metalmecânica",
        "marca": "SENAI",
        "carga_horaria": "216",
        "descricao": "Curso de ajustagem.",
        "palavras_chave": "ajustador",
        "imagem_url": "",
        "ativo": "S",
        **CHANGED_AT,
    },
    "turmas": {
        **KEY,
        "codcurso": "AJUSTA",
        "codturma": "CQ.1",
        "nome": "Ajustador mecânico - CQ.1",
        "turno": "Noite",
        "data_inicio": "2027-01-18",
        "data_fim": "2027-04-14",
        "horario_inicio": "19:00",
        "horario_fim": "22:00",
        "dias_semana": "SEG,TER",
        "modalidade": "Presencial",
        "local": "Escola",
        "vagas": "16",
        "matriculados": "14",
        "ativo": "S",
        **CHANGED_AT,
    },
    "precos": {**KEY, "codturma": "CQ.1", "canal": "B2C", "preco": "1795,50", "preco_de": "2064,82", **CHANGED_AT},
    "estoques": {**KEY, "codturma": "CQ.1", "deposito": "1", "quantidade": "2", "ilimitado": "N", **CHANGED_AT},
}


class SourceOf(Protocol):
    """Makes a source from rows by table name; a table that is not given has its header and no rows."""

    def __call__(self, **tables: Sequence[Row]) -> SgeSource: ...


def write_files(folder: Path, tables: Tables, delimiter: str = ";") -> None:
    for name, good in GOOD_ROWS.items():
        rows = [{**good, **changes} for changes in tables.get(name, ())]
        columns = list(dict.fromkeys(column for row in [good, *rows] for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter=delimiter, restval="")
            writer.writeheader()
            writer.writerows(rows)


def files_source(folder: Path, tables: Tables) -> SgeSource:
    write_files(folder, tables)
    return FilesSource(folder)


ADAPTERS: list[Callable[[Path, Tables], SgeSource]] = [files_source]


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def source_of(request: pytest.FixtureRequest, tmp_path: Path) -> SourceOf:
    def make(**tables: Sequence[Row]) -> SgeSource:
        source: SgeSource = request.param(tmp_path, tables)
        return source

    return make


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of files from rows and gives its path."""

    def make(delimiter: str = ";", **tables: Sequence[Row]) -> Path:
        write_files(tmp_path, tables, delimiter)
        return tmp_path

    return make
