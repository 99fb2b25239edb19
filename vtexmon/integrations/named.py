"""What courses only name, categories and brands, as records: one for each name and account, whatever its spelling."""

from __future__ import annotations

from collections.abc import Callable

from vtexmon.core.modules import ModuleInfo
from vtexmon.core.text import fold
from vtexmon.integrations.contract import Planned, RecordKey, Wanted
from vtexmon.integrations.offer import Offer
from vtexmon.sge.source import Course


def key_for(info: ModuleInfo, account: str, name: str) -> RecordKey:
    """The identity of a name in an account; the spelling shown is the one given."""
    return RecordKey(info.id, account, "", (account, name), 0, 0, "", info.key_fields, f"{account};{fold(name)}")


def plan_names(
    offer: Offer, info: ModuleInfo, name_of: Callable[[Course], str], wanted: Callable[[str, str], Wanted]
) -> list[Planned]:
    """Every name that a course on sale carries, in each account that receives it; ``wanted`` takes account and name.

    Of several spellings the first in order is used, so that it does not change with the order of the rows.
    """
    spelled = sorted({name for course in offer.snapshot.courses.values() if (name := name_of(course))}, reverse=True)
    spelling = {fold(name): name for name in spelled}
    found: dict[str, Planned] = {}
    for key, course in offer.snapshot.courses.items():
        for channel in offer.channels_of_course(key):
            account = offer.catalog_account(channel)
            if account is not None and name_of(course):
                name = spelling[fold(name_of(course))]
                planned = Planned(key_for(info, account.name, name), wanted(account.name, name))
                found.setdefault(planned.key.text, planned)
    return list(found.values())


def plan_one(planned: list[Planned], key: RecordKey) -> Planned | None:
    """The record of one key, as long as a course still names it."""
    return next((one for one in planned if one.key.text == key.text), None)
