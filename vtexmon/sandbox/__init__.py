"""A VTEX on loopback, for the demo, for trying the program and for tests.

It keeps state and behaves as ``domain/vtex.md`` tells, traps included, and computes every truth by itself: it imports
nothing from the rest of the program, and nothing outside this package knows that it exists.
"""

from vtexmon.sandbox.fault_spec import parse_fault
from vtexmon.sandbox.folder import write_folder
from vtexmon.sandbox.limits import PUBLISHED_LIMITS, Limit
from vtexmon.sandbox.server import SandboxServer, serve
from vtexmon.sandbox.settings import (
    DEFAULT_ACCOUNTS,
    DEFAULT_PORT,
    NATIONAL_ACCOUNT,
    REGIONAL_ACCOUNT,
    AccountSettings,
    SandboxSettings,
    sandbox_account,
)
from vtexmon.sandbox.template import environment, render_config
from vtexmon.sandbox.thread import RunningSandbox, running_sandbox

__all__ = [
    "DEFAULT_ACCOUNTS",
    "DEFAULT_PORT",
    "NATIONAL_ACCOUNT",
    "PUBLISHED_LIMITS",
    "REGIONAL_ACCOUNT",
    "AccountSettings",
    "Limit",
    "RunningSandbox",
    "SandboxServer",
    "SandboxSettings",
    "environment",
    "parse_fault",
    "render_config",
    "running_sandbox",
    "sandbox_account",
    "serve",
    "write_folder",
]
