"""The same rows in SQLite, DuckDB and PostgreSQL give the same buckets and numbers, as Window.edges cuts them."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom import Context, Query, Window
from pressroom.press.datasets import read_dataset
from pressroom.timerange import localize, to_ms
from pressroom_builtin.sources.files import FilesConfig, FilesSource
from pressroom_builtin.sources.sql import SqlConfig, SqlSource
from servers.shop_data import literals, run_sql, setup_in

ZONES = ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu"]
MOMENTS = [
    datetime.fromisoformat(text)
    for text in ("2011-12-30T10", "2013-03-10T07", "2013-11-03T06", "2013-04-06T15", "2014-05-15T22", "2013-01-01")
]
QUERY = (
    "SELECT $__timeGroup(stamp) AS time, count(*) AS n, sum(id) AS total "
    "FROM {table} WHERE $__timeFilter(stamp) GROUP BY 1"
)


def rows() -> list[tuple[int, datetime]]:
    """Wall-clock times around changes of clocks: every 10 minutes of four days, with odd milliseconds."""
    found = [
        moment + timedelta(minutes=10 * step, milliseconds=step % 3) for moment in MOMENTS for step in range(-300, 300)
    ]
    return list(enumerate(found))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("alike")
    texts = [(number, stamp.isoformat(sep=" ", timespec="milliseconds")) for number, stamp in rows()]
    frame = pl.DataFrame(rows(), schema=["id", "stamp"], orient="row")
    frame.write_parquet(folder / "naive.parquet")
    frame.with_columns(pl.col("stamp").dt.replace_time_zone("UTC")).write_parquet(folder / "aware.parquet")
    frame.with_columns(pl.col("stamp").dt.epoch("ms")).write_parquet(folder / "number.parquet")
    frame.with_columns(pl.Series("stamp", [text for _, text in texts])).write_parquet(folder / "words.parquet")
    connection = sqlite3.connect(folder / "kept.db")
    run_sql(
        postgres_url, "CREATE TABLE naive (id int, stamp timestamp)", "CREATE TABLE aware (id int, stamp timestamptz)"
    )
    run_sql(postgres_url, "CREATE TABLE number (id int, stamp bigint)", "CREATE TABLE words (id int, stamp text)")
    values = {
        "naive": texts,
        "words": texts,
        "aware": [(number, f"{text}+00:00") for number, text in texts],
        "number": [(number, to_ms(stamp.replace(tzinfo=UTC))) for number, stamp in rows()],
    }
    for table, content in values.items():
        connection.execute(f"CREATE TABLE {table} (id INTEGER, stamp)")
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", content)
        run_sql(postgres_url, f"INSERT INTO {table} VALUES {literals(content)}")
    connection.commit()
    connection.close()
    return folder, postgres_url


def expected(window: Window, zone: str) -> dict[int, tuple[int, int]]:
    """By the definition: Python's own arithmetic, row by row."""
    counts: Counter[int] = Counter()
    totals: Counter[int] = Counter()
    edges = [to_ms(edge) for edge in window.edges]
    for number, stamp in rows():
        moment = to_ms(localize(stamp, zone))
        if edges[0] <= moment < edges[-1]:
            bucket = edges[bisect_right(edges, moment) - 1]
            counts[bucket] += 1
            totals[bucket] += number
    return {bucket: (counts[bucket], totals[bucket]) for bucket in counts}


def answers(kept: tuple[Path, str], table: str, window: Window, zone: str) -> dict[str, dict[int, tuple[int, int]]]:
    folder, url = kept
    sources: dict[str, Any] = {
        "duckdb": FilesSource(FilesConfig(tables={table: f"{table}.parquet"}, timezone=zone), setup_in(folder)),
        "sqlite": SqlSource(SqlConfig(url="sqlite:///kept.db", timezone=zone), setup_in(folder)),
        "postgresql": SqlSource(SqlConfig(url=url, timezone=zone), setup_in(folder)),
    }
    found = {}
    for name, source in sources.items():
        context = Context(folder / "run", timeout=60)
        batches = source.query(Query(QUERY.format(table=table), window), context)
        frame = read_dataset(
            batches, folder=folder / "run", name=name, max_rows=100_000, context=context, time_format="ms"
        ).frame()
        found[name] = {to_ms(time): (n, int(total)) for time, n, total in frame.rows()}
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES),
    source_zone=st.sampled_from(ZONES),
    table=st.sampled_from(["naive", "words", "aware", "number"]),
    interval=st.sampled_from(["7m", "1h", "5h", "1d", "3d", "1w", "1M", "2M", ""]),
    around=st.sampled_from(MOMENTS),
    before=st.integers(0, 400_000_000),
    after=st.integers(1, 400_000_000),
)
def test_buckets_and_numbers_are_the_same_everywhere(
    kept: tuple[Path, str],
    zone: str,
    source_zone: str,
    table: str,
    interval: str,
    around: datetime,
    before: int,
    after: int,
) -> None:
    moment = around.replace(tzinfo=UTC)
    start, end = moment - timedelta(milliseconds=before), moment + timedelta(milliseconds=after)
    window = Window.cut(start, end, zone, interval) if interval else Window.single(start, end, zone)
    right = expected(window, source_zone if table in {"naive", "words"} else "UTC")
    for name, found in answers(kept, table, window, source_zone).items():
        assert found == right, name
