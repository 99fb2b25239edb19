"""SKU: a class of SGE as a VTEX SKU with one image, created inactive and activated when it can be.

Order (``domain/vtex.md`` 2.1): look up, create inactive with ActivateIfPossible, image, then read: still inactive = ask
VTEX to activate it, so that its reason is on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vtexmon.config import SkuDimensions
from vtexmon.core.exchange import Answer, Json, Verdict
from vtexmon.core.failures import Failure
from vtexmon.core.modules import MODULES
from vtexmon.i18n import _
from vtexmon.integrations import category, specifications
from vtexmon.integrations.adoption import adopted, holds, known_or_found, read_to_merge
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
from vtexmon.integrations.offer import Offer, data_failure
from vtexmon.integrations.planning import class_key, course_key, rejected
from vtexmon.integrations.specifications import Filling, Specification, wanted_of
from vtexmon.sge.source import Channel, ClassKey, Course, CourseClass
from vtexmon.vtex import answers, catalog
from vtexmon.vtex.merging import merged_sku
from vtexmon.vtex.wire import created_id, read_id

INFO = MODULES["sku"]


@dataclass(frozen=True)
class WantedSku:
    """What VTEX should hold for one class in one account. ``activate``: active and priced at the source.

    ``active`` is the class's own and its course's: a course that is inactive takes its classes with it.
    """

    account: str
    ref_id: str
    product_ref_id: str
    product_key: str
    name: str
    image_url: str
    activate: bool
    active: bool
    dimensions: SkuDimensions
    specifications: tuple[Specification, ...] = field(default=(), repr=False)
    category_key: str = field(default="", repr=False)

    @property
    def only_if_known(self) -> bool:
        """An inactive class that VTEX never had is left out."""
        return not self.active

    @property
    def serial_key(self) -> str:
        """The same as its product's: VTEX deadlocks on parallel writes to one product (``domain/vtex.md`` 2.10)."""
        return f"{self.account}|product|{self.product_ref_id}"

    @property
    def parents(self) -> tuple[str, ...]:
        """Its product; and the category, where specifications are looked for in it."""
        return (self.product_key, self.category_key) if self.specifications else (self.product_key,)

    @property
    def title(self) -> str:
        """Name and reference, for search."""
        return f"{self.name} {self.ref_id}"

    @property
    def image_name(self) -> str:
        """Names the image by its address, so that the same one is never added twice."""
        return f"curso-{hashlib.blake2b(self.image_url.encode(), digest_size=6).hexdigest()}"

    def owned(self, product_id: int) -> dict[str, Any]:
        """The fields this program decides, in VTEX's names; IsActive is decided by the conditions, not here."""
        return {
            "ProductId": product_id,
            "Name": self.name,
            "RefId": self.ref_id,
            "ActivateIfPossible": self.activate,
            "PackagedHeight": self.dimensions.height,
            "PackagedLength": self.dimensions.length,
            "PackagedWidth": self.dimensions.width,
            "PackagedWeightKg": self.dimensions.weight,
        }


def key_for(offer: Offer, account: str, channel: Channel, key: ClassKey) -> RecordKey:
    """The identity of a class's SKU in an account."""
    course = offer.course_of(key)
    return class_key("sku", account, channel, key, "" if isinstance(course, Failure) else course.education_level)


def plan_all(offer: Offer) -> Iterator[Planned]:
    """Every class, in each account of a channel in which it is sold; then the rows that could not be read."""
    for key, row in offer.snapshot.classes.items():
        for channel in offer.channels_of_class(key):
            yield _planned(offer, channel, key, row)
    yield from rejected(offer, "sku")


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The class of one key now."""
    return next((found for found in _of(offer, key) if found.key.text == key.text), None)


def source_key(key: RecordKey, extra: int = 0) -> ClassKey:
    """The class a record's key names; ``extra`` = how many values stand between CODTURMA and PERIODOLETIVO."""
    values = key.key_values
    return ClassKey(key.company, key.branch, values[2], values[3 + extra] if len(values) > 3 + extra else "")


def _of(offer: Offer, key: RecordKey) -> Iterator[Planned]:
    if len(key.key_values) >= len(INFO.key_fields):
        class_ = offer.class_row(source_key(key))
        if class_ is not None:
            yield _planned(offer, Channel(key.channel), class_.key, class_)
    yield from rejected(offer, "sku")


def _planned(offer: Offer, channel: Channel, key: ClassKey, row: CourseClass) -> Planned:
    account = offer.catalog_account(channel)
    identity = key_for(offer, account.name if account else "", channel, key)
    if account is None:
        return Planned(identity, Skip("no_account"))
    course = offer.course_of(key)
    if isinstance(course, Failure):
        return Planned(identity, course)
    return Planned(identity, offer.sku_ref_problem(key) or _wanted(offer, account.name, channel, row, course))


def _wanted(offer: Offer, account: str, channel: Channel, row: CourseClass, course: Course) -> WantedSku | Failure:
    image = course.image_url or offer.config.catalog.default_image_url
    if not image:
        return data_failure(
            _("o curso não tem imagem e default_image_url não está configurado; sem imagem a VTEX não ativa o SKU"),
            _("Preencha imagem_url do curso no SGE ou default_image_url em [catalog]."),
        )
    if offer.config.catalog.sku_specifications and not course.category:
        return data_failure(_("o curso não tem categoria"), _("Preencha a categoria do curso no SGE."))
    return WantedSku(
        account=account,
        ref_id=offer.sku_ref(row.key),
        product_ref_id=offer.product_ref(course.key),
        product_key=course_key("product", account, channel, course.key, course.education_level).text,
        name=row.name,
        image_url=image,
        activate=row.active and course.active and offer.has_price(row.key, channel),
        active=row.active and course.active,
        dimensions=offer.config.catalog.sku_dimensions,
        specifications=wanted_of(row, offer.config.catalog.sku_specifications),
        category_key=category.key_for(account, course.category).text,
    )


async def send(wanted: WantedSku, known: Mapping[str, str], step: Step) -> Sent:
    """Bring the SKU, its image and its activation to what is wanted."""
    product_id = int(known[wanted.product_key])
    category_id = known.get(wanted.category_key, "0")
    fillings = await specifications.resolved(wanted.specifications, category_id, True, step)
    existing = await known_or_found(wanted.ref_id, catalog.get_sku, catalog.sku_by_ref_id(wanted.ref_id), step)
    if existing is None:
        created = await _create(wanted, product_id, step)
        if created.verdict is Verdict.DONE:
            return await _complete_new(wanted, product_id, adopted(created, step), fillings, step)
        named = answers.existing_sku_id(created)
        assert named is not None, "only a refusal that names the existing SKU is tolerated"
        existing = await read_to_merge(catalog.get_sku(named), step)
    return await _correct(wanted, product_id, existing, fillings, step)


async def _create(wanted: WantedSku, product_id: int, step: Step) -> Answer:
    fields = {**wanted.owned(product_id), "CommercialConditionId": 1, "MeasurementUnit": "un", "UnitMultiplier": 1}
    request = catalog.create_sku({**fields, "IsKit": False})
    return await step.write(_("criar SKU"), request, tolerate=_names_the_existing)


def _names_the_existing(answer: Answer) -> bool:
    return answers.existing_sku_id(answer) is not None


async def _complete_new(
    wanted: WantedSku, product_id: int, created: Sent, fillings: Sequence[Filling], step: Step
) -> Sent:
    """What a SKU made a moment ago still lacks. It has no image and no specification to look for."""
    sku_id = int(created.external_id or 0)
    await specifications.fill_sku(sku_id, fillings, True, step)
    await _add_image(wanted, sku_id, True, step)
    await _settle_activation(wanted, product_id, sku_id, None, step)
    return created


async def _correct(
    wanted: WantedSku, product_id: int, existing: Mapping[str, Any], fillings: Sequence[Filling], step: Step
) -> Sent:
    sku_id = created_id(existing) or 0
    its_product = read_id(existing.get("ProductId"))
    if its_product != product_id:
        raise RecordFailed(_under_another_product(wanted, sku_id, its_product, product_id))
    step.learned(str(sku_id))  # not before: price and stock would follow to a SKU that is not ours
    owned = wanted.owned(product_id)
    if not wanted.active:  # a price that vanished takes nothing off sale: only ativo = N does
        owned["IsActive"] = False
    shown: Mapping[str, Any] | None = existing
    if not holds(existing, owned):
        answer = await step.write(_("atualizar SKU"), catalog.update_sku(sku_id, merged_sku(existing, owned)))
        shown = _while_active(answer.json)
    is_filled = await specifications.fill_sku(sku_id, fillings, False, step)
    if await _add_image(wanted, sku_id, False, step) or is_filled:
        shown = _while_active(shown)
    await _settle_activation(wanted, product_id, sku_id, shown, step)
    return Sent(str(sku_id))


def _under_another_product(wanted: WantedSku, sku_id: int, found: int | None, wanted_product: int) -> Failure:
    return data_failure(
        _("o SKU {0} com a referência «{1}» pertence ao produto {2} da VTEX, e não ao produto {3}").format(
            sku_id, wanted.ref_id, found, wanted_product
        ),
        _("Na VTEX, corrija a referência de um dos dois; um SKU não muda de produto."),
    )


async def _add_image(wanted: WantedSku, sku_id: int, is_new: bool, step: Step) -> bool:
    """Whether one was added. Read before, except for a new SKU: VTEX doubles a repeated image [K:1425160]."""
    if not is_new:
        files = await step.read(catalog.sku_files(sku_id))
        if wanted.image_name in catalog.file_names(files.json):
            return False
    await step.write(_("incluir imagem"), catalog.add_sku_file(sku_id, wanted.image_url, wanted.image_name))
    return True


def _while_active(shown: Json) -> Mapping[str, Any] | None:
    """What VTEX showed before or by a write: of an active SKU it still holds, an inactive one may be active by now."""
    return shown if isinstance(shown, Mapping) and shown.get("IsActive") is True else None


async def _settle_activation(
    wanted: WantedSku, product_id: int, sku_id: int, shown: Mapping[str, Any] | None, step: Step
) -> None:
    """Ask VTEX to activate what it did not activate itself. ``shown``: the SKU as it is now, None = to be read."""
    if not wanted.activate:
        return
    current = shown or await read_to_merge(catalog.get_sku(sku_id), step)
    if current.get("IsActive") is not True:
        body = merged_sku(current, {**wanted.owned(product_id), "IsActive": True})
        await step.write(_("ativar SKU"), catalog.update_sku(sku_id, body))


async def verify(intent: Intent, step: Step) -> Verification:
    """A creation arrived when the RefId is there under its product, an image when listed, an update as it was sent."""
    if specifications.is_of_specification(intent):
        return await specifications.verify(intent, step)
    if intent.path.endswith("/file"):
        files = await step.read(catalog.sku_files(_sku_in(intent.path)))
        arrived = str(intent.body.get("Name", "")) in catalog.file_names(files.json)
        return Arrived(intent.known_id) if arrived else DidNotArrive()
    answer = await step.read(catalog.sku_by_ref_id(str(intent.body.get("RefId", ""))))
    sku_id = created_id(answer.json)
    if sku_id is None:
        return DidNotArrive()
    sent = intent.body if intent.method == "PUT" else {"ProductId": intent.body.get("ProductId")}
    arrived = isinstance(answer.json, dict) and holds(answer.json, _settled(sent))
    return Arrived(str(sku_id)) if arrived else DidNotArrive()


def _settled(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was sent, without the IsActive false that VTEX turns over itself where ActivateIfPossible came with it."""
    leaves_it_to_vtex = sent.get("ActivateIfPossible") is True and sent.get("IsActive") is False
    return {name: value for name, value in sent.items() if not (leaves_it_to_vtex and name == "IsActive")}


def _sku_in(path: str) -> str:
    return path.split("/stockkeepingunit/", 1)[1].split("/", 1)[0]


SKU = Integration(INFO, plan_all, plan, send, verify)
