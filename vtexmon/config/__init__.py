"""The configuration contract (DESIGN.md section 7): typed values, where each comes from, and every problem at once."""

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

__all__ = [
    "Access",
    "Account",
    "Catalog",
    "Config",
    "EngineSettings",
    "Finance",
    "Limit",
    "Regional",
    "Resend",
    "Schedule",
    "Secret",
    "SkuDimensions",
    "TradePolicy",
]
