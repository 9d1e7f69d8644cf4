"""Databases that wait for the next query of files: nothing of a query, and no older state of a file, is left in one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom import Cancelled, Context, Query, QueryError
from pressroom_builtin.sources.files import FilesConfig, FilesSource
from servers.shop_data import setup_in

EVERY = range(5)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[FilesSource]:
    pl.DataFrame({"n": [1]}).write_parquet(tmp_path / "t.parquet")
    found = FilesSource(FilesConfig(tables={"t": "t.parquet"}, memory="40MB"), setup_in(tmp_path))
    yield found
    found.close()


def ask(source: FilesSource, text: str, context: Context | None = None) -> list[Any]:
    batches = source.query(Query(text), context or Context(source.setup.scratch, timeout=60))
    return [row for batch in batches for row in pl.DataFrame(batch).rows()]


def test_a_seed_does_not_meet_the_next_query(shop: FilesSource) -> None:
    found = []
    for _ in EVERY:
        ask(shop, "SELECT setseed(0.25)")
        found += ask(shop, "SELECT random()")
    assert len(set(found)) == len(found)


def test_what_a_query_spilled_does_not_meet_the_next_one(shop: FilesSource) -> None:
    for _ in EVERY:
        sort = ask(shop, "SELECT max(i) FROM (SELECT range AS i FROM range(3000000) ORDER BY random())")
        assert sort == [(2_999_999,)]
        assert ask(shop, "SELECT count(*) FROM duckdb_temporary_files()") == [(0,)]
        assert not list(shop.setup.scratch.glob("spill-*/*"))


@pytest.mark.parametrize(
    "text",
    [
        "SET VARIABLE x = 1",
        "CREATE TEMP TABLE x (a INTEGER)",
        "PREPARE x AS SELECT 1",
        "SELECT * FROM enable_logging()",
        "SELECT * FROM enable_profiling()",
        "SELECT * FROM query('SET VARIABLE x = 1')",
        "SELECT * FROM read_csv('/etc/hostname')",
    ],
)
def test_a_database_that_waited_is_as_locked_as_any(shop: FilesSource, text: str) -> None:
    for _ in EVERY:
        with pytest.raises(QueryError):
            ask(shop, text)
    assert ask(shop, "SELECT getvariable('x'), (SELECT count(*) FROM duckdb_tables())") == [(None, 0)]
    assert ask(shop, "SELECT count(*) FROM duckdb_logs") == [(0,)]


def test_a_file_that_changes_is_seen_by_the_next_query(shop: FilesSource) -> None:
    file = shop.setup.path("t.parquet")
    for number in EVERY:
        pl.DataFrame({"n": [number] * (number + 1), f"c{number}": "x"}).write_parquet(file)
        assert ask(shop, f"SELECT count(*), max(n), max(c{number}) FROM t") == [(number + 1, number, "x")]
    file.unlink()
    with pytest.raises(Exception, match=r"no file t\.parquet"):
        ask(shop, "SELECT * FROM t")


def test_a_query_that_was_cancelled_harms_no_other(shop: FilesSource) -> None:
    for _ in EVERY:
        context = Context(shop.setup.scratch, timeout=60)
        context.cancellation.set()
        with pytest.raises(Cancelled):
            ask(shop, "SELECT count(*) FROM range(1000000000) a, range(1000) b", context)
        half = shop.query(Query("SELECT * FROM range(1000000)"), Context(shop.setup.scratch, timeout=60))
        next(iter(half))
        half.close()  # type: ignore[attr-defined]  # a generator
        assert ask(shop, "SELECT n FROM t") == [(1,)]


def test_many_at_once_have_a_database_each_and_closing_leaves_nothing(shop: FilesSource) -> None:
    others = set(threading.enumerate())
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.extend(ask(shop, "SELECT sum(range) FROM range(100000)")))
        for _ in range(8)
    ]
    for _ in range(2):
        ask(shop, "SELECT n FROM t")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(4_999_950_000,)] * 8
    shop.close()
    ours = set(threading.enumerate()) - others
    assert not [each for each in ours if each.name.startswith("pressroom-spare")]
    assert ask(shop, "SELECT n FROM t") == [(1,)]
