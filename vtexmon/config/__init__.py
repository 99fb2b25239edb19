"""The configuration contract (DESIGN.md section 7): typed values, where each comes from, and every problem at once."""

from vtexmon.config.access import Role, role_of
from vtexmon.config.credentials import renewed, resolve_secret
from vtexmon.config.listing import Setting, fingerprint, settings
from vtexmon.config.loading import check, load, load_text, require_credentials, secrets_of
from vtexmon.config.model import (
    Access,
    Account,
    Catalog,
    Config,
    EngineSettings,
    Finance,
    Limit,
    Regional,
    Resend,
    Schedule,
    Secret,
    SkuDimensions,
    TradePolicy,
)
from vtexmon.config.notices import warnings
from vtexmon.config.schema import PUBLISHED_LIMITS
from vtexmon.config.schema_export import json_schema
from vtexmon.config.urls import is_loopback, masked_url
from vtexmon.config_file import find

__all__ = [
    "PUBLISHED_LIMITS",
    "Access",
    "Account",
    "Catalog",
    "Config",
    "EngineSettings",
    "Finance",
    "Limit",
    "Regional",
    "Resend",
    "Role",
    "Schedule",
    "Secret",
    "Setting",
    "SkuDimensions",
    "TradePolicy",
    "check",
    "find",
    "fingerprint",
    "is_loopback",
    "json_schema",
    "load",
    "load_text",
    "masked_url",
    "renewed",
    "require_credentials",
    "resolve_secret",
    "role_of",
    "secrets_of",
    "settings",
    "warnings",
]
