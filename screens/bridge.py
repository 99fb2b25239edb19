"""From the engine's thread, and from other processes, to the screen: messages that coalesce.

A fact only says "look again": the screens read what they show from the store, so a burst of a thousand facts is one
look. Facts arrive in the engine's thread, where nothing but ``post_message`` is safe. What other processes commit is
seen by a look at the database's version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from vtexmon.engine.facts import EngineFailed, Fact, Facts

if TYPE_CHECKING:
    from sqlalchemy import Connection

Post = Callable[[Message], bool]


class DataChanged(Message):
    """Something was committed: look again."""

    def can_replace(self, message: Message) -> bool:
        """One look is enough."""
        return isinstance(message, DataChanged)


@dataclass
class EngineTrouble(Message):
    """The engine met an error of its own."""

    text: str

    def can_replace(self, message: Message) -> bool:
        """The last one is shown."""
        return isinstance(message, EngineTrouble)


def hear(facts: Facts, post: Post) -> Callable[[], None]:
    """Turn every fact into a message; the result stops it."""

    def heard(fact: Fact) -> None:
        post(EngineTrouble(fact.message) if isinstance(fact, EngineFailed) else DataChanged())

    return facts.listen(heard)


class CommitWatch:
    """Whether somebody committed since the last look.

    The version means something on one connection only, and reads take turns on several: it is kept for each.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def look(self, connection: Connection) -> bool:
        """True when this connection sees another version than the last time it was asked, or is asked first."""
        from vtexmon.store.engines import data_version

        place = id(connection.connection.dbapi_connection)
        version = data_version(connection)
        changed = self._seen.get(place) != version
        self._seen[place] = version
        return changed
