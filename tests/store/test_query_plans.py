"""What SQLite does for the queries of every second: an index in the order asked for, no scan, no sorting."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from vtexmon.core.filter_syntax import parse
from vtexmon.core.filters import Filter
from vtexmon.core.ordering import Edge
from vtexmon.core.selection import Explicit
from vtexmon.core.status import Phase, RetryPolicy, Status
from vtexmon.store import claims, log_pages, logs, payloads, planning, resends, sending, settling, targets
from vtexmon.store.claims import ClaimScope
from vtexmon.store.log_pages import Span

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

LEASE = timedelta(seconds=180)


@pytest.fixture
def plans(store, now):
    """Explain every statement of ``work``; gives the plans' lines. The table has rows enough for a choice."""
    store.logs([{"status": status, "phase": Phase.IDLE} for status in Status for _number in range(25)])

    def explain(work):
        engine, statements, lines = store.database._writer.engine, [], []
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2:4]))
        store.write(work)
        for statement, parameters in list(statements):
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT INTO bulk_resend_member")):
                rows = store.write(
                    lambda c, s=statement, p=parameters: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p).all()
                )
                lines += [row[3] for row in rows]
        return lines

    return explain


def assert_indexed(lines, ordered=True):
    scans = [line for line in lines if line.startswith("SCAN log") and "INDEX" not in line]
    sorts = [line for line in lines if "TEMP B-TREE FOR" in line and "ORDER BY" in line]
    assert scans == [], lines
    if ordered:
        assert sorts == [], lines


def test_the_default_page_reads_the_table_from_its_newest_end(plans):
    assert plans(lambda c: log_pages.page(c, Filter(), 50)) == ["SCAN log"]


def test_a_page_by_key_searches(plans):
    for span in (Span(after=Edge.at(50)), Span(before=Edge.at(50))):
        (line,) = plans(lambda c, span=span: log_pages.page(c, Filter(), 50, span))[-1:]
        assert line.startswith("SEARCH log USING INTEGER PRIMARY KEY")


PAGES = [
    "status:erro",
    "status:erro,cancelado",
    "status:pendente",
    "modulo:sku",
    "modulo:sku status:erro",
    "filial:12",
    "filial:12 status:erro,cancelado",
    "modulo:sku,preco filial:12 status:erro",
    "causa:00ff00ff00ff00ff",
    "classe:dado",
    "classe:dado,negocio status:erro",
    "coligada:2",
    "canal:b2b",
    "conta:sp status:erro",
    "fase:aguardando",
    "id:5",
]


@pytest.mark.parametrize("typed", PAGES)
def test_a_filtered_page_is_an_index_in_order(plans, now, typed):
    lines = plans(lambda c: log_pages.page(c, parse(typed, now, now.tzinfo), 50))
    assert all(line.startswith("SEARCH log") for line in lines)
    assert_indexed(lines)


@pytest.mark.parametrize("typed", ["ajusta", "chave:AJUSTA", "chave:AJUSTA*", "status:erro ajusta"])
def test_words_and_keys_go_through_the_search_index(plans, now, typed):
    lines = plans(lambda c: log_pages.page(c, parse(typed, now, now.tzinfo), 50))
    assert any("log_search VIRTUAL TABLE INDEX" in line for line in lines)
    assert_indexed(lines, ordered=False)


def test_the_counters_read_indexes_only(plans, now):
    lines = plans(lambda c: logs.open_counts(c, today=now))
    assert any("ix_log_open_status" in line for line in lines)
    assert_indexed(lines, ordered=False)


@pytest.mark.parametrize("scope", [claims.EVERYTHING, ClaimScope(resends=False)], ids=["everything", "an export's"])
def test_a_claim_takes_what_is_due_in_the_order_of_its_index(plans, now, scope):
    lines = plans(lambda c: claims.claim(c, "a", now, now + LEASE, 20, scope))
    assert any("ix_log_due" in line for line in lines)
    assert any("ux_log_running" in line for line in lines)
    assert_indexed(lines)


WRITES = {
    "open intent": lambda c, now: claims.open_intent(c, 5),
    "renew": lambda c, now: claims.renew(c, "a", [1, 2], now),
    "wake children": lambda c, now: sending.wake_children(c, "parent", now),
    "known ids": lambda c, now: sending.known_ids(c, ["a", "b"]),
    "source changed": lambda c, now: planning.mark_source_changed(c, 5, "h", True, now, "a"),
    "order": lambda c, now: resends.order(c, Explicit(frozenset({5})), "", "", now, "a"),
    "stop": lambda c, now: resends.stop(c, 1, RetryPolicy(3), now, "a"),
    "automatic turn": lambda c, now: resends.take_automatic_turn(c, RetryPolicy(3), now, "a", True),
    "payload": lambda c, now: payloads.store(c, "text"),
    "pause stands": lambda c, now: targets.pause_stands(c, "nacional", now),
    "unsettled": lambda c, now: settling.unsettled(c, settling.resend_members(1)),
    "tally": lambda c, now: settling.tally(c, settling.command_members("a")),
    "items": lambda c, now: logs.items(c, 5),
}


@pytest.mark.parametrize("name", WRITES)
def test_nothing_the_engine_does_all_the_time_scans_the_logs(plans, now, name):
    assert_indexed(plans(lambda c: WRITES[name](c, now)), ordered=False)


def test_this_file_would_see_a_scan(plans):
    with pytest.raises(AssertionError):
        assert_indexed(plans(lambda c: c.execute(text("SELECT id FROM log WHERE message = 'x' ORDER BY advice")).all()))


def test_when_an_engine_looks_again_is_four_searches(plans, now):
    lines = plans(lambda c: claims.outlook(c, now))
    searches = [line for line in lines if "LOG" in line.upper()]
    assert len(searches) == 4
    assert {line.split(" (")[0] for line in searches} == {"SEARCH log USING COVERING INDEX ix_log_due"}
