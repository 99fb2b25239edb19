"""CSV bytes into records with their line numbers, so that no line is lost, whatever quotes somebody forgot.

Says nothing about columns: which there must be is ``layout``'s, what they mean ``tables``'s.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vtexmon.i18n import _

DELIMITERS = ";,"


class Record(NamedTuple):
    """One record: the line it starts on (from 1), its cells as written, and why it cannot be cut into cells, if so."""

    line: int
    cells: Sequence[str]
    defect: str = ""


class NotUtf8(Exception):  # noqa: N818 - it is a finding about the file, told with others
    """Bytes that are not UTF-8, with the ``line`` (from 1) they stand on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def physical_lines(contents: bytes) -> list[str]:
    """The lines with their ends, as an editor counts them; a byte order mark is taken off. Raises ``NotUtf8``."""
    try:
        text = contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = contents[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        raise NotUtf8(before.count(b"\n") + 1) from None
    return io.StringIO(text, newline="").readlines()


def delimiter_of(header: str) -> str:
    """The separator of the file: the one that stands more often in its header line."""
    return max(DELIMITERS, key=header.count)


def header_of(lines: Sequence[str], delimiter: str) -> tuple[list[str], int]:
    """The cells of the header and how many lines it takes. Raises ``csv.Error`` when its quotes do not match."""
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    return next(reader, []), reader.line_num


def records(lines: Sequence[str], delimiter: str, width: int, start: int) -> Iterator[Record]:
    """Every record from line index ``start`` on; lines without anything in them are passed over.

    After a record whose quotes do not match, reading goes on at the very next line: a forgotten quote spoils its own
    line and swallows none. ``width`` is the number of cells of a good record, by which a swallowed line is known.
    """
    while start < len(lines):
        following = map(lines.__getitem__, range(start, len(lines)))
        reader = csv.reader(following, delimiter=delimiter, strict=True)
        begin = start
        try:
            for cells in reader:
                end = start + reader.line_num
                if end - begin > 1 and _swallowed_a_record(lines[begin:end], delimiter, width, cells):
                    raise csv.Error
                if any(map(str.strip, cells)):
                    yield Record(begin + 1, cells)
                begin = end
            return
        except csv.Error:
            yield Record(begin + 1, [lines[begin].strip()], _reason_against(lines[begin]))
        start = begin + 1


def _swallowed_a_record(lines: Sequence[str], delimiter: str, width: int, cells: Sequence[str]) -> bool:
    """Whether a record over several lines has eaten others: a line inside it is a whole record by itself.

    A good record whose first cell goes over several lines has such a last line, too, and has eaten nothing.
    """
    is_led_by_text = len(cells) == width and len(cells[0].splitlines()) > 1
    suspects = lines[1:-1] if is_led_by_text else lines[1:]
    return any(_is_a_record(line, delimiter, width) for line in suspects)


def _is_a_record(line: str, delimiter: str, width: int) -> bool:
    if line.count(delimiter) < width - 1:
        return False
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True))) == width
    except csv.Error:
        return False


def _reason_against(line: str) -> str:
    if len(line) > csv.field_size_limit():
        return _("a linha tem um campo grande demais; abrevie o texto na origem")
    return _("as aspas da linha não fecham; feche-as, ou dobre as que fazem parte do texto")
