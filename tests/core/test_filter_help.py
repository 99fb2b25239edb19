from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vtexmon.core.filter_help import complete, completions, describe
from vtexmon.core.filter_syntax import FIELDS, parse

NOW = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", [f"{field.name}:" for field in FIELDS]),
        ("sta", ["status:"]),
        ("texto fil", ["filial:"]),
        ("branc", ["filial:"]),
        ("MÓD", ["modulo:"]),
        ("status:e", ["status:erro"]),
        ("status:", ["status:pendente", "status:sucesso", "status:erro", "status:cancelado"]),
        ("status:erro,c", ["status:erro,cancelado"]),
        ("status:erro,e", []),
        ("modulo:pre", ["modulo:preco"]),
        ("criado:>=h", ["criado:>=hoje"]),
        ("criado:ho", ["criado:hoje"]),
        ("tentativas:>=", ["tentativas:>=1", "tentativas:>=3", "tentativas:>=0"]),
        ("foo:x", []),
        ("filial:1", ["filial:12", "filial:13"]),
    ],
)
def test_completions(typed, offered):
    assert completions(typed, len(typed), {"filial": ["12", "13", "20"]}) == offered


def test_completion_looks_only_at_the_word_before_the_cursor():
    assert completions("sta filial:12", 3) == ["status:"]
    assert complete("x sta filial:12", 5, "status:") == ("x status: filial:12", 9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("status:erro,cancelado", "status Cancelado ou Erro"),
        ("modulo:sku,preco,estoque", "módulo Preço, SKU ou Estoque"),
        ("filial:12 filial:9", "filial 9 ou 12"),
        ("chave:aju* tentativas:>=3", "chave AJU no começo, 3 tentativas ou mais"),
        ("tentativas:<3", "até 2 tentativas"),
        ("tentativas:2", "2 tentativas"),
        ("tentativas:>1,<4", "de 2 a 3 tentativas"),
        ("criado:hoje", "criado desde 24/11/2026 00:00 e antes de 25/11/2026 00:00"),
        ("alterado:<-2h", "alterado antes de 24/11/2026 12:25"),
        ("fonte:alterada fase:fila", "fase fila, fonte alterada"),
        ("canal:b2c texto livre", "canal B2C, com “texto livre”"),
        ("classe:dado causa:00ff conta:sp coligada:1 id:7", "coligada 1, classe dado, causa 00ff, conta sp, id 7"),
    ],
)
def test_a_filter_in_words(text, told):
    assert describe(parse(text, NOW, ZONE), ZONE) == told
