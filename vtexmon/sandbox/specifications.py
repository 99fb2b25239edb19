"""Specifications of products and SKUs by name (``domain/vtex.md`` 2.4).

Group, field and values are made when missing.
"""

from vtexmon.sandbox.fields import Field, invalid, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.routes import Call
from vtexmon.sandbox.wire import Answer, Record, json_answer

_FIELDS = (
    Field("FieldName", str, required=True, length=100),
    Field("GroupName", str, required=True),
    Field("RootLevelSpecification", bool, required=True),
    Field("FieldValues", list, required=True),
)


def put_specification(call: Call, specifications: dict[str, Record], owner: Record) -> Answer:
    """Set the values of one field of a product or SKU; ``owner`` is its id under the name that the answer uses."""
    body = call.json()
    refuse_trailing_blanks(body)
    fields = read_fields(_FIELDS, body)
    if not all(isinstance(value, str) for value in fields["FieldValues"]):
        raise invalid({"FieldValues": ["Every value must be a string."]})
    known = specifications.get(fields["FieldName"])
    field_id = known["FieldId"] if known else next(call.world.ids.specification)
    specifications[fields["FieldName"]] = fields | {"FieldId": field_id}
    return json_answer(
        [
            {"Id": field_id * 100 + place, **owner, "FieldId": field_id, "FieldValueId": place, "Text": text}
            for place, text in enumerate(fields["FieldValues"], start=1)
        ]
    )
