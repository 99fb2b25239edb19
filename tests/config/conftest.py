from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from vtexmon.config import Config, load
from vtexmon.errors import ConfigurationError, Problem

ACCOUNT = """
[accounts.sp]
account_name = "lojasp"
stage = "homologacao"
app_key = "env:SP_KEY"
app_token = "env:SP_TOKEN"
"""
CREDENTIALS = {"SP_KEY": "chave-sp", "SP_TOKEN": "token-sp"}


@pytest.fixture
def account() -> str:
    """An account without problems; its references are resolved by ``credentials``."""
    return ACCOUNT


@pytest.fixture
def credentials() -> dict[str, str]:
    return dict(CREDENTIALS)


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Config]:
    """Loads a text as tmp_path/vtexmon.toml."""

    def build(text: str = "", environ: Mapping[str, str] = CREDENTIALS) -> Config:
        file = tmp_path / "vtexmon.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ)

    return build


@pytest.fixture
def problems(loaded: Callable[..., Config]) -> Callable[..., tuple[Problem, ...]]:
    """The problems of a text; fails when it has none."""

    def collect(text: str = "", environ: Mapping[str, str] = CREDENTIALS) -> tuple[Problem, ...]:
        with pytest.raises(ConfigurationError) as caught:
            loaded(text, environ)
        return caught.value.problems

    return collect
