"""``store/conditions.py`` for statements that SQLAlchemy builds: the same text, as one condition."""

from __future__ import annotations

from typing import cast

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, text

from vtexmon.core.filters import Filter
from vtexmon.core.selection import Explicit, Matching
from vtexmon.store.conditions import Plan, all_of, filtered, hidden, selected

Condition = ColumnElement[bool]


def where_filter(connection: Connection, query: Filter) -> Condition:
    """The condition of a filter over ``log``; an empty filter is always true."""
    plan = Plan(connection)
    return _condition(plan, all_of(filtered(plan, query)))


def where_selection(connection: Connection, selection: Explicit | Matching) -> Condition:
    """The condition of being marked."""
    plan = Plan(connection)
    return _condition(plan, selected(plan, selection))


def where_hidden(connection: Connection, selection: Explicit | Matching, visible: Filter) -> Condition:
    """The condition of being marked, and not shown by a filter."""
    plan = Plan(connection)
    return _condition(plan, hidden(plan, selection, visible))


def _condition(plan: Plan, words: str) -> Condition:
    """Text is no column to SQLAlchemy's types, but stands wherever a condition does."""
    values: list[BindParameter[object]] = [
        bindparam(name, value, unique=True) for name, value in plan.values.named.items()
    ]
    return cast(Condition, text(f"({words})").bindparams(*values))
