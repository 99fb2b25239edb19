"""What every screen works with: the store to read, facts to hear, commands to give, and how to show things.

Screens never touch the database on the interface's loop: ``read`` runs in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from screens.bulk import Bulk
from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.filters import Filter
from vtexmon.engine.commands import Commands
from vtexmon.engine.facts import Facts
from vtexmon.store.database import Database

if TYPE_CHECKING:
    from vtexmon.engine.runtime import Engine

T = TypeVar("T")


@dataclass
class Session:
    """One run of the monitor. ``scope`` is the context line (regional, branch, channel) as a filter.

    ``bulk`` is the bulk resend that is followed, or its summary until somebody dismisses it.
    """

    config: Config
    database: Database
    clock: Clock
    commands: Commands
    facts: Facts
    engine: Engine | None = None
    scope: Filter = field(default_factory=Filter)
    ascii_only: bool = False
    bulk: Bulk | None = None

    @property
    def timezone(self) -> tzinfo:
        """The zone in which times are shown."""
        return ZoneInfo(self.config.timezone)

    @property
    def read_only(self) -> bool:
        """Whether what writes is hidden (the engine refuses it as well)."""
        return not self.commands.operator.may_write

    def now(self) -> datetime:
        """The time in UTC."""
        return self.clock.now()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read the store in a thread."""
        return await asyncio.to_thread(self.database.read, work)

    async def order(self, command: Callable[[], T]) -> T:
        """Give a command (``session.commands…``) in a thread; raises what it raises (``Refused``, ``UsageError``)."""
        return await asyncio.to_thread(command)
