"""The root command: global options, the table of verbs, and the monitor when no verb is given.

A verb's module is imported when the verb is used, never for ``--help``: the list of verbs is a table of words.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from vtexmon import __version__
from vtexmon.cli import context
from vtexmon.cli.words import help_words, speak, speak_own
from vtexmon.config_file import stated_language
from vtexmon.errors import UsageError
from vtexmon.i18n import _, msg, use_language

LANGUAGES = ("pt_BR", "en")


@dataclass(frozen=True)
class Verb:
    """One verb: its line in the list, and where it is; ``attribute`` names a function or a ``typer.Typer``."""

    words: str
    module: str
    attribute: str


VERBS: dict[str, Verb] = {
    "export": Verb(msg("Envia à VTEX o que mudou na origem."), "export", "export"),
    "compare": Verb(msg("Compara o que a VTEX tem com o que a origem quer; nada é enviado."), "compare", "compare"),
    "resend": Verb(msg("Reenvia registros: mostra o plano, confirma, envia e espera."), "resend", "resend"),
    "logs": Verb(msg("Lista os registros de log, do mais novo ao mais antigo."), "logs", "logs"),
    "show": Verb(msg("Mostra um registro com tudo o que foi enviado e recebido."), "show", "show"),
    "pause": Verb(msg("Para de enviar a uma conta, ou a todas."), "pause", "pause"),
    "unpause": Verb(msg("Volta a enviar a uma conta, ou a todas."), "pause", "unpause"),
    "schedules": Verb(msg("Lista, executa, pausa e retoma os agendamentos."), "schedules", "app"),
    "worker": Verb(msg("O motor sem terminal: agendamentos, envios e reenvios."), "worker", "worker"),
    "config": Verb(msg("Mostra e confere a configuração."), "config", "app"),
    "doctor": Verb(msg("Confere configuração, banco, origem e cada API de cada conta."), "doctor", "doctor"),
    "db": Verb(msg("Atualiza, copia e confere o banco de dados."), "db", "app"),
    "init": Verb(msg("Escreve um vtexmon.toml comentado."), "init", "init"),
    "demo": Verb(msg("Um dia de demonstração, sem tocar em nada seu."), "demo", "demo"),
    "sandbox": Verb(msg("Uma VTEX de mentira nesta máquina, para experimentar."), "sandbox", "sandbox"),
}


class RootGroup(TyperGroup):
    """The root command; verbs are loaded one at a time."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load one verb; None for an unknown one."""
        verb = VERBS.get(cmd_name)
        return None if verb is None else _load(cmd_name, verb)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Say what was probably meant when there is no such verb."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            near = get_close_matches(args[0], VERBS, n=1)
            hint = _("; você quis dizer «{0}»?").format(near[0]) if near else _("; veja vtexmon --help")
            raise UsageError(_("o comando «{0}» não existe").format(args[0]) + hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of verbs, from the table."""
        with formatter.section(_("Comandos")):
            formatter.write_dl([(name, _(verb.words)) for name, verb in VERBS.items()])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Global options may stand anywhere: bring them to the front. What is said follows the language among them."""
        config = stated("--config", args)
        use_language(stated("--lang", args) or stated_language(Path(config) if config else None))
        speak_own(self)
        self.subcommand_metavar = _("[COMANDO]")
        return super().parse_args(ctx, hoisted(args))

    def get_help(self, ctx: Any) -> str:
        """The help in the language in use."""
        return help_words(super().get_help(ctx))


def hoisted(arguments: list[str]) -> list[str]:
    """The arguments with ``--config``, ``--json`` and ``--lang`` in front; nothing behind a ``--`` is touched."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return [*front, *rest, argument, *waiting]
        if argument == "--json" or argument.startswith(("--config=", "--lang=")):
            front.append(argument)
        elif argument in ("--config", "--lang"):
            if not waiting:
                raise UsageError(_("a opção {0} precisa de um valor").format(argument))
            front += [argument, waiting.pop(0)]
        else:
            rest.append(argument)
    return [*front, *rest]


def stated(option: str, arguments: list[str]) -> str:
    """The value of a global option among arguments that nobody has parsed yet; empty for none."""
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    found = [following for one, following in pairwise([*ours, ""]) if one == option]
    found += [one.partition("=")[2] for one in ours if one.startswith(f"{option}=")]
    return found[-1] if found else ""


app = typer.Typer(cls=RootGroup, add_completion=False, rich_markup_mode=None)


def command() -> Any:
    """The root command, ready to be called."""
    return get_command(app)


def _load(name: str, verb: Verb) -> Any:
    found = getattr(importlib.import_module(f"vtexmon.cli.{verb.module}"), verb.attribute)
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None
        loaded: Any = get_group(found)
    else:
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(found)
        loaded = get_command(single)
    loaded.name = name
    return speak(loaded)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vtexmon {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", metavar="ARQUIVO", help="Arquivo de configuração.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON na saída padrão, e nada mais nela.")] = False,
    lang: Annotated[str, typer.Option("--lang", metavar="pt_BR|en", help="Idioma.")] = "",
    no_engine: Annotated[bool, typer.Option("--no-engine", help="Abre o monitor sem o motor.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nada é enviado nem alterado.")] = False,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Mostra a versão.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Integração SGE (TOTVS RM) × VTEX e seu monitor. Sem comando, abre o monitor."""
    if lang and lang not in LANGUAGES:
        raise UsageError(_("o idioma «{0}» não existe; use pt_BR ou en").format(lang))
    context.begin(context.Invocation(config, as_json, lang, read_only))
    if ctx.invoked_subcommand is None:
        from vtexmon.cli.monitor import open_monitor

        raise typer.Exit(open_monitor(with_engine=not no_engine))
