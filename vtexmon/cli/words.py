"""Help and usage errors in the language in use: the commands' own words, and Typer's.

A command's docstring, and the help of its options, are message ids: ``speak`` translates them when the command is
loaded, ``texts`` lists them for the catalogue. Typer has no translations, so what it says is read and put into words
again here; a text that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vtexmon.i18n import _, msg

GLOBAL_OPTIONS = msg("Opções globais, antes ou depois do comando: --config ARQUIVO, --json, --lang pt_BR|en.")

_HELP: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), words)
    for pattern, words in (
        (r"^Usage: ", msg("Uso: ")),
        (r"\[OPTIONS\]", msg("[OPÇÕES]")),
        (r"COMMAND \[ARGS\]\.\.\.", msg("COMANDO [ARGUMENTOS]...")),
        (r"^Options:$", msg("Opções:")),
        (r"^Arguments:$", msg("Argumentos:")),
        (r"^Commands:$", msg("Comandos:")),
        (r"Show this message and exit\.", msg("Mostra esta ajuda.")),
        (r"\[required\]", msg("[obrigatório]")),
        (r"\[default: ", msg("[padrão: ")),
        (r"; required\]", msg("; obrigatório]")),
    )
)

_ERRORS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"No such option: (\S+)(?: \(Possible options: (.*)\))?.*", msg(r"a opção \1 não existe")),
        (r"Missing argument '?(.*?)'?\.", msg(r"falta o argumento \1")),
        (r"Missing option '?(.*?)'?\.", msg(r"falta a opção \1")),
        (r"Missing command\.", msg("falta o comando")),
        (r"No such command '(.*)'\..*", msg(r"o comando «\1» não existe")),
        (r"Got unexpected extra arguments? ?\((.*)\)", msg(r"argumento a mais: \1")),
        (r"Got unexpected extra argument\(s\) \((.*)\)", msg(r"argumento a mais: \1")),
        (r"Option '(.*)' requires an argument\.", msg(r"a opção \1 precisa de um valor")),
        (r"Option '(.*)' does not take a value\.", msg(r"a opção \1 não recebe valor")),
        (r"Invalid value for '?(.*?)'?: .*\bvalid int.*", msg(r"\1: use um número inteiro")),
        (r"Invalid value for '?(.*?)'?: .*\bvalid (?:float|number).*", msg(r"\1: use um número")),
        (r"Invalid value for '?(.*?)'?: Input should be greater than or equal to (.*?)", msg(r"\1: use no mínimo \2")),
        (r"Invalid value for '?(.*?)'?: Input should be less than or equal to (.*?)", msg(r"\1: use no máximo \2")),
        (r"Invalid value for '?(.*?)'?: .* is not in the range (.*?)\.", msg(r"\1: use um número na faixa \2")),
        (r"Invalid value for (.*?): (.*)", msg(r"valor inválido para \1: \2")),
    )
)


def help_words(text: str) -> str:
    """A help text of Typer with its headings in the language in use."""
    for pattern, words in _HELP:
        text = pattern.sub(_(words), text)
    return text


def error_words(text: str) -> str:
    """What Typer says of wrong arguments, in the language in use."""
    for pattern, words in _ERRORS:
        if match := pattern.fullmatch(text.strip()):
            return match.expand(_(words))
    return text


def usage_words(error: Any) -> str:
    """Everything to be said about a usage error of Typer: how it is used, what is wrong, where the help is."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None:
        return _("erro: {0}").format(error_words(message))
    if type(error).__name__ == "NoArgsIsHelpError":
        return help_words(message)
    usage = help_words(context.get_usage())
    wrong = _("erro: {0}").format(error_words(message))
    return f"{usage}\n{wrong}\n" + _("Ajuda: {0}").format(f"{context.command_path} --help")


def speak(command: Any) -> Any:
    """Make a command, and all below it, show its help in the language in use; gives the command."""
    ask = command.get_help
    command.get_help = lambda context: help_words(ask(context))
    command.epilog = _(GLOBAL_OPTIONS)
    speak_own(command)
    for child in _below(command):
        speak(child)
    return command


def speak_own(command: Any) -> None:
    """Put the command's own texts, and those of its options, into the language in use."""
    command.help = _(command.help) if command.help else ""
    for parameter in command.params:
        for name in ("help", "metavar"):
            if text := getattr(parameter, name, None):
                setattr(parameter, name, _(text))


def texts(command: Any) -> Iterator[str]:
    """Every text of a command, and of all below it, that ``speak`` translates."""
    shown = [command.help]
    for parameter in command.params:
        shown += [getattr(parameter, "help", None), getattr(parameter, "metavar", None)]
    yield from (text for text in shown if text)
    for child in _below(command):
        yield from texts(child)


def _below(command: Any) -> Iterator[Any]:
    yield from getattr(command, "commands", {}).values()
