"""What the integrations share when they plan: keys, rejected rows, the hash of a wanted state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from vtexmon.core.failures import Failure
from vtexmon.core.modules import MODULES, UNREADABLE_KEY_FIELDS
from vtexmon.i18n import _
from vtexmon.integrations.contract import Planned, RecordKey, Wanted
from vtexmon.integrations.offer import Offer, data_failure
from vtexmon.sge.source import Channel, ClassKey, CourseKey, RejectedRow


def wanted_hash(wanted: Wanted) -> str:
    """Equal for equal wanted states. A version that wants more asks VTEX once and writes only differences.

    Specifications, and the category whose fields they fill, count where there are any, so that nothing changes where
    none are configured.
    """
    specifications = getattr(wanted, "specifications", ())
    text = repr(wanted) + (f"{specifications}{getattr(wanted, 'category_key', '')}" if specifications else "")
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def rejected_hash(reason: str) -> str:
    """Stands for the wanted state of a row that cannot be sent: it changes when the reason does."""
    return hashlib.blake2b(f"rejected\n{reason}".encode(), digest_size=16).hexdigest()


def course_key(module: str, account: str, channel: Channel, key: CourseKey, education_level: str) -> RecordKey:
    """The identity of a record that stands for a course."""
    fields = MODULES[module].key_fields
    return RecordKey(module, account, channel.value, key.values, key.company, key.branch, education_level, fields)


def class_key(
    module: str, account: str, channel: Channel, key: ClassKey, education_level: str, *extra: str
) -> RecordKey:
    """The identity of a record that stands for a class; ``extra`` are the key values after CODTURMA."""
    values = (str(key.company), str(key.branch), key.course_class, *extra)
    fields = MODULES[module].key_fields
    if key.period:
        values, fields = (*values, key.period), (*fields, "PERIODOLETIVO")
    return RecordKey(module, account, channel.value, values, key.company, key.branch, education_level, fields)


def rejected(offer: Offer, module: str) -> Iterator[Planned]:
    """The rows of a module that the source could not read, each as a record that fails with the row's own reason."""
    for row in offer.snapshot.rejected:
        if row.module == module:
            yield Planned(_rejected_key(offer, row), _rejection(row))


def _rejection(row: RejectedRow) -> Failure:
    message = _("{0}, linha {1}, coluna {2}, «{3}»: {4}").format(row.file, row.line, row.column, row.value, row.reason)
    return data_failure(message, _("Corrija a linha na origem; o reenvio lê a fonte de novo."))


def _rejected_key(offer: Offer, row: RejectedRow) -> RecordKey:
    """Where the key can be read, the record's own identity, so that the row's failure and its later success are one."""
    module = MODULES[row.module]
    account = offer.catalog_account(Channel.B2C)
    name = account.name if account else ""
    channel = Channel.B2C
    if row.key_values is None:
        values = (row.file, str(row.line))
        return RecordKey(row.module, name, channel.value, values, 0, 0, "", UNREADABLE_KEY_FIELDS)
    company, branch = int(row.key_values[0]), int(row.key_values[1])
    if row.module in ("price", "stock"):
        if row.module == "price" and row.key_values[3] in Channel.__members__.values():
            channel = Channel(row.key_values[3])
        regional = offer.regional_account(ClassKey(company, branch, row.key_values[2]), channel)
        name = regional.name if regional else ""
    fields = module.key_fields
    if len(row.key_values) > len(fields):
        fields = (*fields, "PERIODOLETIVO")
    return RecordKey(row.module, name, channel.value, row.key_values, company, branch, "", fields)
