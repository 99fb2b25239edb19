"""SKU: a class of SGE as a VTEX SKU with one image, created inactive and activated when it can be.

Order (``domain/vtex.md`` 2.1): look up, create inactive with ActivateIfPossible, image, then read: still inactive = ask
VTEX to activate it, so that its reason is on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vtexmon.config import SkuDimensions
from vtexmon.core.exchange import Answer, Verdict
from vtexmon.core.failures import Failure
from vtexmon.core.modules import MODULES
from vtexmon.i18n import _
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
from vtexmon.integrations.offer import Offer, data_failure
from vtexmon.integrations.planning import class_key, course_key, rejected
from vtexmon.integrations.product import holds, read_to_merge
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
        """Its product."""
        return (self.product_key,)

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
    )


async def send(wanted: WantedSku, known: Mapping[str, str], step: Step) -> Sent:
    """Bring the SKU, its image and its activation to what is wanted."""
    product_id = int(known[wanted.product_key])
    found = await step.read(catalog.sku_by_ref_id(wanted.ref_id))
    sku_id, is_new = created_id(found.json), False
    if sku_id is None:
        sku_id, is_new = await _create(wanted, product_id, step)
    step.learned(str(sku_id))
    if not is_new:
        await _correct(wanted, product_id, sku_id, step)
    await _add_image(wanted, sku_id, is_new, step)
    return await _settle_activation(wanted, sku_id, step)


async def _create(wanted: WantedSku, product_id: int, step: Step) -> tuple[int, bool]:
    fields = {**wanted.owned(product_id), "CommercialConditionId": 1, "MeasurementUnit": "un", "UnitMultiplier": 1}
    request = catalog.create_sku({**fields, "IsKit": False})
    answer = await step.write(_("criar SKU"), request, tolerate=_names_the_existing)
    if answer.verdict is Verdict.DONE:
        sent = adopted(answer, step)
        return int(sent.external_id or 0), True
    existing = answers.existing_sku_id(answer)
    assert existing is not None, "only a refusal that names the existing SKU is tolerated"
    return existing, False


def _names_the_existing(answer: Answer) -> bool:
    return answers.existing_sku_id(answer) is not None


async def _correct(wanted: WantedSku, product_id: int, sku_id: int, step: Step) -> None:
    existing = await read_to_merge(catalog.get_sku(sku_id), step)
    its_product = read_id(existing.get("ProductId"))
    if its_product != product_id:
        raise RecordFailed(_under_another_product(wanted, sku_id, its_product, product_id))
    owned = wanted.owned(product_id)
    if not wanted.active:  # a price that vanished takes nothing off sale: only ativo = N does
        owned["IsActive"] = False
    if not holds(existing, owned):
        await step.write(_("atualizar SKU"), catalog.update_sku(sku_id, merged_sku(existing, owned)))


def _under_another_product(wanted: WantedSku, sku_id: int, found: int | None, wanted_product: int) -> Failure:
    return data_failure(
        _("o SKU {0} com a referência «{1}» pertence ao produto {2} da VTEX, e não ao produto {3}").format(
            sku_id, wanted.ref_id, found, wanted_product
        ),
        _("Na VTEX, corrija a referência de um dos dois; um SKU não muda de produto."),
    )


async def _add_image(wanted: WantedSku, sku_id: int, is_new: bool, step: Step) -> None:
    """Read before every addition, except to a SKU made a moment ago: VTEX doubles a repeated image [K:1425160]."""
    if not is_new:
        files = await step.read(catalog.sku_files(sku_id))
        if wanted.image_name in catalog.file_names(files.json):
            return
    await step.write(_("incluir imagem"), catalog.add_sku_file(sku_id, wanted.image_url, wanted.image_name))


async def _settle_activation(wanted: WantedSku, sku_id: int, step: Step) -> Sent:
    current = await read_to_merge(catalog.get_sku(sku_id), step)
    if not wanted.activate or current.get("IsActive") is True:
        return Sent(str(sku_id))
    body = merged_sku(current, {"IsActive": True, "ActivateIfPossible": True})
    await step.write(_("ativar SKU"), catalog.update_sku(sku_id, body))
    return Sent(str(sku_id))


async def verify(intent: Intent, step: Step) -> Verification:
    """A creation arrived when the RefId is there, an image when it is listed, an update when it reads as sent."""
    if intent.path.endswith("/file"):
        files = await step.read(catalog.sku_files(_sku_in(intent.path)))
        arrived = str(intent.body.get("Name", "")) in catalog.file_names(files.json)
        return Arrived(intent.known_id) if arrived else DidNotArrive()
    answer = await step.read(catalog.sku_by_ref_id(str(intent.body.get("RefId", ""))))
    sku_id = created_id(answer.json)
    if sku_id is None:
        return DidNotArrive()
    if intent.method == "POST" or (isinstance(answer.json, dict) and holds(answer.json, _settled(intent.body))):
        return Arrived(str(sku_id))
    return DidNotArrive()


def _settled(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was sent, without the IsActive false that VTEX turns over itself where ActivateIfPossible came with it."""
    leaves_it_to_vtex = sent.get("ActivateIfPossible") is True and sent.get("IsActive") is False
    return {name: value for name, value in sent.items() if not (leaves_it_to_vtex and name == "IsActive")}


def _sku_in(path: str) -> str:
    return path.split("/stockkeepingunit/", 1)[1].split("/", 1)[0]


SKU = Integration(INFO, plan_all, plan, send, verify)
