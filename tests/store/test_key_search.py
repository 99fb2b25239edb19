"""A piece of a key is found among the records, whichever way; and the table of their keys follows the logs."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from vtexmon.core.filters import Filter, KeyMatch, KeyTerm
from vtexmon.core.status import Status
from vtexmon.store import key_search, log_pages
from vtexmon.store.migrations import key_search as keys
from vtexmon.store.sql import Values

KEYS = ["1;12;AJUSTA-N1", "1;12;AJUSTA-N2", "1;7;MECÂNICA", "2;7;100%", "2;7;A_B"]
POSTGRESQL = pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def inside(piece):
    return Filter(keys=frozenset({KeyTerm(piece, KeyMatch.INSIDE)}))


def found(store, piece):
    return sorted(log.key_values for log in store.read(lambda c: log_pages.page(c, inside(piece), 100)))


def without_keys(connection):
    """As the database was before it had this table."""
    for statement in (
        f"DROP TRIGGER {keys.TABLE}_insert" + (" ON log" if connection.dialect.name == "postgresql" else ""),
        "DROP FUNCTION vtexmon_log_key" if connection.dialect.name == "postgresql" else "SELECT 1",
        f"DROP TABLE {keys.TABLE}",
    ):
        connection.execute(text(statement))


def kept_keys(store):
    return sorted(store.read(lambda c: c.execute(text("SELECT key_folded FROM log_search_key")).scalars().all()))


@pytest.mark.parametrize("common", [0, key_search.COMMON], ids=["log by log", "among the records"])
@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("justa", KEYS[:2]),
        ("2;aj", KEYS[:2]),
        ("canic", KEYS[2:3]),
        ("0%", KEYS[3:4]),
        ("_", KEYS[4:]),
        (";1;", []),
        ("n1;", []),
        ("7", KEYS[2:]),
    ],
)
def test_a_piece_is_found_either_way(store, monkeypatch, common, piece, expected):
    monkeypatch.setattr(key_search, "COMMON", common)
    store.logs([{"key_values": key} for key in KEYS])
    assert found(store, piece) == expected


def test_a_piece_that_many_records_have_is_common(store, monkeypatch):
    monkeypatch.setattr(key_search, "COMMON", 2)
    store.logs([{"key_values": key} for key in KEYS])
    assert not store.read(lambda c: key_search.is_common(c, "justa"))
    assert store.read(lambda c: key_search.is_common(c, "7"))


def test_a_record_has_one_key_however_many_logs_it_has(store):
    store.logs([{"record_key": "sku|a", "key_values": "1;A", "status": Status.SUCCESS} for _log in range(3)])
    store.log(record_key="sku|b", key_values="1;B")
    assert kept_keys(store) == ["1;a", "1;b"]
    assert found(store, ";a") == ["1;A"] * 3


def test_keys_of_logs_that_came_past_the_trigger_are_added(store):
    store.log(key_values="1;A")
    store.write(lambda c: c.execute(text("DELETE FROM log_search_key")))
    assert found(store, "a") == []
    store.write(keys.rebuild)
    store.write(keys.rebuild)
    assert found(store, "a") == ["1;A"]


def test_a_database_with_logs_gets_the_keys_of_its_logs(store):
    store.logs([{"key_values": key} for key in KEYS])

    def again(connection):
        without_keys(connection)
        keys.upgrade(connection)
        return sorted(connection.execute(text("SELECT key_folded FROM log_search_key")).scalars())

    assert store.undone(again) == kept_keys(store)


@SQLITE
def test_a_rare_piece_reads_the_index_of_the_records(store):
    store.logs([{"key_values": key} for key in KEYS])
    values = Values()

    def plan(connection):
        condition = key_search.inside_key(connection, values, "justa")
        query = f"EXPLAIN QUERY PLAN SELECT id FROM log WHERE {condition}"
        return [row[3] for row in connection.exec_driver_sql(query, values.named)]

    assert "SEARCH log USING COVERING INDEX ix_log_record (record_key=?)" in store.read(plan)


def has_trigrams(connection):
    query = text("SELECT 1 FROM pg_indexes WHERE indexname = :name")
    return connection.execute(query, {"name": keys.TRIGRAMS}).first() is not None


@pytest.fixture
def with_trigrams(store):
    """A PostgreSQL database whose server has pg_trgm."""
    offered = text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
    if store.read(lambda c: c.execute(offered).first()) is None:
        pytest.skip("NO TRIGRAM INDEX TESTED: this server has no pg_trgm; VTEXMON_TEST_PG_URL may name one that has")
    if not store.read(has_trigrams):
        pytest.skip("NO TRIGRAM INDEX TESTED: the role of VTEXMON_TEST_PG_URL may not create the extension pg_trgm")
    return store


@POSTGRESQL
def test_a_piece_is_looked_up_by_its_trigrams_where_the_server_can(with_trigrams):
    with_trigrams.logs([{"key_values": key} for key in KEYS])
    values = Values()

    def plan(connection):
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        condition = key_search.inside_key(connection, values, "justa")
        query = "EXPLAIN SELECT id FROM log WHERE " + condition.replace(":v0", "%(v0)s")
        return "\n".join(connection.exec_driver_sql(query, values.named).scalars())

    assert keys.TRIGRAMS in with_trigrams.read(plan)
    assert found(with_trigrams, "justa") == KEYS[:2]


@POSTGRESQL
def test_a_role_that_may_not_create_the_extension_goes_without_it(with_trigrams):
    def as_a_small_role(connection):
        without_keys(connection)
        for statement in (
            "DROP EXTENSION pg_trgm",
            "CREATE ROLE vtexmon_small_role",
            "GRANT USAGE, CREATE ON SCHEMA public TO vtexmon_small_role",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO vtexmon_small_role",
            "SET LOCAL ROLE vtexmon_small_role",
        ):
            try:
                connection.execute(text(statement))
            except ProgrammingError as error:
                pytest.skip(f"NO ROLE WITHOUT RIGHTS TESTED: {error}")
        keys.upgrade(connection)
        return has_trigrams(connection), connection.execute(text("SELECT key_folded FROM log_search_key")).scalar_one()

    with_trigrams.log(key_values="1;AJUSTA")
    assert with_trigrams.undone(as_a_small_role) == (False, "1;ajusta")
