"""Secrets: only references stand in the file; here they are checked and resolved. A value is never part of a message.

Resolving never fails: whoever only reads the log works without credentials. ``require_credentials`` is for who sends.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from vtexmon.config.model import Account, Secret
from vtexmon.config.urls import absolute_path
from vtexmon.config.values import Invalid, Kind
from vtexmon.i18n import _

KEYRING_SERVICE = "vtexmon"
_NAMES = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r"[^\0\r\n]+"),
    "credential": re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_.@-]*"),
    "keyring": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/-]*"),
}


class Unresolved(Exception):  # noqa: N818 - it becomes ``Secret.problem``
    """Why a reference has no value; safe to show."""


def _reference(value: object) -> Secret | None:
    if value == "":
        return None
    scheme, _colon, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    pattern = _NAMES.get(scheme)
    if pattern is None or pattern.fullmatch(name) is None:
        raise Invalid(
            _("um segredo não pode ser escrito aqui; só uma referência a ele (o valor não é mostrado)"),
            _("Use env:NOME, file:CAMINHO, credential:NOME ou keyring:NOME."),
        )
    return Secret(f"{scheme}:{name}")


SECRET = Kind(_reference, {"type": "string", "pattern": "^(env|file|credential|keyring):.+$"}, secret=True)


def resolve_secret(secret: Secret, folder: Path, environ: Mapping[str, str]) -> Secret:
    """The secret with its value, or with the ``problem`` that kept it from having one."""
    scheme, _colon, name = secret.reference.partition(":")
    try:
        return replace(secret, value=_usable(_RESOLVERS[scheme](name, folder, environ)), problem="")
    except Unresolved as unresolved:
        return replace(secret, value=None, problem=str(unresolved))


def renewed(account: Account, folder: Path, environ: Mapping[str, str]) -> Account:
    """The account with its references resolved again: a file, a credential or a keyring may hold something new."""
    app_key, app_token = (resolve_secret(one, folder, environ) for one in (account.app_key, account.app_token))
    return replace(account, app_key=app_key, app_token=app_token)


def secret_file(secret: Secret, folder: Path) -> Path | None:
    """The file a ``file:`` reference names; None for the other schemes."""
    scheme, _colon, name = secret.reference.partition(":")
    return absolute_path(name, folder) if scheme == "file" else None


def _usable(value: str) -> str:
    text = value.strip()
    if not text:
        raise Unresolved(_("o segredo está vazio"))
    if not (text.isascii() and text.isprintable()):
        raise Unresolved(_("o segredo tem caracteres que não cabem num cabeçalho HTTP"))
    return text


def _from_environment(name: str, folder: Path, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise Unresolved(_("a variável de ambiente {name} não está definida").format(name=name))
    return environ[name]


def _from_file(name: str, folder: Path, environ: Mapping[str, str]) -> str:
    return _content(absolute_path(name, folder))


def _from_systemd(name: str, folder: Path, environ: Mapping[str, str]) -> str:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise Unresolved(_("o systemd não entregou credenciais (CREDENTIALS_DIRECTORY não está definida)"))
    return _content(Path(directory) / name)


def _content(path: Path) -> str:
    reasons = {FileNotFoundError: _("não existe"), PermissionError: _("não pode ser lido por este usuário")}
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        reason = _("não é um texto UTF-8")
    except OSError as error:
        reason = reasons.get(type(error), _("não pode ser lido"))
    raise Unresolved(_("o arquivo {path} {reason}").format(path=path, reason=reason))


def _from_keyring(name: str, folder: Path, environ: Mapping[str, str]) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise Unresolved(_("o pacote Python keyring não está instalado")) from None
    try:
        value = keyring.get_password(KEYRING_SERVICE, name)
    except Exception as error:
        raise Unresolved(_("o chaveiro não respondeu ({error})").format(error=type(error).__name__)) from None
    if not value:
        raise Unresolved(_("o chaveiro não tem {name} no serviço {service}").format(name=name, service=KEYRING_SERVICE))
    return str(value)


_RESOLVERS: Mapping[str, Callable[[str, Path, Mapping[str, str]], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "credential": _from_systemd,
    "keyring": _from_keyring,
}
