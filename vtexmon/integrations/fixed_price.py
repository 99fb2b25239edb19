"""The B2B price where B2B is sold in the account of B2C: a fixed price of a trade policy, beside the base price.

It comes after the base price, whose record knows the SKU's id in that account. Only the undated price for one piece of
that policy is ours; every other fixed price is left as it is (VTEX's PATCH adds or updates, nothing more).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vtexmon.i18n import _
from vtexmon.integrations.contract import Arrived, DidNotArrive, Intent, Sent, Step, Verification
from vtexmon.vtex import pricing


@dataclass(frozen=True)
class WantedFixedPrice:
    """What the class costs in a trade policy, in cents; ``base_key`` is the base price's record."""

    account: str
    sku_ref_id: str
    base_key: str
    policy_id: int
    amount_cents: int
    only_if_known: bool = field(repr=False)

    @property
    def serial_key(self) -> str:
        """Prices and stock of a SKU are written one after the other."""
        return f"{self.account}|sku|{self.sku_ref_id}"

    @property
    def parents(self) -> tuple[str, ...]:
        """The base price."""
        return (self.base_key,)

    @property
    def title(self) -> str:
        """The SKU's reference, for search."""
        return self.sku_ref_id


async def send_fixed(wanted: WantedFixedPrice, known: Mapping[str, str], step: Step) -> Sent:
    """Read the document, and set the fixed price only where it differs."""
    sku_id = known[wanted.base_key]
    current = pricing.price_state((await step.read(pricing.get_price(sku_id))).json)
    if current is not None and pricing.fixed_price_of(current, wanted.policy_id) == wanted.amount_cents:
        return Sent(sku_id, _("já estava assim na VTEX"))
    await step.write(_("gravar preço B2B"), pricing.patch_fixed_price(sku_id, wanted.policy_id, wanted.amount_cents))
    return Sent(sku_id)


async def verify_fixed(intent: Intent, step: Step) -> Verification:
    """The fixed prices that were sent are in the document."""
    sku_id = intent.path.split("/prices/", 1)[1].split("/", 1)[0]
    current = pricing.price_state((await step.read(pricing.get_price(sku_id))).json)
    sent = pricing.price_state({"fixedPrices": intent.body})
    if current is None or sent is None:
        return DidNotArrive()
    policies = [int(price["tradePolicyId"]) for price in sent.fixed_prices]
    arrived = all(pricing.fixed_price_of(current, one) == pricing.fixed_price_of(sent, one) for one in policies)
    return Arrived(sku_id) if arrived else DidNotArrive()
