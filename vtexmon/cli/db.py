"""``vtexmon db``: bring the database to this program's schema, and look for what should not be in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.exc import DBAPIError

from vtexmon.cli.context import clock, current, load_config, writer_of
from vtexmon.cli.output import print_document, print_line
from vtexmon.cli.running import NOT_ALL_SUCCEEDED
from vtexmon.config import Config
from vtexmon.errors import Unreachable, UsageError
from vtexmon.i18n import _
from vtexmon.store import health, migrate
from vtexmon.store.database import Database, sqlite_path, sqlite_warning

app = typer.Typer(help="Atualiza e confere o banco de dados.", no_args_is_help=True)


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
def check() -> None:
    """Confere o arquivo, o esquema e o que não deveria existir. Termina com 3 quando acha algo."""
    config = load_config()
    path = sqlite_path(config.database_url)
    if path is not None and not path.exists():
        raise UsageError(_("o banco de dados {0} ainda não existe").format(path))
    with _as_it_is(config) as database:
        revision = database.read(migrate.current)
        damage = database.read(health.quick_check)
        findings = database.read(health.findings) if revision == migrate.HEAD else []
    bad = [finding for finding in findings if finding.count]
    ok = not damage and not bad and revision == migrate.HEAD
    if current().json:
        listed = [{"name": one.name, "count": one.count, "log_ids": list(one.log_ids)} for one in findings]
        head = {"ok": ok, "revision": revision, "expected": migrate.HEAD, "integrity": damage}
        print_document(head | {"findings": listed, "warning": sqlite_warning()})
    else:
        for line in _lines(revision, damage, bad):
            print_line(line)
    raise typer.Exit(0 if ok else NOT_ALL_SUCCEEDED)


def _lines(revision: str | None, damage: list[str], bad: list[health.Finding]) -> Iterator[str]:
    if revision == migrate.HEAD:
        yield _("esquema: revisão {0}").format(revision)
    else:
        yield _("esquema: revisão {0}; esta versão usa {1}: vtexmon db upgrade").format(revision, migrate.HEAD)
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
