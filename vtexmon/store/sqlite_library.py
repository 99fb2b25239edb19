"""Which SQLite is used: the interpreter's own is often too old to be trusted with a WAL database."""

from __future__ import annotations

import sqlite3
import sys
from types import ModuleType

from vtexmon.i18n import _

FIXED_SQLITE = (3, 51, 3)
"""The first SQLite without the WAL-reset corruption (reference/engine.md 2.4); backports are 3.44.6 and 3.50.7."""


SQLITE = "sqlite:///"


def file_of(url: str) -> str | None:
    """The file that a SQLite URL of the configuration names; None for another database."""
    return url.removeprefix(SQLITE).partition("?")[0] if url.startswith(SQLITE) else None


def sqlite_driver() -> ModuleType:
    """The DB-API module for SQLite: ours when it is fixed, else the ``pysqlite3`` wheel where there is one."""
    if sqlite3.sqlite_version_info >= FIXED_SQLITE:
        return sqlite3
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    module: ModuleType = dbapi2
    return module


def sqlite_warning() -> str | None:
    """What is wrong with the SQLite in use, or None."""
    driver = sqlite_driver()
    version: tuple[int, ...] = driver.sqlite_version_info
    if version >= FIXED_SQLITE or (version[:2] in ((3, 44), (3, 50)) and version[2] >= (6 if version[1] == 44 else 7)):
        return None
    return _(
        "SQLite {0} pode corromper um banco em modo WAL; instale pysqlite3 ou um Python com SQLite ≥ 3.51.3 ({1})"
    ).format(driver.sqlite_version, sys.platform)
