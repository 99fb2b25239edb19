"""A ready ``vtexmon.toml`` for a sandbox, and the credentials it refers to. Files are left to ``folder.py``.

The first account of the settings becomes the catalogue account ``nacional``, the last one the regional account ``sp``.
"""

from collections.abc import Mapping

from vtexmon.sandbox.settings import AccountSettings, SandboxSettings

DEFAULT_IMAGE_URL = "https://loja.example/curso.png"
SOURCE_FOLDER = "dados"
SECRETS_FOLDER = "segredos"
CATALOGUE_ALIAS = "nacional"
REGIONAL_ALIAS = "sp"

_HEAD = """\
# Configuração pronta para o sandbox em {url} (nenhum dado sai desta máquina).
language = "pt_BR"
timezone = "America/Sao_Paulo"

[database]
url = "sqlite:///vtexmon.db"

[source]
type = "files"
path = "{source}"
"""

_ACCOUNT = """
[accounts.{alias}]
account_name = "{name}"
environment = "vtexcommercestable"
stage = "sandbox"
app_key = "{app_key}"
app_token = "{app_token}"
base_url = "{url}"
pricing_url = "{url}/{name}"
reviews_url = "{url}"
"""

_REST = """
[catalog]
b2c = "{catalogue}"
default_brand = "SENAI"
default_image_url = "{image_url}"
sku_dimensions = {{ weight = 1, height = 1, width = 1, length = 1 }}
trade_policy = {{ b2c = 1, b2b = 2 }}

[[regionals]]
name = "SENAI-SP"
company = 1
branches = [12]
b2c = "{regional}"
warehouse = "1"
sku_id = "catalog"

[resend]
max_attempts = 3

[schedules]
catalog_export = {{ every = "15m" }}
resend = {{ every = "1m" }}
resend_all = {{ cron = "0 22 * * *", enabled = false }}
orders = {{ every = "2m" }}
reviews = {{ cron = "0 5 * * *" }}
"""


def accounts_by_alias(settings: SandboxSettings) -> Mapping[str, AccountSettings]:
    """The accounts under the names that the configuration gives them."""
    return {CATALOGUE_ALIAS: settings.accounts[0], REGIONAL_ALIAS: settings.accounts[-1]}


def render_config(settings: SandboxSettings, url: str, references: str = "env") -> str:
    """The text of ``vtexmon.toml``.

    ``references`` is ``env`` (variables of ``environment``) or ``file`` (``secret_files``).
    """
    refer = {"env": _env_reference, "file": _file_reference}[references]
    accounts = [
        _ACCOUNT.format(
            alias=alias,
            name=account.name,
            url=url,
            app_key=refer(alias, "app-key"),
            app_token=refer(alias, "app-token"),
        )
        for alias, account in accounts_by_alias(settings).items()
    ]
    rest = _REST.format(catalogue=CATALOGUE_ALIAS, regional=REGIONAL_ALIAS, image_url=DEFAULT_IMAGE_URL)
    return "".join([_HEAD.format(url=url, source=SOURCE_FOLDER), *accounts, rest])


def environment(settings: SandboxSettings) -> dict[str, str]:
    """Variable to value, for the references of the ``env`` form."""
    return {_variable(alias, part): value for alias, part, value in _secrets(settings)}


def secret_files(settings: SandboxSettings) -> dict[str, str]:
    """Relative path to content, for the references of the ``file`` form."""
    return {_path(alias, part): value for alias, part, value in _secrets(settings)}


def _secrets(settings: SandboxSettings) -> list[tuple[str, str, str]]:
    return [
        (alias, part, value)
        for alias, account in accounts_by_alias(settings).items()
        for part, value in (("app-key", account.app_key), ("app-token", account.app_token))
    ]


def _env_reference(alias: str, part: str) -> str:
    return f"env:{_variable(alias, part)}"


def _file_reference(alias: str, part: str) -> str:
    return f"file:{_path(alias, part)}"


def _variable(alias: str, part: str) -> str:
    return f"VTEX_{alias}_{part}".replace("-", "_").upper()


def _path(alias: str, part: str) -> str:
    return f"{SECRETS_FOLDER}/{alias}-{part}"
