"""``vtexmon`` without a verb: the monitor, in the one place where the headless program knows that a screen exists."""

from __future__ import annotations

import os
import sys

from vtexmon.cli.context import current, load_config
from vtexmon.errors import UsageError
from vtexmon.i18n import _


def open_monitor(with_engine: bool) -> int:
    """Open the monitor and give its exit code; raises ``UsageError`` where no screen can be drawn."""
    config = load_config()
    _terminal_needed()
    from screens.app import run_monitor

    read_only = current().read_only
    return run_monitor(config, read_only=read_only, with_engine=with_engine and not read_only)


def _terminal_needed() -> None:
    advice = _("Use os comandos, por exemplo «vtexmon logs» e «vtexmon worker»; veja vtexmon --help.")
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual draws on stderr
        raise UsageError(_("o monitor precisa de um terminal, e a entrada ou uma das saídas não é um.") + " " + advice)
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise UsageError(
            _("o monitor não pode desenhar num terminal TERM=dumb; defina TERM (por exemplo xterm-256color).")
            + " "
            + advice
        )
