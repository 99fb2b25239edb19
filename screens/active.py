"""What can be done on a screen right now, told by its active bindings, so that ``:`` and the help cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.dom import DOMNode
from textual.screen import Screen

from screens.commands import STACKS, Command, Scope, find
from vtexmon.i18n import _


def scopes(screen: Screen[object]) -> tuple[Scope, ...]:
    """The scopes that are heard on the screen with what has the focus, the most special first."""
    ids = (active.binding.id for active in screen.active_bindings.values())
    heard = {Scope(name.partition(".")[0]) for name in ids if name and name.partition(".")[0] in set(Scope)}
    known = dict.fromkeys(scope for stack in STACKS for scope in stack if scope in heard)
    return tuple(sorted(known, key=lambda scope: (scope is Scope.GLOBAL, list(known).index(scope))))


def doers(screen: Screen[object]) -> dict[str, DOMNode]:
    """The node that does each command which is enabled now, by the command's id."""
    return {
        active.binding.id: active.node
        for active in screen.active_bindings.values()
        if active.binding.id and active.enabled
    }


def completer(heard: Sequence[Scope], read_only: bool) -> Callable[[str], list[str]]:
    """What ``:`` offers for a text: the words of commands."""

    def complete(text: str) -> list[str]:
        return [_(command.word) for command in find(text, heard, read_only)]

    return complete


def meant(text: str, heard: Sequence[Scope], read_only: bool) -> Command | None:
    """The command that a text after ``:`` means; None when it means none."""
    return next(iter(find(text.strip(), heard, read_only)), None) if text.strip() else None
