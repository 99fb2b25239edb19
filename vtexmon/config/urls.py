"""Addresses: VTEX, RM, images and the database. An error never repeats an address, since a password may stand in it."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from vtexmon.config.values import Invalid, Kind, as_text
from vtexmon.i18n import _

_SQLITE = "sqlite:///"
_POSTGRES = "postgresql+psycopg://"
_POSTGRES_SPELLINGS = ("postgresql://", "postgres://")
_USER_PASSWORD = re.compile(r"(?<=://)([^:/?#]*):[^/?#]*(?=@)")
_QUERY_PASSWORD = re.compile(r"(?<=[?&])((?:ssl)?password)=[^&#]*", re.IGNORECASE)


def is_loopback(url: str) -> bool:
    """Whether the address never leaves this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_password(url: str) -> bool:
    """Whether a password stands in the address."""
    return masked_url(url) != url


def masked_url(url: str) -> str:
    """The address as it may be shown: passwords become ``***``."""
    return _QUERY_PASSWORD.sub(r"\1=***", _USER_PASSWORD.sub(r"\1:***", url))


def _http_address(value: object, example: str) -> tuple[str, SplitResult]:
    text = as_text(value, f'"{example}"').rstrip("/")
    remedy = _("Escreva o endereço completo, por exemplo {example}.").format(example=example)
    try:
        parts = urlsplit(text)
        wrong_port = parts.port == 0
    except ValueError:
        raise Invalid(_("não é um endereço válido"), remedy) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or wrong_port or re.search(r"\s", text):
        raise Invalid(_("não é um endereço http(s) completo"), remedy)
    if parts.username is not None or parts.password is not None:
        raise Invalid(_("o endereço traz usuário ou senha"), _("Tire-os do endereço; use as chaves próprias."))
    return text, parts


def _service_url(value: object) -> str | None:
    if value == "":
        return None
    text, parts = _http_address(value, "https://lojanacional.vtexcommercestable.com.br")
    if parts.query or parts.fragment:
        raise Invalid(_("o endereço traz ? ou #"), _("Deixe só esquema, servidor, porta e caminho."))
    if parts.scheme == "http" and not is_loopback(text):
        raise Invalid(
            _("http sem criptografia só é aceito para este computador (127.0.0.1, localhost)"),
            _("Troque http:// por https://."),
        )
    return text


def _image_url(value: object) -> str:
    return "" if value == "" else _http_address(value, "https://www.exemplo.org.br/curso.png")[0]


def _database_url(value: object) -> str:
    text = as_text(value, '"sqlite:///vtexmon.db"')
    for spelling in _POSTGRES_SPELLINGS:
        if text.startswith(spelling):
            text = _POSTGRES + text.removeprefix(spelling)
    name = text.removeprefix(_SQLITE).partition("?")[0]
    usable = text.startswith(_POSTGRES) or (text.startswith(_SQLITE) and name not in ("", ":memory:"))
    if not usable:
        raise Invalid(
            _("não é um banco de dados conhecido"),
            _("Use sqlite:///ARQUIVO ou postgresql+psycopg://usuario@servidor/banco."),
        )
    return text


def _source_url(value: object) -> str | None:
    text = as_text(value, '"https://rm.exemplo.org.br:8051"').rstrip("/") or None
    if text is None:
        return None
    if "://" not in text:
        raise Invalid(_("não é um endereço completo"), _("Comece com o esquema, por exemplo https://."))
    if has_password(text):
        raise Invalid(_("o endereço traz uma senha"), _("Tire-a do endereço e use source.password."))
    return text


URL = Kind(_service_url, {"type": "string", "format": "uri"})
IMAGE_URL = Kind(_image_url)
DATABASE_URL = Kind(_database_url)
SOURCE_URL = Kind(_source_url)


def absolute_path(text: str, folder: Path) -> Path:
    """``text`` against the configuration file's folder, without ``.`` and ``..``."""
    return Path(os.path.normpath(folder / text))


def absolute_database_url(url: str, folder: Path) -> str:
    """The same address; the file of a SQLite one made absolute against the configuration file's folder."""
    if not url.startswith(_SQLITE):
        return url
    name, mark, query = url.removeprefix(_SQLITE).partition("?")
    return f"{_SQLITE}{absolute_path(name, folder)}{mark}{query}"
