"""Reading what was sent and received of one item, in one go and in a thread, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection

from vtexmon.config import Config
from vtexmon.core.curl import as_curl
from vtexmon.core.payload import DiffLine, Payload, PayloadKind, diff
from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.i18n import _
from vtexmon.store import logs

_PRICING_PATH: Final = "/pricing/"
_SAFE_IN_ADDRESSES: Final = "/?&=%:,;@!$'()*+~"


class Side(StrEnum):
    """Which of an item's two texts."""

    SENT = "sent"
    RECEIVED = "received"

    @property
    def other(self) -> Side:
        """The other one."""
        return Side.RECEIVED if self is Side.SENT else Side.SENT

    @property
    def label(self) -> str:
        """The manual's label (``domain/totvs.md`` 4.3)."""
        return _("Dados Enviados") if self is Side.SENT else _("Dados Recebidos")


@dataclass(frozen=True)
class Text:
    """One side of an item: the text as it went over the wire (None: there is none, ``why`` says why), and pretty."""

    text: str | None
    why: str
    payload: Payload

    @property
    def size(self) -> int:
        """Bytes in UTF-8."""
        return len((self.text or "").encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Both:
    """Dados Enviados and Dados Recebidos of one item."""

    item: LogItemRecord
    sent: Text
    received: Text

    def side(self, side: Side) -> Text:
        """The one that was asked for."""
        return self.sent if side is Side.SENT else self.received


def read_both(connection: Connection, item: LogItemRecord) -> Both:
    """Both texts of an item, looked at; for a thread, since one megabyte takes a moment."""
    sent, received = logs.item_payloads(connection, item)
    return Both(item, _text(item, Side.SENT, sent), _text(item, Side.RECEIVED, received))


@dataclass(frozen=True)
class Comparison:
    """What differs from the item of the attempt before; ``before`` None: there is no such item."""

    before: LogItemRecord | None
    lines: tuple[DiffLine, ...] = ()


def read_comparison(connection: Connection, both: Both, side: Side) -> Comparison:
    """Only the difference with the attempt before, same step."""
    before = previous(logs.items(connection, both.item.log_id), both.item)
    if before is None:
        return Comparison(None)
    old = read_both(connection, before).side(side).payload
    return Comparison(before, tuple(diff(old, both.side(side).payload)))


def previous(items: list[LogItemRecord], item: LogItemRecord) -> LogItemRecord | None:
    """The newest item of an earlier attempt that did the same step."""
    same = (item.step, item.method)
    earlier = [
        one for one in items if one.id < item.id and one.attempt < item.attempt and (one.step, one.method) == same
    ]
    return max(earlier, key=lambda one: one.id, default=None)


def curl_of(config: Config, record: LogRecord, item: LogItemRecord, body: str | None) -> str | None:
    """The request as a curl command without secrets; None when the account is no longer in the configuration."""
    account = config.accounts.get(record.account)
    if account is None:
        return None
    base = account.pricing_url if item.endpoint.startswith(_PRICING_PATH) else account.base_url
    return as_curl(item.method, base.rstrip("/") + quote(item.endpoint, safe=_SAFE_IN_ADDRESSES), body)


def file_name(item: LogItemRecord, side: Side, kind: PayloadKind) -> str:
    """What a saved text is called: ``vtexmon-log88213-item501223-recebidos.json``."""
    suffix = {PayloadKind.JSON: "json", PayloadKind.XML: "xml", PayloadKind.HTML: "html"}.get(kind, "txt")
    return f"vtexmon-log{item.log_id}-item{item.id}-{_('enviados') if side is Side.SENT else _('recebidos')}.{suffix}"


def _text(item: LogItemRecord, side: Side, text: str | None) -> Text:
    payload = Payload.from_text(text)
    return Text(text, "" if payload.kind is not PayloadKind.EMPTY else _why_empty(item, side, text), payload)


def _why_empty(item: LogItemRecord, side: Side, text: str | None) -> str:
    if text is not None:
        return _("corpo vazio ({n} caracteres)").format(n=len(text)) if text else _("corpo vazio")
    if item.sent_hash if side is Side.SENT else item.received_hash:
        return _("conteúdo removido pela retenção")
    if side is Side.SENT:
        return _("sem corpo: esta requisição não envia dados")
    if item.completed_at is None:
        return _("sem corpo: ainda sem resposta, o resultado não é conhecido")
    return _("sem corpo: não houve resposta") if item.http_status is None else _("sem corpo: a resposta veio vazia")
