"""``doctor``: everything that must hold for the program to work here, each as a sentence with its remedy.

Looks and never changes: no database is made or upgraded, and VTEX is only asked what ``domain/vtex.md`` 1.5 names.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from vtexmon import program
from vtexmon.config import Account, Config, fingerprint, masked_url, secrets_of, warnings
from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.formats import clock, thousands
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _
from vtexmon.store import health, leases, migrate, schedules, schema, targets, workers
from vtexmon.store.database import Database, sqlite_path
from vtexmon.store.sqlite_library import sqlite_warning

CONFIGURATION = 2
UNREACHABLE = 5
SMALLEST_SCREEN = (80, 24)


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``exit_code`` is what a command should end with because of it."""

    name: str
    level: Level
    sentence: str
    remedy: str = ""
    exit_code: int = 0


def exit_code(checks: list[Check]) -> int:
    """2 when the configuration must be put right first, else 5 when something cannot be reached, else 0."""
    codes = {check.exit_code for check in checks}
    return next((code for code in (CONFIGURATION, UNREACHABLE) if code in codes), max(codes, default=0))


def examine(config: Config, now: datetime) -> list[Check]:
    """Every check of a configuration that could be loaded."""
    return [
        *_configuration(config),
        *_secrets(config),
        *_database(config, now),
        *_source(config),
        *asyncio.run(_vtex(config)),
        *_terminal(),
    ]


def not_loaded(error: VtexmonError) -> Check:
    """The one check of a configuration that could not be loaded."""
    return Check(
        "configuração", Level.FAIL, str(error), _("Corrija e confira com: vtexmon config check"), error.exit_code
    )


def _configuration(config: Config) -> Iterator[Check]:
    yield Check("configuração", Level.OK, _("{0} lida").format(config.path))
    for sentence in warnings(config):
        yield Check("configuração", Level.WARN, sentence, _("Veja vtexmon config show."))


def _secrets(config: Config) -> Iterator[Check]:
    found = secrets_of(config)
    for key, secret in found.items():
        if secret.value is None:
            words = _("{0} ({1}): {2}").format(key, secret.reference, secret.problem)
            yield Check("segredos", Level.FAIL, words, _("Forneça a referência ou corrija-a."), CONFIGURATION)
    if found and all(secret.value is not None for secret in found.values()):
        yield Check("segredos", Level.OK, _("{0} referências encontradas").format(len(found)))


def _database(config: Config, now: datetime) -> Iterator[Check]:
    path, shown = sqlite_path(config.database_url), masked_url(config.database_url)
    if path is not None and (warning := sqlite_warning()):
        yield Check("banco", Level.WARN, warning)
    if path is not None and not path.exists():
        yield Check("banco", Level.WARN, _("{0} ainda não existe").format(path), _("O primeiro comando o cria."))
        return
    try:
        database = Database(config.database_url)
    except VtexmonError as error:
        yield Check("banco", Level.FAIL, str(error), _("Corrija database.url."), error.exit_code)
        return
    try:
        revision = database.read(migrate.current)
        yield from _schema(database, revision, shown)
        if revision == schema.HEAD:
            yield from _contents(config, database, now)
    except DBAPIError as error:
        words = _("{0} não responde: {1}").format(shown, str(error.orig).strip().partition("\n")[0])
        yield Check("banco", Level.FAIL, words, _("Confira o endereço, a rede e as permissões."), UNREACHABLE)
    finally:
        database.close()


def _schema(database: Database, revision: str | None, shown: str) -> Iterator[Check]:
    if revision == schema.HEAD:
        yield Check("banco", Level.OK, _("{0}, esquema na revisão {1}").format(shown, revision))
    else:
        words = _("{0}: esquema na revisão {1}, este programa usa {2}").format(shown, revision, schema.HEAD)
        yield Check("banco", Level.WARN, words, _("Atualize com: vtexmon db upgrade"))
    damage = database.read(health.quick_check)
    if damage:
        words, remedy = "; ".join(damage), _("Restaure uma cópia; não continue com este arquivo.")
        yield Check("integridade", Level.FAIL, words, remedy, CONFIGURATION)
    else:
        yield Check("integridade", Level.OK, _("nada errado no arquivo"))


def _contents(config: Config, database: Database, now: datetime) -> Iterator[Check]:
    for finding in database.read(health.findings):
        if finding.count:
            words = _("{0}: {1}").format(finding.words, thousands(finding.count))
            yield Check("integridade", Level.WARN, words, _("Veja os Ids com: vtexmon db check"))
    yield from _stage(config, database)
    yield from _workers(config, database, now)
    yield _maintenance(config, database, now)
    yield from _closed(config, database, now)


def _stage(config: Config, database: Database) -> Iterator[Check]:
    held, stages = database.read(workers.stage), {account.stage for account in config.accounts.values()}
    if held is not None and stages and stages != {held}:
        words = _("o banco é de «{0}» e as contas são de «{1}»").format(held, ", ".join(sorted(stages)))
        yield Check("ambiente", Level.FAIL, words, _("Use um banco para cada ambiente."), CONFIGURATION)


def _workers(config: Config, database: Database, now: datetime) -> Iterator[Check]:
    seen = database.read(lambda c: workers.alive(c, now, max(config.engine.lease, timedelta(seconds=10))))
    if not seen:
        words = _("nenhum motor em execução: nada é enviado por si")
        yield Check("motores", Level.WARN, words, _("Abra o monitor ou inicie: vtexmon worker"))
        return
    yield Check("motores", Level.OK, ", ".join(f"{one.kind} {one.host}:{one.pid} ({one.version})" for one in seen))
    others = [one for one in seen if one.config_fingerprint != fingerprint(config)]
    if others:
        names = ", ".join(f"{one.host}:{one.pid}" for one in others)
        words = _("usam configuração diferente desta: {0}").format(names)
        yield Check("motores", Level.WARN, words, _("Iguale os arquivos de configuração e reinicie esses processos."))


def _maintenance(config: Config, database: Database, now: datetime) -> Check:
    lease = database.read(lambda c: leases.find(c, "maintenance"))
    zone = ZoneInfo(config.timezone)
    at_work = _("; em execução por {0}").format(lease.owner) if lease is not None and lease.until > now else ""
    if lease is None or lease.ran_at is None:
        return Check("manutenção", Level.OK, _("ainda não foi feita; um motor em execução a faz por si") + at_work)
    words = _("feita em {0} por {1}").format(clock(lease.ran_at, zone, now), lease.ran_by)
    return Check("manutenção", Level.OK, words + at_work)


def _closed(config: Config, database: Database, now: datetime) -> Iterator[Check]:
    zone = ZoneInfo(config.timezone)
    for state in database.read(targets.closed):
        if state.closed_until is not None and state.closed_until <= now:
            continue
        until = _(" até {0}").format(clock(state.closed_until, zone, now)) if state.closed_until else ""
        if state.api == targets.WHOLE_ACCOUNT:
            words = _("a conta {0} está em pausa{1}").format(state.account, until)
            yield Check("pausas", Level.WARN, words, f"vtexmon unpause {state.account}")
        else:
            words = _("{0} · {1}: fechada ({2}){3}").format(state.account, state.api, state.closed_reason, until)
            yield Check("pausas", Level.WARN, words, state.message)
    for name, end in database.read(lambda c: schedules.paused(c, now)).items():
        until = _(" até {0}").format(clock(end, zone, now)) if end else ""
        words = _("o agendamento {0} está em pausa{1}").format(name, until)
        yield Check("pausas", Level.WARN, words, f"vtexmon schedules resume {name}")


def _source(config: Config) -> Iterator[Check]:
    if not config.source:
        return  # the configuration's own warning says it
    try:
        source = program.make_source(config)
        snapshot = source.read()
    except VtexmonError as error:
        yield Check("origem", Level.FAIL, str(error), _("Confira [source] e os arquivos."), error.exit_code)
        return
    words = _("{0}: {1} cursos, {2} turmas, {3} preços, {4} estoques").format(
        source.describe(),
        *(thousands(len(rows)) for rows in (snapshot.courses, snapshot.classes, snapshot.prices, snapshot.stocks)),
    )
    yield Check("origem", Level.OK, words)
    if snapshot.rejected:
        first = snapshot.rejected[0]
        words = _("{0} linhas não podem ser usadas; a primeira: {1}:{2} {3}: {4}").format(
            thousands(len(snapshot.rejected)), first.file, first.line, first.column, first.reason
        )
        yield Check("origem", Level.WARN, words, _("Corrija-as no SGE; cada uma é um registro em Erro."))


async def _vtex(config: Config) -> list[Check]:
    found = await asyncio.gather(*(_account(account, config) for account in config.accounts.values()))
    return [check for checks in found for check in checks]


async def _account(account: Account, config: Config) -> list[Check]:
    from vtexmon.vtex import catalog, logistics, pricing
    from vtexmon.vtex.client import VtexClient

    if not account.has_credentials:
        return [Check(f"conta {account.name}", Level.WARN, _("sem credencial: nada foi perguntado à VTEX"))]
    requests = (catalog.sales_channels(), pricing.pricing_config(), logistics.warehouses())
    client = VtexClient(account, config.engine)
    try:
        answers = await asyncio.gather(*(client.exchange(request) for request in requests))
    finally:
        await client.aclose()
    checks = [_reached(account, request, answer) for request, answer in zip(requests, answers, strict=True)]
    if answers[-1].verdict is Verdict.DONE:
        checks += _warehouses(account, config, logistics.warehouse_ids(answers[-1].json))
    return checks


def _reached(account: Account, request: Request, answer: Answer) -> Check:
    name = f"conta {account.name} · {request.api.value}"
    if answer.verdict is Verdict.DONE:
        return Check(name, Level.OK, _("{0} respondeu em {1} ms").format(account.account_name, answer.duration_ms))
    failure = answer.failure
    words, advice = (failure.message, failure.advice) if failure else (answer.verdict.value, "")
    if answer.verdict in (Verdict.CREDENTIAL, Verdict.NOT_SENT, Verdict.UNKNOWN):
        return Check(name, Level.FAIL, words, advice, UNREACHABLE)
    return Check(name, Level.WARN, words, advice)


def _warehouses(account: Account, config: Config, present: frozenset[str]) -> Iterator[Check]:
    for regional in config.regionals:
        if account.name not in (regional.b2c, regional.b2b) or not regional.warehouse:
            continue
        name = f"depósito {regional.name}"
        if regional.warehouse in present:
            yield Check(name, Level.OK, _("«{0}» existe em {1}").format(regional.warehouse, account.name))
        else:
            known = ", ".join(sorted(present)) or "–"
            words = _("«{0}» não existe em {1}; existem: {2}").format(regional.warehouse, account.name, known)
            yield Check(name, Level.FAIL, words, _("Corrija regionals.warehouse ou crie o depósito."), CONFIGURATION)


def _terminal() -> Iterator[Check]:
    kind = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        yield Check("terminal", Level.OK, _("a saída não é um terminal; o monitor precisa de um"))
    elif kind in ("", "dumb"):
        yield Check(
            "terminal", Level.WARN, _("TERM={0}: o monitor não abre").format(kind), "export TERM=xterm-256color"
        )
    else:
        size = shutil.get_terminal_size()
        small = size.columns < SMALLEST_SCREEN[0] or size.lines < SMALLEST_SCREEN[1]
        words = _("TERM={0}, {1}×{2}").format(kind, size.columns, size.lines)
        remedy = _("O monitor é feito para 80×24 ou mais.") if small else ""
        yield Check("terminal", Level.WARN if small else Level.OK, words, remedy)
