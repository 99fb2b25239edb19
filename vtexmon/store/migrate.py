"""Bringing a database to this program's schema: under a lock, after a backup of a SQLite file, and only when needed.

Alembic is imported only when there is something to do: asking costs one SELECT.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.store import backup
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.schema import HEAD, READS_SCHEMA

_LOCK = 0x76746578  # "vtex": one number for the advisory lock of all programs on one PostgreSQL database


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def check_readable(connection: Connection) -> None:
    """Refuse a schema that is newer than this program can read (``UsageError``)."""
    if not inspect(connection).has_table("meta"):
        return
    needed = connection.execute(text("SELECT value FROM meta WHERE key = 'min_reader'")).scalar_one_or_none()
    if needed is not None and int(needed) > READS_SCHEMA:
        raise UsageError(_("o banco de dados foi atualizado por um vtexmon mais novo; atualize este programa"))


def upgrade(database: Database, now: datetime) -> str | None:
    """Bring the schema to ``HEAD``; gives the revision it came from, or ``HEAD`` when there was nothing to do.

    Safe when several processes start at once: the first one works, the others wait and find nothing to do.
    """
    before = database.read(current)
    database.read(check_readable)
    if _is_ours_or_newer(before):
        return HEAD
    return database.exclusively(lambda connection: _upgrade_under_lock(connection, database, now))


def _is_ours_or_newer(revision: str | None) -> bool:
    """Whether nothing is left to do: revisions are numbered, and a newer one that we can read stays as it is."""
    return revision is not None and revision >= HEAD


def _upgrade_under_lock(connection: Connection, database: Database, now: datetime) -> str | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))  # whoever waits here waits for a whole migration
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    before = current(connection)
    if _is_ours_or_newer(before):  # another process was quicker; a copy made now would be of its schema
        check_readable(connection)
        return HEAD
    if before is not None:
        _backup(database, before, now)
    _run_revisions(connection)
    return before


def _run_revisions(connection: Connection, to: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "vtexmon:store/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    present = connection.execute(text("SELECT 1 FROM meta WHERE key = 'min_reader'")).scalar_one_or_none()
    if present is None:
        connection.execute(text("INSERT INTO meta (key, value) VALUES ('min_reader', '1')"))


def _backup(database: Database, revision: str, now: datetime) -> None:
    path = sqlite_path(str(database.url))
    if path is not None:
        backup.back_up(path, _free_name(path.with_name(f"{path.name}.antes-da-{revision}.{now:%Y%m%d%H%M%S}")))


def _free_name(wanted: Path) -> Path:
    """That name, or where a migration failed within this second, one like it."""
    others = (wanted.with_name(f"{wanted.name}-{number}") for number in count(2))
    return next(name for name in chain((wanted,), others) if not name.exists())
