"""The progress strip: what it counts, that it ends, that it outlives its screen, and that it can be stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from screens.bulk import Bulk, fitting, pieces
from screens.progress import ProgressStrip
from screens.session import Session
from tests.screens import world
from tests.screens.detail_world import ScreenApp, drive, settle
from vtexmon.core.records import ResendProgress
from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase
from vtexmon.store import log_pages, resends

PROGRESS = ResendProgress(318, 201, 98, 20, 2, 0, 0, "", world.NOW, "ana", False)
ERRORS = (6, 12, 18)


class StripScreen(Screen[None]):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        yield ProgressStrip(self.session)


def text(parts: tuple[list[tuple[str, str]], list[tuple[str, str]]]) -> str:
    left, right = parts
    return "".join(piece for piece, _style in left) + " | " + "".join(piece for piece, _style in right)


def strip_of(app: ScreenApp) -> ProgressStrip:
    return app.screen.query_one(ProgressStrip)


def order(app: ScreenApp, ids: tuple[int, ...] = ERRORS) -> ResendProgress:
    return app.session.commands.resend(Explicit(frozenset(ids)), "3 marcados")


def decide(app: ScreenApp, log_id: int, result: str) -> None:
    """The engine ends one member."""
    member = update(resends.MEMBER).where(resends.MEMBER.c.log_id == log_id).values(result=result)
    app.session.database.write_now(lambda c: c.execute(member))
    world.change(app.session.database, log_id, phase=Phase.IDLE)


async def look_again(app: ScreenApp, pilot: Pilot[None]) -> None:
    strip_of(app)._tick()
    await settle(pilot)


def test_it_tells_how_far_how_fast_and_how_long_still() -> None:
    begun = Bulk.begin(replace(PROGRESS, succeeded=0, failed=0, cancelled=0), 100.0)

    seen = begun.seen(PROGRESS, 110.0)

    assert text(pieces(seen)) == (
        "Reenvio 318: 120 de 201 · ok 98 · erro 20 · cancelado 2 · ignorados 0 | 12/s · faltam 7s"
    )


def test_zeros_are_left_out_where_there_is_no_room() -> None:
    seen = Bulk.begin(replace(PROGRESS, succeeded=0, failed=0, cancelled=0), 100.0).seen(PROGRESS, 110.0)

    assert "ignorados" not in text(fitting(seen, 70))
    assert "ignorados 0" in text(fitting(seen, 120))


def test_what_waits_is_told_and_not_counted_into_the_time_left() -> None:
    begun = Bulk.begin(replace(PROGRESS, succeeded=0, failed=0, cancelled=0), 0.0)

    seen = begun.seen(replace(PROGRESS, waiting=81), 10.0)

    assert "aguardando 81" in text(pieces(seen))
    assert "faltam" not in text(pieces(seen))


def test_the_rate_is_of_the_last_seconds() -> None:
    slow = Bulk.begin(replace(PROGRESS, succeeded=0, failed=0, cancelled=0), 0.0).seen(
        replace(PROGRESS, succeeded=10, failed=0, cancelled=0), 100.0
    )

    fast = slow.seen(replace(PROGRESS, succeeded=60, failed=0, cancelled=0), 105.0)

    assert fast.per_second == pytest.approx(10.0)
    assert len(fast.samples) == 2


def test_the_summary_says_that_it_ended() -> None:
    ended = replace(PROGRESS, total=120)

    assert text(pieces(Bulk.begin(PROGRESS, 0.0).seen(ended, 17.0))).startswith("Reenvio 318 terminou: ok 98 · erro 20")
    assert "em 17s" in text(pieces(Bulk.begin(PROGRESS, 0.0).seen(ended, 17.0)))
    assert "parado" in text(pieces(Bulk.begin(replace(ended, stopped=True), 0.0)))


def test_it_follows_the_database_to_the_end_and_the_summary_stays_until_dismissed(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        strip = strip_of(app)
        assert not strip.display
        strip.follow(order(app))
        await settle(pilot)
        assert "Reenvio 1: 0 de 3" in strip.text
        decide(app, 6, "Sucesso")
        await look_again(app, pilot)
        assert "1 de 3 · ok 1" in strip.text
        decide(app, 12, "Erro")
        decide(app, 18, "Cancelado")
        await look_again(app, pilot)
        assert "Reenvio 1 terminou: ok 1 · erro 1 · cancelado 1" in strip.text
        await look_again(app, pilot)
        assert strip.display
        strip.stop_or_dismiss()
        await settle(pilot)
        assert not strip.display
        assert app.session.bulk is None

    drive(tmp_path, StripScreen, steps)


def test_it_survives_leaving_the_screen(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        strip_of(app).follow(order(app))
        app.pop_screen()
        decide(app, 6, "Sucesso")
        await app.push_screen(StripScreen(app.session))
        await look_again(app, pilot)
        assert "1 de 3 · ok 1" in strip_of(app).text

    drive(tmp_path, StripScreen, steps)


def test_a_restarted_program_takes_up_what_this_operator_left_running(tmp_path: Path) -> None:
    def opened(session: Session) -> StripScreen:
        session.commands.resend(Explicit(frozenset(ERRORS)), "3 marcados")
        return StripScreen(session)

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "Reenvio 1: 0 de 3" in strip_of(app).text

    drive(tmp_path, opened, steps)


def test_stopping_takes_back_what_was_not_sent(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        strip = strip_of(app)
        strip.follow(order(app))
        decide(app, 6, "Sucesso")
        strip.stop_or_dismiss()
        await settle(pilot)
        assert "Reenvio 1 parado: ok 1" in strip.text
        assert "ignorados 2" in strip.text
        found = app.session.database.read(lambda c: log_pages.by_ids(c, (12, 18)))
        assert {record.phase for record in found} == {Phase.WAITING}

    drive(tmp_path, StripScreen, steps)


def test_read_only_cannot_stop_and_is_told(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        strip = strip_of(app)
        strip.follow(PROGRESS)
        strip.stop_or_dismiss()
        await settle(pilot)
        assert "somente leitura" in strip.text

    drive(tmp_path, StripScreen, steps, may_write=False)
