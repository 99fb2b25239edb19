"""Read, merge, PUT: VTEX erases what a PUT leaves out (``domain/vtex.md`` 2.3), so what was read is sent back.

The field tables are the request schemas of ``PUT product`` and ``PUT stockkeepingunit`` in VTEX's OpenAPI file; a test
compares them with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vtexmon.core.exchange import Json
from vtexmon.vtex.wire import stripped


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> Any:
    """A whole number; VTEX answers some of them as floats (``PackagedWeightKg: 550.0``)."""
    number = _number(value)
    return None if number is None else round(number)


def _number(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> Any:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else None


@dataclass(frozen=True)
class Field:
    """One field of a PUT: ``accept`` gives the value in the schema's type, or None when it cannot be sent."""

    accept: Callable[[Any], Any]
    nullable: bool = False


PRODUCT_FIELDS: Mapping[str, Field] = {
    "Name": Field(_text),
    "DepartmentId": Field(_whole),
    "CategoryId": Field(_whole),
    "BrandId": Field(_whole),
    "LinkId": Field(_text),
    "RefId": Field(_text),
    "IsVisible": Field(_flag),
    "Description": Field(_text),
    "DescriptionShort": Field(_text),
    "ReleaseDate": Field(_text),
    "KeyWords": Field(_text),
    "Title": Field(_text),
    "IsActive": Field(_flag),
    "TaxCode": Field(_text),
    "MetaTagDescription": Field(_text),
    "SupplierId": Field(_whole, nullable=True),
    "ShowWithoutStock": Field(_flag),
    "AdWordsRemarketingCode": Field(_text, nullable=True),
    "LomadeeCampaignCode": Field(_text, nullable=True),
    "Score": Field(_whole),
}

SKU_FIELDS: Mapping[str, Field] = {
    "ProductId": Field(_whole),
    "IsActive": Field(_flag),
    "ActivateIfPossible": Field(_flag),
    "Name": Field(_text),
    "RefId": Field(_text),
    "PackagedHeight": Field(_number),
    "PackagedLength": Field(_number),
    "PackagedWidth": Field(_number),
    "PackagedWeightKg": Field(_whole),
    "Height": Field(_number),
    "Length": Field(_number),
    "Width": Field(_number),
    "WeightKg": Field(_number),
    "CubicWeight": Field(_number),
    "IsKit": Field(_flag),
    "CreationDate": Field(_text),
    "RewardValue": Field(_number),
    "EstimatedDateArrival": Field(_text, nullable=True),
    "ManufacturerCode": Field(_text),
    "CommercialConditionId": Field(_whole),
    "MeasurementUnit": Field(_text),
    "UnitMultiplier": Field(_number),
    "ModalType": Field(_text, nullable=True),
    "KitItensSellApart": Field(_flag),
    "Videos": Field(_texts),
}


def merged(
    existing: Mapping[str, Json],
    owned: Mapping[str, Json],
    fields: Mapping[str, Field],
    drop: Collection[str] = (),
) -> dict[str, Json]:
    """The body of a PUT: everything read is kept, ``owned`` replaces (also by empty), ``drop`` is left out.

    Left out as well: fields that the PUT does not know, nulls where the schema allows none, and read values of another
    type than the schema's.
    """
    values = {**existing, **owned}
    body: dict[str, Json] = {}
    for name, field in fields.items():
        if name not in values or name in drop:
            continue
        value = field.accept(values[name])
        if value is not None or (values[name] is None and field.nullable):
            body[name] = stripped(value)
    return body


def merged_product(existing: Mapping[str, Json], owned: Mapping[str, Json]) -> dict[str, Json]:
    """The body of ``update_product`` from what was read and what this program owns (``domain/vtex.md`` 2.3)."""
    return merged(existing, owned, PRODUCT_FIELDS)


def merged_sku(existing: Mapping[str, Json], owned: Mapping[str, Json]) -> dict[str, Json]:
    """The body of ``update_sku``; without ``IsActive`` VTEX would deactivate (``domain/vtex.md`` 2.5)."""
    return merged(existing, owned, SKU_FIELDS)
