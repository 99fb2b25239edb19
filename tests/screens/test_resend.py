"""Reenvio de Dados: nothing without a plan that was seen, never a wrong row, never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from textual.pilot import Pilot

from screens.resend import ResendScreen
from screens.session import Session
from tests.screens import world
from tests.screens.detail_world import HOSTILE, ScreenApp, drive, harmless_screen, press, screen_text, settle
from vtexmon.core.filters import Filter
from vtexmon.core.records import ResendProgress
from vtexmon.core.selection import Explicit, Matching, Nothing, Selection
from vtexmon.core.status import Phase, Status
from vtexmon.store import log_pages
from vtexmon.store.resends import BULK

ERRORS = (6, 12, 18)
SUCCESS = 1


def plan(selection: Selection, query: Filter | None = None, text: str = "") -> Callable[[Session], ResendScreen]:
    return lambda session: ResendScreen(session, selection, query or Filter(), text)


def marked(ids: Iterable[int]) -> Explicit:
    return Explicit(frozenset(ids))


def orders(app: ScreenApp) -> int:
    return int(app.session.database.read(lambda c: c.execute(select(func.count()).select_from(BULK)).scalar_one()))


def phases(app: ScreenApp, ids: Iterable[int]) -> set[Phase]:
    return {record.phase for record in app.session.database.read(lambda c: log_pages.by_ids(c, ids))}


def test_up_to_twenty_rows_one_letter_resends_them_and_only_them(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "3 marcados" in screen_text(app)
        await press(pilot, "s")
        (progress,) = app.answers
        assert isinstance(progress, ResendProgress)
        assert progress.total == 3
        assert phases(app, ERRORS) == {Phase.QUEUED}
        assert phases(app, (24, 30)) == {Phase.WAITING}

    drive(tmp_path, plan(marked(ERRORS)), steps)


@pytest.mark.parametrize("key", ["enter", "escape"])
def test_the_easy_answer_resends_nothing(tmp_path: Path, key: str) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, key)
        assert app.answers == [None]
        assert orders(app) == 0
        assert phases(app, ERRORS) == {Phase.WAITING}

    drive(tmp_path, plan(marked(ERRORS)), steps)


@pytest.mark.parametrize("keys", [["x"], ["1"], ["down"], ["tab"], ["f5"], ["S"]])
def test_other_keys_confirm_nothing(tmp_path: Path, keys: list[str]) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        assert app.answers == []
        assert orders(app) == 0

    drive(tmp_path, plan(marked(ERRORS)), steps)


def test_above_twenty_the_number_is_typed_and_a_wrong_one_does_nothing(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "digite 33 para confirmar" in screen_text(app)
        await press(pilot, "s", "3", "2", "enter")
        assert app.answers == []
        assert "o número não confere" in screen_text(app)
        assert orders(app) == 0
        await press(pilot, "3", "3", "enter")
        assert app.answers[0].total == 33

    drive(tmp_path, plan(Nothing()), steps, logs=200)


def test_nothing_marked_says_so_with_the_filter_and_takes_only_erro_of_it(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "NADA marcado: todos os 5 com status Erro, filtro modulo:produto" in screen_text(app)
        await press(pilot, "s")
        assert app.answers[0].total == 5
        described = app.session.database.read(lambda c: c.execute(select(BULK.c.selection)).scalar_one())
        assert described == "NADA marcado: todos os 5 com status Erro, filtro modulo:produto"

    drive(tmp_path, plan(Nothing(), Filter(modules=frozenset({"product"})), "modulo:produto"), steps)


def test_the_scope_restricts_what_nothing_marked_means(tmp_path: Path) -> None:
    def opened(session: Session) -> ResendScreen:
        session.scope = Filter(branches=frozenset({99}))
        return ResendScreen(session, Nothing(), Filter(), "")

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        shown = screen_text(app)
        assert "com status Erro de filial 99" in shown
        assert "1 " in shown
        await press(pilot, "s")
        assert phases(app, ERRORS) == {Phase.WAITING}

    drive(tmp_path, opened, steps, rows=[world.log_row(700, Status.ERROR, branch=99)])


def test_marks_that_the_filter_hides_are_counted(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "3 marcados (2 ocultos pelo filtro)" in screen_text(app)

    drive(tmp_path, plan(marked(ERRORS), Filter(ids=frozenset({6})), "id:6"), steps)


def test_ineligible_rows_are_counted_and_left_alone(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "Sucesso 1" in screen_text(app)
        await press(pilot, "s")
        assert app.answers[0].total == 1
        assert phases(app, [SUCCESS]) == {Phase.IDLE}

    drive(tmp_path, plan(marked([6, SUCCESS])), steps)


@pytest.mark.parametrize("key", ["x", "s", "enter", "escape", "down"])
def test_with_nothing_eligible_it_says_so_and_any_key_closes(tmp_path: Path, key: str) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "nada a reenviar" in screen_text(app)
        await press(pilot, key)
        assert app.answers == [None]
        assert orders(app) == 0

    drive(tmp_path, plan(marked([SUCCESS, 2])), steps)


def test_pressing_twice_sends_once(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await pilot.press("s", "s", "s")
        await settle(pilot)
        assert orders(app) == 1
        assert len(app.answers) == 1

    drive(tmp_path, plan(marked(ERRORS)), steps)


def test_while_the_order_is_written_nothing_closes_or_repeats_it(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        screen = app.screen
        assert isinstance(screen, ResendScreen)
        release = hold_writer(app)
        await pilot.press("s", "escape", "s", "enter", "escape")
        await pilot.pause()
        assert app.screen is screen
        assert "gravando a ordem" in screen_text(app)
        release()
        await settle(pilot)
        assert orders(app) == 1
        assert app.answers[0].total == 3

    drive(tmp_path, plan(marked(ERRORS)), steps)


def hold_writer(app: ScreenApp) -> Callable[[], None]:
    import threading

    gate = threading.Event()
    app.session.database.write(lambda _c: gate.wait(10))
    return gate.set


def test_the_note_goes_with_the_order_also_after_a_look_at_the_list(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "n", *"sv 47", "enter", "v", "escape")
        assert "sv 47" in screen_text(app)
        await press(pilot, "s")
        assert app.answers[0].note == "sv 47"

    drive(tmp_path, plan(marked(ERRORS)), steps)


@pytest.mark.parametrize("key", ["escape", "v", "enter"])
def test_v_lists_what_would_be_sent_and_why_the_rest_is_ignored(tmp_path: Path, key: str) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        shown = screen_text(app)
        assert "3 a reenviar · 1 ignorado " in shown
        assert "1;12;CQ.AJUS.N-6;B2C" in shown
        assert "ignorado: Sucesso" in shown
        await press(pilot, "s", "n")
        assert app.answers == []
        await press(pilot, key)
        assert "4 marcados" in screen_text(app)
        assert app.answers == []

    drive(tmp_path, plan(marked([*ERRORS, SUCCESS])), steps)


def test_rows_that_come_after_the_plan_are_not_swept_in(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        world.insert(app.session.database, [world.log_row(900, Status.ERROR)])
        await press(pilot, "s")
        assert app.answers[0].total == 10
        assert phases(app, [900]) == {Phase.WAITING}

    drive(tmp_path, plan(Nothing()), steps)


def test_everything_that_matches_is_a_predicate(tmp_path: Path) -> None:
    matching = Matching(Filter(statuses=frozenset({Status.ERROR, Status.CANCELLED})), 30, frozenset({6}))

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "menos 1 desmarcado" in screen_text(app)
        await press(pilot, "s")
        assert app.answers[0].total == 9
        assert phases(app, [6]) == {Phase.WAITING}

    drive(tmp_path, plan(matching), steps)


def test_read_only_is_refused_in_words(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "s")
        assert "somente leitura" in screen_text(app)
        assert orders(app) == 0
        await press(pilot, "s")
        assert app.answers == [None]

    drive(tmp_path, plan(marked(ERRORS)), steps, may_write=False)


def test_a_database_that_fails_is_told_and_nothing_is_ordered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(session: Session) -> ResendScreen:
        def broken(*_arguments: Any) -> None:
            raise OSError("disco cheio")

        monkeypatch.setattr("vtexmon.engine.commands.Commands.plan_resend", broken)
        return ResendScreen(session, marked(ERRORS), Filter(), "")

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "disco cheio" in screen_text(app)
        await press(pilot, "s")
        assert app.answers == [None]

    drive(tmp_path, opened, steps)


def test_the_last_attempt_and_a_changed_source_are_said(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "última tentativa (vira Cancelado se falhar): 1" in screen_text(app)
        assert "fonte alterada desde o erro: 1 de 1" in screen_text(app)

    row = world.log_row(800, Status.ERROR, attempts=4, source_changed=True)
    drive(tmp_path, plan(marked([800])), steps, rows=[row])


def test_hostile_causes_and_keys_are_harmless(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert harmless_screen(app)
        await press(pilot, "v")
        assert harmless_screen(app)

    row = world.log_row(800, Status.ERROR, message=HOSTILE, fingerprint="f", key_values=HOSTILE)
    drive(tmp_path, plan(marked([800]), Filter(), HOSTILE), steps, rows=[row])


def test_a_long_title_is_never_cut(tmp_path: Path) -> None:
    text = "modulo:sku,preco,estoque criado:>=2026-11-01 chave:AJUSTA tentativas:>=3 conta:sp canal:b2c fim"

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        shown = " ".join(line.strip("│ ") for line in screen_text(app).splitlines())
        assert text in shown

    drive(tmp_path, plan(Nothing(), Filter(), text), steps)
