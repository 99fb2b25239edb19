"""Categoria: found by name without regard to case and accents, else created at the root.

VTEX's category tree is cached, so it is read once for many records and forgotten after a creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.modules import MODULES
from vtexmon.core.text import fold
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

INFO = MODULES["category"]


@dataclass(frozen=True)
class WantedCategory:
    """A category of that name; ``may_create`` False = it must exist already."""

    account: str
    name: str
    may_create: bool

    only_if_known = False
    parents = ()

    @property
    def serial_key(self) -> str:
        """One creation of a name at a time."""
        return f"{self.account}|category|{fold(self.name)}"

    @property
    def title(self) -> str:
        """Its name."""
        return self.name


def key_for(account: str, name: str) -> RecordKey:
    """The identity of a category in an account, whatever its spelling."""
    return named.key_for(INFO, account, name)


def plan_all(offer: Offer) -> list[Planned]:
    """Every category that a course on sale names, in each account that receives it."""
    may_create = offer.config.catalog.create_categories

    def wanted(account: str, name: str) -> WantedCategory:
        return WantedCategory(account, name, may_create)

    return named.plan_names(offer, INFO, lambda course: course.category, wanted)


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The category of one key, as long as a course still names it."""
    return named.plan_one(plan_all(offer), key)


async def send(wanted: WantedCategory, known: Mapping[str, str], step: Step) -> Sent:
    """Adopt the category of that name, or create it."""
    tree = catalog.category_tree()
    answer = await step.read(tree, shared=True)
    found = catalog.find_category_id(answer.json, wanted.name)
    if found is not None:
        step.learned(str(found))
        return Sent(str(found), _("já existia na VTEX"))
    if not wanted.may_create:
        raise RecordFailed(_not_allowed(wanted.name))
    try:
        created = await step.write(_("criar categoria"), catalog.create_category(wanted.name))
    except AttemptEnded:  # whatever was answered, it may be there now
        step.forget_shared(tree)
        raise
    step.forget_shared(tree)
    return adopted(created, step)


async def verify(intent: Intent, step: Step) -> Verification:
    """Look for the name in the tree; the tree is cached at VTEX, hence the quarantine before this."""
    tree = catalog.category_tree()
    step.forget_shared(tree)
    answer = await step.read(tree)
    found = catalog.find_category_id(answer.json, str(intent.body.get("Name", "")))
    return DidNotArrive() if found is None else Arrived(str(found))


def _not_allowed(name: str) -> Failure:
    return Failure(
        FailureClass.DEPENDENCY,
        _("a categoria «{0}» não existe na VTEX e create_categories está desligado").format(name),
        "",
        _("Crie a categoria na VTEX ou ligue create_categories na configuração."),
    )


CATEGORY = Integration(INFO, plan_all, plan, send, verify)
