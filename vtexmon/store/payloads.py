"""Bodies as they went over the wire: compressed, and kept once however often they are sent (DESIGN.md section 5).

Nothing is re-encoded: what is read back is the text that was sent or received, secrets taken out before it came here.
The dictionary's text lies in the database beside the payloads, so that they stay readable whatever later versions ship.
"""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache

import zstandard
from sqlalchemy import Connection, Table, bindparam, select, update

from vtexmon.store.engines import insert_new
from vtexmon.store.models import Payload, PayloadDictionary

_PAYLOAD: Table = Payload.__table__  # type: ignore[attr-defined]
_DICTIONARY: Table = PayloadDictionary.__table__  # type: ignore[attr-defined]

_KEPT = (
    select(_PAYLOAD.c.hash, _PAYLOAD.c.unused_since)
    .select_from(_DICTIONARY.outerjoin(_PAYLOAD, _PAYLOAD.c.hash == bindparam("address")))
    .where(_DICTIONARY.c.id == bindparam("dictionary"))
)
"""One row where the dictionary is there, which nearly always it is; with the payload, where that is."""

_IN_USE_AGAIN = update(_PAYLOAD).where(_PAYLOAD.c.hash == bindparam("address")).values(unused_since=None)

_LEVEL = 3

DICTIONARY_ID = 1
DICTIONARY = (
    b'{"error":{"code":"","message":"","exception":null}}{"Message":"The request is invalid.","ModelState":{"'
    b'{"skuId":"","balance":[{"warehouseId":"1","warehouseName":"","totalQuantity":0,"reservedQuantity":0,'
    b'"hasUnlimitedQuantity":false,"timeToRefill":null,"dateOfSupplyUtc":null,"leadTime":"00:00:00"}]}'
    b'{"quantity":10,"unlimitedQuantity":false,"leadTime":"00:00:00"}{"itemId":"","listPrice":null,"costPrice":null,'
    b'"markup":0,"basePrice":0,"fixedPrices":[{"tradePolicyId":"1","value":0,"listPrice":null,"minQuantity":1}]}'
    b'{"Id":1,"Name":"","Keywords":"","Title":"","Description":"","AdWordsRemarketingCode":null,'
    b'"LomadeeCampaignCode":null,"FatherCategoryId":null,"GlobalCategoryId":0,"ShowInStoreFront":true,"IsActive":true,'
    b'"ActiveStoreFrontLink":true,"ShowBrandFilter":true,"Score":null,"StockKeepingUnitSelectionMode":"SPECIFICATION",'
    b'"LinkId":"","HasChildren":false}{"Id":1,"Name":"SENAI","Text":"","Keywords":"","SiteTitle":"","Active":true,'
    b'"MenuHome":false}{"IsMain":true,"Label":"","Name":"","Text":"","Url":"https://","Position":0}'
    b'{"Id":1,"ProductId":1,"IsActive":false,"ActivateIfPossible":true,"Name":"","RefId":"1-12-","PackagedHeight":1.0,'
    b'"PackagedLength":1.0,"PackagedWidth":1.0,"PackagedWeightKg":1,"Height":null,"Length":null,"Width":null,'
    b'"WeightKg":null,"CubicWeight":0.0,"IsKit":false,"CreationDate":"2026-11-24T00:00:00","RewardValue":null,'
    b'"EstimatedDateArrival":null,"ManufacturerCode":"","CommercialConditionId":1,"MeasurementUnit":"un",'
    b'"UnitMultiplier":1.0,"ModalType":null,"KitItensSellApart":false,"Videos":[]}'
    b'{"Id":1,"Name":"","DepartmentId":1,"CategoryId":1,"BrandId":1,"LinkId":"","RefId":"1-12-","IsVisible":true,'
    b'"Description":"Curso , horas.","DescriptionShort":"","ReleaseDate":"2026-11-24T00:00:00","KeyWords":"",'
    b'"Title":"","IsActive":true,"TaxCode":"","MetaTagDescription":"","SupplierId":null,"ShowWithoutStock":false,'
    b'"AdWordsRemarketingCode":null,"LomadeeCampaignCode":null,"Score":null}'
)
"""Field names and usual values of the bodies we exchange; short texts compress two to three times better with it."""


@lru_cache(maxsize=8)
def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


_of_thread = threading.local()


def _compressor() -> zstandard.ZstdCompressor:
    """One for each thread: making it digests the dictionary, which takes longer than compressing a body."""
    if not hasattr(_of_thread, "compressor"):
        _of_thread.compressor = zstandard.ZstdCompressor(_LEVEL, dict_data=_dictionary(DICTIONARY))
    compressor: zstandard.ZstdCompressor = _of_thread.compressor
    return compressor


def payload_hash(text: str) -> str:
    """The address of a body: 32 hex digits over its text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def store(connection: Connection, text: str | None) -> str | None:
    """Keep a body and give its address; None stays None (there was no body)."""
    if text is None:
        return None
    address = payload_hash(text)
    if _is_kept(connection, address):
        return address
    raw = text.encode("utf-8", "surrogatepass")
    data = _compressor().compress(raw)
    row = {"hash": address, "dictionary_id": DICTIONARY_ID, "data": data, "size": len(raw)}
    insert_new(connection, _PAYLOAD, [row])
    return address


def _is_kept(connection: Connection, address: str) -> bool:
    """Whether the body is there, and stays there for us although it may be about to be swept (``unused.py``).

    Also sees to it that the dictionary is there, for a body that is not.
    """
    asked = {"address": address, "dictionary": DICTIONARY_ID}
    kept = connection.execute(_KEPT, asked).one_or_none()
    if kept is None:
        insert_new(connection, _DICTIONARY, [{"id": DICTIONARY_ID, "data": DICTIONARY}])
        kept = connection.execute(_KEPT, asked).one()
    if kept.unused_since is None:
        return kept.hash is not None
    return connection.execute(_IN_USE_AGAIN, {"address": address}).rowcount == 1


def load(connection: Connection, address: str | None) -> str | None:
    """The body at an address; None when there was none, or when retention has removed it."""
    if address is None:
        return None
    row = connection.execute(select(_PAYLOAD).where(_PAYLOAD.c.hash == address)).one_or_none()
    if row is None:
        return None
    query = select(_DICTIONARY.c.data).where(_DICTIONARY.c.id == row.dictionary_id)
    dictionary = connection.execute(query).scalar_one()
    raw = zstandard.ZstdDecompressor(dict_data=_dictionary(bytes(dictionary))).decompress(
        bytes(row.data), max_output_size=row.size + 1
    )
    return raw.decode("utf-8", "surrogatepass")
