"""Produto: a course of SGE as a VTEX product, found by RefId before it is ever created.

VTEX's PUT wipes what it leaves out, so a known product is read, merged and written only where it differs. LinkId is set
at creation only (DESIGN.md section 9, mapping table).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vtexmon.core.exchange import Answer, Verdict
from vtexmon.core.failures import Failure
from vtexmon.core.modules import MODULES
from vtexmon.core.text import slug
from vtexmon.i18n import _
from vtexmon.integrations import brand, category, specifications
from vtexmon.integrations.adoption import adopted, holds, known_or_found, read_to_merge
from vtexmon.integrations.contract import (
    Arrived,
    DidNotArrive,
    Integration,
    Intent,
    Planned,
    RecordKey,
    Sent,
    Skip,
    Step,
    Verification,
)
from vtexmon.integrations.offer import Offer, context_failure, data_failure
from vtexmon.integrations.planning import course_key, rejected
from vtexmon.integrations.specifications import Specification, wanted_of
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
    specifications: tuple[Specification, ...] = field(default=(), repr=False)

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
        specifications=wanted_of(course, offer.config.catalog.product_specifications),
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
    """Adopt and correct the product with this RefId, or create it; then specifications and where it is to be sold."""
    fillings = await specifications.resolved(wanted.specifications, known[wanted.category_key], False, step)
    sent, is_new = await _send_product(wanted, known, step)
    product_id = int(sent.external_id or 0)
    await specifications.fill_product(product_id, fillings, is_new, step)
    for policy_id in wanted.trade_policies:
        await _sell_in(product_id, policy_id, step)
    return sent


async def _sell_in(product_id: int, policy_id: int, step: Step) -> None:
    policies = await step.read(catalog.product_trade_policies(product_id))
    if policy_id not in catalog.trade_policy_ids(policies.json):
        await step.write(_("incluir na política comercial"), catalog.add_product_trade_policy(product_id, policy_id))


async def _send_product(wanted: WantedProduct, known: Mapping[str, str], step: Step) -> tuple[Sent, bool]:
    """The product, and whether it was made just now."""
    existing = await known_or_found(wanted.ref_id, catalog.get_product, catalog.product_by_ref_id(wanted.ref_id), step)
    if existing is None:
        created = await _create(wanted, known, step)
        if created.verdict is Verdict.DONE:
            return adopted(created, step), True
        product_id = answers.existing_product_id(created)
        assert product_id is not None, "only a refusal that names the existing product is tolerated"
        existing = await read_to_merge(catalog.get_product(product_id), step)
    return await _correct(wanted, known, existing, step), False


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
    return answers.existing_product_id(answer) is not None


def _says_what_to_do(answer: Answer) -> bool:
    return answers.is_link_id_conflict(answer) or _names_the_existing(answer)


async def _correct(wanted: WantedProduct, known: Mapping[str, str], existing: Mapping[str, Any], step: Step) -> Sent:
    product_id = str(created_id(existing))
    step.learned(product_id)
    owned = wanted.owned(known)
    if holds(existing, owned):
        return Sent(product_id, _("já estava assim na VTEX"))
    body = merged_product(existing, owned)
    await step.write(_("atualizar produto"), catalog.update_product(product_id, body))
    return Sent(product_id)


async def verify(intent: Intent, step: Step) -> Verification:
    """A creation arrived when the RefId is there; an update, when the product reads as it was sent."""
    if specifications.is_of_specification(intent):
        return await specifications.verify(intent, step)
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
