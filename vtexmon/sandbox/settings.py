"""Everything that can be set about a sandbox, with the constants people need to talk to it.

The default accounts and their credentials are written here and nowhere else. They are no secrets: they open nothing
but a server on loopback.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vtexmon.sandbox.limits import PUBLISHED_LIMITS, Limit

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8099


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One VTEX account and the only key pair that opens it.

    ``catalog_of`` names another account whose catalogue this one shares instead of having its own.
    """

    name: str
    app_key: str
    app_token: str
    catalog_of: str | None = None


def sandbox_account(name: str, catalog_of: str | None = None) -> AccountSettings:
    """An account with the sandbox's usual credentials for that name."""
    return AccountSettings(name, f"vtexappkey-{name}-SANDBOX", f"sandbox-token-{name}", catalog_of)


NATIONAL_ACCOUNT = sandbox_account("lojanacional")
REGIONAL_ACCOUNT = sandbox_account("lojasp")
DEFAULT_ACCOUNTS = (NATIONAL_ACCOUNT, REGIONAL_ACCOUNT)


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How one sandbox is to be; port 0 lets the system choose.

    ``warehouses`` maps id to name, in every account. ``tree_cache_seconds`` is how old the public category tree may be.
    ``journal_cap`` is how many requests are remembered. ``limits`` maps a limit's name to its figures, None for
    unlimited.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    accounts: tuple[AccountSettings, ...] = DEFAULT_ACCOUNTS
    warehouses: Mapping[str, str] = field(default_factory=lambda: {"1": "Depósito principal", "1_1": "Main Warehouse"})
    sales_channels: Mapping[int, str] = field(default_factory=lambda: {1: "Loja principal", 2: "B2B"})
    faults: tuple[str, ...] = ()
    limits: Mapping[str, Limit | None] = field(default_factory=lambda: dict(PUBLISHED_LIMITS))
    latency_seconds: float = 0.0
    tree_cache_seconds: float = 0.0
    journal_cap: int = 200_000
