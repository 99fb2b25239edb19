"""The environment replaces single values, in any case, and never in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vtexmon.config import Config
from vtexmon.errors import Problem

Load = Callable[..., Config]
Collect = Callable[..., tuple[Problem, ...]]


def test_a_variable_replaces_the_files_value(loaded: Load) -> None:
    config = loaded("[resend]\nmax_attempts = 3", {"VTEXMON_RESEND__MAX_ATTEMPTS": "7"})

    assert config.resend.max_attempts == 7


@pytest.mark.parametrize("text", ["", "0"])
def test_an_empty_variable_is_an_empty_parameter(text: str, loaded: Load) -> None:
    config = loaded("[resend]\nmax_attempts = 3", {"VTEXMON_RESEND__MAX_ATTEMPTS": text})

    assert config.resend.max_attempts is None
    assert config.origins["resend.max_attempts"] == "ambiente VTEXMON_RESEND__MAX_ATTEMPTS"


def test_case_does_not_matter_and_types_are_converted(account: str, loaded: Load) -> None:
    config = loaded(
        account + '[access.users]\nAna = "leitura"',
        {
            "VTEXMON_DATABASE__URL": "postgresql+psycopg://u@bd/x",
            "vtexmon_catalog__sku_dimensions__Height": "2.5",
            "VTEXMON_CATALOG__CREATE_BRANDS": "False",
            "VTEXMON_ENGINE__CLIENTS": "2",
            "VTEXMON_ACCOUNTS__SP__APP_KEY": "env:OUTRA",
            "VTEXMON_ACCESS__USERS__ANA": "administrador",
            "VTEXMON_CATALOG__B2C": "sp",
            "VTEXMON_SCHEDULES__RESEND__EVERY": "2m",
            "OUTRA": "x",
        },
    )

    assert config.database_url == "postgresql+psycopg://u@bd/x"
    assert config.catalog.sku_dimensions.height == 2.5
    assert config.catalog.create_brands is False
    assert config.engine.clients == 2
    assert config.accounts["sp"].app_key.value == "x"
    assert config.access.users == {"Ana": "administrador"}
    assert config.catalog.b2c == "sp"
    assert "resend" in config.schedules


def test_an_empty_variable_removes_an_optional_value(account: str, loaded: Load) -> None:
    assert loaded(account + '[catalog]\nb2c = "sp"', {"VTEXMON_CATALOG__B2C": ""}).catalog.b2c is None


def test_variables_that_are_no_overrides_are_left_alone(loaded: Load) -> None:
    loaded("", {"VTEXMON_CONFIG": "x", "VTEXMON_TEST_PG_URL": "y", "VTEX_KEY": "z", "PATH": ""})


@pytest.mark.parametrize(
    ("variable", "word"),
    [
        ("VTEXMON_DATABASE_URL", "VTEXMON_DATABASE__URL"),
        ("VTEXMON_RESEND__MAX_ATEMPTS", "VTEXMON_RESEND__MAX_ATTEMPTS"),
        ("VTEXMON_DATABASE", "não corresponde"),
        ("VTEXMON_DATABASE__URL__X", "não corresponde"),
        ("VTEXMON_", "não corresponde"),
        ("VTEXMON_LIMITS__CHECKOUT__RATE", "não corresponde"),
        ("VTEXMON_REGIONALS__0__B2C", "listas"),
        ("VTEXMON_REGIONALS", "listas"),
    ],
)
def test_a_variable_that_replaces_nothing_is_a_problem(variable: str, word: str, problems: Collect) -> None:
    (problem,) = problems("", {variable: "segredo-no-valor"})

    assert problem.file == f"ambiente {variable}"
    assert word in f"{problem.what} {problem.remedy}"
    assert "segredo" not in str(problem)


def test_a_bad_value_names_the_variable_and_the_key(problems: Collect) -> None:
    (problem,) = problems("[engine]\nclients = 4", {"VTEXMON_ENGINE__CLIENTS": "muitos"})

    assert (problem.file, problem.line, problem.key) == ("ambiente VTEXMON_ENGINE__CLIENTS", None, "engine.clients")


def test_a_table_that_the_file_spoilt_is_reported_once(problems: Collect) -> None:
    (problem,) = problems("engine = 4", {"VTEXMON_ENGINE__CLIENTS": "2"})

    assert problem.key == "engine"
