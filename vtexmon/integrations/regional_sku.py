"""Which SKU a price or a stock belongs to in the regional's account (``sku_id`` of a regional, DESIGN.md section 7).

``catalog``: the regional shares the catalogue account's SKU ids, so the SKU's own record must have one first.
``lookup``: the regional has ids of its own, found there by RefId each time.
"""

from __future__ import annotations

from collections.abc import Mapping

from vtexmon.core.failures import Failure, FailureClass
from vtexmon.i18n import _
from vtexmon.integrations.contract import RecordFailed, Step
from vtexmon.integrations.offer import Offer
from vtexmon.sge.source import ClassKey
from vtexmon.vtex import catalog
from vtexmon.vtex.wire import created_id


def by_reference(offer: Offer, key: ClassKey) -> bool:
    """Whether the regional of this class has SKU ids of its own."""
    regional = offer.regional(key)
    return regional is not None and regional.sku_id == "lookup"


def reference_problem(offer: Offer, key: ClassKey) -> Failure | None:
    """Why the SKU cannot be found by its reference: another class has the same one, and its price is not ours."""
    return offer.sku_ref_problem(key) if by_reference(offer, key) else None


async def sku_id_of(ref_id: str, sku_key: str, found_by_reference: bool, known: Mapping[str, str], step: Step) -> str:
    """The SKU's id in the regional's account; raises ``RecordFailed`` when that account has no SKU of this RefId."""
    if not found_by_reference:
        return known[sku_key]
    request = catalog.sku_by_ref_id(ref_id)
    found = created_id((await step.read(request)).json)
    if found is None:
        raise RecordFailed(
            Failure(
                FailureClass.DEPENDENCY,
                _("a conta regional não tem um SKU com a referência «{0}»").format(ref_id),
                request.path,
                _("Crie o SKU na conta regional (ou espere que a VTEX o replique) e reenvie."),
            )
        )
    return str(found)
