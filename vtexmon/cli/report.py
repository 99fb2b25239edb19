"""The report of an unexpected failure: enough for who maintains the program, nothing that must stay secret."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from vtexmon import __version__
from vtexmon.cli.context import loaded_config
from vtexmon.core.redaction import Redactor

OWNER_ONLY = 0o600


def state_folder() -> Path:
    """``$XDG_STATE_HOME/vtexmon``."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "vtexmon"


def write_report(bug: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write the report, readable by its owner only; None where that is not possible."""
    now = datetime.now(UTC)
    file = state_folder() / f"falha-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as written:
            written.write(_text(bug, arguments, now))
    except OSError:
        return None
    return file


def _text(bug: BaseException, arguments: Sequence[str], now: datetime) -> str:
    head = (
        f"vtexmon {__version__}\n{now:%Y-%m-%dT%H:%M:%SZ}\nPython {sys.version}\n{platform.platform()}\n"
        f"vtexmon {' '.join(arguments)}\n\n"
    )
    return Redactor(_secrets()).text(head + "".join(traceback.format_exception(bug)))


def _secrets() -> list[str]:
    config = loaded_config()
    if config is None:
        return []
    from urllib.parse import unquote, urlsplit

    from vtexmon.config import secrets_of

    found = [secret.value for secret in secrets_of(config).values() if secret.value]
    password = urlsplit(config.database_url).password
    return [*found, password, unquote(password)] if password else found
