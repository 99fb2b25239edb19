"""What is allowed but should be said aloud: by ``config check``, ``doctor`` and the screens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from vtexmon.config.credentials import secret_file
from vtexmon.config.loading import secrets_of
from vtexmon.config.model import Config
from vtexmon.config.places import is_from_file
from vtexmon.config.urls import has_password, is_loopback
from vtexmon.i18n import _

NOT_RUN_YET = ("orders", "reviews")
"""Schedules of the contract that this version accepts but does not run."""
_OTHERS = 0o077


def warnings(config: Config) -> list[str]:
    """One sentence for each; empty = nothing to say."""
    return [sentence for notice in _NOTICES for sentence in notice(config)]


def _no_automatic_resend(config: Config) -> Iterator[str]:
    if config.resend.max_attempts is None:
        yield _("ATENÇÃO: resend.max_attempts está vazio: NENHUM registro em Erro será reenviado automaticamente.")


def _schedules_not_run(config: Config) -> Iterator[str]:
    for name in NOT_RUN_YET:
        if name in config.schedules and config.schedules[name].enabled:
            yield _("O agendamento {name} está configurado, mas esta versão ainda não o executa.").format(name=name)


def _open_secret_files(config: Config) -> Iterator[str]:
    if config.path is None or os.name != "posix":
        return
    for key, secret in secrets_of(config).items():
        file = secret_file(secret, config.path.parent)
        if file is not None and secret.value is not None and _is_open(file):
            yield _("O arquivo de segredo {file} ({key}) está aberto a outros usuários; use chmod 600.").format(
                file=file, key=key
            )


def _is_open(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & _OTHERS)
    except OSError:
        return False


def _database_password(config: Config) -> Iterator[str]:
    if has_password(config.database_url) and is_from_file(config.origins.get("database.url", "")):
        yield _(
            "database.url traz uma senha escrita no arquivo; prefira ~/.pgpass, PGPASSWORD ou VTEXMON_DATABASE__URL."
        )


def _half_local_accounts(config: Config) -> Iterator[str]:
    for name, account in config.accounts.items():
        local = {is_loopback(url) for url in (account.base_url, account.pricing_url, account.reviews_url)}
        if len(local) > 1:
            yield _("A conta {name} mistura endereços deste computador com endereços da VTEX.").format(name=name)


def _plain_source(config: Config) -> Iterator[str]:
    url = config.source.get("url", "")
    if url.startswith("http://") and not is_loopback(url):
        yield _("source.url usa http sem criptografia: usuário e senha do RM viajam abertos.")


def _nothing_to_export(config: Config) -> Iterator[str]:
    if not config.source:
        yield _("Sem [source]: nada será exportado.")


_NOTICES: tuple[Callable[[Config], Iterator[str]], ...] = (
    _no_automatic_resend,
    _schedules_not_run,
    _open_secret_files,
    _database_password,
    _half_local_accounts,
    _plain_source,
    _nothing_to_export,
)
