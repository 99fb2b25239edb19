"""What a run is made of, all drawn from its seed: the source's rows, which of them VTEX refuses, and VTEX's faults."""

from __future__ import annotations

import random

from tests.chaos.courses import made_up

RECORDS_OF_A_CLASS = 3.28
"""SKU, price and stock, and its share of a course (one for four classes) and of a category (one for thirty-six)."""

REFUSED_QUANTITY = 777
REFUSED_PRICE = "7777,77"
REFUSALS = (
    f'status:match=PUT /,status=400,text=Quantidade recusada,body="quantity": ?{REFUSED_QUANTITY}\\b',
    r'status:match=PUT /,status=400,text=Preço recusado,body="basePrice": ?7777\.77\b',
)

Records = frozenset[tuple[str, str]]


def source_of(records: int, chance: random.Random) -> tuple[dict[str, str], Records]:
    """CSV files of about that many records, and the three stocks and three prices among them that VTEX refuses."""
    classes = round(records / RECORDS_OF_A_CLASS)
    files = made_up(classes)
    chosen = chance.sample(range(classes), 6)
    stocks, prices = (set(chosen[:3]), set(chosen[3:]))
    files["estoques.csv"] = _changed(files["estoques.csv"], stocks, 4, str(REFUSED_QUANTITY))
    files["precos.csv"] = _changed(files["precos.csv"], prices, 4, REFUSED_PRICE)
    refused = {("stock", f"1;12;T{number:04};1") for number in stocks}
    return files, frozenset(refused | {("price", f"1;12;T{number:04};B2C") for number in prices})


def _changed(text: str, numbers: set[int], column: int, value: str) -> str:
    head, *lines = text.splitlines()
    rows = [line.split(";") for line in lines]
    for number in numbers:
        rows[number][column] = value
    return "\n".join([head, *(";".join(row) for row in rows)]) + "\n"


def faults(chance: random.Random, deadline_seconds: float, grace_seconds: float) -> list[str]:
    """Every kind of fault, each every so many requests.

    The late one is applied after the client's deadline, yet well inside the grace.
    """
    late = deadline_seconds + chance.uniform(0.05, 0.3) * grace_seconds
    almost_late = deadline_seconds * chance.uniform(0.3, 0.6)
    rules = [
        "status:match=POST|PUT /,status=500",
        "status:match=GET /,status=502",
        "applied:match=POST|PUT /",
        "applied:match=POST|PUT /,status=0",
        f"slow:match=* /,delay={almost_late:.2f}",
        f"hang:match=POST|PUT /,delay={late:.2f}",
        "hang:match=* /",
        "drop:match=POST|PUT /",
        "reset:match=* /",
        "truncate:match=* /",
        "malformed:match=POST|PUT /",
        "empty:match=POST|PUT /",
        "html:match=POST|PUT /,text=Em manutenção",
        "status:match=PUT /api/logistics,status=423",
    ]
    apis = ["/api/catalog", "/api/logistics", "/lojasp/pricing"]
    chance.shuffle(apis)  # what closes a whole API for a second does so to each once, and the others go on
    seldom = [
        f"status:match=* {apis[0]},status=429,retry_after=1,times=1",
        f"status:match=* {apis[1]},status=503,retry_after=1,times=1",
        f"status:match=* {apis[2]},status=401,times=1",
    ]
    chance.shuffle(rules)
    often = [f"{rule},every={chance.randint(12, 30)}" for rule in rules]
    return [f"{rule},every={chance.randint(20, 60)}" for rule in seldom] + often
