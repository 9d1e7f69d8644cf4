"""What is special about SQLite, PostgreSQL, and the databases behind SQLAlchemy."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressroom import Context, Query, QueryError, SourceError, TimedOut, Window
from pressroom.macros import compile_query
from pressroom.press.datasets import read_dataset
from pressroom_builtin.sources import alchemy
from pressroom_builtin.sources.files import FilesSource
from pressroom_builtin.sources.sql import SqlConfig, SqlSource
from servers.shop_data import ROWS, run_sql, setup_in

START = datetime(2013, 1, 1, tzinfo=UTC)
WINDOW = Window.cut(START, START + timedelta(days=3), "UTC", "1d")
TYPES = """SELECT interval '1 day' AS i, ARRAY[interval '1 day'] AS ai, '{1,2}'::int[] AS a, '{"a": 1}'::jsonb AS j,
    '\\x00ff'::bytea AS b, 1.5::numeric AS n, 'NaN'::numeric AS nan, sum(1::bigint) AS s, true AS t,
    date '2013-01-01' AS d, timestamptz '2013-01-01 01:00+01' AS z,
    '00000000-0000-0000-0000-000000000001'::uuid AS u, inet '1.1.1.1' AS ip, '[1,2)'::int4range AS r,
    point '(1,2)' AS p, money '1.50' AS m, timetz '12:00+02' AS tz, xml '<a/>' AS x, NULL AS nothing, 7::oid AS o,
    '-infinity'::float8 AS f, time '12:00' AS clock, 'x'::name AS nm"""


def test_every_type_of_postgresql_is_read(postgres_source: SqlSource, ask: Any) -> None:
    row = ask(postgres_source, TYPES).frame().row(0, named=True)
    assert (row["i"], row["n"], row["nan"], row["s"], row["t"]) == ("1 day", 1.5, None, 1, "true")
    assert (row["j"], row["u"][-1], row["ip"], row["r"]) == ('{"a": 1}', "1", "1.1.1.1/32", "[1,2)")
    assert (row["m"], row["d"], row["z"], row["f"]) == (1.5, "2013-01-01", START, None)


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_dates_without_end_are_null(postgres_source: SqlSource, files_source: FilesSource, ask: Any, kind: str) -> None:
    for source in (postgres_source, files_source):
        for end in ("infinity", "-infinity"):
            text = f"SELECT '{end}'::{kind} AS d UNION ALL SELECT '2013-01-01'::{kind} ORDER BY 1"
            for time in ("d", ""):
                days = ask(source, text, time=time).frame()["d"].cast(str).str.head(10).to_list()
                assert sorted(days, key=str) == ["2013-01-01", None]


@pytest.mark.parametrize("url", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_any_of_postgresqls_addresses_will_do(orders_url: str, ask: Any, tmp_path: Path, url: str) -> None:
    source = SqlSource(SqlConfig(url=url + orders_url.partition("://")[2]), setup_in(tmp_path))
    assert ask(source, "SELECT id FROM orders;  -- all\n").rows == len(ROWS)


def test_an_index_is_used_for_a_time_range(orders_url: str) -> None:
    for zone in ("UTC", "Asia/Shanghai"):
        found = compile_query(Query("$__timeFilter(moment)", WINDOW), "postgresql", timezone=zone)
        assert "moment >= TIMESTAMPTZ '" in found.sql


def test_errors_name_the_database_s_own_words(postgres_source: SqlSource, ask: Any) -> None:
    with pytest.raises(QueryError, match=r"^division by zero$"):
        ask(postgres_source, "SELECT 1 / (id - id) FROM orders")
    with pytest.raises(QueryError, match=r'^column "nme" does not exist'):
        ask(postgres_source, "SELECT nme FROM orders")
    with pytest.raises(QueryError, match=r"^invalid input syntax for type integer"):
        ask(postgres_source, "SELECT id FROM orders WHERE id = $x", variables={"x": ["five"]})
    with pytest.raises(QueryError, match="two columns are called id"):
        ask(postgres_source, "SELECT id, id FROM orders")
    with pytest.raises(QueryError, match="NUL character"):
        ask(postgres_source, "SELECT id FROM orders WHERE carrier = $x", variables={"x": ["a\x00"]})


def test_sqlites_own_ways(sqlite_source: SqlSource, ask: Any, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.execute("CREATE TABLE odd (a, b)")
    rows = [(1, "x"), ("two", b"\x00"), (2.5, None), (None, 9)]
    connection.executemany("INSERT INTO odd VALUES (?, ?)", rows)
    connection.execute("INSERT INTO odd VALUES (CAST(x'ff' AS TEXT), 1)")
    connection.commit()
    connection.close()
    found = ask(sqlite_source, "SELECT a, b FROM odd").frame()
    assert found["a"].to_list() == ["1", "two", "2.5", None, "\ufffd"]
    assert found["b"].to_list() == ["x", "00", None, "9", "1"]
    with pytest.raises(QueryError, match="two columns are called id"):
        ask(sqlite_source, "SELECT id, id FROM orders")
    with pytest.raises(QueryError):
        ask(sqlite_source, "SELECT id FROM orders WHERE id = :own")


def test_sqlite_files_that_cannot_be_opened(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to look like one" * 50)
    for url in ("sqlite:///none.db", "sqlite:///text.db", "sqlite://"):
        source = SqlSource(SqlConfig(url=url), setup_in(tmp_path))
        for attempt in (source.check, lambda source=source: ask(source, "SELECT 1 AS a FROM sqlite_master")):
            with pytest.raises(SourceError):
                attempt()
    assert not (tmp_path / "none.db").exists()


def test_a_path_with_odd_signs_is_found(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    sqlite3.connect(tmp_path / "a b/sh#op?.db").execute("CREATE TABLE t (a)").connection.close()
    source = SqlSource(SqlConfig(url="sqlite:///a b/sh#op%3F.db"), setup_in(tmp_path))
    assert ask(source, "SELECT a FROM t").rows == 0


@pytest.fixture
def engine(orders_url: str) -> Any:
    found = alchemy.make_engine(orders_url.replace("postgresql://", "postgresql+psycopg://"))
    yield found
    found.dispose()


def through_alchemy(engine: Any, folder: Path, text: str, timeout: float = 20, **variables: tuple[str, ...]) -> Any:
    context = Context(folder, timeout=timeout)
    compiled = compile_query(Query(text, WINDOW, variables), "other")
    batches = alchemy.run(engine, compiled, context)
    return read_dataset(batches, folder=folder, name="a", max_rows=100, context=context).frame()


def test_sqlalchemy_binds_and_streams(engine: Any, tmp_path: Path) -> None:
    text = "SELECT id, 'a:b %s' AS w, moment::date d, 1.5::numeric AS n FROM orders WHERE carrier IN ($c) ORDER BY id"
    found = through_alchemy(engine, tmp_path, text, c=("AA", "'); DROP TABLE orders; --"))
    assert found["id"].to_list() == [2, 3]
    assert (found["w"][0], found["d"][0], found["n"][0]) == ("a:b %s", "2013-01-01", 1.5)


def test_sqlalchemy_changes_nothing(engine: Any, tmp_path: Path, orders_url: str) -> None:
    run_sql(orders_url, "CREATE TABLE IF NOT EXISTS kept (id int)", "DELETE FROM kept")
    hidden = "WITH x AS (INSERT INTO kept VALUES (1) RETURNING id) SELECT id FROM x"
    for text in ("INSERT INTO kept VALUES (1)", "SELECT 1; SELECT 2", hidden):
        with pytest.raises(QueryError):
            through_alchemy(engine, tmp_path, text)
    assert through_alchemy(engine, tmp_path, "SELECT id FROM kept").height == 0


def test_sqlalchemy_is_stopped_at_its_limit(engine: Any, tmp_path: Path) -> None:
    with pytest.raises(TimedOut):
        through_alchemy(engine, tmp_path, "SELECT count(*) FROM generate_series(1, 10000000000000)", timeout=1)


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    source = SqlSource(SqlConfig(url="nosuchdb://u:hunter2@h/x"), setup_in(tmp_path))
    with pytest.raises(SourceError, match="driver") as caught:
        source.check()
    assert "hunter2" not in str(caught.value)


def test_numbers_of_seconds_can_be_cut_by_any_database(tmp_path: Path) -> None:
    found = compile_query(Query("$__timeGroup(t)", WINDOW), "oracle", time_format="s").sql
    assert "FLOOR((t) * 1000)" in found


def test_words_in_text_are_no_calls(postgres_source: SqlSource, ask: Any) -> None:
    text = "SELECT 'set_config lo_import' AS lo_fi, E'\\'pg_read_file' AS b FROM orders WHERE id = 1 -- dblink"
    assert ask(postgres_source, text).rows == 1
    with pytest.raises(QueryError, match="set_config is not allowed"):
        ask(postgres_source, "SELECT E'\\'' || set_config('role', 'none', true) || ''")
