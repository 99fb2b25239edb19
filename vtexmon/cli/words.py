"""Typer's own words in Portuguese: headings of the help, and what it says of wrong arguments.

Typer has no translations, so its texts are read and put into words again here. A text that is not known stays as it is.
"""

from __future__ import annotations

import re
from typing import Any

GLOBAL_OPTIONS = "Opções globais, antes ou depois do comando: --config ARQUIVO, --json, --lang pt_BR|en."

_HELP: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), words)
    for pattern, words in (
        (r"^Usage: ", "Uso: "),
        (r"\[OPTIONS\]", "[OPÇÕES]"),
        (r"COMMAND \[ARGS\]\.\.\.", "COMANDO [ARGUMENTOS]..."),
        (r"^Options:$", "Opções:"),
        (r"^Arguments:$", "Argumentos:"),
        (r"^Commands:$", "Comandos:"),
        (r"Show this message and exit\.", "Mostra esta ajuda."),
        (r"\[required\]", "[obrigatório]"),
        (r"\[default: ", "[padrão: "),
        (r"; required\]", "; obrigatório]"),
    )
)

_ERRORS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"No such option: (\S+)(?: \(Possible options: (.*)\))?.*", r"a opção \1 não existe"),
        (r"Missing argument '?(.*?)'?\.", r"falta o argumento \1"),
        (r"Missing option '?(.*?)'?\.", r"falta a opção \1"),
        (r"Missing command\.", "falta o comando"),
        (r"No such command '(.*)'\..*", r"o comando «\1» não existe"),
        (r"Got unexpected extra arguments? ?\((.*)\)", r"argumento a mais: \1"),
        (r"Got unexpected extra argument\(s\) \((.*)\)", r"argumento a mais: \1"),
        (r"Option '(.*)' requires an argument\.", r"a opção \1 precisa de um valor"),
        (r"Option '(.*)' does not take a value\.", r"a opção \1 não recebe valor"),
        (r"Invalid value for '?(.*?)'?: .*\bvalid int.*", r"\1: use um número inteiro"),
        (r"Invalid value for '?(.*?)'?: .*\bvalid (?:float|number).*", r"\1: use um número"),
        (r"Invalid value for '?(.*?)'?: Input should be greater than or equal to (.*?)", r"\1: use no mínimo \2"),
        (r"Invalid value for '?(.*?)'?: Input should be less than or equal to (.*?)", r"\1: use no máximo \2"),
        (r"Invalid value for '?(.*?)'?: .* is not in the range (.*?)\.", r"\1: use um número na faixa \2"),
        (r"Invalid value for (.*?): (.*)", r"valor inválido para \1: \2"),
    )
)


def help_words(text: str) -> str:
    """A help text of Typer with its headings in Portuguese."""
    for pattern, words in _HELP:
        text = pattern.sub(words, text)
    return text


def error_words(text: str) -> str:
    """What Typer says of wrong arguments, in Portuguese."""
    for pattern, words in _ERRORS:
        if match := pattern.fullmatch(text.strip()):
            return match.expand(words)
    return text


def usage_words(error: Any) -> str:
    """Everything to be said about a usage error of Typer: how it is used, what is wrong, where the help is."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None:
        return f"erro: {error_words(message)}"
    if type(error).__name__ == "NoArgsIsHelpError":
        return help_words(message)
    usage = help_words(context.get_usage())
    return f"{usage}\nerro: {error_words(message)}\nAjuda: {context.command_path} --help"


def speak_portuguese(command: Any, epilog: bool = True) -> Any:
    """Make a command, and all below it, show its help in Portuguese; gives the command."""
    ask = command.get_help
    command.get_help = lambda context: help_words(ask(context))
    if epilog and not command.epilog:
        command.epilog = GLOBAL_OPTIONS
    for child in getattr(command, "commands", {}).values():
        speak_portuguese(child, epilog)
    return command
