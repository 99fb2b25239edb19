"""Every mistake is named with its line, its key and a remedy, all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vtexmon.config import Config, load
from vtexmon.errors import ConfigurationError, Problem

Collect = Callable[..., tuple[Problem, ...]]


def regional(name: str, branches: str) -> str:
    return f'[[regionals]]\nname = "{name}"\ncompany = 1\nbranches = {branches}\n'


FINANCE = '[[finance]]\ncompany = 1\nbranch = 1\neducation_level = "FIC"\n'

BAD = [
    # text, line, key, a word of what is wrong or of the remedy
    ('languag = "en"', 1, "languag", "language"),
    ('language = "pt"', 1, "language", "pt_BR, en"),
    ("language = 1", 1, "language", "número inteiro"),
    ('timezone = "America/Sao_Paolo"', 1, "timezone", "não existe"),
    ('timezone = "../etc/passwd"', 1, "timezone", "não existe"),
    ("database = 1", 1, "database", "tabela"),
    ('[database]\nurl = "mysql://x"', 2, "database.url", "banco"),
    ('[source]\ntype = "csv"', 2, "source.type", "files"),
    ('[source]\ntype = "files"', 1, "source.path", "obrigatória"),
    ('[source]\npath = "x"\nurl = "https://x"', 3, "source.url", "não se aplica"),
    ('[source]\ntype = "sql"\nqueries = { cursos = "x" }', 1, "source.url", "obrigatória"),
    ('[source]\ntype = "sql"\nurl = "mssql://u:p@h/b"\nqueries.cursos = "x"', 3, "source.url", "senha"),
    ('[source]\ntype = "sql"\nurl = "mssql://h/b"\nqueries.curso = "x"', 4, "source.queries.curso", '"cursos"'),
    ('[catalog]\nb2c = "sp"', 2, "catalog.b2c", "não existe"),
    ('[catalog]\nproduct_ref_id = "{codcurso}-{nome}"', 2, "catalog.product_ref_id", "{nome}"),
    ('[catalog]\nproduct_ref_id = "{codfilial}"', 2, "catalog.product_ref_id", "{codcurso}"),
    ('[catalog]\nsku_ref_id = "{codturma"', 2, "catalog.sku_ref_id", "fecham"),
    ('[catalog]\nsku_ref_id = "{codturma!r}"', 2, "catalog.sku_ref_id", "desconhecido"),
    ('[catalog]\nkit_ref_id = "{}{codkit}"', 2, "catalog.kit_ref_id", "desconhecido"),
    ("[catalog]\nsku_dimensions = { weight = 1.5 }", 2, "catalog.sku_dimensions.weight", "inteiro"),
    ("[catalog]\nsku_dimensions = { height = 0 }", 2, "catalog.sku_dimensions.height", "maior que zero"),
    ("[catalog]\nsku_dimensions = { height = inf }", 2, "catalog.sku_dimensions.height", "maior que zero"),
    ("[catalog]\ncreate_brands = 1", 2, "catalog.create_brands", "true ou false"),
    ("[catalog]\nmax_vanished_percent = 101", 2, "catalog.max_vanished_percent", "de 0 a 100"),
    ('[catalog]\nb2b_seats = "half"', 2, "catalog.b2b_seats", "same, zero"),
    ("[catalog.trade_policy]\nb2c = true", 2, "catalog.trade_policy.b2c", "inteiro"),
    ("[catalog.specifications.product]\nCarga = 3", 2, "catalog.specifications.product.Carga", "texto"),
    ("[regionals]\ncompany = 1", 1, "regionals", "lista de tabelas"),
    ('[[regionals]]\nname = "SP"', 1, "regionals[0].company", "obrigatória"),
    ('[[regionals]]\nname = "SP"\ncompany = "1"', 3, "regionals[0].company", "inteiro"),
    ('[[regionals]]\nname = "SP"\ncompany = 1\nb2c = "sp"', 4, "regionals[0].b2c", "não existe"),
    (regional("A", "[1, 1]"), 4, "regionals[0].branches", "repete"),
    (regional("A", '["1"]'), 4, "regionals[0].branches", "inteiro"),
    (regional("A", "[1, 2]") + regional("B", "[2]"), 8, "regionals[1].branches", "regional A"),
    (regional("A", "[]") + regional("B", "[]"), 8, "regionals[1].branches", "todas as filiais"),
    (regional("A", "[1]") + regional("A", "[2]"), 6, "regionals[1].name", '"A"'),
    (FINANCE + FINANCE, 5, "finance[1]", "linha 1"),
    (FINANCE + "payment_methods = { creditCard = 3 }", 5, "finance[0].payment_methods.creditCard", "texto"),
    ("[resend]\nmax_attempts = -1", 2, "resend.max_attempts", "no mínimo 0"),
    ('[resend]\nmax_attempts = "cinco"', 2, "resend.max_attempts", "inteiro"),
    ('[resend]\nmax_atempts = 3', 2, "resend.max_atempts", "max_attempts"),
    ('[schedules]\nresend = { every = "1m", cron = "* * * * *" }', 2, "schedules.resend", "every e cron"),
    ("[schedules]\nresend = { enabled = true }", 2, "schedules.resend", "quando roda"),
    ('[schedules]\nresend = { every = "0s" }', 2, "schedules.resend.every", "curta"),
    ('[schedules]\nresend = { every = "1 min" }', 2, "schedules.resend.every", "duração"),
    ("[schedules]\nresend = { every = 60 }", 2, "schedules.resend.every", "texto"),
    ('[schedules]\nresend = { cron = "* * * *" }', 2, "schedules.resend.cron", "5 campos"),
    ('[schedules]\nresends = { every = "1m" }', 2, "schedules.resends", '"resend"'),
    ('[engine]\nlease = "120s"', 2, "engine.lease", "2m"),
    ('[engine]\nverify_grace = "2m"', 1, "engine.lease", "3m"),
    ('[engine]\nfirst_resend_delay = "7h"', 1, "engine.max_resend_delay", "7h"),
    ("[engine]\nclients = 0", 2, "engine.clients", "de 1 a 64"),
    ("[limits]\ncatalog = { rate = 751, burst = 1 }", 2, "limits.catalog.rate", "750"),
    ("[limits]\npricing_write = { rate = 33.5, burst = 500 }", 2, "limits.pricing_write.rate", "33"),
    ("[limits]\npricing_write = { rate = 33, burst = 501 }", 2, "limits.pricing_write.burst", "500"),
    ("[limits]\npricing_delete = { rate = 17, burst = 1 }", 2, "limits.pricing_delete.rate", "16"),
    ("[limits]\norders = { rate = 101, burst = 1 }", 2, "limits.orders.rate", "100"),
    ("[limits]\norders = { rate = 1 }", 2, "limits.orders.burst", "obrigatória"),
    ("[limits]\ncheckout = { rate = 1, burst = 1 }", 2, "limits.checkout", "master_data"),
    ('[access]\ndefault = "root"', 2, "access.default", "leitura"),
    ('[access.users]\nana = "chefe"', 2, "access.users.ana", "administrador"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "word"), BAD)
def test_a_mistake_is_named_once_with_line_key_and_remedy(
    text: str, line: int, key: str, word: str, problems: Collect, tmp_path: Path
) -> None:
    (problem,) = problems(text)

    assert (problem.file, problem.line, problem.key) == (str(tmp_path / "vtexmon.toml"), line, key)
    assert word in f"{problem.what} {problem.remedy}"
    assert problem.what
    assert problem.remedy.endswith((".", "?", "…"))


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(problems: Collect) -> None:
    text = "\n".join(("x = 1", 'language = "xx"', "[resend]", "max_attempts = -1", "[engine]", 'lease = "1s"'))

    found = problems(text, {"VTEXMON_NADA": "1"})

    assert [problem.line for problem in found] == [None, 1, 2, 4, 6]


def test_the_error_text_holds_every_problem(loaded: Callable[..., Config]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded('x = 1\nlanguage = "xx"')

    assert "vtexmon.toml:1: x: chave desconhecida." in str(caught.value)
    assert "vtexmon.toml:2: language:" in str(caught.value)
    assert caught.value.exit_code == 2


ACCOUNT_BAD = [
    ('stage = "homologacao"', 'stage = "homologação"', 4, "accounts.sp.stage", "homologacao"),
    ('stage = "homologacao"', "", 2, "accounts.sp.stage", "faltando"),
    ('account_name = "lojasp"', "", 2, "accounts.sp.account_name", "obrigatória"),
    ('account_name = "lojasp"', 'account_name = "loja/sp"', 3, "accounts.sp.account_name", "lojanacional"),
    ("[accounts.sp]", "[accounts.SP]", 2, "accounts.SP", "minúsculas"),
    ('app_key = "env:SP_KEY"', "", 2, "accounts.sp.app_key", "obrigatória"),
    ('app_key = "env:SP_KEY"', 'app_key = ""', 5, "accounts.sp.app_key", "vazia"),
    ('app_key = "env:SP_KEY"', 'app_key = "env:"', 5, "accounts.sp.app_key", "env:NOME"),
    ('app_key = "env:SP_KEY"', 'app_key = "env:A B"', 5, "accounts.sp.app_key", "env:NOME"),
    ('app_key = "env:SP_KEY"', 'app_key = "credential:../x"', 5, "accounts.sp.app_key", "env:NOME"),
    ('stage = "homologacao"', 'stage = "sandbox"\nbase_url = "http://lojasp.com.br"', 5, "accounts.sp.base_url", "https://"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "line", "key", "word"), ACCOUNT_BAD)
def test_a_mistake_in_an_account_is_named(
    good: str, bad: str, line: int, key: str, word: str, account: str, problems: Collect
) -> None:
    (problem,) = problems(account.replace(good, bad))

    assert (problem.line, problem.key) == (line, key)
    assert word in f"{problem.what} {problem.remedy}"


def test_one_file_never_mixes_stages(account: str, problems: Collect) -> None:
    other = account.replace("accounts.sp", "accounts.rj").replace("homologacao", "producao")

    (problem,) = problems(account + other)

    assert (problem.line, problem.key) == (10, "accounts.rj.stage")


def test_an_unreadable_address_is_not_told_as_a_missing_stage_too(account: str, problems: Collect) -> None:
    (problem,) = problems(account.replace('stage = "homologacao"', 'base_url = "127.0.0.1"'))

    assert problem.key == "accounts.sp.base_url"


def test_a_reference_to_an_account_that_is_nearly_there_suggests_it(account: str, problems: Collect) -> None:
    (problem,) = problems(account + '[catalog]\nb2c = "spp"')

    assert problem.remedy == 'Você quis dizer "sp"?'


SYNTAX = [
    ("a = 1\nlanguage = pt_BR", 2, "aspas"),
    ('language = "pt_BR', 1, "aspas"),
    ("language", 1, "="),
    ("[a]\nx = 1\n[a]\ny = 2", 3, "repetida"),
    ("a = 1\na = 2", 2, "repetida"),
    ("x = [1,\n2", 2, "lista"),
    ("a = 1 2", 1, "sobra"),
    ("[a", 1, "colchete"),
    ("= 1", 1, "chave"),
]


@pytest.mark.parametrize(("text", "line", "word"), SYNTAX)
def test_a_syntax_error_has_its_line_and_portuguese_words(text: str, line: int, word: str, problems: Collect) -> None:
    (problem,) = problems(text)

    assert problem.line == line
    assert word in problem.what


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    file = tmp_path / "vtexmon.toml"
    file.write_bytes('language = "pt_BR" # configuração'.encode("latin-1"))

    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(file, {})
