"""Estoque: the seats of a class that are for sale, in one warehouse of the regional's account.

The quantity is absolute; 0 is sent, too. The warehouse must exist at VTEX (DESIGN.md section 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

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
    RecordFailed,
    RecordKey,
    Sent,
    Skip,
    Step,
    Verification,
)
from vtexmon.integrations.offer import Offer, context_failure
from vtexmon.integrations.planning import class_key, rejected
from vtexmon.integrations.regional_sku import by_reference, reference_problem, sku_id_of
from vtexmon.sge.source import Channel, ClassKey, ClassStock
from vtexmon.vtex import logistics
from vtexmon.vtex.logistics import StockState
from vtexmon.vtex.shapes import one_line

INFO = MODULES["stock"]


@dataclass(frozen=True)
class WantedStock:
    """How many seats VTEX should offer; an inactive class offers none, and is left out while VTEX does not know it."""

    account: str
    sku_ref_id: str
    sku_key: str
    warehouse: str
    quantity: int
    unlimited: bool
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
    """Every stock row, in the regional's account of each channel its class is sold in; then the unreadable rows."""
    for (key, _warehouse), row in offer.snapshot.stocks.items():
        for channel in offer.channels_of_class(key) or (Channel.B2C,):
            yield _planned(offer, channel, key, row)
    yield from rejected(offer, "stock")


def plan(offer: Offer, key: RecordKey) -> Planned | None:
    """The stock of one key now."""
    return next((found for found in _of(offer, key) if found.key.text == key.text), None)


def _of(offer: Offer, key: RecordKey) -> Iterator[Planned]:
    if len(key.key_values) >= len(INFO.key_fields):
        class_ = sku.source_key(key, extra=1)
        for warehouse in (key.key_values[3], ""):
            row = offer.snapshot.stocks.get((class_, warehouse))
            if row is not None:
                yield _planned(offer, Channel(key.channel), class_, row)
    yield from rejected(offer, "stock")


def _planned(offer: Offer, channel: Channel, key: ClassKey, row: ClassStock) -> Planned:
    account = offer.regional_account(key, channel)
    catalog = offer.catalog_account(channel)
    regional = offer.regional(key)
    warehouse = row.warehouse or (regional.warehouse if regional else "")
    course = offer.course_of(key)
    level = "" if isinstance(course, Failure) else course.education_level
    identity = class_key("stock", account.name if account else "", channel, key, level, warehouse)
    if account is None or catalog is None:
        return Planned(identity, Skip("no_account"))
    if isinstance(course, Failure):
        return Planned(identity, course)
    problem = _no_warehouse() if not warehouse else reference_problem(offer, key)
    if problem is not None:
        return Planned(identity, problem)
    class_ = offer.class_row(key)
    sold = class_ is not None and class_.active and course.active
    return Planned(
        identity,
        WantedStock(
            account=account.name,
            sku_ref_id=offer.sku_ref(key),
            sku_key=sku.key_for(offer, catalog.name, channel, key).text,
            warehouse=warehouse,
            quantity=row.quantity if sold and offers_seats(offer, channel, key) else 0,
            unlimited=row.unlimited and sold and offers_seats(offer, channel, key),
            only_if_known=not sold,
            by_reference=by_reference(offer, key),
        ),
    )


def offers_seats(offer: Offer, channel: Channel, key: ClassKey) -> bool:
    """Whether the seats of a class are offered in this channel: ``b2b_seats = "zero"`` keeps them for B2C."""
    kept_for_b2c = offer.config.catalog.b2b_seats == "zero" and Channel.B2C in offer.channels_of_class(key)
    return not (channel is Channel.B2B and kept_for_b2c)


def _no_warehouse() -> Failure:
    return context_failure(
        _("a linha não tem depósito e a regional não tem um configurado"),
        _("Preencha deposito na origem ou warehouse da regional na configuração."),
    )


async def send(wanted: WantedStock, known: Mapping[str, str], step: Step) -> Sent:
    """Set the balance. It is absolute, so that reading it first would cost a request and save none."""
    sku_id = await sku_id_of(wanted.sku_ref_id, wanted.sku_key, wanted.by_reference, known, step)
    await _check_warehouse(wanted, step)
    request = logistics.put_inventory(sku_id, wanted.warehouse, wanted.quantity, wanted.unlimited)
    await step.write(_("gravar estoque"), request)
    return Sent(sku_id)


async def _check_warehouse(wanted: WantedStock, step: Step) -> None:
    listing = logistics.warehouses()
    existing = logistics.warehouse_ids((await step.read(listing, shared=True)).json)
    if wanted.warehouse in existing:
        return
    step.forget_shared(listing)
    known = one_line(", ".join(sorted(existing))) or "–"
    raise RecordFailed(
        context_failure(
            _("o depósito «{0}» não existe na conta {1} da VTEX; existem: {2}").format(
                wanted.warehouse, wanted.account, known
            ),
            _("Corrija o depósito na origem ou na configuração, ou crie-o na VTEX."),
        )
    )


async def verify(intent: Intent, step: Step) -> Verification:
    """The balance reads as it was sent."""
    sku_id, warehouse = intent.path.split("/skus/", 1)[1].split("/warehouses/", 1)
    answer = await step.read(logistics.get_inventory(sku_id))
    current = logistics.stock_state(answer.json, unquote(warehouse))
    wanted = StockState(intent.body.get("quantity"), intent.body.get("unlimitedQuantity") is True)
    return Arrived(sku_id) if current == wanted else DidNotArrive()


STOCK = Integration(INFO, plan_all, plan, send, verify)
