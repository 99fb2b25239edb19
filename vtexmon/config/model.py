"""The configuration as typed values (DESIGN.md section 7). Defaults stand here and nowhere else.

Reading files, the environment and secrets is left to the neighbours; these classes only say what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from vtexmon.core.status import RetryPolicy

DEFAULT_ENVIRONMENT = "vtexcommercestable"
"""VTEX's own default of *Ambiente* (``domain/vtex.md`` 1.2)."""


@dataclass(frozen=True)
class Secret:
    """A reference to a secret (``env:NAME``, ``file:PATH`` …) and, once resolved, its value; never shown.

    ``value`` None = the reference could not be resolved; ``problem`` then says why.
    """

    reference: str
    value: str | None = field(default=None, repr=False)
    problem: str = ""

    def __str__(self) -> str:
        return self.reference


@dataclass(frozen=True)
class Account:
    """One VTEX account. ``name`` is the table's name in the file, ``account_name`` VTEX's (*Nome da Conta*)."""

    name: str
    account_name: str
    environment: str
    stage: str
    app_key: Secret
    app_token: Secret
    base_url: str
    pricing_url: str
    reviews_url: str

    @property
    def has_credentials(self) -> bool:
        """Whether both references were resolved."""
        return self.app_key.value is not None and self.app_token.value is not None


@dataclass(frozen=True)
class SkuDimensions:
    """What VTEX demands of every SKU; ``weight`` in grams, a whole number."""

    weight: int = 1
    height: float = 1
    width: float = 1
    length: float = 1


@dataclass(frozen=True)
class TradePolicy:
    """Sales channel ids at VTEX."""

    b2c: int = 1
    b2b: int = 2


@dataclass(frozen=True)
class Catalog:
    """*Dados Integração - Produto/SKU*: which account receives products and SKUs per channel, and how they are made."""

    b2c: str | None = None
    b2b: str | None = None
    default_brand: str = ""
    default_image_url: str = ""
    sku_dimensions: SkuDimensions = SkuDimensions()
    trade_policy: TradePolicy = TradePolicy()
    product_ref_id: str = "{codcoligada}-{codfilial}-{codcurso}"
    sku_ref_id: str = "{codcoligada}-{codfilial}-{codturma}"
    kit_ref_id: str = "{codcoligada}-{codfilial}-{codkit}"
    kit_category: str = "Kits"
    create_categories: bool = True
    create_brands: bool = True
    max_vanished_percent: int = 30
    b2b_seats: str = "same"
    product_specifications: Mapping[str, str] = field(default_factory=dict)
    sku_specifications: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Regional:
    """*Dados Integração Geral*, one per regional. ``branches`` empty = all of the company."""

    name: str
    company: int
    branches: tuple[int, ...] = ()
    b2c: str | None = None
    b2b: str | None = None
    warehouse: str = ""
    sku_id: str = "catalog"


@dataclass(frozen=True)
class Resend:
    """*Parâmetros Gerais*: ``max_attempts`` None (absent, ``""`` or 0) = no automatic resend at all."""

    max_attempts: int | None = None
    leave_data_errors: bool = False


@dataclass(frozen=True)
class Finance:
    """*Dados Financeiros* of one context."""

    company: int
    branch: int
    education_level: str
    payment_methods: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    """When something runs by itself: ``every`` (an interval) or ``cron`` (five fields, in the configured time zone)."""

    name: str
    every: timedelta | None = None
    cron: str | None = None
    enabled: bool = True


@dataclass(frozen=True)
class EngineSettings:
    """Times of the send protocol (DESIGN.md section 4)."""

    lease: timedelta = timedelta(seconds=180)
    request_deadline: timedelta = timedelta(seconds=60)
    verify_grace: timedelta = timedelta(seconds=60)
    verify_attempts: int = 5
    clients: int = 4
    first_resend_delay: timedelta = timedelta(seconds=60)
    max_resend_delay: timedelta = timedelta(hours=6)


@dataclass(frozen=True)
class Limit:
    """Requests per second and burst for one API of one account."""

    rate: float
    burst: int


@dataclass(frozen=True)
class Access:
    """Who may do what: ``leitura``, ``operador`` or ``administrador``, by operating-system user or group."""

    default: str = "operador"
    users: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """The whole configuration. ``path`` None = no file. ``origins`` says for each dotted key where its value is from.

    ``database_url`` may carry a password, so it is never part of the ``repr``; ``source_secrets`` holds the references
    among the source's keys (``password``), ``source`` all its other keys, dotted (``queries.cursos``).
    """

    path: Path | None = None
    language: str = "pt_BR"
    timezone: str = "America/Sao_Paulo"
    database_url: str = field(default="sqlite:///vtexmon.db", repr=False)
    source_type: str = "files"
    source: Mapping[str, str] = field(default_factory=dict)
    source_secrets: Mapping[str, Secret] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    catalog: Catalog = Catalog()
    regionals: tuple[Regional, ...] = ()
    resend: Resend = Resend()
    finance: tuple[Finance, ...] = ()
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    engine: EngineSettings = EngineSettings()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    access: Access = Access()
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def retry_policy(self) -> RetryPolicy:
        """The state machine's view of ``[resend]`` and ``[engine]``."""
        return RetryPolicy(
            self.resend.max_attempts,
            self.engine.first_resend_delay,
            self.engine.max_resend_delay,
            self.resend.leave_data_errors,
        )

    def regional_for(self, company: int, branch: int) -> Regional | None:
        """The most specific regional of a branch: one that names it wins over one that takes all of the company."""
        mine = [regional for regional in self.regionals if regional.company == company]
        named = [regional for regional in mine if branch in regional.branches]
        open_ones = [regional for regional in mine if not regional.branches]
        return next(iter(named or open_ones), None)
