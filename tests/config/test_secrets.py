"""Only references stand in the file; values appear nowhere, and a missing one stops only who needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.config import Config, Secret, check, require_credentials, resolve_secret, settings
from vtexmon.config.loading import examine
from vtexmon.errors import ConfigurationError

Load = Callable[..., Config]
MARK = "Zq9"
LITERALS = st.text(st.characters(codec="utf-8", exclude_characters="\\\"'\n\r"), max_size=40).map(
    lambda text: MARK + text
)


def toml_of(literal: str) -> str:
    return (
        '"'
        + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in literal if ord(char) < 65536)
        + '"'
    )


@given(LITERALS, st.sampled_from(["{0}", "[{0}]", "{{ valor = {0} }}", "{0} {0}"]))
def test_a_literal_secret_never_appears_in_an_error(literal: str, shape: str) -> None:
    value = shape.format(toml_of(literal))
    text = f"""
[accounts.sp]
account_name = "a"
stage = "sandbox"
app_key = {value}
app_tokem = {value}
[source]
password = {value}
"""

    examination = examine(text, Path("/x/vtexmon.toml"), {"VTEXMON_ACCOUNTS__SP__APP_TOKEN": literal})

    assert examination.config is None
    assert MARK not in "\n".join(map(str, examination.problems + examination.unresolved))


@given(LITERALS)
def test_a_resolved_secret_never_appears_in_what_is_shown(literal: str) -> None:
    text = '[accounts.sp]\naccount_name = "a"\nstage = "sandbox"\napp_key = "env:K"\napp_token = "env:T"'

    config = examine(text, Path("/x/vtexmon.toml"), {"K": literal, "T": literal}).config

    assert config is not None
    shown = [(setting.key, setting.value, setting.origin) for setting in settings(config)]
    assert MARK not in repr(shown) + repr(config) + str(config.accounts["sp"].app_key)


@pytest.mark.parametrize("literal", ["vtexappkey-lojasp-ABCDEF", "vault:x", "ENV:X", "12345", " env:X"])
def test_a_literal_is_refused(literal: str, account: str, loaded: Load) -> None:
    with pytest.raises(ConfigurationError, match="só uma referência") as caught:
        loaded(account.replace("env:SP_KEY", literal))
    assert literal.strip() not in str(caught.value).replace("env:NOME", "")


def test_a_file_secret_is_read_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "chave").write_text("abc\n")

    assert resolve_secret(Secret("file:chave"), tmp_path, {}).value == "abc"
    assert resolve_secret(Secret(f"file:{tmp_path}/chave"), Path("/"), {}).value == "abc"


def test_a_systemd_credential_is_read_from_its_directory(tmp_path: Path) -> None:
    (tmp_path / "chave").write_text("abc")

    assert (
        resolve_secret(Secret("credential:chave"), Path("/"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}).value == "abc"
    )


def test_the_keyring_is_asked_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = SimpleNamespace(get_password=lambda service, name: {("vtexmon", "k"): "abc"}.get((service, name)))
    monkeypatch.setitem(sys.modules, "keyring", keyring)

    assert resolve_secret(Secret("keyring:k"), Path("/"), {}).value == "abc"
    assert "não tem outra" in resolve_secret(Secret("keyring:outra"), Path("/"), {}).problem


def test_a_keyring_that_breaks_is_a_problem_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(service: str, name: str) -> str:
        raise RuntimeError("D-Bus falou demais")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=broken))

    problem = resolve_secret(Secret("keyring:k"), Path("/"), {}).problem

    assert "RuntimeError" in problem
    assert "D-Bus" not in problem


@pytest.mark.parametrize(
    ("reference", "environ", "word"),
    [
        ("env:K", {}, "K não está definida"),
        ("env:K", {"K": ""}, "K não está definida"),
        ("env:K", {"K": "  "}, "vazio"),
        ("env:K", {"K": "a\nb"}, "cabeçalho"),
        ("env:K", {"K": "ação"}, "cabeçalho"),
        ("file:falta", {}, "falta não existe"),
        ("file:binario", {}, "UTF-8"),
        ("file:.", {}, "não pode ser lido"),
        ("credential:k", {}, "CREDENTIALS_DIRECTORY"),
        ("credential:k", {"CREDENTIALS_DIRECTORY": "/nada"}, "não existe"),
        ("keyring:k", {}, "keyring não está instalado"),
    ],
)
def test_what_cannot_be_resolved_says_why(
    reference: str, environ: dict[str, str], word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    (tmp_path / "binario").write_bytes(b"\xff\xfe")

    secret = resolve_secret(Secret(reference), tmp_path, environ)

    assert secret.value is None
    assert word in secret.problem


def test_an_unresolved_reference_does_not_stop_a_load_but_who_sends(account: str, loaded: Load) -> None:
    config = loaded(account, {"SP_KEY": "x"})

    assert not config.accounts["sp"].has_credentials
    with pytest.raises(ConfigurationError) as caught:
        require_credentials(config)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (6, "accounts.sp.app_token")
    assert "SP_TOKEN" in problem.what


def test_resolved_references_are_all_that_sending_needs(account: str, loaded: Load) -> None:
    require_credentials(loaded(account))


def test_an_unresolved_reference_from_the_environment_names_its_variable(account: str, loaded: Load) -> None:
    config = loaded(account, {"SP_KEY": "x", "VTEXMON_ACCOUNTS__SP__APP_TOKEN": "env:FALTA"})

    with pytest.raises(ConfigurationError, match="ambiente VTEXMON_ACCOUNTS__SP__APP_TOKEN: accounts"):
        require_credentials(config)


def test_check_tells_mistakes_and_unresolved_references_together(account: str, tmp_path: Path) -> None:
    file = tmp_path / "vtexmon.toml"
    file.write_text(account + "[resend]\nmax_attempts = -1", encoding="utf-8")

    keys = [problem.key for problem in check(file, {"SP_KEY": "x"})]

    assert keys == ["resend.max_attempts", "accounts.sp.app_token"]
