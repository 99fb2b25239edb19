"""Reading a payload: fold, search, compare, take away; hostile, huge and empty ones shown for what they are."""

from __future__ import annotations

import io
import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens import clipboard, saving
from screens.payload import PayloadScreen
from screens.payload_reading import Side, curl_of, previous, read_both
from screens.plain_view import show_plain
from screens.session import Session
from screens.take_away import TakeAway
from screens.widgets.json_view import JsonView
from screens.widgets.texts import Mode
from tests.screens import world
from tests.screens.detail_world import ERROR_LOG, HOSTILE, ScreenApp, drive, harmless_screen, press, screen_text, settle
from vtexmon.store import logs

NEWEST = 3


def item_of(session: Session, item_id: int = NEWEST, log_id: int = ERROR_LOG) -> Any:
    found = session.database.read(lambda c: logs.items(c, log_id))
    return next(item for item in found if item.id == item_id)


def payload(side: Side = Side.RECEIVED, item_id: int = NEWEST, log_id: int = ERROR_LOG) -> Any:
    return lambda session: PayloadScreen(session, item_of(session, item_id, log_id), side)


def view_of(app: ScreenApp) -> JsonView:
    return app.screen.query_one(JsonView)


def told(app: ScreenApp) -> str:
    return app.screen.query_one(TakeAway).words


def test_it_opens_pretty_on_the_side_that_was_asked_for_and_tab_shows_the_other(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "Dados Recebidos" in screen_text(app)
        assert '    "Name": [' in screen_text(app)
        await press(pilot, "tab")
        assert "Dados Enviados" in screen_text(app)
        assert '"Name": "Ajustador Mecânico I"' in screen_text(app)

    drive(tmp_path, payload(), steps)


def test_raw_and_pretty(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "t")
        assert '{"Message": "The request is invalid", "ModelState"' in screen_text(app)
        await press(pilot, "t")
        assert '  "Message": "The request is invalid",' in screen_text(app)

    drive(tmp_path, payload(), steps)


def test_the_path_of_the_line_and_folding(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "down", "down", "down")
        assert "$.ModelState.Name[0]" in screen_text(app)
        await press(pilot, "space")
        assert "The field is required" not in screen_text(app)
        await press(pilot, "plus")
        assert "The field is required" in screen_text(app)

    drive(tmp_path, payload(), steps)


def test_search_counts_while_typing_goes_to_the_hit_and_escape_takes_it_back(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "slash", *"invalid")
        assert "1 ocorrência" in screen_text(app)
        await press(pilot, "enter")
        assert "“invalid” 1/1" in screen_text(app)
        await press(pilot, "slash", *["backspace"] * 7, *"the", "enter", "n")
        assert "“the” 2/2" in screen_text(app)
        await press(pilot, "N")
        assert "“the” 1/2" in screen_text(app)
        await press(pilot, "slash", *"xyz", "enter")
        assert "não encontrado" in screen_text(app)
        await press(pilot, "escape")
        assert "não encontrado" not in screen_text(app)
        await press(pilot, "escape")
        assert app.answers == [None]

    drive(tmp_path, payload(), steps)


def test_compare_shows_only_what_changed_since_the_attempt_before(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "d")
        shown = screen_text(app)
        assert '-  "Name": "Ajustador Mecânico",' in shown
        assert '+  "Name": "Ajustador Mecânico I",' in shown
        assert "RefId" not in shown
        assert "tentativa 1 (item 2)" in shown
        await press(pilot, "d")
        assert "RefId" in screen_text(app)

    drive(tmp_path, payload(Side.SENT), steps)


def test_compare_says_when_nothing_changed_and_when_there_is_nothing_before(tmp_path: Path) -> None:
    async def same(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "d")
        assert "igual ao da tentativa anterior" in screen_text(app)
        await press(pilot, "escape")
        assert view_of(app).mode is Mode.PRETTY

    async def first(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "d")
        assert "não há tentativa anterior" in told(app)

    drive(tmp_path, payload(Side.SENT, 2), same)
    drive(tmp_path, payload(Side.SENT, 1), first, name="outro.db")


def test_the_attempt_before_is_of_the_same_step_only(tmp_path: Path) -> None:
    with world.session(tmp_path, logs=1) as session:
        rows = [
            world.item_row(1, 0, step="criar"),
            world.item_row(1, 0, step="imagem"),
            world.item_row(1, 1, step="criar", method="GET"),
            world.item_row(1, 2, step="criar"),
        ]
        world.insert_items(session.database, rows)
        items = session.database.read(lambda c: logs.items(c, 1))

    found = previous(items, items[0])

    assert found is not None
    assert (found.attempt, found.step) == (0, "criar")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "enviado ao terminal (5 caracteres)"),
        ({"TMUX": "/tmp/x"}, "set -s set-clipboard on"),
        ({"STY": "1.x"}, "o screen não o repassa"),
    ],
)
def test_nobody_says_that_something_was_copied(environment: dict[str, str], expected: str) -> None:
    words = clipboard.sent_words(5, environment)

    assert expected in words
    assert "copiado" not in words


def test_y_sends_the_line_and_capital_y_everything(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "y", "Y")
        assert app.copied[0] == '"Message": "The request is invalid",'
        assert app.copied[1].startswith('{"Message": "The request is invalid", "ModelState"')
        assert told(app).startswith("enviado ao terminal")

    drive(tmp_path, payload(), steps)


def test_what_is_too_large_for_the_terminal_goes_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "Y")
        assert app.copied == []
        assert "grande demais para o terminal; salvo em" in told(app)
        assert json.loads((tmp_path / "vtexmon-log1-item4-recebidos.json").read_text())["x"] == "y" * 60_000

    large = world.item_row(1, received=json.dumps({"x": "y" * 60_000}))
    drive(tmp_path, payload(item_id=4, log_id=1), steps, items=[large])


def test_what_is_copied_cannot_control_the_terminal_it_is_pasted_into() -> None:
    assert "\x1b" not in clipboard.harmless(HOSTILE)
    assert clipboard.harmless("a\r\nb\n") == "a\nb\n"
    assert clipboard.encoded_size("áé") == 8


def test_a_file_never_replaces_another_and_is_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text("meu")
    (tmp_path / "a-2.json").symlink_to(tmp_path / "alheio")

    path = saving.save("novo\x1b", "a.json", {})

    assert path == tmp_path / "a-3.json"
    assert path.read_bytes() == b"novo\x1b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "a.json").read_text() == "meu"
    assert not (tmp_path / "alheio").exists()


def test_where_the_working_folder_cannot_be_written_to_the_data_folder_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving.Path, "cwd", lambda: tmp_path / "não existe")

    path = saving.save("x", "a.txt", {"XDG_DATA_HOME": str(tmp_path / "dados")})

    assert path == tmp_path / "dados" / "vtexmon" / "a.txt"


def test_s_saves_what_went_over_the_wire_and_says_the_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "S")
        path = tmp_path / f"vtexmon-log{ERROR_LOG}-item3-enviados.json"
        assert path.read_text() == '{"ProductId":512,"Name":"Ajustador Mecânico I","RefId":"1-12-CQ.AJUS.N-1"}'
        assert told(app) == f"salvo em {path}"
        assert str(path) in "".join(line.strip() for line in screen_text(app).splitlines())

    drive(tmp_path, payload(Side.SENT), steps)


def test_curl_leaves_the_secrets_out(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "C")
        command = app.copied[0]
        assert command.startswith("curl -X POST http://127.0.0.1:1/api/catalog/pvt/stockkeepingunit")
        assert '"X-VTEX-API-AppToken: $VTEX_APP_TOKEN"' in command
        assert "segredo" not in command
        assert "chave" not in command
        assert "Ajustador Mecânico I" in command

    drive(tmp_path, payload(), steps)


def test_curl_knows_the_pricing_address_and_an_account_that_is_gone(tmp_path: Path) -> None:
    with world.session(tmp_path, logs=2) as session:
        world.insert_items(session.database, [world.item_row(1, method="PUT", endpoint="/pricing/prices/7?a=b c")])
        record = session.database.read(lambda c: logs.find(c, 1))
        item = item_of(session, 1, 1)
        assert record is not None
        assert "'http://127.0.0.1:1/lojanacional/pricing/prices/7?a=b%20c'" in (
            curl_of(session.config, record, item, None) or ""
        )
        assert curl_of(world.config(accounts={}), record, item, None) is None


def test_plain_text_is_printed_harmless_and_waits_for_enter(tmp_path: Path) -> None:
    out = io.StringIO()

    show_plain(["POST /x", HOSTILE], out, io.StringIO("\n"))

    assert "\x1b" not in out.getvalue()
    assert out.getvalue().rstrip().endswith("[Enter volta ao programa]")


def test_where_the_program_cannot_be_left_it_says_so(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        await press(pilot, "L")
        assert "não permite sair do programa" in told(app)

    drive(tmp_path, payload(), steps)


@pytest.mark.parametrize(
    ("changes", "side", "expected"),
    [
        ({"sent": None, "method": "GET"}, Side.SENT, "sem corpo: esta requisição não envia dados"),
        ({"received": None}, Side.RECEIVED, "sem corpo: a resposta veio vazia"),
        ({"received": None, "http_status": None}, Side.RECEIVED, "sem corpo: não houve resposta"),
        (
            {"received": None, "http_status": None, "completed_at": None},
            Side.RECEIVED,
            "sem corpo: ainda sem resposta",
        ),
        ({"received": ""}, Side.RECEIVED, "corpo vazio"),
        ({"received": "  \n"}, Side.RECEIVED, "corpo vazio (3 caracteres)"),
    ],
)
def test_an_empty_body_says_so(tmp_path: Path, changes: dict[str, Any], side: Side, expected: str) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert expected in screen_text(app)
        await press(pilot, "Y", "S", "t", "space", "down", "n")

    drive(tmp_path, payload(side, 4, 1), steps, items=[world.item_row(1, **changes)])


def test_a_body_that_retention_took_away_says_so(tmp_path: Path) -> None:
    with world.session(tmp_path, logs=1) as session:
        world.insert_items(session.database, [world.item_row(1)])
        item = world.replace(item_of(session, 1, 1), received_hash="0" * 32)
        both = session.database.read(lambda c: read_both(c, item))

    assert both.received.why == "conteúdo removido pela retenção"


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        json.dumps({"m": HOSTILE}, ensure_ascii=False),
        '{"aberto": [1, 2',
        "<html><body>502 Bad Gateway</body></html>",
        "x" * 1_000_000,
        HOSTILE * 20_000,
        "[" * 5_000 + "]" * 5_000,
        "a\tb\r\nc\x85d\u2028e",
    ],
    ids=["hostile", "in json", "cut", "html", "one line", "hostile and long", "deep", "breaks"],
)
def test_hostile_texts_are_shown_and_obeyed_by_nobody(tmp_path: Path, text: str) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        for key in ("down", "end", "right", "t", "pagedown", "y", "d", "escape"):
            await press(pilot, key)
            assert harmless_screen(app)

    drive(tmp_path, payload(item_id=4, log_id=1), steps, items=[world.item_row(1, received=text)])


def test_what_looks_like_json_and_is_not_says_why(tmp_path: Path) -> None:
    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        assert "não é JSON válido" in screen_text(app)

    drive(tmp_path, payload(item_id=4, log_id=1), steps, items=[world.item_row(1, received='{"aberto": [1, 2')])


def test_one_megabyte_is_there_at_once(tmp_path: Path) -> None:
    rows = [{"id": number, "nome": f"Curso {number}", "preco": 10.5} for number in range(20_000)]

    async def steps(app: ScreenApp, pilot: Pilot[None]) -> None:
        times = []
        for _turn in range(3):
            began = time.process_time()
            screen = PayloadScreen(app.session, item_of(app.session, 4, 1), Side.RECEIVED)
            await app.push_screen(screen)
            while not screen.query_one(JsonView).window.count:
                await pilot.pause(0.005)
            times.append(time.process_time() - began)
            screen.dismiss()
            await settle(pilot)
        assert min(times) <= 0.5, times  # of this process alone: other programs on the machine do not count

    large = world.item_row(1, received=json.dumps(rows))
    assert len(large["received"]) > 1_000_000
    drive(tmp_path, payload(), steps, items=[large])
