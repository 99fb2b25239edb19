"""``vtexmon db``: bring the database to this program's schema, copy it, and look for what should not be in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from vtexmon.cli.context import clock, current, load_config, writer_of
from vtexmon.cli.output import print_document, print_line
from vtexmon.cli.running import NOT_ALL_SUCCEEDED
from vtexmon.config import Config
from vtexmon.core.formats import decimal, thousands
from vtexmon.errors import Unreachable, UsageError
from vtexmon.i18n import _
from vtexmon.store import health, migrate, schema
from vtexmon.store.backup import back_up
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.sqlite_library import sqlite_warning

app = typer.Typer(help="Atualiza, copia e confere o banco de dados.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Traz o banco ao esquema deste programa; de um SQLite é feita antes uma cópia ao lado."""
    config = load_config()
    writer_of(config)
    with _as_it_is(config) as database:
        before = migrate.upgrade(database, clock().now())
        now = database.read(migrate.current)
    if current().json:
        print_document({"before": before, "revision": now})
    elif before == now:
        print_line(_("o banco já está na revisão {0}").format(now))
    else:
        print_line(_("revisão {0} → {1}").format(before or _("(vazio)"), now))


@app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="ARQUIVO", help="A cópia; não pode existir ainda.")]) -> None:
    """Copia um banco SQLite em uso e confere a cópia. Quem envia não para."""
    config = load_config()
    path = sqlite_path(config.database_url)
    if path is None:
        raise UsageError(_dump_words(config.database_url))
    _must_exist(path)
    made = back_up(path, file.absolute())
    revision, logs = made.contents.revision, made.contents.logs
    if current().json:
        figures = {"bytes": made.size, "revision": revision, "logs": logs, "seconds": round(made.seconds, 3)}
        print_document({"file": str(made.file)} | figures)
        return
    words = _("{0}: {1} bytes, revisão {2}, {3} registros de log, conferida em {4} s")
    size, count = thousands(made.size), thousands(logs)
    print_line(words.format(made.file, size, revision or _("(vazio)"), count, decimal(made.seconds)))


def _dump_words(url: str) -> str:
    """PostgreSQL has a tool of its own, which is told the database and never a password."""
    parsed = make_url(url)
    given = (("-h", parsed.host), ("-p", parsed.port), ("-U", parsed.username))
    options = "".join(f" {option} {value}" for option, value in given if value)
    words = _("o banco «{0}» é um PostgreSQL; copie-o com a ferramenta dele: pg_dump -Fc{1} -f ARQUIVO {0}")
    return words.format(parsed.database, options)


def _must_exist(path: Path | None) -> None:
    """Neither a check nor a copy makes a database."""
    if path is not None and not path.exists():
        raise UsageError(_("o banco de dados {0} ainda não existe").format(path))


@app.command()
def check() -> None:
    """Confere o arquivo, o esquema e o que não deveria existir. Termina com 3 quando acha algo."""
    config = load_config()
    _must_exist(sqlite_path(config.database_url))
    with _as_it_is(config) as database:
        revision = database.read(migrate.current)
        damage = database.read(health.quick_check)
        findings = database.read(health.findings) if revision == schema.HEAD else []
    bad = [finding for finding in findings if finding.count]
    ok = not damage and not bad and revision == schema.HEAD
    if current().json:
        listed = [{"name": one.name, "count": one.count, "log_ids": list(one.log_ids)} for one in findings]
        head = {"ok": ok, "revision": revision, "expected": schema.HEAD, "integrity": damage}
        print_document(head | {"findings": listed, "warning": sqlite_warning()})
    else:
        for line in _lines(revision, damage, bad):
            print_line(line)
    raise typer.Exit(0 if ok else NOT_ALL_SUCCEEDED)


def _lines(revision: str | None, damage: list[str], bad: list[health.Finding]) -> Iterator[str]:
    if revision == schema.HEAD:
        yield _("esquema: revisão {0}").format(revision)
    else:
        yield _("esquema: revisão {0}; esta versão usa {1}: vtexmon db upgrade").format(revision, schema.HEAD)
    yield _("integridade: ok") if not damage else _("integridade: {0}").format("; ".join(damage))
    for finding in bad:
        yield _("{0}: {1} (Ids {2})").format(finding.words, finding.count, ", ".join(map(str, finding.log_ids)))
    if not bad:
        yield _("nada fora do lugar")
    if warning := sqlite_warning():
        yield warning


@contextmanager
def _as_it_is(config: Config) -> Iterator[Database]:
    """The database without bringing it to this program's schema."""
    database = Database(config.database_url)
    try:
        yield database
    except DBAPIError as error:
        raise Unreachable(_("o banco de dados não pôde ser aberto: {0}").format(error.orig)) from error
    finally:
        database.close()
