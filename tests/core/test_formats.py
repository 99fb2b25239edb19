from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core import formats
from vtexmon.core.status import Phase, Status, WaitReason

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)
SOON = NOW + timedelta(minutes=3)


def ago(**parts):
    return NOW - timedelta(**parts)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1234, "1.234"), (1204331, "1.204.331"), (-1234, "-1.234")]
)
def test_thousands(number, text):
    assert formats.thousands(number) == text


@given(st.integers())
def test_thousands_only_adds_points(number):
    assert int(formats.thousands(number).replace(".", "")) == number


@pytest.mark.parametrize(("number", "places", "text"), [(1234.56, 1, "1.234,6"), (0.5, 2, "0,50"), (7, 0, "7")])
def test_decimal(number, places, text):
    assert formats.decimal(number, places) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 ms"), (999, "999 ms"), (1000, "1,0 s"), (1240, "1,2 s"), (59_960, "1min00"), (125_000, "2min05")],
)
def test_duration(milliseconds, text):
    assert formats.duration_ms(milliseconds) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "agora"),
        (ago(seconds=59), "agora"),
        (ago(minutes=1), "há 1min"),
        (ago(hours=2, minutes=10), "há 2h10"),
        (ago(hours=2), "há 2h"),
        (ago(days=5, hours=4, minutes=59), "há 5d4h"),
        (ago(days=2), "há 2d"),
        (NOW + timedelta(seconds=1), "em 1min"),
        (SOON, "em 3min"),
        (SOON + timedelta(seconds=1), "em 4min"),
        (NOW + timedelta(hours=23, minutes=59, seconds=30), "em 1d"),
    ],
)
def test_relative_time(moment, text):
    assert formats.relative(moment, NOW) == text


@pytest.mark.parametrize(("moment", "text"), [(None, "–"), (ago(hours=3), "agora"), (SOON, "em 3min")])
def test_what_is_overdue_happens_now(moment, text):
    assert formats.until(moment, NOW) == text


def test_times_are_shown_in_the_zone():
    assert formats.date_time(NOW, ZONE) == "24/11/2026 14:25"
    assert formats.date_time(NOW, ZONE, seconds=True) == "24/11/2026 14:25:00"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (SOON, "14:28"),
        (datetime(2026, 11, 25, 2, 59, tzinfo=UTC), "23:59"),
        (datetime(2026, 11, 25, 3, 0, tzinfo=UTC), "25/11 00:00"),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), "01/01/2027 09:00"),
    ],
)
def test_a_clock_shows_as_much_as_is_needed(moment, text):
    assert formats.clock(moment, ZONE, NOW) == text


def test_a_status_is_a_sign_and_a_word():
    assert [formats.status_text(status) for status in Status] == ["… Pendente", "✓ Sucesso", "✗ Erro", "⊘ Cancelado"]
    ascii_texts = [formats.status_text(status, ascii_only=True) for status in Status]
    assert ascii_texts == [". Pendente", "+ Sucesso", "! Erro", "x Cancelado"]
    assert all(text.isascii() for text in ascii_texts)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("product|nacional|b2c|1;12;AJUSTA", "Produto 1;12;AJUSTA"),
        ("price|sp|b2c|1;a|b", "Preço 1;a|b"),
        ("outro|sp|b2c|1", "outro 1"),
        ("torto", "torto"),
    ],
)
def test_a_parent_is_named_by_module_and_key(key, text):
    assert formats.parent_text(key) == text


def waiting(reason, due=None, **changes):
    return {"phase": Phase.WAITING, "wait_reason": reason, "next_attempt_at": due} | changes


@pytest.mark.parametrize(
    ("changes", "long", "short"),
    [
        ({"phase": Phase.QUEUED}, "na fila", "na fila"),
        ({"phase": Phase.SENDING}, "enviando", "enviando"),
        ({"phase": Phase.VERIFYING}, "verificando na VTEX", "verifica"),
        ({"phase": Phase.IDLE}, "parado: só por reenvio manual", "–"),
        ({"phase": Phase.IDLE, "status": Status.SUCCESS, "source_changed": True}, "concluído", "–"),
        ({"phase": Phase.IDLE, "source_changed": True}, "parado: só por reenvio manual", "– ↻"),
        (waiting(WaitReason.RETRY, SOON), "reenvio em 3min", "em 3min"),
        (waiting(WaitReason.RETRY, ago(hours=1), source_changed=True), "reenvio agora", "agora ↻"),
        (
            waiting(WaitReason.PARENT, parent_key="product|nacional|b2c|1;12;AJUSTA"),
            "aguardando Produto 1;12;AJUSTA",
            "aguarda",
        ),
        (waiting(WaitReason.PARENT), "aguardando o registro de que depende", "aguarda"),
        (waiting(WaitReason.PAUSED, SOON), "em pausa até 14:28", "em pausa"),
        (waiting(WaitReason.PAUSED), "em pausa", "em pausa"),
        (waiting(WaitReason.TARGET, SOON), "aguardando a VTEX até 14:28", "em 3min"),
        (waiting(WaitReason.TARGET), "aguardando a VTEX", "aguarda"),
        (waiting(WaitReason.LIMIT, ago(minutes=1)), "aguardando o limite da VTEX", "agora"),
        (waiting(WaitReason.CREDENTIAL), "aguardando a credencial da conta nacional", "credencial"),
    ],
)
def test_what_happens_next_in_full_and_for_the_column(a_log, changes, long, short):
    record = a_log(**changes)
    assert formats.phase_words(record, ZONE, NOW) == long
    assert formats.next_words(record, NOW) == short


def test_the_mark_of_a_changed_source_has_an_ascii_form(a_log):
    assert formats.next_words(a_log(source_changed=True, phase=Phase.QUEUED), NOW, ascii_only=True) == "na fila *"
