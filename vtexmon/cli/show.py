"""``vtexmon show ID``: one record with everything that was sent and received for it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from vtexmon.cli.context import clock, commands_of, current, database_of, load_config
from vtexmon.cli.output import print_block, print_document, print_line
from vtexmon.cli.records import item_json, log_json
from vtexmon.config import Config
from vtexmon.core import formats, modules
from vtexmon.core.records import LogItemRecord, LogRecord
from vtexmon.i18n import _
from vtexmon.store import logs as store

Exchange = tuple[LogItemRecord, str | None, str | None]


def show(log_id: Annotated[int, typer.Argument(metavar="ID", help="Id do registro de log.")]) -> None:
    """Mostra um registro com tudo o que foi enviado e recebido, do mais novo ao mais antigo."""
    config = load_config()
    with database_of(config) as database:
        log = commands_of(config, database).find(log_id)
        exchanges: list[Exchange] = database.read(
            lambda c: [(item, *store.item_payloads(c, item)) for item in store.items(c, log_id)]
        )
    if current().json:
        print_document({"log": log_json(log), "items": [item_json(*exchange) for exchange in exchanges]})
        return
    _print_log(log, config)
    for exchange in exchanges:
        _print_item(*exchange, config)


def _print_log(log: LogRecord, config: Config) -> None:
    zone, now = ZoneInfo(config.timezone), clock().now()
    lines = (
        (_("Id"), str(log.id)),
        (_("Status"), f"{log.status.value} — {formats.phase_words(log, zone, now)}"),
        (_("Módulo"), f"{modules.label(log.module)} ({log.feature})"),
        (_("Campos Chave"), log.key_fields),
        (_("Valores Chave"), log.key_values),
        (_("Contexto"), f"{log.company} · {log.branch} · {log.education_level or formats.NOTHING}"),
        (_("Conta"), f"{log.account} · {log.channel} · {log.environment}"),
        (_("Tentativas"), str(log.attempts)),
        (_("Id na VTEX"), log.external_id or formats.NOTHING),
        (_("Criado"), f"{formats.date_time(log.created_at, zone, seconds=True)} · {log.created_by}"),
        (_("Alterado"), f"{formats.date_time(log.updated_at, zone, seconds=True)} · {log.updated_by}"),
        (_("Classe"), _(log.failure_class) if log.failure_class else ""),
        (_("Mensagem"), log.message),
        (_("O que fazer"), log.advice),
    )
    for label, text in lines:
        if text:
            print_line(f"{label + ':':<15}{text}")


def _print_item(item: LogItemRecord, sent: str | None, received: str | None, config: Config) -> None:
    when = formats.date_time(item.created_at, ZoneInfo(config.timezone), seconds=True)
    took = formats.duration_ms(item.duration_ms) if item.duration_ms is not None else formats.NOTHING
    answer = str(item.http_status) if item.http_status is not None else _("sem resposta")
    print_line()
    print_line(_("Item {0} · tentativa {1} · {2} · {3}").format(item.id, item.attempt, item.step, when))
    print_line(f"  {item.method} {item.endpoint}")
    print_line(f"  {item.status.value} · {answer} · {took}" + (f" · {item.message}" if item.message else ""))
    for label, text in ((_("Dados Enviados"), sent), (_("Dados Recebidos"), received)):
        print_line(f"  {label}:")
        print_block("\n".join(f"    {line}" for line in (text or formats.NOTHING).splitlines()))
