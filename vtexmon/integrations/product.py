"""Produto: a course of SGE as a VTEX product, found by RefId before it is ever created.

VTEX's PUT wipes what it leaves out, so a known product is read, merged and written only where it differs. LinkId is set
at creation only (DESIGN.md section 9, mapping table).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.core.modules import MODULES
from vtexmon.core.text import slug
from vtexmon.i18n import _
from vtexmon.integrations import brand, category
from vtexmon.integrations.adoption import adopted
from vtexmon.integrations.contract import (
    Arrived,
    DidNotArrive,
    Integration,
    Intent,
    Planned,
    RecordFailed,
    RecordKey,
    Sent,
    Skip,
    Step,
    Verification,
)
from vtexmon.integrations.offer import Offer, context_failure, data_failure
from vtexmon.integrations.planning import course_key, rejected
from vtexmon.sge.source import Channel, Course, CourseKey
from vtexmon.vtex import answers, catalog
from vtexmon.vtex.merging import merged_product
from vtexmon.vtex.wire import created_id

INFO = MODULES["product"]

LINK_ID_LENGTH = 255
"""Characters of a LinkId that VTEX takes (``domain/vtex.md`` 2.3)."""


@dataclass(frozen=True)
class WantedProduct:
    """What VTEX should hold for one course in one account."""

    account: str
    ref_id: str
    name: str
    description: str
    keywords: str
    category_key: str
    brand_key: str
    active: bool
    trade_policies: tuple[int, ...] = ()

    @property
    def only_if_known(self) -> bool:
        """An inactive course that VTEX never had is left out."""
        return not self.active

    @property
    def serial_key(self) -> str:
        """A product and its SKUs are never written at the same time (``domain/vtex.md`` 2.10)."""
        return f"{self.account}|product|{self.ref_id}"

    @property
    def parents(self) -> tuple[str, ...]:
        """Category and brand."""
        return self.category_key, self.brand_key

    @property
    def title(self) -> str:
        """Name and reference, for search."""
        return f"{self.name} {self.ref_id}"

    def owned(self, known: Mapping[str, str]) -> dict[str, Any]:
        """The fields this program decides, in VTEX's names."""
        return {
            "Name": self.name,
            "Title": self.name,
            "Description": self.description,
            "KeyWords": self.keywords,
            "RefId": self.ref_id,
            "CategoryId": int(known[self.category_key]),
            "BrandId": int(known[self.brand_key]),
            "IsVisible": self.active,
            "IsActive": self.active,
            "ShowWithoutStock": False,
        }

    def link_id(self, extra: str = "") -> str:
        """The URL slug: name and reference; ``extra`` tells apart two that VTEX takes for one.

        Of one too long for VTEX the name is shortened: the reference is what makes it unique.
        """
        reference = "-".join(part for part in (slug(self.ref_id), extra) if part)
        name = slug(self.name)[: LINK_ID_LENGTH - len(reference) - 1].strip("-")
        return "-".join(part for part in (name, reference) if part)


def plan_all(offer: Offer) -> Iterator[Planned]:
    """Every course, in each account that sells one of its classes; then the rows that could not be read."""
    for key, course in offer.snapshot.courses.items():
        for channel in offer.channels_of_course(key):
            yield _planned(offer, channel, key, course)
    yield from rejected(offer, "product")


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The course of one key now."""
    return next((found for found in _of(offer, key) if found.key.text == key.text), None)


def _of(offer: Offer, key: RecordKey) -> Iterator[Planned]:
    if len(key.key_values) == len(INFO.key_fields):
        course = offer.snapshot.courses.get(source_key := CourseKey(key.company, key.branch, key.key_values[2]))
        if course is not None:
            yield _planned(offer, Channel(key.channel), source_key, course)
    yield from rejected(offer, "product")


def _planned(offer: Offer, channel: Channel, key: CourseKey, course: Course) -> Planned:
    account = offer.catalog_account(channel)
    identity = course_key("product", account.name if account else "", channel, key, course.education_level)
    if account is None:
        return Planned(identity, Skip("no_account"))
    problem = offer.product_ref_problem(key) or _incomplete(offer, course)
    return Planned(identity, problem or _wanted(offer, account.name, key, course))


def _wanted(offer: Offer, account: str, key: CourseKey, course: Course) -> WantedProduct:
    return WantedProduct(
        account=account,
        ref_id=offer.product_ref(key),
        name=course.name,
        description=course.description,
        keywords=course.keywords,
        category_key=category.key_for(account, course.category).text,
        brand_key=brand.key_for(account, offer.brand_name(course)).text,
        active=course.active,
        trade_policies=offer.trade_policies(key),
    )


def _incomplete(offer: Offer, course: Course) -> Failure | None:
    if not course.category:
        return data_failure(_("o curso não tem categoria"), _("Preencha a categoria do curso no SGE."))
    if not offer.brand_name(course):
        return context_failure(
            _("o curso não tem marca e default_brand não está configurado"), _("Configure default_brand em [catalog].")
        )
    return None


async def send(wanted: WantedProduct, known: Mapping[str, str], step: Step) -> Sent:
    """Adopt and correct the product with this RefId, or create it; then sell it where it is to be sold."""
    sent = await _send_product(wanted, known, step)
    for policy_id in wanted.trade_policies:
        await _sell_in(int(sent.external_id or 0), policy_id, step)
    return sent


async def _sell_in(product_id: int, policy_id: int, step: Step) -> None:
    policies = await step.read(catalog.product_trade_policies(product_id))
    if policy_id not in catalog.trade_policy_ids(policies.json):
        await step.write(_("incluir na política comercial"), catalog.add_product_trade_policy(product_id, policy_id))


async def _send_product(wanted: WantedProduct, known: Mapping[str, str], step: Step) -> Sent:
    found = await step.read(catalog.product_by_ref_id(wanted.ref_id))
    product_id = created_id(found.json)
    if product_id is None:
        created = await _create(wanted, known, step)
        if created.verdict is Verdict.DONE:
            return adopted(created, step)
        product_id = answers.existing_product_id(created)
        assert product_id is not None, "only a refusal that names the existing product is tolerated"
    step.learned(str(product_id))
    return await _correct(wanted, known, product_id, step)


async def _create(wanted: WantedProduct, known: Mapping[str, str], step: Step) -> Answer:
    fields = wanted.owned(known)
    answer = await step.write(
        _("criar produto"), catalog.create_product({**fields, "LinkId": wanted.link_id()}), tolerate=_says_what_to_do
    )
    if not answers.is_link_id_conflict(answer):
        return answer
    digits = hashlib.blake2b(wanted.ref_id.encode(), digest_size=2).hexdigest()
    other = catalog.create_product({**fields, "LinkId": wanted.link_id(digits)})
    return await step.write(_("criar produto com outro LinkId"), other, tolerate=_names_the_existing)


def _names_the_existing(answer: Answer) -> bool:
    return answers.existing_product_id(answer) is not None and not answers.is_link_id_conflict(answer)


def _says_what_to_do(answer: Answer) -> bool:
    return answers.is_link_id_conflict(answer) or _names_the_existing(answer)


async def _correct(wanted: WantedProduct, known: Mapping[str, str], product_id: int, step: Step) -> Sent:
    existing = await read_to_merge(catalog.get_product(product_id), step)
    owned = wanted.owned(known)
    if holds(existing, owned):
        return Sent(str(product_id), _("já estava assim na VTEX"))
    body = merged_product(existing, owned)
    await step.write(_("atualizar produto"), catalog.update_product(product_id, body))
    return Sent(str(product_id))


async def read_to_merge(request: Request, step: Step) -> Mapping[str, Any]:
    """A record that VTEX has named, as it is now; raises ``RecordFailed`` when it is not shown: a PUT would wipe it."""
    answer = await step.read(request)
    if answer.verdict is Verdict.DONE and isinstance(answer.json, dict):
        return answer.json
    raise RecordFailed(
        Failure(
            FailureClass.UNKNOWN,
            _("a VTEX diz que o registro existe, mas não o mostra"),
            request.path,
            _("Confira o registro na VTEX; o reenvio procura por ele antes de criar."),
        )
    )


def holds(existing: Mapping[str, Any], owned: Mapping[str, Any]) -> bool:
    """Whether what was read has every field as wanted; VTEX answers null for an empty text."""
    return all((existing.get(name) or "") == (value or "") for name, value in owned.items())


async def verify(intent: Intent, step: Step) -> Verification:
    """A creation arrived when the RefId is there; an update, when the product reads as it was sent."""
    if "/salespolicy/" in intent.path:
        return await _verify_trade_policy(intent, step)
    answer = await step.read(catalog.product_by_ref_id(str(intent.body.get("RefId", ""))))
    product_id = created_id(answer.json)
    if product_id is None:
        return DidNotArrive()
    if intent.method == "POST":
        return Arrived(str(product_id))
    current = await step.read(catalog.get_product(product_id))
    arrived = isinstance(current.json, dict) and holds(current.json, intent.body)
    return Arrived(str(product_id)) if arrived else DidNotArrive()


async def _verify_trade_policy(intent: Intent, step: Step) -> Verification:
    product_id, policy_id = intent.path.split("/product/", 1)[1].split("/salespolicy/", 1)
    policies = await step.read(catalog.product_trade_policies(product_id))
    arrived = int(policy_id) in catalog.trade_policy_ids(policies.json)
    return Arrived(intent.known_id) if arrived else DidNotArrive()


PRODUCT = Integration(INFO, plan_all, plan, send, verify)
