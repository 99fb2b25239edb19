"""An automatic resend is held against *Número de tentativas de reenvio* once more when it is claimed (DESIGN.md 4).

Between its turn and its claim it may have waited for hours, and the program may have been started with another maximum.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.bench import (
    CATEGORY,
    POST_CATEGORY,
    Bench,
    FakeClock,
    ScriptedVtex,
    bench_config,
    copy_of,
    make_template,
    says,
)
from tests.integrations.school import MemorySource
from vtexmon.config import Resend
from vtexmon.store import resends
from vtexmon.store.database import Database


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A refused category whose automatic resend is queued."""
    database = Database(f"sqlite:///{copy_of(make_template(tmp_path), tmp_path)}")
    vtex = ScriptedVtex()
    vtex.on(POST_CATEGORY, says(400, '"no"'))
    bench = Bench(database, bench_config(3), MemorySource(), vtex, FakeClock())
    bench.export(CATEGORY)
    bench.turns()
    queued(bench)
    yield bench
    bench.close()
    database.close()


def queued(bench: Bench) -> None:
    bench.clock.advance(24 * 3600)
    policy, now = bench.config.retry_policy, bench.clock.now()
    bench.database.write_now(lambda c: resends.take_automatic_turn(c, policy, now, "agendador", True))
    assert bench.log().resend_kind == "automatic"


def test_nothing_is_resent_by_itself_once_the_maximum_is_empty(bench: Bench) -> None:
    words, sent = bench.log().message, len(bench.vtex.sent)

    bench.restarted(resend=Resend(None)).turns()

    assert bench.state() == ("Erro", "idle", None, 0)
    assert bench.log().resend_kind is None
    assert bench.log().message == words
    assert len(bench.vtex.sent) == sent


def test_a_maximum_lowered_meanwhile_ends_it(bench: Bench) -> None:
    bench.turns()
    queued(bench)
    sent, words = len(bench.vtex.sent), bench.log().message

    bench.restarted(resend=Resend(1)).turns()

    assert bench.state() == ("Cancelado", "idle", None, 1)
    assert bench.log().message == words
    assert len(bench.vtex.sent) == sent


def test_what_a_person_orders_is_sent_whatever_the_maximum(bench: Bench) -> None:
    bench.turns()
    other = bench.restarted(resend=Resend(None))
    other.resend(bench.log().id)
    bench.vtex.off()

    other.turns()

    assert bench.state() == ("Sucesso", "idle", None, 2)
