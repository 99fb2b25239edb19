"""The entry point: arguments in, exit code out (DESIGN.md section 8). Here an error becomes a sentence.

``--version`` and ``--help`` must stay quick, so nothing heavy is imported here or in ``root.py``; a verb's own module
is imported when that verb is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from vtexmon import __version__
from vtexmon.cli import signals
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _

UNEXPECTED = 1
INTERRUPTED = 130


def run() -> None:
    """The console script ``vtexmon``."""
    signals.install()
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code. Never raises."""
    if list(arguments) in (["--version"], ["-V"]):
        sys.stdout.write(f"vtexmon {__version__}\n")
        return 0
    try:
        return _carry_out(list(arguments))
    except VtexmonError as error:
        _say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        _forget_stdout()
        return 0
    except Exception as bug:
        return _refused_by_typer(bug) or _unexpected(bug, arguments)


def _carry_out(arguments: list[str]) -> int:
    from vtexmon.cli.root import command

    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    code = command().main(arguments, prog_name="vtexmon", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _refused_by_typer(error: Exception) -> int | None:
    """The exit code when the error is about the arguments. Typer's classes move between its versions: ask by shape."""
    if not hasattr(error, "format_message"):
        return None
    from vtexmon.cli.words import usage_words

    sys.stderr.write(usage_words(error) + "\n")
    return int(getattr(error, "exit_code", 2))


def _unexpected(bug: Exception, arguments: Sequence[str]) -> int:
    from vtexmon.cli.report import write_report

    file = write_report(bug, arguments)
    _say(_("falha inesperada: {0}").format(type(bug).__name__))
    if file is not None:
        _say(_("um relatório foi gravado em {0}; envie-o a quem mantém o vtexmon").format(file))
    return UNEXPECTED


def _say(text: str) -> None:
    from vtexmon.core.sanitize import sanitize

    sys.stderr.write(sanitize(text, keep_newlines=True) + "\n")


def _forget_stdout() -> None:
    """Keep the interpreter from flushing into the closed pipe once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
