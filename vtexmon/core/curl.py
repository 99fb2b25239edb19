"""A request as a curl command that can be shared: what was sent, with the secrets left to the reader's environment."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

_SECRETS = {
    "x-vtex-api-appkey": "$VTEX_APP_KEY",
    "x-vtex-api-apptoken": "$VTEX_APP_TOKEN",
    "vtexidclientautcookie": "$VTEX_ID_COOKIE",
    "authorization": "$AUTHORIZATION",
    "proxy-authorization": "$PROXY_AUTHORIZATION",
    "cookie": "$COOKIE",
}
_VTEX_HEADERS = {"X-VTEX-API-AppKey": "", "X-VTEX-API-AppToken": ""}


def as_curl(method: str, url: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> str:
    """The command for a POSIX shell. ``headers`` None stands for those that every VTEX request carries."""
    if headers is None:
        headers = {**_VTEX_HEADERS, "Accept": "application/json"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
    parts = [f"curl -X {shlex.quote(method)} {shlex.quote(url)}"]
    parts += [f"-H {_header(name, value)}" for name, value in headers.items()]
    if body is not None:
        parts.append(f"--data-raw {shlex.quote(body)}")
    return " \\\n  ".join(parts)


def _header(name: str, value: str) -> str:
    secret = _SECRETS.get(name.lower())
    return f'"{name}: {secret}"' if secret else shlex.quote(f"{name}: {value}")
