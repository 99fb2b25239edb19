"""What the engine tells whoever listens: small immutable facts, said from the engine's own thread.

A listener must be quick and must not touch widgets: the screen turns each fact into a message (``screens/bridge.py``).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class LogsChanged:
    """These logs were written; empty = many, look again."""

    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class TargetChanged:
    """An account's API was closed or opened again."""

    account: str
    api: str


@dataclass(frozen=True)
class ScheduleChanged:
    """A schedule began, ended, was missed, paused or resumed."""

    name: str


@dataclass(frozen=True)
class EngineFailed:
    """The engine met an error of its own; ``message`` is for people."""

    message: str


Fact = LogsChanged | TargetChanged | ScheduleChanged | EngineFailed
Listener = Callable[[Fact], None]


class Facts:
    """Hands every fact to every listener; a listener that fails is not asked again."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Start listening; the result stops it."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def tell(self, fact: Fact) -> None:
        """Say a fact to everybody."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(fact)
