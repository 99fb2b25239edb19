"""What VTEX holds already: the record of a known id or of a RefId, the one a creation's answer tells of, and whether it
is as wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vtexmon.core.exchange import Answer, Request, Verdict
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.i18n import _
from vtexmon.integrations.contract import RecordFailed, Sent, Step
from vtexmon.vtex.wire import created_id


def adopted(created: Answer, step: Step) -> Sent:
    """The id in the answer of a creation; an answer without one is left to be found by name next time."""
    external_id = created_id(created.json)
    if external_id is None:
        raise RecordFailed(
            Failure(
                FailureClass.UNKNOWN,
                _("a VTEX respondeu sem o código do registro criado"),
                created.request.path,
                _("Reenvie: o registro será procurado antes de ser criado de novo."),
            )
        )
    step.learned(str(external_id))
    return Sent(str(external_id))


async def known_or_found(
    ref_id: str, by_id: Callable[[str], Request], by_ref_id: Request, step: Step
) -> Mapping[str, Any] | None:
    """The record as it is now, ready to be merged; None = there is none.

    An id from before is trusted as long as it shows our RefId; otherwise the record is looked up by RefId.
    """
    if step.known_id is not None:
        answer = await step.read(by_id(step.known_id))
        if answer.verdict is Verdict.DONE and isinstance(answer.json, dict) and answer.json.get("RefId") == ref_id:
            return answer.json
    found = created_id((await step.read(by_ref_id)).json)
    return None if found is None else await read_to_merge(by_id(str(found)), step)


async def read_to_merge(request: Request, step: Step) -> Mapping[str, Any]:
    """A record that VTEX has named, as it is now; raises ``RecordFailed`` when it is not shown: a PUT would wipe it."""
    answer = await step.read(request)
    if answer.verdict is Verdict.DONE and isinstance(answer.json, dict):
        return answer.json
    raise RecordFailed(
        Failure(
            FailureClass.UNKNOWN,
            _("a VTEX diz que o registro existe, mas não o mostra"),
            request.path,
            _("Confira o registro na VTEX; o reenvio procura por ele antes de criar."),
        )
    )


def holds(existing: Mapping[str, Any], owned: Mapping[str, Any]) -> bool:
    """Whether what was read shows every field, and as wanted; VTEX answers null for an empty text."""
    return all(name in existing and _equal(existing[name], value) for name, value in owned.items())


def _equal(found: Any, wanted: Any) -> bool:
    if wanted is None or wanted == "":
        return found is None or found == ""
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
