"""Records of one file into values: every record is either a value or a rejected row, never neither.

One bad row does not stop the others. A key that stands twice rejects each of its lines, for nobody can know which is
meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple

from vtexmon.i18n import _
from vtexmon.sge.cells import refuse_control
from vtexmon.sge.csv_text import Record, records
from vtexmon.sge.layout import Key, Layout
from vtexmon.sge.source import RejectedRow
from vtexmon.sge.tables import Column, Defect, Fields, Value

SHOWN_LENGTH = 300
"""Of a rejected value this many characters are shown; names themselves are never cut."""

NAMED_LINES = 100
"""Of a key that stands in more lines than these, the first are named: each of its rows carries the list."""


@dataclass(frozen=True)
class Rows(Generic[Value]):
    """What a file holds: the good rows as values, and the rejected ones by line."""

    values: Sequence[Value]
    rejected: Sequence[RejectedRow]


def read_rows(layout: Layout[Value]) -> Rows[Value]:
    """All rows of a file whose layout is good."""
    sheet = layout.sheet
    good: list[tuple[int, Key, Value]] = []
    bad: list[tuple[int, Key | None, Defect]] = []
    first_line: dict[Key, int] = {}
    twice: dict[Key, list[int]] = {}
    for record in records(sheet.lines, sheet.delimiter, layout.width, sheet.start):
        line = record.line
        outcome = _read(layout, record)
        if outcome.key is not None and first_line.setdefault(outcome.key, line) != line:
            twice.setdefault(outcome.key, [first_line[outcome.key]]).append(line)
        if isinstance(outcome, _Good):
            good.append((line, outcome.key, outcome.value))
        else:
            bad.append((line, outcome.key, outcome.defect))
    bad = [(line, key, _also_twice(defect, twice.get(key) if key is not None else None)) for line, key, defect in bad]
    bad += [(line, key, _standing_twice(layout, key, twice[key])) for line, key, _value in good if key in twice]
    return Rows(
        values=[value for _line, key, value in good if key not in twice],
        rejected=[_rejected(layout, *row) for row in sorted(bad, key=lambda row: row[0])],
    )


class _Good(NamedTuple):
    """A row that became a value."""

    key: Key
    value: Any


class _Bad(NamedTuple):
    """A row that did not, with its key where that could be read."""

    key: Key | None
    defect: Defect


def _read(layout: Layout[Any], record: Record) -> _Good | _Bad:
    if record.defect:
        return _Bad(None, Defect("", record.cells[0], record.defect))
    if len(record.cells) != layout.width:
        text = layout.sheet.delimiter.join(record.cells)
        reason = _("a linha tem {0} campos e o cabeçalho tem {1}; ponha entre aspas o texto que contém o separador")
        return _Bad(None, Defect("", text, reason.format(len(record.cells), layout.width)))
    cells = [cell.strip() for cell in record.cells]
    try:
        if not "".join(record.cells).isprintable():
            _refuse_control(layout, record.cells)
        fields = {field: convert(cells[index]) for field, convert, index in layout.conversions}
    except ValueError:
        return _explained(layout, record.cells)
    key = layout.key_of(fields)
    defect = layout.sheet.table.check(fields)
    if defect is not None:
        return _Bad(key, defect)
    if layout.sheet.table.keeps_unknown:
        fields["extra"] = {name: cells[index] for name, index in layout.unknown}
    return _Good(key, layout.sheet.table.build(fields))


def _refuse_control(layout: Layout[Any], cells: Sequence[str]) -> None:
    for column, index in layout.places:
        refuse_control(cells[index], column.one_line)
    for _name, index in layout.unknown:
        refuse_control(cells[index], one_line=False)


def _explained(layout: Layout[Any], cells: Sequence[str]) -> _Bad:
    """A row that failed, gone through again cell by cell: its first defect, the others told with it, and its key."""
    fields: Fields = {}
    defects: list[Defect] = []
    for column, index in layout.places:
        try:
            fields[column.field] = _converted(column, cells[index])
        except ValueError as error:
            defects.append(Defect(column.name, cells[index].strip(), str(error)))
    defects += _defects_of_unknown(layout, cells)
    first, *others = defects
    also = "".join(_("; também {0}: {1}").format(other.column, other.reason) for other in others)
    key_is_whole = all(column.field in fields for column, _index in layout.places if column.key)
    return _Bad(layout.key_of(fields) if key_is_whole else None, first._replace(reason=first.reason + also))


def _converted(column: Column, cell: str) -> Any:
    refuse_control(cell, column.one_line)
    return column.convert(cell.strip())


def _defects_of_unknown(layout: Layout[Any], cells: Sequence[str]) -> Iterator[Defect]:
    for name, index in layout.unknown:
        try:
            refuse_control(cells[index], one_line=False)
        except ValueError as error:
            yield Defect(name, cells[index], str(error))


def _standing_twice(layout: Layout[Any], key: Key, lines: Sequence[int]) -> Defect:
    columns = ";".join(column.name for column, _index in layout.places if column.key)
    return Defect(columns, ";".join(map(str, key)), _reason_for_twice(lines))


def _also_twice(defect: Defect, lines: Sequence[int] | None) -> Defect:
    return defect if lines is None else defect._replace(reason=f"{defect.reason}; {_reason_for_twice(lines)}")


def _reason_for_twice(lines: Sequence[int]) -> str:
    numbers = ", ".join(map(str, lines[:NAMED_LINES])) + (", …" if len(lines) > NAMED_LINES else "")
    return _("a chave está mais de uma vez no arquivo, nas linhas {0}; deixe só uma delas").format(numbers)


def _rejected(layout: Layout[Any], line: int, key: Key | None, defect: Defect) -> RejectedRow:
    table = layout.sheet.table
    key_values = None if key is None else tuple(map(str, key))
    return RejectedRow(table.module, table.file, line, defect.column, _shown(defect.value), defect.reason, key_values)


def _shown(value: str) -> str:
    """The value as it can be stored and shown: control characters as their codes, a very long one cut."""
    text = value if len(value) <= SHOWN_LENGTH else value[:SHOWN_LENGTH] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
