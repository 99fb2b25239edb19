"""What a creation's answer says of the record that VTEX made."""

from __future__ import annotations

from vtexmon.core.exchange import Answer
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
