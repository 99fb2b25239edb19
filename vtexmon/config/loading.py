"""Finding and loading ``vtexmon.toml``: file, environment and defaults become one ``Config``, or many problems."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vtexmon.config.build import build
from vtexmon.config.checks import CHECKS
from vtexmon.config.credentials import resolve_secret
from vtexmon.config.environment import override
from vtexmon.config.lines import key_lines
from vtexmon.config.model import Config, Secret
from vtexmon.config.places import Places, dotted, problem_at_origin
from vtexmon.config.reader import Reading, read
from vtexmon.config_file import FILE_NAME, find
from vtexmon.errors import ConfigurationError, Problem, UsageError
from vtexmon.i18n import _, msg

_SYNTAX: Mapping[str, str] = {
    "Cannot overwrite": msg("a chave está repetida"),
    "Cannot declare": msg("a tabela está repetida"),
    "Cannot mutate": msg("a tabela já está fechada"),
    "Duplicate inline table key": msg("a chave está repetida"),
    "Expected '='": msg("falta o sinal = depois do nome da chave"),
    "Expected newline": msg("sobra texto depois do valor"),
    "Expected ']": msg("falta fechar o colchete da tabela"),
    "Unclosed array": msg("falta fechar a lista com ]"),
    "Unclosed inline table": msg("falta fechar a tabela com }"),
    "Unterminated string": msg("falta fechar as aspas"),
    "Illegal character": msg("há um caractere que não pode estar aí (aspas não fechadas?)"),
    "Invalid value": msg("o valor não é válido (textos ficam entre aspas)"),
    "Invalid initial character": msg("o nome da chave não é válido"),
    "Invalid statement": msg("a linha não é uma chave nem uma tabela"),
}


@dataclass(frozen=True)
class Examination:
    """What became of a text: ``config`` None = there are problems. ``unresolved`` references do not stop a load."""

    config: Config | None
    problems: tuple[Problem, ...]
    unresolved: tuple[Problem, ...]


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration in force. Raises ``UsageError`` for no file, ``ConfigurationError`` for a bad one."""
    file = _found(path, environ)
    return load_text(_text(file), file, environ)


def load_text(text: str, file: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration that ``text`` would be if it stood in ``file``. Raises ``ConfigurationError``."""
    examination = examine(text, file, environ)
    if examination.config is None:
        raise ConfigurationError(examination.problems)
    return examination.config


def check(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> tuple[Problem, ...]:
    """Every problem of the file, unresolved references among them. Raises ``UsageError`` when there is no file."""
    file = _found(path, environ)
    try:
        examination = examine(_text(file), file, environ)
    except ConfigurationError as error:
        return error.problems
    return examination.problems + examination.unresolved


def require_credentials(config: Config) -> None:
    """Raise ``ConfigurationError`` naming each reference that could not be resolved."""
    unresolved = [
        _unresolved(config.path, config.origins.get(key, ""), key, secret) for key, secret in secrets_of(config).items()
    ]
    problems = [problem for problem in unresolved if problem is not None]
    if problems:
        raise ConfigurationError(problems)


def secrets_of(config: Config) -> dict[str, Secret]:
    """All references by dotted key, resolved or not."""
    secrets = {f"source.{name}": secret for name, secret in config.source_secrets.items()}
    for name, account in config.accounts.items():
        secrets[dotted(("accounts", name, "app_key"))] = account.app_key
        secrets[dotted(("accounts", name, "app_token"))] = account.app_token
    return secrets


def examine(text: str, file: Path, environ: Mapping[str, str] = os.environ) -> Examination:
    """Read a text as the configuration file's; problems are values here, in the order of their lines."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Examination(None, (_syntax_problem(str(error), text, file),), ())
    overrides, problems = override(data, environ)
    reading = read(data, Places(file, key_lines(text), overrides))
    for rule in CHECKS:
        rule(reading)
    problems += reading.problems
    unresolved = _unresolved_of(reading, file, environ)
    config = None if problems else build(reading.values, file, environ, reading.origins)
    return Examination(config, tuple(sorted(problems, key=lambda problem: problem.line or 0)), unresolved)


def _unresolved_of(reading: Reading, file: Path, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    resolved = ((path, resolve_secret(secret, file.parent, environ)) for path, secret in reading.secrets.items())
    problems = (_unresolved(file, reading.places.origin(path), dotted(path), secret) for path, secret in resolved)
    return tuple(problem for problem in problems if problem is not None)


def _unresolved(file: Path | None, origin: str, key: str, secret: Secret) -> Problem | None:
    if secret.value is not None:
        return None
    remedy = _("Forneça {reference} ou corrija a referência.").format(reference=secret.reference)
    return problem_at_origin(file, origin, key, secret.problem, remedy)


def _found(path: Path | None, environ: Mapping[str, str]) -> Path:
    file = find(path, environ)
    advice = _("Para experimentar sem configurar nada: vtexmon demo. Para criar um arquivo comentado: vtexmon init.")
    if file is None:
        raise UsageError(_("Nenhum {name} foi encontrado.").format(name=FILE_NAME) + " " + advice)
    if not os.path.exists(file):
        raise UsageError(_("O arquivo de configuração {file} não existe.").format(file=file) + " " + advice)
    return file


def _text(file: Path) -> str:
    reasons: Mapping[type[Exception], str] = {
        IsADirectoryError: _("é uma pasta, não um arquivo"),
        PermissionError: _("este usuário não pode ler o arquivo"),
        UnicodeDecodeError: _("o arquivo não está em UTF-8"),
    }
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = reasons.get(type(error), _("o arquivo não pode ser lido"))
    raise ConfigurationError([Problem(str(file), None, file.name, what, _("Corrija o arquivo e tente de novo."))])


def _syntax_problem(message: str, text: str, file: Path) -> Problem:
    place = re.search(r"at line (\d+)", message)
    line = int(place.group(1)) if place else max(1, text.count("\n") + (not text.endswith("\n")))
    what = next((words for start, words in _SYNTAX.items() if message.startswith(start)), msg("o TOML não é válido"))
    return Problem(str(file), line, "TOML", _(what), _("Corrija a linha; veja um exemplo completo com vtexmon init."))
