"""Durations, cron expressions and addresses: what is understood and what is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.config.cron import check_cron
from vtexmon.config.urls import DATABASE_URL, URL, absolute_database_url, has_password, is_loopback, masked_url
from vtexmon.config.values import Invalid, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("180s", 180), ("6h", 21_600), ("2d", 172_800), ("250ms", 0.25), ("0.5s", 0.5), ("1h30m", 5_400)],
)
def test_a_duration_is_a_number_with_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-1s", "1w", "1h 30m", "15M", "٣s", "367d", "9" * 400 + "d"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid):
        parse_duration(text)


@given(st.integers(0, 366 * 86_400_000))
def test_a_formatted_duration_reads_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)

    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "0 22 * * *",
        "*/15 0-6,22 1,15 jan-mar mon-fri",
        "0 5 * * 0",
        "0 5 * * 7",
        "0 5 * * 5-7",
        "5-55/10 * * DEC SUN",
        "59 23 31 12 *",
    ],
)
def test_a_standard_crontab_line_is_accepted(text: str) -> None:
    assert check_cron(text) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("60 * * * *", '"60"'),
        ("* 24 * * *", '"24"'),
        ("* * 0 * *", '"0"'),
        ("* * 32 * *", '"32"'),
        ("* * * 13 *", '"13"'),
        ("* * * * 8", '"8"'),
        ("* * * * seg", '"seg"'),
        ("*/0 * * * *", '"*/0"'),
        ("5-1 * * * *", '"5-1"'),
        ("1,,2 * * * *", '"1,,2"'),
        ("5/10 * * * *", '"5/10"'),
        ("* * * * *-5", '"*-5"'),
        ("@daily", "tem 1"),
        ("0 0 * * * *", "tem 6"),
        ("", "tem 0"),
    ],
)
def test_a_wrong_cron_field_is_named(text: str, word: str) -> None:
    with pytest.raises(Invalid, match=word.replace("*", r"\*")):
        check_cron(text)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8099", "http://localhost/x", "http://[::1]:1", "http://127.9.9.9"])
def test_loopback_may_be_plain_http(url: str) -> None:
    assert is_loopback(url)
    assert URL.convert(url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://lojasp.vtexcommercestable.com.br",
        "http://127.0.0.1.exemplo.com",
        "http://localhost.exemplo.com",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "lojasp.com.br",
        "https://a b.com",
        "https://a.com:99999",
        "https://a.com?x=1",
        "https://usuario:segredo@a.com",
        "http://127.0.0.1@mal.exemplo.com",
    ],
)
def test_other_addresses_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        URL.convert(url)
    assert url not in caught.value.what + caught.value.remedy


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://ana:s3nha@bd/x", "postgresql+psycopg://ana:***@bd/x"),
        ("postgresql+psycopg://ana@bd/x?password=s3nha&sslmode=require", "postgresql+psycopg://ana@bd/x?password=***&sslmode=require"),
        ("postgresql+psycopg://ana@bd/x", "postgresql+psycopg://ana@bd/x"),
        ("sqlite:////a/b:c@d.db", "sqlite:////a/b:c@d.db"),
    ],
)  # fmt: skip
def test_a_password_in_an_address_is_masked(url: str, shown: str) -> None:
    assert masked_url(url) == shown
    assert has_password(url) == (url != shown)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgresql://u@bd/x", "postgresql+psycopg://u@bd/x"),
        ("postgres://u@bd/x", "postgresql+psycopg://u@bd/x"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_database_addresses_have_one_spelling(url: str, read: str) -> None:
    assert DATABASE_URL.convert(url) == read


@pytest.mark.parametrize("url", ["mysql://u@bd/x", "sqlite://", "sqlite:///", "sqlite:///:memory:", "x.db", ""])
def test_unknown_and_fleeting_databases_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        DATABASE_URL.convert(url)


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("sqlite:///a.db", "sqlite:////etc/v/a.db"),
        ("sqlite:///../a.db?timeout=5", "sqlite:////etc/a.db?timeout=5"),
        ("sqlite:////var/a.db", "sqlite:////var/a.db"),
        ("postgresql+psycopg://u@bd/x", "postgresql+psycopg://u@bd/x"),
    ],
)
def test_a_sqlite_file_is_looked_for_beside_the_configuration(url: str, absolute: str) -> None:
    assert absolute_database_url(url, Path("/etc/v")) == absolute
