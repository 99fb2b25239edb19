"""The guard against an emptied source: a module of which too much is gone, or goes inactive, in one run is held.

Somebody who cut the file in half must not switch half the shop off (DESIGN.md section 9). A held module sends nothing
until ``export --confirm-vanished``. Pure: what is gone is counted against what VTEX is known to hold by our hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vtexmon.core.failures import Failure
from vtexmon.i18n import _
from vtexmon.integrations.contract import Planned, Skip
from vtexmon.integrations.planning import wanted_hash
from vtexmon.store.planning import Known

HELD = "held"
"""How records of a held module are counted in ``skipped``."""


NAMES = ("category", "brand")
"""Modules whose records are names that courses carry: they come and go with a spelling, and nothing is switched off."""


@dataclass(frozen=True)
class Disappearance:
    """What is gone in this run: ``newly_missing`` and ``back`` are record keys, the counts are by module id."""

    newly_missing: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    missing: int = 0
    gone_or_inactive: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)

    def held(self, max_percent: int) -> frozenset[str]:
        """The modules of which more than that is gone or goes inactive at once."""
        counts = self.gone_or_inactive.items()
        return frozenset(module for module, gone in counts if gone * 100 > max_percent * self.known[module])

    def words(self, module_label: str, module: str) -> str:
        """Why a module is held, and what to do."""
        gone, known = self.gone_or_inactive[module], self.known[module]
        return _(
            "{module} retido: {gone} de {known} sumiram da origem ou ficaram inativos de uma vez; nada do módulo foi"
            " enviado. Confira a origem; se está certo: vtexmon export --confirm-vanished"
        ).format(module=module_label, gone=gone, known=known)


def disappearance(
    planned: Iterable[Planned], known: Mapping[str, Known], branches: frozenset[int] = frozenset()
) -> Disappearance:
    """Compare the whole source (or these branches of it) with what is known."""
    held = {key: one for key, one in known.items() if one.success_hash is not None and _inside(key, branches)}
    present: set[str] = set()
    gone: Counter[str] = Counter()
    for one in planned:
        present.add(one.key.text)
        before = held.get(one.key.text)
        if before is not None and _goes_inactive(one, before):
            gone[one.key.module] += 1
    missing = [key for key in held if key not in present]
    newly = tuple(key for key in missing if not held[key].missing)
    gone.update(_module(key) for key in newly)
    return Disappearance(
        newly_missing=newly,
        back=tuple(key for key in held if key in present and held[key].missing),
        missing=len(missing),
        gone_or_inactive=dict(gone),
        known=Counter(_module(key) for key in held),
    )


def _goes_inactive(one: Planned, before: Known) -> bool:
    outcome = one.outcome
    if isinstance(outcome, Failure | Skip) or not outcome.only_if_known:
        return False
    return before.success_hash != wanted_hash(outcome)


def _module(record_key: str) -> str:
    return record_key.split("|", 1)[0]


def _inside(record_key: str, branches: frozenset[int]) -> bool:
    """Whether a record stands for a row of the source, of these branches if any are given; names are no rows."""
    if _module(record_key) in NAMES:
        return False
    values = record_key.split("|", 3)[3].split(";")
    return not branches or values[1] in {str(branch) for branch in branches}
