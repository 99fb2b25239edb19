"""THE table of the configuration: every key, what it may be, its default (from ``model.py``) and one sentence about it.

A pattern is a dotted key in which ``*`` stands for a name that the user chooses and ``[]`` for an element of a list of
tables. The reader, the environment, ``config schema`` and the test of ``vtexmon.toml`` all work from this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vtexmon.config import model
from vtexmon.config.credentials import SECRET
from vtexmon.config.cron import CRON
from vtexmon.config.urls import DATABASE_URL, IMAGE_URL, SOURCE_URL, URL
from vtexmon.config.values import (
    ATTEMPTS,
    FILLED_TEXT,
    OPTIONAL_TEXT,
    POSITIVE_NUMBER,
    SWITCH,
    TEXT,
    TIMEZONE,
    WHOLE_LIST,
    Kind,
    choice,
    duration,
    matching,
    template,
    whole,
)
from vtexmon.i18n import msg

ROLES = ("leitura", "operador", "administrador")
STAGES = ("producao", "homologacao", "sandbox")
SCHEDULE_NAMES = ("catalog_export", "resend", "resend_all", "orders", "reviews")
SOURCE_FILES = ("cursos", "turmas", "precos", "estoques", "kits", "kit_itens", "sugestoes", "matriculas", "baixas")
PUBLISHED_LIMITS: Mapping[str, model.Limit | None] = {
    "catalog": model.Limit(750, 750),
    "pricing_write": model.Limit(33, 500),
    "pricing_delete": model.Limit(16, 300),
    "logistics": None,
    "orders": model.Limit(100, 100),
    "master_data": None,
    "reviews": None,
}
"""VTEX's ceilings (``domain/vtex.md`` section 9), None = no figure. Without a published burst: one second's worth."""


@dataclass(frozen=True)
class Key:
    """One row: ``default`` is the converted value of an absent key; ``required`` ones have none."""

    pattern: str
    kind: Kind
    doc: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Names:
    """Which names may stand for a ``*``: one of ``known``, or any that matches ``pattern``."""

    known: tuple[str, ...] = ()
    pattern: str = r".+"
    rule: str = ""

    def allows(self, name: str) -> bool:
        """Whether the user may choose this name."""
        return name in self.known if self.known else re.fullmatch(self.pattern, name) is not None


def _required(pattern: str, kind: Kind, doc: str) -> Key:
    return Key(pattern, kind, doc, required=True)


_CONFIG = model.Config()
_CATALOG = model.Catalog()
_SIZE = model.SkuDimensions()
_POLICY = model.TradePolicy()
_ENGINE = model.EngineSettings()
_HOST_LABEL = matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", msg("letras, números, - e _"), '"lojanacional"')
_SUFFIX = matching(r"[A-Za-z0-9][A-Za-z0-9.-]*", msg("letras, números, - e ponto"), f'"{model.DEFAULT_ENVIRONMENT}"')

_GENERAL = (
    Key("language", choice("pt_BR", "en"), "Idioma das telas e mensagens.", _CONFIG.language),
    Key("timezone", TIMEZONE, "Fuso horário das telas e dos agendamentos cron.", _CONFIG.timezone),
    Key("database.url", DATABASE_URL, "Banco do log: SQLite ou PostgreSQL.", _CONFIG.database_url),
    Key("source.type", choice("files", "sql", "rm-rest", "rm-soap"), "De onde o SGE é lido.", _CONFIG.source_type),
    Key("source.path", OPTIONAL_TEXT, "files: pasta dos arquivos CSV."),
    Key("source.url", SOURCE_URL, "sql, rm-rest e rm-soap: endereço do banco ou do RM Host."),
    Key("source.user", OPTIONAL_TEXT, "sql, rm-rest e rm-soap: usuário."),
    Key("source.password", SECRET, "sql, rm-rest e rm-soap: referência à senha."),
    Key("source.ca_file", OPTIONAL_TEXT, "rm-rest e rm-soap: certificado da autoridade que assina o RM."),
    Key("source.context", OPTIONAL_TEXT, "rm-rest e rm-soap: contexto, como o RM o escreve."),
    Key("source.queries.*", FILLED_TEXT, "Consulta SQL, sentença ou DataServer que entrega cada arquivo do contrato."),
)
_ACCOUNTS = (
    _required("accounts.*.account_name", _HOST_LABEL, "Nome da Conta na VTEX."),
    Key("accounts.*.environment", _SUFFIX, "Ambiente: sufixo da URL da API.", model.DEFAULT_ENVIRONMENT),
    Key(
        "accounts.*.stage",
        choice(*STAGES),
        "Estágio; só é dispensado quando toda URL é deste computador (então sandbox).",
    ),
    _required("accounts.*.app_key", SECRET, "Referência à APPKey."),
    _required("accounts.*.app_token", SECRET, "Referência ao APPToken."),
    Key("accounts.*.base_url", URL, "API de comércio; padrão https://{account_name}.{environment}.com.br."),
    Key("accounts.*.pricing_url", URL, "API de preços; padrão https://api.vtex.com/{account_name}."),
    Key("accounts.*.reviews_url", URL, "API de avaliações; padrão https://{account_name}.myvtex.com."),
)
_CATALOG_KEYS = (
    Key("catalog.b2c", OPTIONAL_TEXT, "Conta que recebe Produto/SKU no canal B2C."),
    Key("catalog.b2b", OPTIONAL_TEXT, "Conta do canal B2B; pode ser a mesma do B2C."),
    Key("catalog.default_brand", TEXT, "Marca dos cursos sem marca na origem.", _CATALOG.default_brand),
    Key("catalog.default_image_url", IMAGE_URL, "Imagem dos cursos sem imagem na origem.", _CATALOG.default_image_url),
    Key("catalog.sku_dimensions.weight", whole(1), "Peso do SKU em gramas, inteiro.", _SIZE.weight),
    Key("catalog.sku_dimensions.height", POSITIVE_NUMBER, "Altura do SKU.", _SIZE.height),
    Key("catalog.sku_dimensions.width", POSITIVE_NUMBER, "Largura do SKU.", _SIZE.width),
    Key("catalog.sku_dimensions.length", POSITIVE_NUMBER, "Comprimento do SKU.", _SIZE.length),
    Key("catalog.trade_policy.b2c", whole(1), "Política comercial do B2C.", _POLICY.b2c),
    Key("catalog.trade_policy.b2b", whole(1), "Política comercial do B2B.", _POLICY.b2b),
    Key(
        "catalog.product_ref_id",
        template("codcurso", "codcoligada", "codfilial"),
        "RefId do produto.",
        _CATALOG.product_ref_id,
    ),
    Key(
        "catalog.sku_ref_id",
        template("codturma", "codcoligada", "codfilial", "periodo_letivo"),
        "RefId do SKU.",
        _CATALOG.sku_ref_id,
    ),
    Key("catalog.kit_ref_id", template("codkit", "codcoligada", "codfilial"), "RefId do kit.", _CATALOG.kit_ref_id),
    Key("catalog.kit_category", FILLED_TEXT, "Categoria dos kits.", _CATALOG.kit_category),
    Key("catalog.create_categories", SWITCH, "Criar na VTEX a categoria que falta.", _CATALOG.create_categories),
    Key("catalog.create_brands", SWITCH, "Criar na VTEX a marca que falta.", _CATALOG.create_brands),
    Key(
        "catalog.max_vanished_percent",
        whole(0, 100),
        "Acima desta parte de registros sumidos ou inativados o módulo espera confirmação.",
        _CATALOG.max_vanished_percent,
    ),
    Key("catalog.b2b_seats", choice("same", "zero"), "Estoque da turma vendida em duas contas.", _CATALOG.b2b_seats),
    Key("catalog.specifications.product.*", FILLED_TEXT, "Especificação de produto = coluna da origem."),
    Key("catalog.specifications.sku.*", FILLED_TEXT, "Especificação de SKU = coluna da origem."),
)
_CONTEXTS = (
    _required("regionals[].name", FILLED_TEXT, "Nome da regional."),
    _required("regionals[].company", whole(0), "Coligada."),
    Key("regionals[].branches", WHOLE_LIST, "Filiais; vazio = todas da coligada.", ()),
    Key("regionals[].b2c", OPTIONAL_TEXT, "Conta da regional no canal B2C."),
    Key("regionals[].b2b", OPTIONAL_TEXT, "Conta da regional no canal B2B."),
    Key("regionals[].warehouse", TEXT, "Depósito usado quando a origem não traz um.", ""),
    Key("regionals[].sku_id", choice("catalog", "lookup"), "De onde vem o id do SKU na conta da regional.", "catalog"),
    Key("resend.max_attempts", ATTEMPTS, "Número de tentativas de reenvio; vazio ou 0 = nenhum reenvio automático."),
    Key(
        "resend.leave_data_errors", SWITCH, "Nunca reenviar sozinho os erros de dado.", model.Resend().leave_data_errors
    ),
    _required("finance[].company", whole(0), "Coligada."),
    _required("finance[].branch", whole(0), "Filial."),
    _required("finance[].education_level", FILLED_TEXT, "Nível de Ensino."),
    Key("finance[].payment_methods.*", FILLED_TEXT, "Código da forma de pagamento de cada meio da VTEX."),
)
_OPERATION = (
    Key("schedules.*.every", duration(1), "Intervalo entre execuções."),
    Key("schedules.*.cron", CRON, "Expressão cron de cinco campos, no fuso horário configurado."),
    Key("schedules.*.enabled", SWITCH, "Se o agendamento está ligado.", True),
    Key("engine.lease", duration(0.001), "Por quanto tempo um processo reserva um registro.", _ENGINE.lease),
    Key("engine.request_deadline", duration(0.001), "Prazo total de uma requisição.", _ENGINE.request_deadline),
    Key("engine.verify_grace", duration(), "Espera antes de conferir um resultado desconhecido.", _ENGINE.verify_grace),
    Key("engine.verify_attempts", whole(1), "Conferências ilegíveis até desistir.", _ENGINE.verify_attempts),
    Key("engine.clients", whole(1, 64), "Clientes HTTP, cada um com 8 conexões.", _ENGINE.clients),
    Key(
        "engine.first_resend_delay",
        duration(),
        "Espera antes do primeiro reenvio automático.",
        _ENGINE.first_resend_delay,
    ),
    Key("engine.max_resend_delay", duration(), "Maior espera entre reenvios automáticos.", _ENGINE.max_resend_delay),
    _required("limits.*.rate", POSITIVE_NUMBER, "Requisições por segundo, por conta."),
    _required("limits.*.burst", whole(1), "Requisições que podem sair de uma vez."),
    Key("access.default", choice(*ROLES), "Papel de quem não está nas listas.", model.Access().default),
    Key("access.users.*", choice(*ROLES), "Papel de um usuário do sistema operacional."),
    Key("access.groups.*", choice(*ROLES), "Papel de um grupo do sistema operacional."),
)
KEYS: tuple[Key, ...] = (*_GENERAL, *_ACCOUNTS, *_CATALOG_KEYS, *_CONTEXTS, *_OPERATION)

_ACCOUNT_RULE = msg("letras minúsculas, números, _ e -")
NAMES: Mapping[str, Names] = {
    "accounts.*": Names(pattern=r"[a-z0-9][a-z0-9_-]*", rule=_ACCOUNT_RULE),
    "source.queries.*": Names(SOURCE_FILES),
    "schedules.*": Names(SCHEDULE_NAMES),
    "limits.*": Names(tuple(PUBLISHED_LIMITS)),
}


@dataclass(frozen=True)
class Leaf:
    """A place in the tree where a value stands."""

    key: Key


@dataclass(frozen=True)
class Table:
    """A table with known keys."""

    children: Mapping[str, Node]


@dataclass(frozen=True)
class Entries:
    """A table whose names the user chooses."""

    entry: Node
    names: Names


@dataclass(frozen=True)
class Items:
    """A list of tables."""

    item: Node


Node = Leaf | Table | Entries | Items


def _grow(rows: Iterable[tuple[tuple[str, ...], Key]], at: str = "") -> Node:
    groups: dict[str, list[tuple[tuple[str, ...], Key]]] = {}
    for segments, key in rows:
        if not segments:
            return Leaf(key)
        groups.setdefault(segments[0], []).append((segments[1:], key))
    children = {name: _grow(group, f"{at}.{name}".lstrip(".")) for name, group in groups.items()}
    match list(children):
        case ["*"]:
            return Entries(children["*"], NAMES.get(f"{at}.*", Names()))
        case ["[]"]:
            return Items(children["[]"])
        case _:
            return Table(children)


TREE: Node = _grow((tuple(key.pattern.replace("[]", ".[]").split(".")), key) for key in KEYS)
