"""Starting a piece of work beside the interface's loop; what it raises never ends the program."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.dom import DOMNode

from vtexmon.errors import VtexmonError
from vtexmon.i18n import _

Told = Callable[[str], None]


def start(
    node: DOMNode,
    work: Callable[..., Coroutine[Any, Any, None]],
    *arguments: Any,
    group: str,
    failed: Told,
    exclusive: bool = True,
) -> None:
    """Run ``work(*arguments)`` in the node's group, in place of what runs there; ``failed`` is told what it raises."""
    guarded = partial(_guarded, work, arguments, failed)
    node.run_worker(guarded, group=group, exclusive=exclusive, exit_on_error=False)  # type: ignore[arg-type]


def problem_words(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, VtexmonError):
        return str(error)
    return _("o banco de dados não respondeu: {problem}").format(problem=error)


async def _guarded(work: Callable[..., Coroutine[Any, Any, None]], arguments: tuple[Any, ...], failed: Told) -> None:
    try:
        await work(*arguments)
    except Exception as error:
        failed(problem_words(error))
