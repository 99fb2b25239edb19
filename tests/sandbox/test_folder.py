"""The ready configuration and the folder of ``vtexmon sandbox --write``."""

import stat
import tomllib

import pytest

from vtexmon.sandbox import SandboxSettings, environment, render_config, write_folder

URL = "http://127.0.0.1:8099"
SETTINGS = SandboxSettings()


def test_the_configuration_points_at_the_sandbox():
    config = tomllib.loads(render_config(SETTINGS, URL))
    national, regional = config["accounts"]["nacional"], config["accounts"]["sp"]
    assert (national["account_name"], regional["account_name"]) == ("lojanacional", "lojasp")
    assert national["pricing_url"] == f"{URL}/lojanacional"
    assert {account["base_url"] for account in (national, regional)} == {URL}
    assert {account["stage"] for account in (national, regional)} == {"sandbox"}
    assert config["catalog"]["b2c"] == "nacional"
    assert config["regionals"][0] == {
        "name": "SENAI-SP",
        "company": 1,
        "branches": [12],
        "b2c": "sp",
        "warehouse": "1",
        "sku_id": "catalog",
    }
    assert config["resend"]["max_attempts"] == 3


def test_every_variable_the_configuration_refers_to_has_a_value():
    accounts = tomllib.loads(render_config(SETTINGS, URL))["accounts"].values()
    wanted = {account[part].removeprefix("env:") for account in accounts for part in ("app_key", "app_token")}
    assert wanted == set(environment(SETTINGS))
    assert environment(SETTINGS)["VTEX_NACIONAL_APP_KEY"] == "vtexappkey-lojanacional-SANDBOX"


def test_the_folder_works_by_itself(tmp_path):
    sample = tmp_path / "amostra"
    sample.mkdir()
    (sample / "cursos.csv").write_text("codcurso\n", encoding="utf-8")
    folder = tmp_path / "novo" / "teste"
    written = write_folder(folder, SETTINGS, URL, sample)
    accounts = tomllib.loads((folder / "vtexmon.toml").read_text(encoding="utf-8"))["accounts"]
    secret = folder / accounts["sp"]["app_token"].removeprefix("file:")
    assert secret.read_text(encoding="utf-8").strip() == "sandbox-token-lojasp"
    private = [secret, folder / "sandbox.env"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert (folder / "dados" / "cursos.csv").exists()
    assert all(path.exists() for path in written)


def test_a_folder_in_use_is_not_touched(tmp_path):
    config = tmp_path / "vtexmon.toml"
    config.write_text("# meu", encoding="utf-8")
    with pytest.raises(FileExistsError, match="já existe"):
        write_folder(tmp_path, SETTINGS, URL)
    assert [path.name for path in tmp_path.iterdir()] == ["vtexmon.toml"]
    assert config.read_text(encoding="utf-8") == "# meu"
