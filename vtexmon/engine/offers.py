"""The source as the engine last read it: read again for every attempt, which costs nothing while nothing changed."""

from __future__ import annotations

import asyncio

from vtexmon.config import Config
from vtexmon.integrations.offer import Offer
from vtexmon.integrations.specifications import refuse_missing_columns
from vtexmon.sge.source import SgeSource


class Offers:
    """One source, one configuration; gives the ``Offer`` of what the source says now."""

    def __init__(self, source: SgeSource, config: Config) -> None:
        self.source = source
        self.config = config
        self._offer: Offer | None = None
        self._lock = asyncio.Lock()
        self._begun = 0
        self._answered = 0

    async def current(self) -> Offer:
        """Read in a thread, one reading at a time; one serves all who asked before it began.

        Raises what ``SgeSource.read`` raises. A configured column that the source has not is an unreadable layout, too.
        """
        begun_before = self._begun
        async with self._lock:
            if self._offer is not None and self._answered > begun_before:
                return self._offer
            self._begun += 1
            snapshot = await asyncio.to_thread(self.source.read)
            if self._offer is None or self._offer.snapshot is not snapshot:
                refuse_missing_columns(snapshot, self.config)
                self._offer = Offer(snapshot, self.config)
            self._answered = self._begun
            return self._offer
