"""The sandbox's handlers asked without a socket, as the program would ask them."""

from __future__ import annotations

from urllib.parse import urlencode

from vtexmon.core.exchange import Api, Request
from vtexmon.sandbox import sandbox_account
from vtexmon.sandbox import wire as vtex_wire
from vtexmon.sandbox.service import Service
from vtexmon.vtex.client import encode_body


async def ask(service: Service, account_name: str, request: Request) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of VTEX's answer, after doing it."""
    key = sandbox_account(account_name)
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        vtex_wire.APP_KEY_HEADER: key.app_key,
        vtex_wire.APP_TOKEN_HEADER: key.app_token,
    }
    path = f"/{account_name}{request.path}" if request.api is Api.PRICING else request.path
    content = b"" if request.body is None else encode_body(request.body).encode()
    asked = vtex_wire.Request(request.method, path, urlencode(request.query), headers, content)
    answer = (await service.handle(asked)).answer
    assert answer is not None
    return answer.status, {"content-type": answer.content_type, **answer.headers}, answer.body
