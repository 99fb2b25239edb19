"""Especificações: the columns of a course or a class that ``[catalog.specifications]`` names, as VTEX specifications.

Only fields that VTEX's category has are filled, and only with values that a list field offers: nothing is ever made
there. An empty column takes the value away. Only what differs is written. Not configured = not one request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from vtexmon.config import Config
from vtexmon.core.exchange import Request
from vtexmon.core.failures import Failure
from vtexmon.core.text import fold
from vtexmon.errors import UsageError
from vtexmon.i18n import _
from vtexmon.integrations.contract import Arrived, DidNotArrive, Intent, RecordFailed, Step, Verification
from vtexmon.integrations.offer import context_failure, data_failure
from vtexmon.sge.source import Course, CourseClass, Snapshot
from vtexmon.sge.tables import CLASSES, COURSES, PERIOD_COLUMN, Table
from vtexmon.vtex import specifications as vtex
from vtexmon.vtex.shapes import one_line
from vtexmon.vtex.specifications import Field, Held

LONGEST_STEP = 200
_BETWEEN_VALUES = re.compile(r"[,;|]")


@dataclass(frozen=True)
class Specification:
    """VTEX's name of it and what the source says; an empty ``text`` = VTEX is to hold no value."""

    name: str
    text: str


# At the source


def wanted_of(row: Course | CourseClass, configured: Mapping[str, str]) -> tuple[Specification, ...]:
    """What a row wants in the configured specifications, in their order."""
    table: Table[Any] = COURSES if isinstance(row, Course) else CLASSES
    fields = {column.name: column.field for column in table.columns}
    return tuple(Specification(name, _text_of(row, fields, _folded(column))) for name, column in configured.items())


def _text_of(row: Course | CourseClass, fields: Mapping[str, str], column: str) -> str:
    if column not in fields:
        return row.extra.get(column, "")
    owner = row if hasattr(row, fields[column]) else row.key
    return _as_text(getattr(owner, fields[column]))


def _as_text(value: Any) -> str:
    """As people write it: days as 18/01/2027, hours as 19:00, flags as S and N."""
    match value:
        case None:
            return ""
        case bool():
            return "S" if value else "N"
        case date():
            return value.strftime("%d/%m/%Y")
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)


def _folded(column: str) -> str:
    return column.strip().lower()


def refuse_missing_columns(snapshot: Snapshot, config: Config) -> None:
    """Raise ``UsageError`` naming every configured column that the source has not; nothing is sent then."""
    tables: tuple[tuple[str, Table[Any], Collection[Any], Mapping[str, str]], ...] = (
        ("product", COURSES, snapshot.courses.values(), config.catalog.product_specifications),
        ("sku", CLASSES, snapshot.classes.values(), config.catalog.sku_specifications),
    )
    sentence = _(
        "catalog.specifications.{0}: a coluna «{1}» da especificação «{2}» não está em {3}; corrija o nome ou a origem"
    )
    problems = [
        sentence.format(kind, column, name, table.file)
        for kind, table, rows, configured in tables
        for name, column in configured.items()
        if rows and _folded(column) not in _columns(table, next(iter(rows)), snapshot.has_period)
    ]
    if problems:
        raise UsageError("\n".join(problems))


def _columns(table: Table[Any], row: Course | CourseClass, has_period: bool) -> set[str]:
    return {column.name for column in table.columns if has_period or column.name != PERIOD_COLUMN} | set(row.extra)


# At VTEX


@dataclass(frozen=True)
class Filling:
    """A wanted specification with VTEX's field and, of a list, VTEX's spelling and ids of the values."""

    field: Field
    texts: tuple[str, ...]
    value_ids: tuple[int, ...]


async def resolved(wanted: Sequence[Specification], category_id: str, of_sku: bool, step: Step) -> list[Filling]:
    """The fields and values that are meant; raises ``RecordFailed`` when VTEX has not got one of them."""
    return [await _resolved(one, int(category_id), of_sku, step) for one in wanted]


async def _resolved(one: Specification, category_id: int, of_sku: bool, step: Step) -> Filling:
    listing = vtex.category_fields(category_id)
    fields = (await step.read(listing, shared=True)).json
    field_id = vtex.find_field_id(fields, one.name, of_sku, category_id)
    if field_id is None:
        step.forget_shared(listing)
        raise RecordFailed(_no_such_field(one, category_id, of_sku))
    request = vtex.get_field(field_id)
    field = vtex.read_field((await step.read(request, shared=True)).json)
    if field is None or (of_sku and field.type_id not in vtex.SKU_TYPES):
        step.forget_shared(request)
        raise RecordFailed(_no_type_of_a_sku(one))
    if not one.text or not field.is_list:
        return Filling(field, (one.text,) if one.text else (), ())
    return await _chosen(one, field, step)


async def _chosen(one: Specification, field: Field, step: Step) -> Filling:
    """The values of a list that a text names; a checkbox takes several, with a comma between them."""
    listing = vtex.field_values(field.id)
    offered = vtex.values_by_text((await step.read(listing, shared=True)).json)
    by_fold = {fold(text): text for text in offered}
    several = field.type_id == vtex.CHECKBOX and fold(one.text) not in by_fold
    parts = [part.strip() for part in _BETWEEN_VALUES.split(one.text) if part.strip()] if several else [one.text]
    unknown = [part for part in parts if fold(part) not in by_fold]
    if unknown:
        step.forget_shared(listing)
        raise RecordFailed(_no_such_value(one, unknown, sorted(offered)))
    texts = tuple(dict.fromkeys(by_fold[fold(part)] for part in parts))
    return Filling(field, texts, tuple(offered[text] for text in texts))


async def fill_product(product_id: int, fillings: Sequence[Filling], is_new: bool, step: Step) -> None:
    """Bring a product's values to what is wanted: one request for all that is set, one for each that is taken away."""
    differing = await _differing(fillings, None if is_new else vtex.held_by_product(product_id), step)
    setting = {one.field.id: one.texts for one, _held in differing if one.texts}
    if setting:
        changes = [change for change in differing if change[0].texts]
        await step.write(_step_name(changes), vtex.set_of_product(product_id, setting))
    for one, held in differing:
        if not one.texts:
            ids = [one.field.id] if one.field.is_list else [each.id for each in held]
            for own_or_field_id in ids:
                request = vtex.remove_from_product(product_id, own_or_field_id)
                await step.write(_step_name([(one, held)]), request)


async def fill_sku(sku_id: int, fillings: Sequence[Filling], is_new: bool, step: Step) -> bool:
    """Bring a SKU's values to what is wanted; whether anything was written."""
    differing = await _differing(fillings, None if is_new else vtex.held_by_sku(sku_id), step)
    for one, held in differing:
        for request in _sku_requests(sku_id, one, held):
            await step.write(_step_name([(one, held)]), request)
    return bool(differing)


def _sku_requests(sku_id: int, one: Filling, held: Sequence[Held]) -> Iterator[Request]:
    """A SKU has one value in a field: what it has more than that is taken away."""
    wanted = one.value_ids[:1]
    kept = [each for each in held if each.value_id in wanted][:1] or list(held[:1] if wanted else ())
    for each in held:
        if each not in kept:
            yield vtex.remove_from_sku(sku_id, each.id)
    for value_id in wanted:
        if not kept:
            yield vtex.add_to_sku(sku_id, one.field.id, value_id)
        elif kept[0].value_id != value_id:
            yield vtex.change_of_sku(sku_id, kept[0], value_id)


Change = tuple[Filling, list[Held]]


async def _differing(fillings: Sequence[Filling], listing: Request | None, step: Step) -> list[Change]:
    """The fillings that VTEX does not hold, with what it holds instead; ``listing`` None = it holds nothing yet."""
    if not fillings:
        return []
    held: dict[int, list[Held]] = defaultdict(list)
    if listing is not None:
        for each in vtex.read_held((await step.read(listing)).json):
            held[each.field_id].append(each)
    return [(one, held[one.field.id]) for one in fillings if not _is_held(one, held[one.field.id])]


def _is_held(one: Filling, held: Sequence[Held]) -> bool:
    if one.field.is_list:
        return sorted(each.value_id or 0 for each in held) == sorted(one.value_ids)
    return sorted(each.text for each in held if each.text) == sorted(one.texts)


def _step_name(changes: Sequence[Change]) -> str:
    """What is done, in words: the log shows it, and a comparison with VTEX as the difference."""
    told = "; ".join(_change_in_words(one, held) for one, held in changes)
    words = one_line(_("gravar especificação {0}").format(told))
    return words if len(words) <= LONGEST_STEP else words[: LONGEST_STEP - 1] + "…"


def _change_in_words(one: Filling, held: Sequence[Held]) -> str:
    new = ", ".join(one.texts) or _("vazio")
    old = ", ".join(each.text for each in held if each.text)
    return f"{one.field.name}: «{old}» → «{new}»" if old else f"{one.field.name}: «{new}»"


# After doubt


def is_of_specification(intent: Intent) -> bool:
    """Whether an intent is one of this module's writes."""
    return _PATH.search(intent.path) is not None


_PATH = re.compile(r"/(products?|stockkeepingunit)/(\d+)/specification(?:/(\d+))?$")


async def verify(intent: Intent, step: Step) -> Verification:
    """Whether VTEX holds the values that were sent; one that was taken away is not there any more."""
    match = _PATH.search(intent.path)
    assert match is not None
    kind, owner_id, removed = match.groups()
    listing = vtex.held_by_sku(owner_id) if kind == "stockkeepingunit" else vtex.held_by_product(owner_id)
    held = vtex.read_held((await step.read(listing)).json)
    arrived = _is_gone(int(removed), held) if removed else _ARRIVED[kind == "stockkeepingunit"](intent.body, held)
    return Arrived(intent.known_id) if arrived else DidNotArrive()


def _is_gone(own_or_field_id: int, held: Sequence[Held]) -> bool:
    return all(own_or_field_id not in (each.id, each.field_id) for each in held)


def _product_has(sent: Any, held: Sequence[Held]) -> bool:
    """Without regard to accents, some of which VTEX takes away."""
    texts: dict[int, list[str]] = defaultdict(list)
    for each in held:
        texts[each.field_id].append(fold(each.text))
    return all(sorted(map(fold, one["Value"])) == sorted(texts[one["Id"]]) for one in sent)


def _sku_has(sent: Any, held: Sequence[Held]) -> bool:
    return any((each.field_id, each.value_id) == (sent["FieldId"], sent["FieldValueId"]) for each in held)


_ARRIVED: Mapping[bool, Callable[[Any, Sequence[Held]], bool]] = {True: _sku_has, False: _product_has}


def _no_such_field(one: Specification, category_id: int, of_sku: bool) -> Failure:
    kind = _("de SKU") if of_sku else _("de produto")
    return context_failure(
        _("a categoria {0} da VTEX não tem a especificação {1} «{2}», ou ela está inativa").format(
            category_id, kind, one.name
        ),
        _("Na VTEX, crie-a nas especificações da categoria, ou retire-a de [catalog.specifications]."),
    )


def _no_type_of_a_sku(one: Specification) -> Failure:
    return context_failure(
        _("a especificação «{0}» não é do tipo Combo nem Radio, e de um SKU a VTEX só aceita esses").format(one.name),
        _("Na VTEX, crie a especificação com um desses tipos, ou retire-a de [catalog.specifications]."),
    )


def _no_such_value(one: Specification, unknown: Sequence[str], offered: Sequence[str]) -> Failure:
    shown = one_line(", ".join(f"«{text}»" for text in offered)) or "–"
    return data_failure(
        _("{0} não é valor da especificação «{1}» na VTEX; ela aceita: {2}").format(
            ", ".join(f"«{text}»" for text in unknown), one.name, shown
        ),
        _("Corrija a coluna na origem, ou crie o valor na especificação da VTEX."),
    )
