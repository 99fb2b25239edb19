"""Categoria: found by name without regard to case and accents, else created at the root.

VTEX's category tree is cached, so it is read once for many records and forgotten after a creation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vtexmon.core.exchange import Answer
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.modules import MODULES
from vtexmon.core.text import fold
from vtexmon.i18n import _
from vtexmon.integrations.contract import (
    Arrived,
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
from vtexmon.sge.source import Channel
from vtexmon.vtex import catalog
from vtexmon.vtex.wire import created_id

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
    return RecordKey("category", account, "", (account, name), 0, 0, "", INFO.key_fields, f"{account};{fold(name)}")


def plan_all(offer: Offer) -> Iterator[Planned]:
    """Every category that a course on sale names, in each account that receives it."""
    wanted: dict[str, Planned] = {}
    for key, course in offer.snapshot.courses.items():
        for channel in offer.channels_of_course(key):
            planned = _planned(offer, channel, course.category)
            if planned is not None:
                wanted.setdefault(planned.key.text, planned)
    yield from wanted.values()


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The category of one key, as long as a course still names it."""
    return next((planned for planned in plan_all(offer) if planned.key.text == key.text), None)


def _planned(offer: Offer, channel: Channel, category: str) -> Planned | None:
    account = offer.catalog_account(channel)
    if account is None or not category:
        return None
    name = offer.category_names[fold(category)]
    return Planned(
        key_for(account.name, name), WantedCategory(account.name, name, offer.config.catalog.create_categories)
    )


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
    created = await step.write(_("criar categoria"), catalog.create_category(wanted.name))
    step.forget_shared(tree)
    return adopted(created, step)


def adopted(created: Answer, step: Step) -> Sent:
    """The id in the answer of a creation; an answer without one is left to be found by name next time."""
    external_id = created_id(created.json)
    if external_id is None:
        raise RecordFailed(
            Failure(
                FailureClass.UNKNOWN,
                _("a VTEX respondeu sem o código do registro criado"),
                created.request.path,
                _("Reenvie: o registro será procurado antes de ser criado de novo."),
            )
        )
    step.learned(str(external_id))
    return Sent(str(external_id))


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
