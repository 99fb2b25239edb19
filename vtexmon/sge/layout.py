"""The layout of one file: where each column of its table stands, or everything that is wrong with it.

A wrong layout stops everything before anything is sent, so its problems are gathered, not raised.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic

from vtexmon.errors import Problem
from vtexmon.i18n import _
from vtexmon.sge.cells import Converter
from vtexmon.sge.csv_text import NotUtf8, delimiter_of, header_of, physical_lines
from vtexmon.sge.tables import PERIOD_COLUMN, Column, Fields, Table, Value

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Sheet(Generic[Value]):
    """A file of a table, cut into lines, with its header read: ``names`` in lower case, rows from index ``start`` on.

    ``problem`` tells why there is no header to speak of; the sheet is empty then.
    """

    table: Table[Value]
    path: Path
    lines: Sequence[str] = ()
    delimiter: str = ";"
    names: Sequence[str] = ()
    start: int = 0
    problem: Problem | None = None


@dataclass(frozen=True)
class Layout(Generic[Value]):
    """A sheet whose columns are all there: where each stands, and the unknown ones that are kept."""

    sheet: Sheet[Value]
    places: tuple[tuple[Column, int], ...]
    unknown: tuple[tuple[str, int], ...]

    @cached_property
    def width(self) -> int:
        """How many cells a record has."""
        return len(self.sheet.names)

    @cached_property
    def conversions(self) -> tuple[tuple[str, Converter, int], ...]:
        """Field, converter and place of each column: what is done to every row, at hand."""
        return tuple((column.field, column.convert, index) for column, index in self.places)

    @cached_property
    def key_of(self) -> Callable[[Fields], Key]:
        """Takes the key out of converted fields, in the order of the module's key fields."""
        return itemgetter(*(column.field for column, _index in self.places if column.key))


def sheet_of(table: Table[Value], path: Path, contents: bytes | None) -> Sheet[Value]:
    """The file with its header read; ``contents`` None when there is no such file."""
    if contents is None:
        header = ";".join(column.name for column in table.columns_with(has_period=False))
        remedy = _("Exporte-o para esta pasta, com o cabeçalho {0}").format(header)
        return Sheet(table, path, problem=Problem(str(path), None, _("arquivo"), _("o arquivo não existe"), remedy))
    try:
        lines = physical_lines(contents)
        delimiter = delimiter_of(lines[0] if lines else "")
        names, start = header_of(lines, delimiter)
    except NotUtf8 as error:
        what, remedy = _("o texto não está em UTF-8"), _("Salve o arquivo como «CSV UTF-8» e exporte-o de novo")
        return Sheet(table, path, problem=Problem(str(path), error.line, _("codificação"), what, remedy))
    except csv.Error:
        what, remedy = _("as aspas do cabeçalho não fecham"), _("Feche as aspas da primeira linha, ou retire-as")
        return Sheet(table, path, problem=Problem(str(path), 1, _("cabeçalho"), what, remedy))
    return Sheet(table, path, lines, delimiter, [name.strip().lower() for name in names], start)


def problems_of(sheet: Sheet[Any], with_period: bool) -> list[Problem]:
    """Everything that keeps the file from being read: the file itself, columns that are missing or stand twice."""
    if sheet.problem is not None:
        return [sheet.problem]
    columns = sheet.table.columns_with(with_period)
    missing = [_missing(sheet, column.name) for column in columns if column.name not in sheet.names]
    twice = [_twice(sheet, name) for name, count in Counter(sheet.names).items() if name and count > 1]
    return missing + twice


def layout_of(sheet: Sheet[Value], with_period: bool) -> Layout[Value]:
    """Where the columns of a sheet without problems stand."""
    known = {column.name for column in sheet.table.columns}
    unknown = [(name, index) for index, name in enumerate(sheet.names) if name and name not in known]
    return Layout(
        sheet,
        places=tuple((column, sheet.names.index(column.name)) for column in sheet.table.columns_with(with_period)),
        unknown=tuple(unknown) if sheet.table.keeps_unknown else (),
    )


def _missing(sheet: Sheet[Value], column: str) -> Problem:
    if column == PERIOD_COLUMN:
        remedy = _("Acrescente a coluna: turmas.csv a tem e ela faz parte da chave da turma")
    else:
        remedy = _("Acrescente a coluna ao cabeçalho, com os campos separados por ; ou ,")
    return Problem(str(sheet.path), 1, column, _("a coluna obrigatória não está no cabeçalho"), remedy)


def _twice(sheet: Sheet[Value], column: str) -> Problem:
    remedy = _("Deixe só uma delas ou dê outro nome à outra")
    return Problem(str(sheet.path), 1, column, _("a coluna está mais de uma vez no cabeçalho"), remedy)
