"""The ``/_sandbox`` routes.

State, requests, faults and limits, for tests and people. They need no credentials and are never faulted or noted.
"""

from collections.abc import Callable
from typing import Any

from vtexmon.sandbox.fault_spec import parse_fault
from vtexmon.sandbox.limits import limits_from_json
from vtexmon.sandbox.service import Service
from vtexmon.sandbox.wire import (
    Answer,
    Record,
    RefusalError,
    Request,
    empty_answer,
    json_answer,
    message_answer,
    parse_json,
)

PREFIX = "/_sandbox/"


def control(service: Service, request: Request) -> Answer:
    """Answer a request under ``/_sandbox/``; a wrong body is told in Portuguese with 400."""
    handler = _HANDLERS.get((request.method, request.path.removeprefix(PREFIX)))
    if handler is None:
        known = sorted(f"{method} {PREFIX}{name}" for method, name in _HANDLERS)
        return message_answer(404, f"rota desconhecida; existem {', '.join(known)}")
    try:
        return handler(service, request)
    except ValueError as error:
        return message_answer(400, str(error))
    except RefusalError as refusal:
        return refusal.answer


def requests_json(service: Service, since: int) -> Record:
    """The requests after a number, and the number to go on from."""
    return {"requests": service.journal.since(since), "next": service.journal.last_number}


def faults_json(service: Service) -> Record:
    """The rules in force with their counters."""
    return {"faults": [fault.to_json() for fault in service.faults.faults]}


def limits_json(service: Service) -> Record:
    """The limits in force; null is unlimited."""
    return {name: limit.to_json() if limit else None for name, limit in service.limiter.limits.items()}


def _get_state(service: Service, _request: Request) -> Answer:
    return json_answer(service.world.to_json())


def _get_requests(service: Service, request: Request) -> Answer:
    since = request.query().get("since", "0")
    if not since.isdecimal():
        raise ValueError(f"since deve ser um inteiro, não '{since}'")
    return json_answer(requests_json(service, int(since)))


def _get_faults(service: Service, _request: Request) -> Answer:
    return json_answer(faults_json(service))


def _post_faults(service: Service, request: Request) -> Answer:
    body = parse_json(request.body)
    if isinstance(body, dict) and set(body) == {"add"}:
        service.faults.add([parse_fault(spec) for spec in _specs(body["add"])])
    else:
        specs = body["faults"] if isinstance(body, dict) and set(body) == {"faults"} else body
        service.faults.replace([parse_fault(spec) for spec in _specs(specs)])
    return json_answer(faults_json(service))


def _delete_faults(service: Service, _request: Request) -> Answer:
    service.faults.replace([])
    return empty_answer(204)


def _get_limits(service: Service, _request: Request) -> Answer:
    return json_answer(limits_json(service))


def _post_limits(service: Service, request: Request) -> Answer:
    service.limiter.change(limits_from_json(parse_json(request.body)))
    return json_answer(limits_json(service))


def _delete_limits(service: Service, _request: Request) -> Answer:
    service.limiter.restore()
    return empty_answer(204)


def _specs(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(spec, str) for spec in value):
        raise ValueError('esperado uma lista de regras, {"faults": [...]} ou {"add": [...]}')
    return value


_HANDLERS: dict[tuple[str, str], Callable[[Service, Request], Answer]] = {
    ("GET", "state"): _get_state,
    ("GET", "requests"): _get_requests,
    ("GET", "faults"): _get_faults,
    ("POST", "faults"): _post_faults,
    ("DELETE", "faults"): _delete_faults,
    ("GET", "limits"): _get_limits,
    ("POST", "limits"): _post_limits,
    ("DELETE", "limits"): _delete_limits,
}
