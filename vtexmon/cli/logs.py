"""``vtexmon logs``: the monitor's list for scripts and pipes, newest first, in pages by id."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from vtexmon.cli.context import clock, current, database_of, load_config, read_filter
from vtexmon.cli.output import print_document, print_json_line, print_line, table
from vtexmon.cli.records import LOG_FIELDS, log_json
from vtexmon.config import Config
from vtexmon.core import formats, modules
from vtexmon.core.filters import Filter
from vtexmon.core.ordering import Edge
from vtexmon.core.records import LogRecord
from vtexmon.core.sanitize import sanitize
from vtexmon.i18n import _
from vtexmon.store import log_pages
from vtexmon.store.database import Database
from vtexmon.store.log_pages import Span

PAGE = 500
ROWS = 100
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def logs(
    query: Annotated[
        str, typer.Option("--filter", metavar="Q", help="Filtro, como «status:erro modulo:sku filial:12».")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Quantos registros.")] = ROWS,
    after: Annotated[int | None, typer.Option("--after", metavar="ID", help="Continua abaixo deste Id.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Só quantos são.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV na saída padrão.")] = False,
) -> None:
    """Lista os registros de log, do mais novo ao mais antigo.

    Com --json, um registro por linha; com --csv, uma tabela com os mesmos campos.
    """
    config = load_config()
    wanted = read_filter(query, config)
    with database_of(config) as database:
        if count:
            _print_count(database.read(lambda c: log_pages.count(c, wanted, cap=None)))
            return
        found = islice(_all(database, wanted, after, limit), limit)
        if as_csv:
            _print_csv(found)
        elif current().json:
            for log in found:
                print_json_line(log_json(log))
        else:
            _print_table(found, config)


def _print_count(number: int) -> None:
    if current().json:
        print_document({"count": number})
    else:
        print_line(str(number))


def _all(database: Database, wanted: Filter, after: int | None, limit: int) -> Iterator[LogRecord]:
    """Every log that passes, read page by page, so that any number of rows needs the memory of one page."""
    span, size = Span(None if after is None else Edge.at(after)), min(PAGE, limit)
    rows: list[LogRecord] | None = None
    while rows is None or len(rows) == size:
        rows = database.read(partial(log_pages.page, query=wanted, limit=size, span=span))
        yield from rows
        span = Span(Edge.at(rows[-1].id)) if rows else span


def _print_csv(found: Iterable[LogRecord]) -> None:
    """RFC 4180: commas, the JSON names as header. A cell that a spreadsheet would run as a formula gets a quote."""
    writer = csv.writer(sys.stdout)
    writer.writerow(LOG_FIELDS)
    for log in found:
        writer.writerow([csv_cell(value) for value in log_json(log).values()])


def csv_cell(value: Any) -> Any:
    """A value as a cell: nothing for None, harmless for a terminal and for a spreadsheet."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = sanitize(value, keep_newlines=True)
    return "'" + text if value.startswith(_FORMULA) else text


def _print_table(found: Iterable[LogRecord], config: Config) -> None:
    rows = iter(found)
    first = next(rows, None)
    if first is None:
        print_line(_("nenhum registro"))
        return
    zone, now = ZoneInfo(config.timezone), clock().now()
    headings = (
        _("Id"),
        _("Status"),
        _("Módulo"),
        _("Chave"),
        _("Conta"),
        _("Tent."),
        _("Próxima"),
        _("Alterado em"),
        _("Mensagem"),
    )
    waiting: Iterator[LogRecord] = chain((first,), rows)
    shown = False
    while page := list(islice(waiting, PAGE)):
        lines = table(headings, (_row(log, zone, now) for log in page), right=(0, 5))
        for line in lines[1:] if shown else lines:
            print_line(line)
        shown = True


def _row(log: LogRecord, zone: ZoneInfo, now: Any) -> tuple[str, ...]:
    return (
        str(log.id),
        log.status.value,
        modules.label(log.module),
        log.key_values,
        f"{log.account} {log.channel}".strip(),
        str(log.attempts),
        formats.next_words(log, now),
        formats.date_time(log.updated_at, zone, seconds=True),
        log.message,
    )
