"""What went wrong, as a value: class, sentence, fingerprint, and what the operator should do.

Which answer is which class is decided where the answer is read (``vtex/answers.py``, the sources); what a class means
and what to do about it is decided here, once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vtexmon.i18n import _, msg


class FailureClass(StrEnum):
    """The failure classes of DESIGN.md section 4, in the words the screen shows."""

    TRANSIENT = msg("transitório")
    CREDENTIAL = msg("credencial")
    CONTEXT = msg("contexto")
    DATA = msg("dado")
    DEPENDENCY = msg("dependência")
    BUSINESS = msg("negócio")
    DUPLICATE = msg("duplicado")
    UNKNOWN = msg("desconhecido")


_NUMBERS = re.compile(r"\d+")
_QUOTED = re.compile(r"""(["'“‘]).*?(["'”’])""")
_BLANKS = re.compile(r"\s+")


def normalised(message: str) -> str:
    """The message with its numbers and quoted values taken out, so that equal causes read equal."""
    return _BLANKS.sub(" ", _NUMBERS.sub("#", _QUOTED.sub("«»", message))).strip().casefold()


def fingerprint(failure_class: FailureClass, endpoint: str, message: str) -> str:
    """Sixteen hex digits that are the same for the same cause: class, endpoint without ids, normalised message."""
    text = "\n".join((failure_class.value, _NUMBERS.sub("#", endpoint), normalised(message)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Failure:
    """One failure of one record: ``message`` is what happened, ``advice`` what to do, both in the operator's words."""

    failure_class: FailureClass
    message: str
    endpoint: str = ""
    advice: str = ""

    @property
    def fingerprint(self) -> str:
        """The cause this failure belongs to."""
        return fingerprint(self.failure_class, self.endpoint, self.message)

    @property
    def left_to_people(self) -> bool:
        """Whether ``[resend] leave_data_errors`` keeps this failure from being resent automatically."""
        return self.failure_class is FailureClass.DATA


def advice_for(failure_class: FailureClass, message: str = "", status: int | None = None) -> str:
    """One sentence for the operator: what to do. A recognised message wins over the status, the status over the class.

    ``message`` is VTEX's own text; it is recognised by what VTEX was seen to answer (``domain/vtex.md`` 2.3 to 2.7, 4).
    """
    for pattern, advice in _ADVICE_BY_MESSAGE:
        if pattern.search(message):
            return advice()
    by_status = _ADVICE_BY_STATUS.get(status)
    return by_status() if by_status else _ADVICE_BY_CLASS[failure_class]()


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_ADVICE_BY_MESSAGE: tuple[tuple[re.Pattern[str], Callable[[], str]], ...] = (
    (
        _pattern(r"does not have any files|without (an? )?image|no images?\b"),
        lambda: _("Informe a imagem do curso (ou a imagem padrão nos Parâmetros) e reenvie."),
    ),
    (
        _pattern(r"could not be set as active|can ?not be activated"),
        lambda: _("Complete na VTEX o que falta para ativar o SKU (imagem, especificações, produto ativo) e reenvie."),
    ),
    (
        _pattern(r"refid is registered|same refid|refid.*already"),
        lambda: _("Este código de referência já pertence a outro registro na VTEX: corrija lá ou na origem e reenvie."),
    ),
    (
        _pattern(r"same linkid|linkid.*already|text ?link"),
        lambda: _("O endereço (LinkId) já é de outro produto na VTEX: altere lá ou mude o nome do curso e reenvie."),
    ),
    (
        _pattern(r"warehouse|dep[oó]sito"),
        lambda: _("Cadastre o depósito na VTEX ou corrija o código do depósito na origem ou nos Parâmetros e reenvie."),
    ),
    (
        _pattern(r"(brand|marca)\b.*(not found|not exist|invalid|n[aã]o encontrad)|brandid"),
        lambda: _("Confira se a marca existe e está ativa na VTEX, corrija na origem se preciso e reenvie."),
    ),
    (
        _pattern(r"(category|categoria)\b.*(not found|not exist|invalid|n[aã]o encontrad)|categoryid"),
        lambda: _("Confira se a categoria existe e está ativa na VTEX, corrija na origem se preciso e reenvie."),
    ),
    (
        _pattern(r"(product|produto)\b.*(not found|not exist|n[aã]o encontrad)"),
        lambda: _("O produto não existe mais na VTEX: reenvie o Produto e depois este registro."),
    ),
    (
        _pattern(r"(\bsku|stock ?keeping ?unit)\b.*(not found|not exist|n[aã]o encontrad)"),
        lambda: _("O SKU não existe mais na VTEX: reenvie o SKU e depois este registro."),
    ),
    (
        _pattern(r"too long|max(imum)? ?length|exceed\w* .*(length|characters|size)|at most \d+ char|string length"),
        lambda: _("Encurte o texto na origem até o limite que a VTEX aceita e reenvie."),
    ),
    (
        _pattern(r"price|pre[cç]o"),
        lambda: _("Confira o preço na origem (maior que zero, com até duas casas decimais) e reenvie."),
    ),
    (
        _pattern(r"image|imagem|\burl\b|file"),
        lambda: _("Confira se o endereço da imagem abre no navegador e termina em .jpg ou .png, corrija e reenvie."),
    ),
)

_ADVICE_BY_STATUS: Mapping[int | None, Callable[[], str]] = {
    401: lambda: _("Confira a AppKey e o AppToken da conta nos Parâmetros: a VTEX não os aceitou."),
    403: lambda: _("Peça ao administrador da VTEX que dê à chave da conta as permissões de que esta operação precisa."),
    423: lambda: _("Nada a fazer: a VTEX ainda ocupa este registro e o envio será repetido."),
    429: lambda: _("Nada a fazer: o limite de requisições da VTEX foi atingido e o envio continua depois da espera."),
    500: lambda: _(
        "Erro interno da VTEX: confira se o registro chegou lá; se persistir, abra chamado com o id da requisição."
    ),
    503: lambda: _("A VTEX está indisponível: confira status.vtex.com; o envio será repetido."),
}

_ADVICE_BY_CLASS: Mapping[FailureClass, Callable[[], str]] = {
    FailureClass.TRANSIENT: lambda: _(
        "Aguarde: o envio será repetido. Se persistir, confira a rede e status.vtex.com."
    ),
    FailureClass.CREDENTIAL: lambda: _("Confira a conta, a AppKey, o AppToken e as permissões da chave na VTEX."),
    FailureClass.CONTEXT: lambda: _("Corrija os Parâmetros ou o cadastro de que este registro depende e reenvie."),
    FailureClass.DATA: lambda: _("Corrija o registro na origem conforme a mensagem da VTEX e reenvie."),
    FailureClass.DEPENDENCY: lambda: _("Envie antes o registro de que este depende e reenvie."),
    FailureClass.BUSINESS: lambda: _("Resolva na VTEX o que a mensagem diz e reenvie."),
    FailureClass.DUPLICATE: lambda: _("Já existe um registro igual na VTEX: confira qual é o certo e reenvie."),
    FailureClass.UNKNOWN: lambda: _("Confira na VTEX se o registro chegou e, se preciso, reenvie."),
}
