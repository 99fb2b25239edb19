"""THE table of commands: what can be done, with which keys, where, and whether it writes.

Bindings, the key line, the help, the ``:`` prompt and the checks of rebound keys are all made from it, so that they
cannot disagree. A command's id is ``scope.action``; the action is the method ``action_<action>`` of the screen (or, for
the scopes ``table``, ``text`` and ``prompt``, of the widget). Overrides map an id to keys, comma-separated, as
Textual's keymap does. The words are message ids here and are translated when they are shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.cells import cell_len
from textual.binding import Binding

from screens.widgets import keys
from vtexmon.core.text import fold
from vtexmon.i18n import _, msg


class Scope(StrEnum):
    """Where a command is heard."""

    GLOBAL = "global"
    TABLE = "table"
    TEXT = "text"
    PROMPT = "prompt"
    LOGS = "logs"
    DETAIL = "detail"
    PAYLOAD = "payload"
    RESEND = "resend"
    SCHEDULES = "schedules"


STACKS: Final[tuple[tuple[Scope, ...], ...]] = (
    (Scope.LOGS, Scope.TABLE, Scope.GLOBAL),
    (Scope.DETAIL, Scope.TABLE, Scope.GLOBAL),
    (Scope.DETAIL, Scope.TEXT, Scope.GLOBAL),
    (Scope.PAYLOAD, Scope.TEXT, Scope.GLOBAL),
    (Scope.SCHEDULES, Scope.TABLE, Scope.GLOBAL),
    (Scope.RESEND,),
    (Scope.PROMPT,),
)
"""The scopes that listen at the same time: within one of these a key may mean one thing only."""


UNMARKED: Final = frozenset({Scope.DETAIL, Scope.SCHEDULES})
"""The scopes whose table has no marks: key line and help do not offer them."""

MARKING: Final = frozenset({"mark", "mark_range", "extend_down", "extend_up", "mark_page"})
"""The actions of a table that mark rows."""


@dataclass(frozen=True)
class Command:
    """One thing a person can ask for.

    ``label`` is the word of the key line (empty: not shown there), ``hint`` its rank there (low ones first), ``word``
    what is typed after ``:`` (empty: keys only), ``writes`` whether read-only hides it.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    word: str = ""
    hint: int = 50
    writes: bool = False

    @property
    def scope(self) -> Scope:
        """Where it is heard."""
        return Scope(self.id.partition(".")[0])

    @property
    def action(self) -> str:
        """The name after ``action_`` of the method that does it."""
        return self.id.partition(".")[2]


@dataclass(frozen=True)
class Hint:
    """One entry of the key line: the key as it is shown, and its word."""

    key: str
    label: str

    @property
    def width(self) -> int:
        """Cells it takes."""
        return cell_len(self.key) + 1 + cell_len(self.label)


@dataclass(frozen=True)
class HelpRow:
    """One line of the help: the scope, the keys as they are shown, what the command does."""

    scope: Scope
    keys: str
    help: str


COMMANDS: Final[tuple[Command, ...]] = (
    Command("global.help", ("?", "f1"), msg("ajuda"), msg("Ajuda desta tela"), msg("ajuda"), 0),
    Command("global.command", (":",), msg("comando"), msg("Digitar um comando"), hint=80),
    Command("global.back", ("escape",), "", msg("Voltar; depois limpa o filtro e as marcas; nunca sai")),
    Command("global.go_logs", ("1",), msg("logs"), msg("Monitor de Log"), msg("logs"), 60),
    Command("global.go_schedules", ("5",), msg("agendamentos"), msg("Agendamentos"), msg("agendamentos"), 60),
    Command("global.quit", ("q",), msg("sai"), msg("Sair do programa"), msg("sair"), 70),
    Command("table.cursor_down", ("down", "j"), "", msg("Linha de baixo")),
    Command("table.cursor_up", ("up", "k"), "", msg("Linha de cima")),
    Command("table.page_down", ("pagedown",), "", msg("Página de baixo")),
    Command("table.page_up", ("pageup",), "", msg("Página de cima")),
    Command("table.first", ("home", "g"), "", msg("Primeira linha")),
    Command("table.last", ("end", "G"), "", msg("Última linha")),
    Command("table.open", ("enter",), msg("abre"), msg("Abrir a linha"), hint=40),
    Command("table.mark", ("space",), msg("marca"), msg("Marcar ou desmarcar a linha e descer"), hint=10),
    Command("table.mark_range", ("v",), "", msg("Começar uma faixa; de novo, marcar a faixa")),
    Command("table.extend_down", ("shift+down",), "", msg("Marcar a linha e descer, sem desmarcar")),
    Command("table.extend_up", ("shift+up",), "", msg("Marcar a linha e subir, sem desmarcar")),
    Command("table.mark_page", ("a",), "", msg("Marcar as linhas que estão na tela")),
    Command("text.cursor_down", ("down", "j"), "", msg("Linha de baixo")),
    Command("text.cursor_up", ("up", "k"), "", msg("Linha de cima")),
    Command("text.page_down", ("pagedown",), "", msg("Página de baixo")),
    Command("text.page_up", ("pageup",), "", msg("Página de cima")),
    Command("text.first", ("home", "g"), "", msg("Primeira linha")),
    Command("text.last", ("end", "G"), "", msg("Última linha")),
    Command("text.scroll_right", ("right", "l"), "", msg("Ver à direita")),
    Command("text.scroll_left", ("left", "h"), "", msg("Ver à esquerda")),
    Command("text.toggle_fold", ("space",), msg("dobra"), msg("Dobrar ou desdobrar o trecho"), hint=20),
    Command("text.fold_all", ("minus",), "", msg("Dobrar tudo")),
    Command("text.unfold_all", ("plus",), "", msg("Desdobrar tudo")),
    Command("text.toggle_raw", ("t",), msg("bruto"), msg("Alternar entre formatado e bruto"), hint=25),
    Command("text.search_next", ("n",), msg("próximo"), msg("Próxima ocorrência"), hint=30),
    Command("text.search_previous", ("N",), "", msg("Ocorrência anterior")),
    Command("prompt.complete", ("tab",), msg("completa"), msg("Completar; de novo, a próxima sugestão"), hint=10),
    Command("prompt.complete_back", ("shift+tab",), "", msg("A sugestão anterior")),
    Command("prompt.older", ("up",), msg("anteriores"), msg("Texto digitado antes"), hint=30),
    Command("prompt.newer", ("down",), "", msg("Texto digitado depois")),
    Command("prompt.accept", ("enter",), msg("aplica"), msg("Aplicar"), hint=1),
    Command("prompt.cancel", ("escape",), msg("cancela"), msg("Deixar como estava"), hint=2),
    Command("logs.filter", ("/", "f"), msg("filtra"), msg("Filtrar"), msg("filtrar"), 20),
    Command("logs.mark_all", ("A",), msg("todos"), msg("Marcar tudo o que o filtro encontra"), msg("marcar"), 15),
    Command("logs.unmark", ("u",), "", msg("Desmarcar tudo"), msg("desmarcar")),
    Command("logs.only_marked", ("V",), "", msg("Ver só os marcados, ou todos"), msg("marcados")),
    Command("logs.resend", ("R",), msg("reenvia"), msg("Reenviar: primeiro o plano"), msg("reenviar"), 5, True),
    Command("logs.pause", ("p",), msg("pausa"), msg("Parar ou retomar a atualização da tela"), msg("pausar"), 65),
    Command("logs.refresh", ("r",), "", msg("Atualizar agora"), msg("atualizar")),
    Command("logs.copy", ("y",), "", msg("Enviar o Id do registro à área de transferência"), msg("copiar")),
    Command("logs.copy_all", ("Y",), "", msg("Enviar a linha inteira à área de transferência")),
    Command("logs.save", ("S",), "", msg("Salvar em arquivo o que o filtro mostra"), msg("salvar")),
    Command("logs.stop_resend", ("X",), "", msg("Parar o reenvio em curso; depois, tirar o resumo"), hint=90),
    Command("detail.resend", ("R",), msg("reenvia"), msg("Reenviar este registro"), msg("reenviar"), 5, True),
    Command("detail.next_pane", ("tab",), msg("outro quadro"), msg("Ir ao próximo quadro"), hint=30),
    Command("detail.refresh", ("r",), "", msg("Atualizar agora"), msg("atualizar")),
    Command("detail.copy", ("y",), "", msg("Enviar o Id do registro à área de transferência"), msg("copiar")),
    Command("detail.copy_all", ("Y",), "", msg("Enviar o conteúdo à área de transferência")),
    Command("detail.save", ("S",), "", msg("Salvar o conteúdo em arquivo"), msg("salvar")),
    Command("detail.stop_resend", ("X",), "", msg("Parar o reenvio em curso; depois, tirar o resumo"), hint=90),
    Command("payload.search", ("/", "f"), msg("procura"), msg("Procurar no texto"), msg("procurar"), 10),
    Command("payload.compare", ("d",), msg("diferença"), msg("Comparar com a tentativa anterior"), msg("comparar"), 35),
    Command("payload.copy", ("y",), msg("copia"), msg("Enviar a linha à área de transferência"), msg("copiar"), 45),
    Command("payload.copy_all", ("Y",), "", msg("Enviar tudo à área de transferência")),
    Command("payload.save", ("S",), msg("salva"), msg("Salvar em arquivo"), msg("salvar"), 46),
    Command("payload.other_side", ("tab",), msg("outro lado"), msg("Ver os dados enviados ou os recebidos"), hint=15),
    Command("payload.curl", ("C",), msg("curl"), msg("Enviar como curl, sem as credenciais"), msg("curl"), 50),
    Command("payload.plain", ("L",), msg("texto puro"), msg("Ver como texto puro, fora do programa"), hint=55),
    Command("resend.confirm", ("s",), msg("sim"), msg("Confirmar (até 20 linhas)"), hint=5, writes=True),
    Command("resend.cancel", ("escape",), msg("cancela"), msg("Não reenviar"), hint=1),
    Command("resend.note", ("n",), msg("nota"), msg("Escrever uma nota"), hint=10, writes=True),
    Command("resend.list", ("v",), msg("ver a lista"), msg("Ver as linhas do plano"), hint=15),
    Command("schedules.run", ("x",), msg("executa"), msg("Executar agora"), msg("executar"), 10, True),
    Command("schedules.pause", ("p",), msg("pausa"), msg("Pausar ou retomar o agendamento"), msg("pausar"), 15, True),
    Command(
        "schedules.confirm", ("c",), msg("confirma"), msg("Confirmar o que sumiu da origem"), msg("confirmar"), 12, True
    ),
    Command("schedules.refresh", ("r",), "", msg("Atualizar agora"), msg("atualizar")),
)

_BY_ID: Final = {command.id: command for command in COMMANDS}
NO_OVERRIDES: Final[Mapping[str, str]] = {}


def commands(scopes: Iterable[Scope], read_only: bool = False) -> list[Command]:
    """The commands of these scopes, in the table's order; without those that write when ``read_only``."""
    wanted = frozenset(scopes)
    return [command for command in COMMANDS if command.scope in wanted and not (read_only and command.writes)]


def keys_of(command: Command, overrides: Mapping[str, str] = NO_OVERRIDES) -> tuple[str, ...]:
    """The keys in force for the command, as Textual names them."""
    chosen = overrides.get(command.id)
    listed = command.keys if chosen is None else tuple(chosen.split(","))
    return tuple(keys.normal(key) for key in listed if key.strip())


def bindings_for(scope: Scope, read_only: bool = False) -> list[Binding]:
    """Textual's bindings of one scope; the command's id is the binding's id, so ``App.set_keymap(overrides)`` works."""
    return [
        Binding(",".join(keys_of(command)), command.action, command.help, show=False, id=command.id)
        for command in commands((scope,), read_only)
    ]


def may_run(scope: Scope, action: str, read_only: bool) -> bool:
    """What ``check_action`` answers: False for a command that writes on a read-only screen."""
    command = _BY_ID.get(f"{scope}.{action}")
    return command is None or not (read_only and command.writes)


def key_line(
    scope: Scope,
    width: int,
    read_only: bool = False,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    ascii_only: bool = False,
) -> tuple[Hint, ...]:
    """The most useful commands of the scope and of those that listen with it, as many as fit whole in ``width``."""
    found = _offered(_stack(scope), _stack(scope), read_only)
    ranked = sorted((command for command in found if command.label), key=lambda command: command.hint)
    fitting: list[tuple[int, Hint]] = []
    left = width
    for command in ranked:
        used = keys_of(command, overrides)
        if not used:
            continue
        hint = Hint(keys.shown(used[0], ascii_only), _(command.label))
        needed = hint.width + (2 if fitting else 0)
        if needed <= left:
            fitting.append((command.hint or 1000, hint))
            left -= needed
    return tuple(hint for _rank, hint in sorted(fitting, key=lambda pair: pair[0]))


def help_rows(
    scopes: Sequence[Scope],
    read_only: bool = False,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    ascii_only: bool = False,
) -> list[HelpRow]:
    """The help of a screen: every command of the scopes with all its keys, in the order of the scopes."""
    return [
        HelpRow(scope, " ".join(keys.shown(key, ascii_only) for key in keys_of(command, overrides)), _(command.help))
        for scope in scopes
        for command in _offered((scope,), scopes, read_only)
    ]


def find(text: str, scopes: Sequence[Scope], read_only: bool = False) -> list[Command]:
    """What ``:`` offers for a text: commands whose word starts with it, then those whose help holds it."""
    wanted = fold(text)
    named = [command for command in commands(scopes, read_only) if command.word]
    named.sort(key=lambda command: scopes.index(command.scope))
    starting = [command for command in named if fold(_(command.word)).startswith(wanted)]
    starting.sort(key=lambda command: fold(_(command.word)) != wanted)
    holding = [command for command in named if command not in starting and wanted in fold(_(command.help))]
    return starting + holding


def problems(overrides: Mapping[str, str]) -> list[str]:
    """What is wrong with rebound keys, one sentence each: unknown ids, keys that cannot work, two meanings of a key."""
    found: list[str] = []
    for command_id, chosen in overrides.items():
        if command_id not in _BY_ID:
            near = difflib.get_close_matches(command_id, _BY_ID, 1)
            advice = _("; você quis dizer {id}?").format(id=near[0]) if near else ""
            found.append(_("{id}: não há comando com este nome{advice}").format(id=command_id, advice=advice))
            continue
        reasons = filter(None, (keys.problem(key) for key in chosen.split(",")))
        found.extend(f"{command_id}: {reason}" for reason in reasons)
    return found + _clashes(overrides)


def _offered(scopes: Iterable[Scope], screen: Iterable[Scope], read_only: bool) -> list[Command]:
    """The commands of ``scopes`` that mean something on a screen where the scopes ``screen`` listen together."""
    idle = MARKING if UNMARKED.intersection(screen) else frozenset()
    found = commands(scopes, read_only)
    return [command for command in found if command.scope is not Scope.TABLE or command.action not in idle]


def _clashes(overrides: Mapping[str, str]) -> list[str]:
    found: dict[str, None] = {}
    for stack in STACKS:
        owner: dict[str, Command] = {}
        for command in commands(stack):
            for key in keys_of(command, overrides):
                other = owner.setdefault(key, command)
                if other is not command:
                    message = _("a tecla {key} serve a dois comandos: {one} e {two}")
                    found[message.format(key=keys.shown(key), one=other.id, two=command.id)] = None
    return list(found)


def _stack(scope: Scope) -> tuple[Scope, ...]:
    return next((stack for stack in STACKS if stack[0] is scope), (scope,))
