"""A filter or a selection as SQL text; ``core/filters.matches`` says what it must answer.

Every field has its index (``models.Log``). Words are looked up in the search index where few logs hold them, and
compared with each log where many do: ``Plan.rare`` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from vtexmon.core.filters import KEY_SEPARATOR, AttemptRange, Filter, KeyMatch, KeyTerm, Period, words
from vtexmon.core.selection import Explicit, Matching
from vtexmon.core.status import Phase, Status
from vtexmon.store.key_search import inside_key
from vtexmon.store.sql import SqlConnection, Values, like_escaped, on_postgresql, scalar

RARE: int = 2_000
"""Up to so many logs are collected from the search index before the other conditions are looked at."""

CLOCKS_DIFFER = timedelta(days=1)
"""No two machines' clocks are further apart."""

NOTHING = "1 = 0"


@dataclass
class Plan:
    """What the text of a condition depends on: the database, the values it collects, and how common words are.

    ``walking``: rows are met in the list's order; an index over a range, which would need sorting, is not wanted.
    """

    connection: SqlConnection
    walking: bool = False
    values: Values = field(default_factory=Values)
    _rare: dict[tuple[str, ...], bool] = field(default_factory=dict)

    @property
    def postgresql(self) -> bool:
        """Whether the text is for PostgreSQL."""
        return on_postgresql(self.connection)

    def rare(self, wanted: tuple[str, ...]) -> bool:
        """Whether few logs hold these words (SQLite: PostgreSQL's planner decides for itself)."""
        if wanted not in self._rare:
            asked = Values()
            found = f"SELECT rowid FROM log_search WHERE log_search MATCH {asked.add(match_words(wanted))}"
            number = scalar(self.connection, f"SELECT count(*) FROM ({found} LIMIT {RARE + 1})", asked)
            self._rare[wanted] = number <= RARE
        return self._rare[wanted]


def match_words(wanted: Collection[str]) -> str:
    """Words (folded letters and digits) as FTS5 looks for prefixes of words, all of them."""
    return " ".join(f'"{word}"*' for word in wanted)


def key_folded(folded: str) -> str:
    """How ``log.key_folded`` keeps a folded key: between separators, so that a component is found as ``;x;``."""
    return f"{KEY_SEPARATOR}{folded}{KEY_SEPARATOR}"


def filtered(plan: Plan, query: Filter, *, words_too: bool = True) -> list[str]:
    """The conditions of a filter; an empty filter has none. ``words_too`` False leaves its words to the caller."""
    values = plan.values
    conditions = [_among(values, name, chosen) for name, chosen in _sets(query) if chosen]
    if query.ids:
        conditions.append(among_ids(plan, query.ids))
    if query.phases and Phase.IDLE not in query.phases:
        conditions.append("log.phase <> 'idle'")  # said aloud, so that the index of the busy ones is found
    if query.keys:
        conditions.append(_any(_key(plan, term) for term in sorted(query.keys)))
    unindexed = "+" if plan.walking and not plan.postgresql else ""
    conditions += _range(values, f"{unindexed}log.attempts", query.attempts)
    conditions += _period(values, f"{unindexed}log.created_at", query.created)
    conditions += _period(values, f"{unindexed}log.updated_at", query.updated)
    if query.updated is not None and query.updated.until is not None:
        conditions.append(f"log.created_at < {values.add(_later(query.updated.until))}")
    if query.changed is not None:
        changed = "log.source_changed" if plan.postgresql else "log.source_changed = 1"
        conditions.append(changed if query.changed else f"NOT ({changed})")
    if words_too and query.words:
        conditions.append(has_words(plan, query.words))
    return conditions


def selected(plan: Plan, selection: Explicit | Matching) -> str:
    """The condition of being marked."""
    if isinstance(selection, Explicit):
        return among_ids(plan, selection.ids)
    inside = [*filtered(plan, selection.filter), *filtered(plan, selection.scope)]
    if selection.minus:
        inside.append(f"NOT ({among_ids(plan, selection.minus)})")
    matched = all_of([f"log.id <= {plan.values.add(selection.as_of)}", *inside])
    return _any((matched, among_ids(plan, selection.plus))) if selection.plus else matched


def hidden(plan: Plan, selection: Explicit | Matching, visible: Filter) -> str:
    """The condition of being marked, and not shown by a filter."""
    return all_of((selected(plan, selection), _excluded(filtered(plan, visible))))


def all_of(conditions: Iterable[str]) -> str:
    """Every one of the conditions, as one; nothing asked is always true."""
    return " AND ".join(conditions) or "1 = 1"


def among_ids(plan: Plan, ids: Iterable[int]) -> str:
    """Whether a log is one of these, however many: they are one value."""
    chosen = sorted(ids)
    if len(chosen) == 1:
        return f"log.id = {plan.values.add(chosen[0])}"
    listed = ",".join(str(one) for one in chosen)
    if plan.postgresql:
        return f"log.id = ANY(CAST({plan.values.add(f'{{{listed}}}')} AS bigint[]))"
    return f"log.id IN (SELECT value FROM json_each({plan.values.add(f'[{listed}]')}))"


def has_words(plan: Plan, wanted: tuple[str, ...]) -> str:
    """Logs whose search text has, for each word, a word that starts with it."""
    values = plan.values
    if plan.postgresql:
        query = " & ".join(f"{word}:*" for word in wanted)
        return f"to_tsvector('simple', log.search_text) @@ to_tsquery('simple', {values.add(query)})"
    if plan.rare(wanted):
        return f"log.id IN (SELECT rowid FROM log_search WHERE log_search MATCH {values.add(match_words(wanted))})"
    return all_of(_like(plan, "(' ' || log.search_text)", f"% {like_escaped(word)}%") for word in wanted)


def is_narrow(query: Filter) -> bool:
    """Whether an index leaves few logs without looking at words: open ones, named ones, those of one cause."""
    return bool(query.ids or query.fingerprints or (query.statuses and Status.SUCCESS not in query.statuses))


def _sets(query: Filter) -> tuple[tuple[str, list[str | int]], ...]:
    return (
        ("log.status", _sorted(query.statuses)),
        ("log.module", _sorted(query.modules)),
        ("log.company", _sorted(query.companies)),
        ("log.branch", _sorted(query.branches)),
        ("log.failure_class", _sorted(query.classes)),
        ("log.fingerprint", _sorted(query.fingerprints)),
        ("log.phase", _sorted(query.phases)),
        ("lower(log.account)", _sorted(query.accounts)),
        ("lower(log.channel)", _sorted(query.channels)),
    )


def _sorted(chosen: Collection[str] | Collection[int]) -> list[str | int]:
    return sorted(chosen, key=str)


def _among(values: Values, name: str, chosen: list[str | int]) -> str:
    """One value is an equality, after which an index still gives the rows in order of id."""
    return f"{name} = {values.add(chosen[0])}" if len(chosen) == 1 else f"{name} IN {values.add_all(chosen)}"


def _any(conditions: Iterable[str]) -> str:
    return "(" + " OR ".join(f"({one})" for one in conditions) + ")"


def _excluded(conditions: list[str]) -> str:
    """What a row without a value answers is unknown, and that is no match."""
    return f"({all_of(conditions)}) IS NOT TRUE"


def _later(until: datetime) -> datetime:
    """By when a log was created that was last changed before ``until``: the clocks of two machines differ."""
    return until + CLOCKS_DIFFER if until < datetime.max.replace(tzinfo=UTC) - CLOCKS_DIFFER else until


def _range(values: Values, name: str, bounds: AttemptRange | None) -> list[str]:
    if bounds is None:
        return []
    if bounds.minimum is not None and bounds.maximum is not None and bounds.minimum > bounds.maximum:
        return [NOTHING]
    low = [] if bounds.minimum is None else [f"{name} >= {values.add(bounds.minimum)}"]
    return low if bounds.maximum is None else [*low, f"{name} <= {values.add(bounds.maximum)}"]


def _period(values: Values, name: str, period: Period | None) -> list[str]:
    if period is None:
        return []
    since = [] if period.since is None else [f"{name} >= {values.add(period.since)}"]
    return since if period.until is None else [*since, f"{name} < {values.add(period.until)}"]


def _like(plan: Plan, name: str, pattern: str) -> str:
    return f"{name} LIKE {plan.values.add(pattern)} ESCAPE '\\'"


def _whole(plan: Plan, text: str) -> str:
    exact = f"log.key_folded = {plan.values.add(key_folded(text))}"
    if KEY_SEPARATOR in text:
        return exact
    return _any((exact, _like(plan, "log.key_folded", f"%;{like_escaped(text)};%")))


def _prefix(plan: Plan, text: str) -> str:
    start = _like(plan, "log.key_folded", f";{like_escaped(text)}%")
    if KEY_SEPARATOR in text:
        return start
    return _any((start, _like(plan, "log.key_folded", f"%;{like_escaped(text)}%")))


def _inside(plan: Plan, text: str) -> str:
    return inside_key(plan.connection, plan.values, text)


_KEY: dict[KeyMatch, Callable[[Plan, str], str]] = {
    KeyMatch.WHOLE: _whole,
    KeyMatch.PREFIX: _prefix,
    KeyMatch.INSIDE: _inside,
}


def _key(plan: Plan, term: KeyTerm) -> str:
    """The words of the term narrow by index first, where they do; the comparison of the key itself decides."""
    compared = _KEY[term.kind](plan, term.text)
    indexed = words(term.text) if term.kind is not KeyMatch.INSIDE else ()
    if not indexed or not (plan.postgresql or plan.rare(indexed)):
        return compared
    return f"{has_words(plan, indexed)} AND {compared}"
