"""The keys of all records, each once, so that ``chave:*X*`` looks through the records and not through their logs.

A record sent every night for a year has hundreds of logs and one key: looking through the keys costs 4 ms where looking
through a million logs costs 220 ms, and 4 bytes a log where a trigram index over the logs costs 40. From a record to
its logs leads the index that exports need anyway. On PostgreSQL the keys get a trigram index besides, where this role
may create the extension; what is found is the same without it. Part of revision 0004; ``rebuild`` is also for whoever
fills a database past the triggers.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

TABLE = "log_search_key"
TRIGRAMS = "ix_log_search_key_inside"

_INNER = "substr({row}key_folded, 2, length({row}key_folded) - 2)"
"""A folded key without the separators around it: where a piece of it is looked for."""


def upgrade(connection: Connection) -> None:
    """Make the table, fill it, and have it filled with every new log."""
    on_postgresql = connection.dialect.name == "postgresql"
    without_rowid = "" if on_postgresql else " WITHOUT ROWID"
    columns = "record_key VARCHAR NOT NULL PRIMARY KEY, key_folded VARCHAR NOT NULL"
    connection.execute(text(f"CREATE TABLE {TABLE} ({columns}){without_rowid}"))
    rebuild(connection)
    if on_postgresql:
        _follow_on_postgresql(connection)
        _add_trigrams(connection)
    else:
        _follow_on_sqlite(connection)


def rebuild(connection: Connection) -> None:
    """Add the keys of all logs that are there."""
    statement = f"INSERT INTO {TABLE} SELECT record_key, {_INNER.format(row='')} FROM log WHERE true"
    connection.execute(text(f"{statement} ON CONFLICT DO NOTHING"))


def _follow_on_sqlite(connection: Connection) -> None:
    values = f"VALUES (new.record_key, {_INNER.format(row='new.')})"
    connection.execute(
        text(
            f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON log BEGIN"
            f" INSERT INTO {TABLE} {values} ON CONFLICT DO NOTHING; END"
        )
    )


def _follow_on_postgresql(connection: Connection) -> None:
    """Once for each statement; who else writes the same record waits at ``ux_log_open`` before it comes so far."""
    connection.execute(
        text(
            "CREATE FUNCTION vtexmon_log_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" INSERT INTO {TABLE} SELECT record_key, {_INNER.format(row='')} FROM born ON CONFLICT DO NOTHING;"
            " RETURN NULL; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON log REFERENCING NEW TABLE AS born"
            " FOR EACH STATEMENT EXECUTE FUNCTION vtexmon_log_key()"
        )
    )


def _add_trigrams(connection: Connection) -> None:
    """An index over three letters each, if the server has the extension and this role may create it."""
    offered = text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
    if connection.execute(offered).first() is None:
        return
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(text(f"CREATE INDEX {TRIGRAMS} ON {TABLE} USING gin (key_folded gin_trgm_ops)"))
    except DBAPIError:  # no right to create it, or it lies in a schema that is not looked in
        return
