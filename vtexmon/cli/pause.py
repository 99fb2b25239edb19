"""``vtexmon pause`` and ``unpause``: stop and resume sending to an account; kept over restarts, shown everywhere."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from vtexmon.cli.context import clock, commands_of, current, database_of, load_config
from vtexmon.cli.output import print_document, print_line, utc_text
from vtexmon.cli.times import read_until
from vtexmon.core import formats
from vtexmon.i18n import _

Account = Annotated[str, typer.Argument(metavar="CONTA|all", help="Nome da conta na configuração, ou all.")]
Until = Annotated[str, typer.Option("--until", metavar="T", help="Até quando: 14:30, data e hora ISO, ou 2h.")]


def pause(account: Account, until: Until = "") -> None:
    """Para de enviar a uma conta, ou a todas, até T ou até «unpause». Vale para todos os processos."""
    config = load_config()
    now, zone = clock().now(), ZoneInfo(config.timezone)
    end = read_until(until, now, zone) if until else None
    with database_of(config) as database:
        names = commands_of(config, database).pause(account, end)
    if current().json:
        print_document({"paused": names, "until": utc_text(end)})
        return
    when = _("até {0}").format(formats.clock(end, zone, now)) if end else _("até «vtexmon unpause»")
    print_line(_("em pausa {0}: {1}").format(when, ", ".join(names) or formats.NOTHING))


def unpause(account: Account) -> None:
    """Volta a enviar a uma conta, ou a todas."""
    config = load_config()
    with database_of(config) as database:
        names = commands_of(config, database).unpause(account)
    if current().json:
        print_document({"unpaused": names})
        return
    print_line(_("retomadas: {0}").format(", ".join(names)) if names else _("nenhuma conta estava em pausa"))
