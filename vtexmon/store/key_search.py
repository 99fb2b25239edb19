"""A piece of a key, ``chave:*X*``, as SQL text: looked for among the records' keys, or in each log where many have it.

The keys of all records lie in a table of their own (``migrations/key_search.py``). A piece that many records have is
better compared log by log: rows are met in the list's order then, and a page is full at once.
"""

from __future__ import annotations

from vtexmon.store.sql import SqlConnection, Values, like_escaped, scalar

COMMON = 1_000
"""A piece that more records have than this is common."""


def inside_key(connection: SqlConnection, values: Values, text: str) -> str:
    """The condition that a log's folded key holds ``text``, which is folded; its values are added to ``values``."""
    pattern = values.add(_anywhere(text))
    compared = f"substr(log.key_folded, 2, length(log.key_folded) - 2) LIKE {pattern} ESCAPE '\\'"
    if is_common(connection, text):
        return compared
    return f"log.record_key IN (SELECT record_key FROM log_search_key WHERE key_folded LIKE {pattern} ESCAPE '\\')"


def is_common(connection: SqlConnection, text: str) -> bool:
    """Whether many records have this piece in their key."""
    asked = Values()
    holding = f"SELECT 1 FROM log_search_key WHERE key_folded LIKE {asked.add(_anywhere(text))} ESCAPE '\\'"
    number = scalar(connection, f"SELECT count(*) FROM ({holding} LIMIT {COMMON + 1}) found", asked)
    return int(number) > COMMON


def _anywhere(text: str) -> str:
    return f"%{like_escaped(text)}%"
