"""What holds for all sources: roles, variables, limits, time-outs, errors."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressroom import Cancellation, Cancelled, Context, Kind, Query, QueryError, Role, TimedOut, Window

DAY = timedelta(days=1)
START = datetime(2013, 1, 1, tzinfo=UTC)
WINDOW = Window.cut(START, START + 3 * DAY, "UTC", "1d")
ENDLESS = {
    "duckdb": "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range * b.range % 7 = 3",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT count(*) FROM generate_series(1, 10000000000000) a WHERE a % 7 = 3",
}


def test_a_chart_query_gives_buckets_dimensions_and_metrics(source: Any, ask: Any) -> None:
    dataset = ask(
        source,
        "SELECT $__timeGroup(moment) AS time, carrier, count(*) AS n, sum(delay) AS delay FROM orders "
        "WHERE $__timeFilter(moment) GROUP BY 1, 2 ORDER BY 1, 2 DESC",
        window=WINDOW,
    )
    assert [(c.name, c.role, c.kind) for c in dataset.columns] == [
        ("time", Role.time, Kind.time),
        ("carrier", Role.dimension, Kind.text),
        ("n", Role.metric, Kind.number),
        ("delay", Role.metric, Kind.number),
    ]
    assert dataset.frame().rows() == [
        (START, "Łódź", 1, 10),
        (START, "AA", 1, 20),
        (START + DAY, "AA", 1, None),
        (START + 2 * DAY, "O'Hare", 1, 40),
    ]


@pytest.mark.parametrize(
    ("values", "ids"),
    [(["AA"], [2, 3]), (["AA", "O'Hare"], [2, 3, 4]), ([], []), (["'); DROP TABLE orders; --"], []), (["Łódź"], [1])],
)
def test_variables_are_bound(source: Any, ask: Any, values: list[str], ids: list[int]) -> None:
    text = "SELECT id FROM orders WHERE carrier IN ($carrier) ORDER BY id"
    assert ask(source, text, variables={"carrier": values}).frame()["id"].to_list() == ids
    assert ask(source, "SELECT count(*) AS n FROM orders").frame()["n"].to_list() == [4]


def test_a_number_can_be_compared_with_a_variable(source: Any, ask: Any) -> None:
    found = ask(source, "SELECT carrier FROM orders WHERE id IN (${ids}) ORDER BY id", variables={"ids": ["2", "4"]})
    assert found.frame()["carrier"].to_list() == ["AA", "O'Hare"]


def test_from_to_and_interval(source: Any, ask: Any) -> None:
    found = ask(source, "SELECT $__from AS a, $__to AS b, $__interval AS w", window=WINDOW).frame().row(0, named=True)
    assert found == {"w": "1d", "a": 1356998400000, "b": 1357257600000}


def test_the_row_limit_is_said(source: Any, ask: Any) -> None:
    cut = ask(source, "SELECT id FROM orders ORDER BY id", max_rows=3)
    assert (cut.rows, cut.truncated, cut.frame()["id"].to_list()) == (3, True, [1, 2, 3])
    whole = ask(source, "SELECT id FROM orders ORDER BY id", max_rows=4)
    assert (whole.rows, whole.truncated) == (4, False)


def test_an_empty_answer_keeps_its_columns(source: Any, ask: Any) -> None:
    empty = ask(source, "SELECT carrier, id FROM orders WHERE 1 = 0")
    assert empty.rows == 0
    assert {c.name for c in empty.columns} == {"carrier", "id"}
    assert empty.frame().height == 0


def test_an_endless_query_is_stopped_at_its_limit(source: Any, ask: Any) -> None:
    with pytest.raises(TimedOut):
        ask(source, ENDLESS[source.dialect], timeout=1)


def test_cancelling_stops_the_query(source: Any, tmp_path: Path) -> None:
    cancellation = Cancellation()
    context = Context(tmp_path, cancellation=cancellation)
    threading.Timer(0.3, cancellation.set).start()
    with pytest.raises(Cancelled):
        list(source.query(Query(ENDLESS[source.dialect]), context))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT id FROM orders WHERE carrier = $carier", "did you mean $carrier"),
        ("SELECT id FROM orders WHERE carrier = '$carrier'", "without them"),
        ("SELECT $__timeGrop(moment) FROM orders", "did you mean $__timeGroup"),
        ("SELECT $__timeGroup FROM orders", "in brackets"),
        ("SELECT id FROM orders WHERE", "."),
        ("SELECT nothing FROM orders", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT 'open", "does not end"),
        ("SELECT /* open", "does not end"),
        ("", "."),
        ("-- nothing", "."),
        ("SELECT 1; SELECT 2", "2 statements|several statements"),
        ("DROP TABLE orders", "."),
        ("INSERT INTO orders (id) VALUES (9)", "."),
        ("WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone", "."),
    ],
)
def test_wrong_queries_say_why(source: Any, ask: Any, text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said.replace("$", r"\$")):
        ask(source, text, variables={"carrier": ["AA"]})
    assert ask(source, "SELECT count(*) AS n FROM orders").frame()["n"].to_list() == [4]


def test_names_in_comments_and_dollar_words_are_left_alone(source: Any, ask: Any) -> None:
    text = "SELECT id -- $nobody\n, 'US$' AS unit /* $__nothing */ FROM orders WHERE id = 1"
    assert ask(source, text).rows == 1


def test_equal_questions_have_equal_fingerprints(source: Any) -> None:
    used = "SELECT id FROM orders WHERE carrier IN ($carrier)"
    first = source.fingerprint(Query(used, WINDOW, {"carrier": ("AA",), "other": ("1",)}))
    assert first == source.fingerprint(Query(used, None, {"carrier": ("AA",), "other": ("2",)}))
    assert first != source.fingerprint(Query(used, None, {"carrier": ("UA",)}))


def test_doctor_learns_the_version(source: Any) -> None:
    assert any(word in source.check() for word in ("DuckDB", "SQLite", "PostgreSQL"))


def test_strange_text_is_cleaned(source: Any, ask: Any) -> None:
    sign = {"duckdb": "chr(1) || chr(65534)", "sqlite": "char(1, 65534)", "postgresql": "chr(1) || chr(65534)"}
    assert ask(source, f"SELECT 'a' || {sign[source.dialect]} || 'b' AS x").frame()["x"].to_list() == ["ab"]
