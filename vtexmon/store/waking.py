"""Hearing that logs became due in another process: PostgreSQL only, which says it at commit (revision 0003's trigger).

Only a wake-up. What is due is in the database, and whoever hears nothing finds it at the next poll. Behind a pooler
that gives each transaction another connection nothing is heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtexmon.store.database import Database

if TYPE_CHECKING:
    from psycopg import Connection

CHANNEL = "vtexmon_due"

_CONNECTION = {
    "autocommit": True,
    "connect_timeout": 5,
    "keepalives_idle": 30,  # a peer that vanished without a word is noticed after a minute
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class Lost(Exception):  # noqa: N818 - a fact the engine acts on
    """There is no connection (any more): nothing is heard."""


class Listener:
    """One connection that listens. Whoever has it waits until ``fileno`` is readable, and then asks ``heard``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """What to wait for in an event loop."""
        return self._connection.fileno()

    def heard(self) -> bool:
        """Take in what has come without waiting; whether a notice was among it. Raises ``Lost``."""
        from psycopg import OperationalError

        try:
            self._connection.pgconn.consume_input()
        except OperationalError as error:
            raise Lost(str(error)) from error
        notices = 0
        while self._connection.pgconn.notifies() is not None:
            notices += 1
        return notices > 0

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def listen(database: Database) -> Listener:
    """Connect and listen; waits for the server. Raises ``Lost``."""
    import psycopg

    arguments, options = database.url.get_dialect()().create_connect_args(database.url)
    try:
        connection = psycopg.connect(*arguments, **{**options, **_CONNECTION}, application_name="vtexmon")
        connection.execute(f"LISTEN {CHANNEL}")
    except psycopg.OperationalError as error:
        raise Lost(str(error)) from error
    return Listener(connection)
