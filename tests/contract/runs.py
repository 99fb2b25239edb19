"""Runs of the whole program against the sandbox, and the requests they made.

``full`` is a first export; ``eventful`` meets what was made by hand, refusals and lost answers, resends, and then a
source in which everything changed; ``slowed`` has limits that it would pass if it did not keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.chaos.courses import REAL, made_up, real_data
from tests.contract import journal
from tests.contract.journal import Seen
from tests.support import DATA, REFUSE_PRODUCTS, Station
from vtexmon.sandbox import (
    NATIONAL_ACCOUNT,
    REGIONAL_ACCOUNT,
    RunningSandbox,
    SandboxSettings,
    running_sandbox,
    sandbox_account,
)

LONGEST_NAME = "Maß " * 37 + "Ma"  # 150 characters, and more as a slug
LONG_REF = "R" * 94
TIMES = "N;2027-02-01;2027-06-30;19:00;22:00;SEG;PRESENCIAL;São Paulo;20;2"
PRODUCTS = "/api/catalog/pvt/product"
SKUS = "/api/catalog/pvt/stockkeepingunit"

MORE: Mapping[str, str] = {
    "cursos.csv": (
        '1;12;MECATR; Mecatrônica ;FIC;Automação;SENAI;80;"Linha 1\nLinha 2 ";;;S;2026-11-01 08:00:00\n'
        "1;12;SOLDA;Solda;FIC;Metalmecânica;Parceira;40;Solda TIG.;solda;;S;2026-11-01 08:00:00\n"
        "1;12;OCULTO;Pintura Industrial;FIC;metalmecanica;Senai;40;Pintura.;;;S;2026-11-01 08:00:00\n"
        f"1;12;{LONG_REF};{LONGEST_NAME};FIC;Automação;SENAI;40;;;;S;2026-11-01 08:00:00\n"
    ),
    "turmas.csv": "".join(
        f"1;12;{course};{key};{name};{TIMES};S;2026-11-01 08:00:00\n"
        for course, key, name in (
            ("MECATR", "MC-N1", " Mecatrônica – noite "),
            ("MECATR", "MC N/2", "Mecatrônica (2)"),
            ("SOLDA", "SO-N1", "Solda"),
            ("OCULTO", "OC-N1", "Pintura"),
            (LONG_REF, "LO-N1", "Turma"),
            ("ELETRI", "EL-N2", "Eletricista - noite"),
        )
    ),
    "precos.csv": "".join(
        f"1;12;{key};B2C;{price};2026-11-01 08:00:00\n"
        for key, price in (
            ("MC-N1", "0,29;0,30"),
            ("MC N/2", "12345678,90;"),
            ("SO-N1", "100;100,00"),
            ("OC-N1", "99,90;90,00"),
            ("EL-N2", "1.200,50;"),
        )
    )
    + "1;12;EL-N2;B2B;1080,45;;2026-11-01 08:00:00\n",
    "estoques.csv": "".join(
        f"1;12;{key};{stock};2026-11-01 08:00:00\n"
        for key, stock in (
            ("MC-N1", "1_1;7;N"),
            ("MC N/2", ";3;S"),
            ("SO-N1", "1;5;N"),
            ("OC-N1", "1;0;N"),
            ("EL-N2", "1;4;N"),
        )
    ),
}

DATA_WITH_B2B = {**DATA, "precos.csv": DATA["precos.csv"] + "1;12;EL-T1;B2B;1080,45;;2026-11-01 08:00:00\n"}

SPECIFICATIONS = """
[catalog.specifications.product]
"Carga" = "carga_horaria"
"Nível" = "nivel_ensino"

[catalog.specifications.sku]
"Turno" = "turno"
"""

EL_N2 = f"EL-N2;Eletricista - noite;{TIMES};"
CHANGES = (
    ("cursos.csv", "Ajustador Mecânico;FIC", "Ajustador Mecânico Industrial ;FIC"),
    ("cursos.csv", "Pintura.;;;S", "Pintura.;;;N"),
    ("turmas.csv", "Mecatrônica (2)", "Mecatrônica (dois)"),
    ("turmas.csv", "Ajustador Mecânico - noite", "Ajustador Mecânico - turma da noite"),
    ("turmas.csv", EL_N2 + "S", EL_N2 + "N"),
    ("precos.csv", "EL-T1;B2C;1200,50;", "EL-T1;B2C;1100,45;1200,50"),
    ("precos.csv", "EL-N2;B2B;1080,45", "EL-N2;B2B;1080,44"),
    ("precos.csv", "AJ-N1;B2C;950,00;1100,00", "AJ-N1;B2C;950,01;"),
    ("cursos.csv", "SENAI;160;", "SENAI;200;"),
    ("cursos.csv", "Instalador;FIC", "Instalador;"),
    ("turmas.csv", "Eletricista - tarde;T;", "Eletricista - tarde;;"),
    ("turmas.csv", "turma da noite;N;", "turma da noite;T;"),
    ("estoques.csv", "AJ-N1;1;18", "AJ-N1;1;0"),
    ("estoques.csv", "EL-T1;;16;N", "EL-T1;;16;S"),
)

FAULTS = (
    f"{REFUSE_PRODUCTS},body=MECATR,times=1",
    f"applied:match=POST {SKUS}$,body=EL-T1,times=1,status=500",
    f"applied:match=POST {SKUS}/[0-9]+/file$,times=2,status=500",
    f"applied:match=POST {SKUS}/[0-9]+/specification$,times=1,status=500",
    "truncate:match=PUT /api/logistics,times=1",
    f"status:match=POST {PRODUCTS}$,body=SOLDA,times=1,status=503",
    "status:match=GET /api/catalog_system/pvt/products/productgetbyrefid/1-12-OCULTO,times=1,status=404",
)


@dataclass
class Hand:
    """Somebody who works at VTEX by hand; what they send is no request of the program."""

    sandbox: RunningSandbox
    numbers: set[int] = field(default_factory=set)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send and give the answer's JSON; what is refused is a mistake of the test."""
        account = REGIONAL_ACCOUNT if path.startswith(f"/{REGIONAL_ACCOUNT.name}/") else NATIONAL_ACCOUNT
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {"X-VTEX-API-AppKey": account.app_key, "X-VTEX-API-AppToken": account.app_token}
        answer = httpx.request(method, self.sandbox.url + path, json=body, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        self.numbers.add(self.sandbox.last_request())
        return answer.json() if answer.content else None


@dataclass(frozen=True)
class Run:
    """A folder to run the program in and the VTEX it sends to."""

    station: Station
    sandbox: RunningSandbox
    hand: Hand

    def requests(self) -> list[Seen]:
        """What the program sent, in order of arrival."""
        return [seen for seen in journal.read(self.sandbox.requests()) if seen.number not in self.hand.numbers]


@contextmanager
def _run(
    folder: Path, data: Mapping[str, str], extra: str = "", settings: SandboxSettings | None = None
) -> Iterator[Run]:
    with running_sandbox(settings=settings) as sandbox:
        station = Station.create(folder, sandbox, data=data, schedules=False, extra=extra)
        yield Run(station, sandbox, Hand(sandbox))


def full(folder: Path) -> list[Seen]:
    """All of the real course data, or of the station's where that is not there."""
    with _run(folder, real_data() if REAL.is_dir() else DATA) as run:
        run.station.json("export")
        return run.requests()


def full_with_b2b(folder: Path, catalogue: str, regional: str) -> list[Seen]:
    """The real data with its B2B prices, sent to these accounts; a second export sends nothing."""
    settings = SandboxSettings(accounts=(NATIONAL_ACCOUNT, REGIONAL_ACCOUNT, COMPANIES))
    with _run(folder, real_data() if REAL.is_dir() else DATA_WITH_B2B, settings=settings) as run:
        _add_companies(run)
        run.station.change_config('b2c = "nacional"', f'b2c = "nacional"\nb2b = "{catalogue}"')
        run.station.change_config('b2c = "sp"', f'b2c = "sp"\nb2b = "{regional}"')
        run.station.json("export")
        requests = run.requests()
        run.station.json("export")
        assert run.requests() == requests
        return requests


COMPANIES = sandbox_account("lojaempresas")


def _add_companies(run: Run) -> None:
    """A third account, with a catalogue of its own."""
    account = f"""
[accounts.empresas]
account_name = "{COMPANIES.name}"
environment = "vtexcommercestable"
stage = "sandbox"
app_key = "env:EMPRESAS_KEY"
app_token = "env:EMPRESAS_TOKEN"
base_url = "{run.sandbox.url}"
pricing_url = "{run.sandbox.pricing_url(COMPANIES.name)}"
"""
    file = run.station.config_file
    file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")
    run.station.environ.update(EMPRESAS_KEY=COMPANIES.app_key, EMPRESAS_TOKEN=COMPANIES.app_token)


def eventful(folder: Path) -> list[Seen]:
    """Adoption, conflicts, refusals, lost answers, resends, and a change of everything that can change."""
    with _run(folder, {name: text + MORE[name] for name, text in DATA.items()}, SPECIFICATIONS) as run:
        run.station.change_config('b2c = "nacional"', 'b2c = "nacional"\nb2b = "nacional"')
        run.station.change_config('b2c = "sp"', 'b2c = "sp"\nb2b = "sp"')
        _made_by_hand(run.hand)
        fields_by_hand(run.hand)
        run.sandbox.set_faults(*FAULTS)
        run.station.json("export", code=(0, 3))
        run.sandbox.set_faults()
        run.station.json("resend", "--yes", code=(0, 3))
        _fixed_price_by_hand(run)
        for file, old, new in CHANGES:
            run.station.change_data(file, old, new)
        run.station.json("export", "--confirm-vanished", code=(0, 3))
        run.station.json("resend", "--yes", code=(0, 3))
        return run.requests()


SLOW = """
[limits]
catalog = { rate = 60, burst = 10 }
pricing_write = { rate = 10, burst = 5 }
"""


def slowed(folder: Path) -> list[Seen]:
    """More products and prices than the configured limits let through at once."""
    with _run(folder, made_up(20), SLOW) as run:
        run.station.json("export")
        return run.requests()


RUNS: Mapping[str, Callable[[Path], list[Seen]]] = {
    "full": full,
    "full, B2B in the same account": lambda folder: full_with_b2b(folder, "nacional", "sp"),
    "full, B2B in another account": lambda folder: full_with_b2b(folder, "empresas", "empresas"),
    "eventful": eventful,
}


def _made_by_hand(hand: Hand) -> None:
    category = hand.send("POST", "/api/catalog/pvt/category", _category("METALMECÂNICA"))["Id"]
    brand = hand.send("POST", "/api/catalog/pvt/brand", {"Id": 2_000_010, "Name": "Senai", "Active": True})["Id"]
    hand.send("POST", "/api/catalog/pvt/brand", {"Id": 2_000_011, "Name": "Parceira", "Active": False})
    place = {"CategoryId": category, "BrandId": brand}
    product = hand.send("POST", PRODUCTS, {**place, **PRODUCT_BY_HAND})["Id"]
    hand.send("POST", PRODUCTS, {**place, "Name": "Outro", "LinkId": "eletricista-instalador-1-12-eletri"})
    hand.send("POST", PRODUCTS, {**place, "Name": "Pintura", "RefId": "1-12-OCULTO", "Title": "Feito à mão"})
    sku = hand.send("POST", SKUS, {"ProductId": product, **SKU_BY_HAND})["Id"]
    hand.send("PUT", f"/{REGIONAL_ACCOUNT.name}/pricing/prices/{sku}", {"basePrice": 800, "fixedPrices": FIXED_PRICES})


def fields_by_hand(hand: Hand) -> None:
    """For every category: a text and a combo of products, a radio of SKUs that is mandatory."""
    group = hand.send("POST", "/api/catalog/pvt/specificationgroup", {"CategoryId": None, "Name": "Curso"})["Id"]
    for name, type_id, values in (("carga", 1, ()), ("Nível", 5, ("FIC",)), ("Turno", 6, ("N", "T"))):
        of_sku = name == "Turno"
        body = {"FieldTypeId": type_id, "FieldGroupId": group, "Name": name}
        body |= {"IsStockKeepingUnit": of_sku, "IsRequired": of_sku}
        field = hand.send("POST", "/api/catalog/pvt/specification", body)["Id"]
        for value in values:
            hand.send("POST", "/api/catalog/pvt/specificationvalue", {"FieldId": field, "Name": value})


def _fixed_price_by_hand(run: Run) -> None:
    skus = run.sandbox.state()["accounts"][NATIONAL_ACCOUNT.name]["skus"]
    (sku,) = (sku["Id"] for sku in skus if sku["RefId"] == "1-12-EL-T1")
    body = {"basePrice": 1200.5, "fixedPrices": FIXED_PRICES}
    run.hand.send("PUT", f"/{REGIONAL_ACCOUNT.name}/pricing/prices/{sku}", body)


def _category(name: str) -> dict[str, Any]:
    flags = dict.fromkeys(("IsActive", "ShowInStoreFront", "ShowBrandFilter", "ActiveStoreFrontLink"), True)
    empty = dict.fromkeys(("FatherCategoryId", "AdWordsRemarketingCode", "LomadeeCampaignCode", "Score"))
    texts = dict.fromkeys(("Name", "Title", "Description", "Keywords"), name)
    return {**flags, **empty, **texts, "GlobalCategoryId": 0, "StockKeepingUnitSelectionMode": "SPECIFICATION"}


PRODUCT_BY_HAND = {
    "Name": "Ajustador (feito à mão)",
    "RefId": "1-12-AJUSTA",
    "LinkId": "ajustador-da-mao",
    "DescriptionShort": "curto",
    "ReleaseDate": "2025-07-01T00:00:00",
    "TaxCode": "123",
    "MetaTagDescription": "para o buscador",
    "AdWordsRemarketingCode": "aw",
    "Score": 3,
    "IsVisible": True,
    "IsActive": True,
    "ShowWithoutStock": True,
}
SKU_BY_HAND = {
    "Name": "Turma feita à mão",
    "RefId": "1-12-AJ-N1",
    "PackagedHeight": 10.5,
    "PackagedLength": 10,
    "PackagedWidth": 10,
    "PackagedWeightKg": 550,
    "CubicWeight": 0.25,
    "RewardValue": 1.5,
    "ManufacturerCode": "M-1",
    "ModalType": "GLASS",
    "EstimatedDateArrival": "2027-01-01T00:00:00",
    "Videos": ["https://video.example/1"],
    "KitItensSellApart": True,
    "MeasurementUnit": "kg",
    "UnitMultiplier": 2.5,
}
FIXED_PRICES = [
    {"tradePolicyId": "2", "value": 99.9, "listPrice": 120, "minQuantity": 1},
    {
        "tradePolicyId": "1",
        "value": 5,
        "minQuantity": 3,
        "dateRange": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00-03:00"},
    },
]
