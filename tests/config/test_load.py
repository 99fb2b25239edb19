"""Where the file is looked for, what its absence means, and what the values become."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from vtexmon.config import Config, Limit, Regional, find, load
from vtexmon.config_file import SYSTEM_FILE
from vtexmon.errors import ConfigurationError, UsageError

Load = Callable[..., Config]


@pytest.fixture
def system_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert Path("/etc/vtexmon/vtexmon.toml") == SYSTEM_FILE
    file = tmp_path / "etc" / "vtexmon.toml"
    monkeypatch.setattr("vtexmon.config_file.SYSTEM_FILE", file)
    return file


def test_the_search_order_is_the_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_file: Path) -> None:
    here = tmp_path / "here"
    files = [
        tmp_path / "explicit.toml",
        tmp_path / "variable.toml",
        here / "vtexmon.toml",
        tmp_path / "xdg" / "vtexmon" / "vtexmon.toml",
        system_file,
    ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    monkeypatch.chdir(here)
    environ = {"VTEXMON_CONFIG": str(files[1]), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}

    found = [find(files[0], environ), find(None, environ)]
    del environ["VTEXMON_CONFIG"]
    for file in files[2:]:
        found.append(find(None, environ))
        file.unlink()

    assert found == files
    assert find(None, environ) is None


def test_without_xdg_the_users_config_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_file: Path
) -> None:
    file = tmp_path / ".config" / "vtexmon" / "vtexmon.toml"
    file.parent.mkdir(parents=True)
    file.touch()
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)

    assert find(None, {"HOME": str(tmp_path)}) == file


@pytest.mark.parametrize("environ", [{}, {"VTEXMON_CONFIG": "falta.toml"}])
def test_no_file_says_what_to_do(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_file: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError) as caught:
        load(None, environ)

    assert not isinstance(caught.value, ConfigurationError)
    assert "vtexmon demo" in str(caught.value)
    assert "vtexmon init" in str(caught.value)


def test_a_named_file_that_is_missing_is_never_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vtexmon.toml").touch()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match=r"falta\.toml"):
        load(tmp_path / "falta.toml", {})


def test_an_empty_file_is_the_code_s_defaults(loaded: Load) -> None:
    config = loaded("")
    expected = Config()

    assert config.path is not None
    assert config.database_url == f"sqlite:///{config.path.parent}/vtexmon.db"
    for name in (
        "language",
        "timezone",
        "source_type",
        "catalog",
        "regionals",
        "resend",
        "schedules",
        "engine",
        "limits",
    ):
        assert getattr(config, name) == getattr(expected, name), name
    assert set(config.origins.values()) == {"padrão"}


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "vtexmon.toml"
    file.write_bytes(b'\xef\xbb\xbflanguage = "en"\r\n')

    assert load(file, {}).language == "en"


def test_relative_paths_start_at_the_files_folder(
    tmp_path: Path, loaded: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    config = loaded('[database]\nurl = "sqlite:///banco/v.db"\n[source]\npath = "../dados"')

    assert config.database_url == f"sqlite:///{tmp_path}/banco/v.db"
    assert config.source == {"path": str(tmp_path.parent / "dados")}


def test_an_account_gets_vtexs_addresses(account: str, loaded: Load) -> None:
    found = loaded(account).accounts["sp"]

    assert found.base_url == "https://lojasp.vtexcommercestable.com.br"
    assert found.pricing_url == "https://api.vtex.com/lojasp"
    assert found.reviews_url == "https://lojasp.myvtex.com"
    assert found.app_key.value == "chave-sp"
    assert found.has_credentials


LOCAL = 'base_url = "http://127.0.0.1:1"\npricing_url = "http://localhost:1/sp"\nreviews_url = "http://[::1]:1"\n'


def test_an_account_of_this_machine_alone_is_a_sandbox(account: str, loaded: Load) -> None:
    assert loaded(account.replace('stage = "homologacao"', LOCAL)).accounts["sp"].stage == "sandbox"


@pytest.mark.parametrize("missing", [line for line in LOCAL.splitlines() if line])
def test_one_address_elsewhere_makes_the_stage_required(missing: str, account: str, loaded: Load) -> None:
    with pytest.raises(ConfigurationError, match=r"accounts\.sp\.stage"):
        loaded(account.replace('stage = "homologacao"', LOCAL.replace(missing, "")))


@pytest.mark.parametrize(("text", "maximum"), [("", None), ('""', None), ("0", None), ("5", 5)])
def test_an_empty_maximum_means_no_automatic_resend(text: str, maximum: int | None, loaded: Load) -> None:
    config = loaded(f"[resend]\nmax_attempts = {text}" if text else "[resend]")

    assert config.resend.max_attempts == maximum
    assert config.retry_policy.max_attempts == maximum


def test_values_arrive_in_the_models_types(account: str, loaded: Load) -> None:
    config = loaded(
        account
        + """
[catalog]
b2c = "sp"
sku_dimensions = { weight = 300, height = 1.5 }
[catalog.specifications]
product = { "Carga horária" = "carga_horaria" }
[[regionals]]
name = "SP"
company = 1
branches = [12, 13]
b2c = "sp"
[[regionals]]
name = "Outras"
company = 1
[schedules]
resend = { every = "90s" }
resend_all = { cron = "0  22 * * 7", enabled = false }
[limits]
catalog = { rate = 10, burst = 20 }
"""
    )

    assert (config.catalog.b2c, config.catalog.sku_dimensions.weight, config.catalog.sku_dimensions.height) == (
        "sp",
        300,
        1.5,
    )
    assert config.catalog.product_specifications == {"Carga horária": "carga_horaria"}
    assert config.regional_for(1, 13) == Regional("SP", 1, (12, 13), "sp")
    assert config.regional_for(1, 99) == Regional("Outras", 1)
    assert config.schedules["resend"].every == timedelta(seconds=90)
    assert (config.schedules["resend_all"].cron, config.schedules["resend_all"].enabled) == ("0 22 * * 7", False)
    assert config.limits == {"catalog": Limit(10, 20)}


def test_origins_name_the_line_the_variable_or_the_default(account: str, loaded: Load) -> None:
    origins = loaded(account + "[resend]\nmax_attempts = 3", {"VTEXMON_LANGUAGE": "en"}).origins

    assert origins["language"] == "ambiente VTEXMON_LANGUAGE"
    assert origins["accounts.sp.account_name"] == "arquivo:3"
    assert origins["accounts.sp.base_url"] == "padrão"
    assert origins["resend.max_attempts"] == "arquivo:8"
    assert origins["resend.leave_data_errors"] == "padrão"


def test_a_source_that_is_not_files_has_its_own_keys(loaded: Load, tmp_path: Path) -> None:
    config = loaded(
        '[source]\ntype = "rm-soap"\nurl = "https://rm:8051/"\nuser = "vtex"\npassword = "env:RM"\nca_file = "ca.pem"\n'
        '[source.queries]\ncursos = "VTEX.01"',
        {"RM": "s3nha"},
    )

    assert config.source_type == "rm-soap"
    assert config.source == {
        "url": "https://rm:8051",
        "user": "vtex",
        "ca_file": str(tmp_path / "ca.pem"),
        "queries.cursos": "VTEX.01",
    }
    assert config.source_secrets["password"].value == "s3nha"
