"""Preço: what a class costs in one channel.

A VTEX price PUT replaces the whole document, so fixed prices are read and kept; costPrice and markup are never sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vtexmon.core.failures import Failure
from vtexmon.core.modules import MODULES
from vtexmon.i18n import _
from vtexmon.integrations import sku
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
from vtexmon.integrations.fixed_price import WantedFixedPrice, send_fixed, verify_fixed
from vtexmon.integrations.offer import Offer, context_failure
from vtexmon.integrations.planning import class_key, rejected
from vtexmon.integrations.regional_sku import by_reference, reference_problem, sku_id_of
from vtexmon.sge.source import Channel, ClassKey, ClassPrice
from vtexmon.vtex import pricing
from vtexmon.vtex.pricing import PriceState

INFO = MODULES["price"]


@dataclass(frozen=True)
class WantedPrice:
    """Amounts in cents; ``list_cents`` (the struck-out price) only when above the price.

    The price of an inactive class is kept, but not made: its SKU may never come.
    """

    account: str
    sku_ref_id: str
    sku_key: str
    base_cents: int
    list_cents: int | None
    only_if_known: bool = field(repr=False)
    by_reference: bool = False

    @property
    def serial_key(self) -> str:
        """Price and stock of a SKU are written one after the other."""
        return f"{self.account}|sku|{self.sku_ref_id}"

    @property
    def parents(self) -> tuple[str, ...]:
        """Its SKU in the catalogue's account, where the regional shares its ids."""
        return () if self.by_reference else (self.sku_key,)

    @property
    def title(self) -> str:
        """The SKU's reference, for search."""
        return self.sku_ref_id


def plan_all(offer: Offer) -> Iterator[Planned]:
    """Every price of a class that exists, in the regional's account of its channel; then the unreadable rows."""
    for (key, channel), row in offer.snapshot.prices.items():
        yield _planned(offer, channel, key, row)
    yield from rejected(offer, "price")


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The price of one key now."""
    return next((found for found in _of(offer, key) if found.key.text == key.text), None)


def _of(offer: Offer, key: RecordKey) -> Iterator[Planned]:
    if len(key.key_values) >= len(INFO.key_fields):
        channel = Channel(key.channel)
        row = offer.snapshot.prices.get((sku.source_key(key, extra=1), channel))
        if row is not None:
            yield _planned(offer, channel, row.key, row)
    yield from rejected(offer, "price")


def _planned(offer: Offer, channel: Channel, key: ClassKey, row: ClassPrice) -> Planned:
    account = offer.regional_account(key, channel)
    catalog = offer.catalog_account(channel)
    course = offer.course_of(key)
    level = "" if isinstance(course, Failure) else course.education_level
    identity = class_key("price", account.name if account else "", channel, key, level, channel.value)
    if account is None or catalog is None:
        return Planned(identity, Skip("no_account"))
    if isinstance(course, Failure):
        return Planned(identity, course)
    problem = reference_problem(offer, key)
    if problem is not None:
        return Planned(identity, problem)
    class_ = offer.class_row(key)
    sold = class_ is not None and class_.active and course.active
    if channel is Channel.B2B and offer.shares_account and account is offer.regional_account(key, Channel.B2C):
        return Planned(identity, _fixed(offer, account.name, row, level, sold))
    listed = row.list_price_cents
    wanted = WantedPrice(
        account=account.name,
        sku_ref_id=offer.sku_ref(key),
        sku_key=sku.key_for(offer, catalog.name, offer.recorded_under(channel), key).text,
        base_cents=row.price_cents,
        list_cents=listed if listed is not None and listed > row.price_cents else None,
        only_if_known=not sold,
        by_reference=by_reference(offer, key),
    )
    return Planned(identity, wanted)


def _fixed(offer: Offer, account: str, row: ClassPrice, level: str, sold: bool) -> WantedFixedPrice | Failure:
    if (row.key, Channel.B2C) not in offer.snapshot.prices:
        return context_failure(
            _("a turma só tem preço B2B, e na mesma conta ele fica ao lado do preço base, que é o B2C"),
            _("Dê à turma um preço B2C na origem, ou configure outra conta para o B2B."),
        )
    base = class_key("price", account, Channel.B2C, row.key, level, Channel.B2C.value)
    policy = offer.config.catalog.trade_policy.b2b
    return WantedFixedPrice(account, offer.sku_ref(row.key), base.text, policy, row.price_cents, not sold)


async def send(wanted: WantedPrice | WantedFixedPrice, known: Mapping[str, str], step: Step) -> Sent:
    """Read the document, and replace it only where it differs, with the fixed prices that were in it."""
    if isinstance(wanted, WantedFixedPrice):
        return await send_fixed(wanted, known, step)
    sku_id = await sku_id_of(wanted.sku_ref_id, wanted.sku_key, wanted.by_reference, known, step)
    current = pricing.price_state((await step.read(pricing.get_price(sku_id))).json)
    if current is not None and _same(current, wanted.base_cents, wanted.list_cents):
        return Sent(sku_id, _("já estava assim na VTEX"))
    fixed = current.fixed_prices if current else ()
    request = pricing.put_price(sku_id, wanted.base_cents, wanted.list_cents, fixed)
    await step.write(_("gravar preço"), request)
    return Sent(sku_id)


def _same(current: PriceState, base_cents: int | None, list_cents: int | None) -> bool:
    """VTEX answers the base price as list price where none was given."""
    if current.base_cents != base_cents:
        return False
    return current.list_cents == list_cents or (list_cents is None and current.list_cents == base_cents)


async def verify(intent: Intent, step: Step) -> Verification:
    """The document reads as it was sent."""
    if intent.path.endswith("/fixed"):
        return await verify_fixed(intent, step)
    sku_id = intent.path.rsplit("/", 1)[1]
    current = pricing.price_state((await step.read(pricing.get_price(sku_id))).json)
    sent = pricing.price_state(intent.body)
    if current is None or sent is None or not _same(current, sent.base_cents, sent.list_cents):
        return DidNotArrive()
    return Arrived(sku_id)


PRICE = Integration(INFO, plan_all, plan, send, verify)
