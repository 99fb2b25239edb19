"""The Registro and its Itens de Log: the manual's words, what was received at a glance, alive without moving."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from screens.log_detail import LogDetailScreen
from screens.log_facts import Setting, fact_lines, facts
from screens.payload import PayloadScreen
from screens.resend import ResendScreen
from screens.theme import ASCII_GLYPHS, Palette
from screens.widgets.line_table import LineTable
from screens.widgets.status_line import StatusLine
from tests.screens import world
from tests.screens.detail_world import (
    ERROR_LOG,
    HOSTILE,
    ScreenApp,
    drive,
    harmless_screen,
    press,
    screen_text,
    until,
)
from vtexmon.core.status import Phase, Status
from vtexmon.engine.facts import LogsChanged
from vtexmon.store import logs, resends

LOG_LABELS = (
    "Id Log",
    "Campos Chave",
    "Valores Chave",
    "Status",
    "Funcionalidade",
    "Data de Criação",
    "Data da última alteração",
    "Número de tentativas de Reenvio",
    "Criador por",
    "Alterado Por",
    "Módulo",
)
ITEM_LABELS = (
    "Id. Item Log",
    "Id. Log",
    "Mensagem",
    "Status",
    "Dados Enviados",
    "Dados Recebidos",
    "Data de Criação",
    "Data da última Alteração",
)


def detail(log_id: int = ERROR_LOG) -> Any:
    return lambda session: LogDetailScreen(session, log_id)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_eleven_fields_bear_the_manuals_labels(tmp_path: Path, size: tuple[int, int]) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        shown = screen_text(app)
        assert [label for label in LOG_LABELS if label not in shown] == []
        assert "2 de 5 · reenvio em 3min" in shown
        assert "Causa" in shown
        assert "O que fazer" in shown

    drive(tmp_path, detail(), steps, size)


@pytest.mark.parametrize("size", [(80, 24), (190, 40)])
def test_the_eight_fields_of_an_item_bear_the_manuals_labels(tmp_path: Path, size: tuple[int, int]) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        shown = screen_text(app)
        wanted = ITEM_LABELS if size[0] > 80 else [label for label in ITEM_LABELS if label != "Id. Log"]
        assert [label for label in wanted if label not in shown] == []

    drive(tmp_path, detail(), steps, size)


def test_what_was_received_last_is_on_the_screen_without_another_key(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert app.screen.query_one("#items", LineTable).cursor == 3
        assert '"Message": "The request is invalid"' in screen_text(app)
        assert '"Name": "Ajustador Mecânico I"' in screen_text(app)

    drive(tmp_path, detail(), steps)


def test_the_preview_follows_the_cursor(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "down")
        assert '"message": "Internal error"' in screen_text(app)

    drive(tmp_path, detail(), steps)


def test_enter_opens_what_was_received_and_escape_comes_back_to_the_same_item(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, PayloadScreen)
        assert "Dados Recebidos" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.query_one("#items", LineTable).cursor == 2
        await press(pilot, "escape")
        assert app.answers == [None]

    drive(tmp_path, detail(), steps)


def test_enter_in_a_pane_opens_its_side(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "tab", "enter")
        assert "Dados Enviados" in screen_text(app).splitlines()[0]
        await press(pilot, "escape", "escape")
        assert app.screen.query_one("#items", LineTable).has_focus
        assert app.answers == []

    drive(tmp_path, detail(), steps)


def test_a_change_is_seen_and_neither_cursor_nor_what_is_read_moves(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "down")
        world.insert_items(app.session.database, [world.item_row(ERROR_LOG, 3, message="nova tentativa")])
        world.change(app.session.database, ERROR_LOG, status=Status.CANCELLED, phase=Phase.IDLE, attempts=5)
        app.session.facts.tell(LogsChanged((ERROR_LOG,)))
        await until(pilot, "⊘ Cancelado")
        shown = screen_text(app)
        assert "⊘ Cancelado" in shown.splitlines()[0]
        assert "5 de 5" in shown
        assert "         4     3" in shown
        assert app.screen.query_one("#items", LineTable).cursor == 1
        assert '"message": "Internal error"' in shown

    drive(tmp_path, detail(), steps)


def test_an_open_intent_that_is_answered_is_shown_answered(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "ainda sem resposta" in screen_text(app)
        done = {"completed_at": world.NOW, "message": "criado", "status": Status.SUCCESS}
        app.session.database.write_now(
            lambda c: c.execute(world.LOG_ITEM.update().where(world.LOG_ITEM.c.log_id == 1).values(**done))
        )
        await press(pilot, "r")
        await until(pilot, "criado")
        assert "ainda sem resposta" not in screen_text(app)
        assert "criado" in screen_text(app)

    open_intent = world.item_row(
        1, status=Status.PENDING, received=None, http_status=None, completed_at=None, answered=False
    )
    drive(tmp_path, detail(1), steps, items=[open_intent])


def test_r_shows_the_plan_of_this_one_record_and_orders_it(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "R")
        assert isinstance(app.screen, ResendScreen)
        assert "1 marcado" in screen_text(app)
        await press(pilot, "s")
        found = app.session.database.read(lambda c: logs.find(c, ERROR_LOG))
        assert found is not None
        assert found.phase is Phase.QUEUED
        assert app.session.database.read(lambda c: resends.progress(c, 1)).total == 1
        assert "Reenvio 1: 0 de 1" in screen_text(app)

    drive(tmp_path, detail(), steps)


def test_read_only_offers_no_resend(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "reenvia" not in screen_text(app).splitlines()[-1]
        await press(pilot, "R")
        assert isinstance(app.screen, LogDetailScreen)

    drive(tmp_path, detail(), steps, may_write=False)


def test_empty_screens_say_why(tmp_path: Path) -> None:
    async def nothing_sent(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "nada foi enviado deste registro" in screen_text(app)
        await press(pilot, "enter", "Y", "S")

    async def unknown(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "Este registro não existe mais" in screen_text(app)
        await press(pilot, "escape")
        assert app.answers == [None]

    drive(tmp_path, detail(1), nothing_sent)
    drive(tmp_path, detail(999), unknown, name="outro.db")


def test_the_loud_word_about_an_empty_parameter(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "sem reenvio automático (parâmetro vazio)" in screen_text(app)

    drive(tmp_path, detail(), steps, resend=world.Resend(None))


def test_the_id_is_copied_and_the_text_saved_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "y", "Y")
        assert app.copied[0] == str(ERROR_LOG)
        assert "The request is invalid" in app.copied[1]
        await press(pilot, "S")
        path = tmp_path / f"vtexmon-log{ERROR_LOG}-item3-recebidos.json"
        assert "The request is invalid" in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert str(path) in screen_text(app).replace("\n", "")

    drive(tmp_path, detail(), steps, (120, 40))


def test_hostile_texts_of_a_record_are_harmless(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert harmless_screen(app)
        assert "␛]52;c;" in screen_text(app)

    row = world.log_row(500, Status.ERROR, message=HOSTILE, advice=HOSTILE, key_values=HOSTILE, created_by=HOSTILE)
    item = world.item_row(500, message=HOSTILE, step=HOSTILE, endpoint="/" + HOSTILE, sent=HOSTILE, received=HOSTILE)
    drive(tmp_path, detail(500), steps, (120, 40), rows=[row], items=[item])


def test_ascii_terminals_get_no_sign_their_font_lacks(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert {char for char in screen_text(app) if ord(char) > 0xFF} == set()

    drive(tmp_path, detail(), steps, ascii_only=True)


@pytest.mark.parametrize("width", [30, 40, 60, 80, 81, 120, 200])
@pytest.mark.parametrize("key", ["1;12;A", "1;12;" + "X" * 300, "日本語;" * 20])
def test_the_registro_never_passes_the_width(tmp_path: Path, width: int, key: str) -> None:
    with world.session(tmp_path, logs=0) as session:
        world.insert(session.database, [world.log_row(1, Status.ERROR, key_values=key, message="m" * 400)])
        record = session.database.read(lambda c: logs.find(c, 1))
    assert record is not None
    palette = Palette(ASCII_GLYPHS)

    lines = fact_lines(facts(record, Setting(session.timezone, world.NOW, 5, palette)), width)

    assert max(sum(cell_len(text) for text, _style in line) for line in lines) <= width
    assert len(lines) <= 18


def test_the_first_line_tells_status_in_words(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "Status ✗ Erro" in app.screen.query_one("#title", StatusLine).text

    drive(tmp_path, detail(), steps)
