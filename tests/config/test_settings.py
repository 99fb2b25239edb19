"""What is shown, compared and warned about, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vtexmon.config import Access, Config, fingerprint, role_of, settings, warnings

Load = Callable[..., Config]


def test_every_setting_has_an_origin_of_its_own(account: str, loaded: Load) -> None:
    config = loaded(account + '[[regionals]]\nname = "SP"\ncompany = 1\n[limits]\ncatalog = { rate = 1, burst = 1 }')

    assert {setting.key for setting in settings(config)} <= set(config.origins)


def test_the_fingerprint_ignores_secrets_paths_of_the_machine_and_layout(account: str, loaded: Load) -> None:
    first = loaded(account)
    second = loaded(
        "# comentário\n" + account + "[engine]\nlease = '3m'", {"SP_KEY": "outra", "VTEXMON_LANGUAGE": "en"}
    )

    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(
    "text", ["[resend]\nmax_attempts = 3", '[engine]\nlease = "4m"', '[access]\ndefault = "leitura"']
)
def test_the_fingerprint_changes_with_what_matters(text: str, account: str, loaded: Load) -> None:
    assert fingerprint(loaded(account)) != fingerprint(loaded(account + text))


def test_a_password_in_the_database_address_is_masked_everywhere(loaded: Load) -> None:
    config = loaded('[database]\nurl = "postgresql+psycopg://u:s3nha@bd/x"')

    assert "s3nha" not in repr(config) + repr(settings(config)) + "".join(warnings(config))
    assert any("database.url" in notice for notice in warnings(config))


QUIET = '[source]\npath = "dados"\n[resend]\nmax_attempts = 5\n'


def test_a_complete_configuration_has_nothing_to_warn_about(account: str, loaded: Load) -> None:
    assert warnings(loaded(account + QUIET)) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[source]\npath = "dados"', "NENHUM"),
        (QUIET + '[schedules]\norders = { every = "2m" }', "orders"),
        (QUIET + '[schedules]\nreviews = { cron = "0 5 * * *" }', "reviews"),
        ("[resend]\nmax_attempts = 5", "[source]"),
        (QUIET.replace('path = "dados"', 'type = "rm-rest"\nurl = "http://rm:8051"\nqueries.cursos = "x"'), "http"),
    ],
)
def test_what_is_allowed_but_surprising_is_said(text: str, word: str, loaded: Load) -> None:
    (notice,) = warnings(loaded(text))

    assert word in notice


def test_a_schedule_that_is_off_needs_no_warning(loaded: Load) -> None:
    assert warnings(loaded(QUIET + '[schedules]\norders = { every = "2m", enabled = false }')) == []


def test_an_account_half_on_this_machine_is_said(account: str, loaded: Load) -> None:
    local = account.replace("app_key", 'base_url = "http://127.0.0.1:1"\napp_key')

    assert any("mistura" in notice for notice in warnings(loaded(local + QUIET)))


@pytest.mark.parametrize(("mode", "count"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_a_secret_file_that_others_may_read_is_said(
    mode: int, count: int, account: str, loaded: Load, tmp_path: Path
) -> None:
    (tmp_path / "chave").write_text("abc")
    (tmp_path / "chave").chmod(mode)

    found = warnings(loaded(account.replace("env:SP_KEY", "file:chave") + QUIET))

    assert len(found) == count
    assert all("chmod 600" in notice for notice in found)


@pytest.mark.parametrize(
    ("user", "groups", "role"),
    [
        ("ana", ["suporte", "ti"], "leitura"),
        ("bia", ["suporte"], "operador"),
        ("bia", ["suporte", "ti"], "administrador"),
        ("bia", ["outros"], "leitura"),
        ("bia", [], "leitura"),
    ],
)
def test_the_most_specific_role_wins(user: str, groups: list[str], role: str) -> None:
    access = Access("leitura", {"ana": "leitura"}, {"suporte": "operador", "ti": "administrador"})

    assert role_of(replace(Config(), access=access), user, groups) == role
