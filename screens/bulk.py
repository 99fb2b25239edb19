"""How far the bulk resend is that this session follows: a value that lives longer than any screen, and its words.

``Session.bulk`` holds the newest one; whoever reads the store puts the next value there. No widget and no SQL here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from vtexmon.core.formats import decimal, span, thousands
from vtexmon.core.records import ResendProgress
from vtexmon.i18n import _, ngettext

RATE_WINDOW_SECONDS: Final = 10.0
Piece = tuple[str, str]
"""A text and the name of its style in the palette."""


@dataclass(frozen=True)
class Bulk:
    """One bulk resend as seen so far; ``samples`` are (monotonic seconds, members decided), the oldest first."""

    progress: ResendProgress
    samples: tuple[tuple[float, int], ...]
    began: float

    @classmethod
    def begin(cls, progress: ResendProgress, now: float) -> Bulk:
        """Start following at ``now`` (monotonic seconds)."""
        return cls(progress, ((now, progress.decided),), now)

    def seen(self, progress: ResendProgress, now: float) -> Bulk:
        """The same bulk, looked at again."""
        recent = tuple(sample for sample in self.samples if now - sample[0] <= RATE_WINDOW_SECONDS)
        kept = recent or self.samples[-1:]
        return replace(self, progress=progress, samples=(*kept, (now, progress.decided)))

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.progress.finished

    @property
    def elapsed_seconds(self) -> float:
        """How long it has been followed."""
        return self.samples[-1][0] - self.began

    @property
    def per_second(self) -> float | None:
        """Members decided per second lately; None while nothing was decided."""
        (first, before), (last, after) = self.samples[0], self.samples[-1]
        return (after - before) / (last - first) if last > first and after > before else None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; what waits for something else is not counted."""
        rate, progress = self.per_second, self.progress
        left = progress.total - progress.decided - progress.waiting
        return left / rate if rate and left > 0 else None


def counts(progress: ResendProgress, everything: bool = True) -> list[Piece]:
    """``ok 98``, ``erro 20`` …; without the zeros unless ``everything``."""
    parts = (
        (_("ok {n}"), progress.succeeded, "success"),
        (_("erro {n}"), progress.failed, "error"),
        (_("cancelado {n}"), progress.cancelled, "cancelled"),
        (_("ignorados {n}"), progress.skipped, ""),
        (_("aguardando {n}"), progress.waiting, "pending"),
    )
    always = parts[:4] if everything else ()
    return [
        (words.format(n=thousands(number)), style if number else "")
        for words, number, style in parts
        if number or (words, number, style) in always
    ]


def pieces(bulk: Bulk, everything: bool = True) -> tuple[list[Piece], list[Piece]]:
    """What the strip says: on the left how far it is, on the right how fast and how long still."""
    left = _joined(_head(bulk.progress), counts(bulk.progress, everything))
    if not bulk.finished:
        return left, [(" · ".join(_speed(bulk)), "")]
    took = _("em {time}").format(time=_time(bulk.elapsed_seconds)) if bulk.elapsed_seconds >= 1 else ""
    return left, [(took, "")]


def fitting(bulk: Bulk, width: int, measure: Callable[[str], int] = len) -> tuple[list[Piece], list[Piece]]:
    """``pieces`` with the zeros only where there is room for them in ``width`` cells."""
    left, right = pieces(bulk)
    needed = sum(measure(text) for text, _style in (*left, *right)) + 2
    return (left, right) if needed <= width else pieces(bulk, everything=False)


def _head(progress: ResendProgress) -> str:
    number = thousands(progress.id)
    if progress.finished:
        words = _("Reenvio {id} parado:") if progress.stopped else _("Reenvio {id} terminou:")
        return words.format(id=number)
    words = _("Reenvio {id} parando: {done} de {total}") if progress.stopped else _("Reenvio {id}: {done} de {total}")
    return words.format(id=number, done=thousands(progress.decided), total=thousands(progress.total))


def _joined(head: str, parts: Sequence[Piece]) -> list[Piece]:
    pieces: list[Piece] = [(head, "key")]
    for number, part in enumerate(parts):
        pieces += [(" " if number == 0 and head.endswith(":") else " · ", ""), part]
    return pieces


def _speed(bulk: Bulk) -> list[str]:
    rate, left = bulk.per_second, bulk.seconds_left
    words = []
    if rate is not None:
        words.append(_("{n}/s").format(n=decimal(rate) if rate < 10 else thousands(round(rate))))
    if left is not None:
        seconds = max(1, round(left))
        words.append(ngettext("falta {time}", "faltam {time}", seconds).format(time=_time(seconds)))
    return words


def _time(seconds: float) -> str:
    return f"{round(seconds)}s" if seconds < 60 else span(timedelta(seconds=seconds))
