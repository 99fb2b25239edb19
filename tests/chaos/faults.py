"""What may become of one request between a process and VTEX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.memory_vtex import TAKES
from tests.chaos.simulation import DEADLINE, GRACE
from tests.engine.bench import says
from vtexmon.core.exchange import Answer, Request

SOON, LATE = TAKES, DEADLINE + GRACE - 1
PAGE = "<!DOCTYPE html><html><body>Em manutenção</body></html>"
LOGIN = "<!DOCTYPE html><html><head><title>Login</title></head><body>VTEX ID</body></html>"


@dataclass(frozen=True)
class Trouble:
    """``applied_after`` seconds, None = never. ``says`` is answered at once instead of VTEX's own answer.

    Without ``hears`` the connection is cut when the answer is there; nothing applied and nothing said is silence.
    """

    applied_after: float | None = SOON
    says: Callable[[Request], Answer] | None = None
    hears: bool = True
    refused: bool = False
    dies_at_once: bool = False
    dies_after: bool = False


WELL = Trouble()


def _answers(status: int, text: str = "", applied_after: float | None = None, **headers: str) -> Trouble:
    return Trouble(applied_after, says(status, text, **headers))


TROUBLES = {
    "slow": Trouble(DEADLINE - 1),
    "the answer is lost": Trouble(hears=False),
    "it is lost": Trouble(None),
    "hangs beyond the deadline, applied": Trouble(DEADLINE + 1),
    "hangs beyond the deadline, applied late": Trouble(LATE),
    "dies before it arrives": Trouble(None, dies_at_once=True),
    "dies when it is applied": Trouble(dies_after=True),
    "dies with it on its way": Trouble(LATE, dies_at_once=True),
    "429 with Retry-After": _answers(429, '"Too many requests"', retry_after="30"),
    "503 with Retry-After": _answers(503, '"Unavailable"', retry_after="30"),
    "503": _answers(503),
    "500, not applied": _answers(500, '{"Message":"An error has occurred."}'),
    "500, applied": _answers(500, '{"Message":"An error has occurred."}', SOON),
    "504, applied late": _answers(504, "", GRACE - 1),
    "401": _answers(401, '"Unauthorized"'),
    "404, a page": _answers(404, PAGE, content_type="text/html"),
    "400": _answers(400, '"The field Name is invalid."'),
    "200, a page": _answers(200, PAGE, content_type="text/html"),
    "200, a page, applied": _answers(200, PAGE, SOON, content_type="text/html"),
    "200, the log-in page": _answers(200, LOGIN, content_type="text/html"),
    "200, cut off, applied": _answers(200, '{"Id": 5', SOON),
    "connection refused": Trouble(None, refused=True),
}
