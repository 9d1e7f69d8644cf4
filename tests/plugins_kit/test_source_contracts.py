"""Every built-in source keeps what the host relies on; that of the results API is tested beside its server."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom.testing import SourceContract
from pressroom_builtin.sources.files import FilesSource
from pressroom_builtin.sources.sql import SqlSource
from servers.shop_data import literals, run_sql

DATA = files("pressroom.testing") / "data/departures.csv"


def departures() -> pl.DataFrame:
    return pl.read_csv(DATA.read_bytes())


class Departures(SourceContract):
    question = """
        SELECT $__timeGroup(day) AS time, origin, sum(departures) AS departures
        FROM departures WHERE $__timeFilter(day) GROUP BY 1, 2 ORDER BY 1, 2
    """
    empty = "SELECT day, origin, departures FROM departures WHERE $__timeFilter(day) AND departures < 0"
    wrong = "SELECT nothing FROM departures"
    variable = "SELECT origin, sum(departures) AS departures FROM departures WHERE origin IN ($choice) GROUP BY 1"
    choice = "JFK"


class TestFiles(Departures):
    plugin = FilesSource

    @pytest.fixture
    def config(self, workspace: Path) -> dict[str, Any]:
        (workspace / "departures.csv").write_bytes(DATA.read_bytes())
        return {"tables": {"departures": "departures.csv"}}


class TestSqlite(Departures):
    plugin = SqlSource

    @pytest.fixture
    def config(self, workspace: Path) -> dict[str, Any]:
        rows = departures()
        connection = sqlite3.connect(workspace / "flights.db")
        connection.execute(f"CREATE TABLE departures ({', '.join(rows.columns)})")
        connection.executemany(f"INSERT INTO departures VALUES ({', '.join('?' * rows.width)})", rows.iter_rows())
        connection.commit()
        connection.close()
        return {"url": "sqlite:///flights.db"}


@pytest.fixture(scope="module")
def database(postgres_url: str) -> str:
    columns = "day date, origin text, carrier text, airline text, departures int, delay_minutes int, miles int"
    run_sql(
        postgres_url,
        f"CREATE TABLE departures ({columns})",
        f"INSERT INTO departures VALUES {literals(departures().rows())}",
    )
    return postgres_url


class TestPostgres(Departures):
    plugin = SqlSource

    @pytest.fixture
    def config(self, database: str) -> dict[str, Any]:
        return {"url": database}
