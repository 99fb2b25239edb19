"""What goes wrong on the demo's day: the faults that the sandbox plays, each with what it stands for.

Only what VTEX does not do by its own rules stands here. Wrong rows are ``demo_morning.py``'s, what was typed into VTEX
by hand is ``demo_store.py``'s, and the sandbox refuses those as VTEX would, without a fault.
"""

from __future__ import annotations

from dataclasses import dataclass

UNFINDABLE = "ARDUIN"
"""The course whose product VTEX does not find by RefId although it is there."""

GARBLED = "SOLIDW"
"""The course whose product VTEX answers with broken documents, once it has been found."""


@dataclass(frozen=True)
class DemoFault:
    """One rule in the notation of ``fault_spec.py``; ``shows`` is what an operator sees of it, ``why`` its story."""

    spec: str
    shows: str
    why: str


def _price(amount: str) -> str:
    """Price writes of exactly this amount: the body of a price carries no reference to match."""
    return f'match=PUT /pricing/prices/\\d+$,body="basePrice":{amount}(?![.\\d])'


def _product(course: str) -> str:
    return f"match=GET /productgetbyrefid/1-12-{course}$"


FAULTS: tuple[DemoFault, ...] = (
    DemoFault(
        f"status:{_price('228')},status=404,text=SKU not found",
        "dependência: Erro; um deles chega a Cancelado",
        "The regional account has not received the Power BI classes from the catalogue, and does not all day.",
    ),
    DemoFault(
        f"status:{_price('1235')},status=500",
        "transitório: Erro até o máximo de tentativas",
        "One price that VTEX fails on for ever; each time it is read back, and it is not there.",
    ),
    DemoFault(
        f"status:{_price('627')},times=3,status=500",
        "transitório: Erro, depois Sucesso",
        "A bad minute: three prices fail once and pass when they are resent by themselves.",
    ),
    DemoFault(
        f"status:{_product(UNFINDABLE)},status=200,text=null",
        "duplicado: Sucesso por adoção",
        "VTEX's search by RefId misses a product that exists [K:1157371]; the 409 that follows names it.",
    ),
    DemoFault(
        f"slow:{_product(GARBLED)},times=1,delay=0",
        "",
        "The first lookup is answered as it should be: the product is found, so that its classes need not wait.",
    ),
    DemoFault(
        f"malformed:{_product(GARBLED)}",
        "desconhecido: as leituras de conferência são ilegíveis",
        "Something on the way breaks the answers for this product, so nobody can tell what arrived.",
    ),
    DemoFault(
        f'malformed:match=PUT /catalog/pvt/product/\\d+$,body="RefId":"1-12-{GARBLED}"',
        "desconhecido: a resposta da gravação não pôde ser lida",
        "The same, at the write: 200 with half a document.",
    ),
    DemoFault(
        'reset:match=POST /catalog/pvt/product$,body="RefId":"1-12-EXCELA",times=1',
        "Sucesso, confirmado por leitura",
        "The connection breaks after VTEX has made the product: it is found by reading, and not made twice.",
    ),
    DemoFault(
        "status:match=PUT /warehouses/1_1$,times=20,status=423,retry_after=15,"
        "text=Unable to acquire lock for key: lojasp_item_logistics_1_1",
        "Pendente, aguardando o limite",
        "The store's own stock count holds the lock of one class for some minutes.",
    ),
)

SPECS = tuple(fault.spec for fault in FAULTS)
