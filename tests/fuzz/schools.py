"""Two situations in which VTEX's answers go wrong: nothing is there yet, and everything changed at both ends.

In ``everything_changed`` VTEX holds each record almost as the source wants it now, but for one field, so that a reading
of that very field which is taken for granted would be a false Sucesso.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.engine.bench import Bench, FakeClock, bench_config, copy_of
from tests.fuzz.sick_vtex import SickVtex
from tests.integrations.school import CLASS, COURSE, PRICE, STOCK, MemorySource, school
from vtexmon.config import Catalog, Regional
from vtexmon.core.status import Phase
from vtexmon.engine.exports import ExportScope
from vtexmon.sandbox.categories import insert_brand, insert_category, new_brand_fields, new_category_fields
from vtexmon.sge.source import Channel, ClassKey, CourseKey, Snapshot
from vtexmon.store.database import Database

B2B = replace(PRICE, channel=Channel.B2B, price_cents=150_000, list_price_cents=None)
OTHER_COURSE = replace(COURSE, key=CourseKey(1, 12, "ELETRI"), name="Eletricista", category="Eletroeletrônica")
OTHER_CLASS = replace(CLASS, key=ClassKey(1, 12, "EL.1"), course="ELETRI", name="Eletricista - EL.1")
OTHER_PRICE = replace(PRICE, key=OTHER_CLASS.key, price_cents=99_990, list_price_cents=None)
OTHER_STOCK = replace(STOCK, key=OTHER_CLASS.key, quantity=16)

BEFORE = school([COURSE, OTHER_COURSE], [CLASS, OTHER_CLASS], [PRICE, B2B, OTHER_PRICE], [STOCK, OTHER_STOCK])
AFTER = school(
    [replace(COURSE, description="Descrição nova.", keywords=""), replace(OTHER_COURSE, active=False)],
    [replace(CLASS, name="Turma nova"), replace(OTHER_CLASS, active=False)],
    [
        replace(PRICE, price_cents=160_000, list_price_cents=None),
        replace(B2B, price_cents=140_050),
        replace(OTHER_PRICE, price_cents=99_991, list_price_cents=120_000),
    ],
    [replace(STOCK, quantity=5), replace(OTHER_STOCK, quantity=3)],
)

IN_ONE_ACCOUNT = bench_config(
    catalog=Catalog(
        b2c="nacional", b2b="nacional", default_brand="SENAI", default_image_url="https://loja.example/c.png"
    ),
    regionals=(Regional("SP", 1, (), b2c="sp", b2b="sp", warehouse="1"),),
)
OTHERS_FIXED_PRICE = {"tradePolicyId": "7", "value": 99.5, "listPrice": None, "minQuantity": 10}


@dataclass
class Ward:
    """One engine, one VTEX, and what is wrong with the latter."""

    bench: Bench
    vtex: SickVtex = field(default_factory=SickVtex)

    @classmethod
    def open(cls, template: Path, folder: Path) -> Ward:
        vtex = SickVtex()
        database = Database(f"sqlite:///{copy_of(template, folder)}")
        return cls(Bench(database, IN_ONE_ACCOUNT, MemorySource(BEFORE), vtex.clients(), FakeClock()), vtex)

    def close(self) -> None:
        self.bench.close()
        self.bench.database.close()

    def let_time_pass(self, rounds: int = 40, seconds: float = 61) -> None:
        """What the engine does meanwhile; ends early when nothing will happen by itself any more."""
        for _round in range(rounds):
            self.bench.refresh()
            self.bench.turns()
            if all(log.phase is Phase.IDLE or log.wait_reason in ("retry", "parent") for log in self.bench.logs()):
                return
            self.bench.clock.advance(seconds)

    def export(self) -> None:
        """Everything, also what was taken off sale: half of a school of two is more than is let through unasked."""
        self.bench.export(ExportScope(confirm_vanished=True))

    def source_says(self, snapshot: Snapshot) -> None:
        self.bench.source.snapshot = snapshot

    def get_well(self) -> None:
        """VTEX answers as it should again; what is an Erro by then is resent by hand, once."""
        self.vtex.illness = None
        self.bench.clock.advance(3600)
        self.let_time_pass()
        left = [log.id for log in self.bench.logs() if log.status in ("Erro", "Cancelado")]
        if left:
            self.bench.resend(*left)
            self.let_time_pass()


def nothing_there(ward: Ward) -> None:
    """An empty VTEX, but for one of the two categories, below another one, and a brand of somebody else."""
    world = ward.vtex.service.world
    catalog = world.accounts["lojanacional"].catalog
    above = insert_category(world, catalog, new_category_fields("Cursos", None))
    insert_category(world, catalog, new_category_fields("METALMECANICA", above["Id"]))
    insert_brand(world, catalog, new_brand_fields("Parceira"))


def everything_changed(ward: Ward) -> None:
    """Exported once; then VTEX is changed by hand and the source is, too."""
    nothing_there(ward)
    ward.export()
    ward.let_time_pass()
    assert {log.status.value for log in ward.bench.logs()} == {"Sucesso"}
    ward.bench.clock.advance(3600)
    ward.vtex.seen.clear()
    ward.source_says(AFTER)
    _by_hand(ward)


def _by_hand(ward: Ward) -> None:
    national, regional = (ward.vtex.service.world.accounts[name] for name in ("lojanacional", "lojasp"))
    products = {one.fields["RefId"]: one.fields for one in national.catalog.products.values()}
    products["1-12-AJUSTA"] |= {"Description": "Descrição nova.", "KeyWords": "outra"}
    products["1-12-ELETRI"] |= {"IsVisible": False}
    skus = {one.fields["RefId"]: one.fields for one in national.catalog.skus.values()}
    skus["1-12-CQ.1"] |= {"PackagedHeight": 9}
    skus["1-12-EL.1"] |= {"ActivateIfPossible": False}
    first, other = skus["1-12-CQ.1"]["Id"], skus["1-12-EL.1"]["Id"]
    regional.prices[first] |= {"basePrice": 1600, "listPrice": 2000}
    regional.prices[first]["fixedPrices"].append(dict(OTHERS_FIXED_PRICE))
    regional.prices[other] |= {"basePrice": 999.91, "listPrice": 999.91}
    regional.stocks[first, "1"] |= {"quantity": 5, "unlimitedQuantity": True}


Situation = Callable[[Ward], None]
SITUATIONS: dict[str, Situation] = {"nothing there": nothing_there, "everything changed": everything_changed}


def others_fixed_prices(ward: Ward) -> list[Any]:
    """The fixed prices that are not ours."""
    prices = ward.vtex.state("lojasp")["prices"].values()
    return [fixed for price in prices for fixed in price["fixedPrices"] if fixed["tradePolicyId"] == "7"]
