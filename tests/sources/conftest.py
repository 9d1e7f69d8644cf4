"""One small shop of data, as files, in SQLite and in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom import Chart, Context, Dataset, Query, Window
from pressroom.press.datasets import read_dataset
from pressroom_builtin.sources.files import FilesConfig, FilesSource
from pressroom_builtin.sources.sql import SqlConfig, SqlSource
from servers.shop_data import ROWS, literals, run_sql, setup_in

Ask = Callable[..., Dataset]
START = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask a source, as the press does: read its batches into a dataset."""

    def ask(
        source: Any, text: str, *, window: Window | None = None, timeout: float = 20, max_rows: int = 1000, **more: Any
    ) -> Dataset:
        variables = {name: tuple(values) for name, values in more.pop("variables", {}).items()}
        context = Context(tmp_path / "run", timeout=timeout)
        whole = window or Window.single(START, START + timedelta(days=4))
        query = Query(text, whole, variables, max_rows=max_rows)
        return read_dataset(
            source.query(query, context),
            chart=Chart(uid="c1", type="table", query=text, **more),
            folder=tmp_path / "run",
            name="c1",
            max_rows=max_rows,
            context=context,
            source_timezone=source.timezone,
            time_format=source.time_format,
        )

    return ask


@pytest.fixture
def files_source(tmp_path: Path) -> FilesSource:
    (tmp_path / "data").mkdir()
    (tmp_path / "pressroom.toml").write_text("secret = 1")
    (tmp_path / "data/beside.csv").write_text("a\n1\n")
    frame = pl.DataFrame(ROWS, schema=["id", "carrier", "moment", "delay"], orient="row")
    frame.with_columns(pl.col("moment").str.to_datetime()).write_parquet(tmp_path / "data/orders.parquet")
    return FilesSource(FilesConfig(tables={"orders": "data/orders.parquet"}), setup_in(tmp_path))


@pytest.fixture
def sqlite_source(tmp_path: Path) -> SqlSource:
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.execute("CREATE TABLE orders (id INTEGER, carrier TEXT, moment TEXT, delay INTEGER)")
    connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", ROWS)
    connection.commit()
    connection.close()
    return SqlSource(SqlConfig(url="sqlite:///shop.db"), setup_in(tmp_path))


@pytest.fixture(scope="session")
def orders_url(postgres_url: str) -> str:
    run_sql(
        postgres_url,
        "CREATE TABLE orders (id integer, carrier text, moment timestamp, delay integer)",
        f"INSERT INTO orders VALUES {literals(ROWS)}",
    )
    return postgres_url


@pytest.fixture
def postgres_source(orders_url: str, tmp_path: Path) -> SqlSource:
    return SqlSource(SqlConfig(url=orders_url), setup_in(tmp_path))


@pytest.fixture(params=["files", "sqlite", "postgres"])
def source(request: pytest.FixtureRequest) -> Any:
    """Each of the three, over the same rows."""
    return request.getfixturevalue(f"{request.param}_source")
