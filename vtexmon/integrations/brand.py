"""Marca: found by name without regard to case and accents, else created under an id that is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vtexmon.core.exchange import Answer
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.modules import MODULES
from vtexmon.i18n import _
from vtexmon.integrations import named
from vtexmon.integrations.adoption import adopted
from vtexmon.integrations.contract import (
    Arrived,
    AttemptEnded,
    DidNotArrive,
    Integration,
    Intent,
    Planned,
    RecordFailed,
    RecordKey,
    Sent,
    Step,
    Verification,
)
from vtexmon.integrations.offer import Offer
from vtexmon.vtex import catalog

INFO = MODULES["brand"]

_CONFLICT = 409
_TRIES = 3


@dataclass(frozen=True)
class WantedBrand:
    """A brand of that name; ``may_create`` False = it must exist already."""

    account: str
    name: str
    may_create: bool

    only_if_known = False
    parents = ()

    @property
    def serial_key(self) -> str:
        """Brands of an account are made one after the other: each creation takes the next free id."""
        return f"{self.account}|brand"

    @property
    def title(self) -> str:
        """Its name."""
        return self.name


def key_for(account: str, name: str) -> RecordKey:
    """The identity of a brand in an account, whatever its spelling."""
    return named.key_for(INFO, account, name)


def plan_all(offer: Offer) -> list[Planned]:
    """Every brand that a course on sale carries, in each account that receives it."""
    may_create = offer.config.catalog.create_brands

    def wanted(account: str, name: str) -> WantedBrand:
        return WantedBrand(account, name, may_create)

    return named.plan_names(offer, INFO, offer.brand_name, wanted)


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The brand of one key, as long as a course still carries it."""
    return named.plan_one(plan_all(offer), key)


async def send(wanted: WantedBrand, known: Mapping[str, str], step: Step) -> Sent:
    """Adopt the brand of that name, or create it; an id that was taken meanwhile (409) is chosen again."""
    listing = catalog.brand_list()
    for attempt in range(_TRIES):
        answer = await step.read(listing, shared=attempt == 0)
        found = catalog.find_brand_id(answer.json, wanted.name)
        if found is not None:
            step.learned(str(found))
            return Sent(str(found), _("já existia na VTEX"))
        if not wanted.may_create:
            raise RecordFailed(_not_allowed(wanted.name))
        request = catalog.create_brand(wanted.name, catalog.next_brand_id(answer.json))
        try:
            created = await step.write(_("criar marca"), request, tolerate=_is_conflict)
        except AttemptEnded:  # whatever was answered, it may be there now
            step.forget_shared(listing)
            raise
        step.forget_shared(listing)
        if not _is_conflict(created):
            return adopted(created, step)
    raise RecordFailed(
        Failure(
            FailureClass.TRANSIENT,
            _("o código escolhido para a marca foi tomado por outra, três vezes seguidas"),
            listing.path,
            _("Reenvie mais tarde."),
        )
    )


def _is_conflict(answer: Answer) -> bool:
    return answer.status == _CONFLICT


async def verify(intent: Intent, step: Step) -> Verification:
    """Look for the name in the list, which is not cached."""
    listing = catalog.brand_list()
    step.forget_shared(listing)
    answer = await step.read(listing)
    found = catalog.find_brand_id(answer.json, str(intent.body.get("Name", "")))
    return DidNotArrive() if found is None else Arrived(str(found))


def _not_allowed(name: str) -> Failure:
    return Failure(
        FailureClass.DEPENDENCY,
        _("a marca «{0}» não existe na VTEX e create_brands está desligado").format(name),
        "",
        _("Crie a marca na VTEX ou ligue create_brands na configuração."),
    )


BRAND = Integration(INFO, plan_all, plan, send, verify)
