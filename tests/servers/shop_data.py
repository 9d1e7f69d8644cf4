"""The rows of the sources' tests, and how they get into PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pressroom import Setup

ROWS = [
    (1, "Łódź", "2013-01-01 00:30:00", 10),
    (2, "AA", "2013-01-01 12:00:00", 20),
    (3, "AA", "2013-01-02 05:00:00", None),
    (4, "O'Hare", "2013-01-03 23:59:59", 40),
]


def setup_in(folder: Path) -> Setup:
    """A source's place in a workspace."""
    return Setup("shop", folder, folder / ".scratch")


def run_sql(url: str, *statements: str) -> None:
    """Run statements on a PostgreSQL server, each committed."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def literals(rows: Sequence[tuple[Any, ...]]) -> str:
    """Rows as the VALUES of an INSERT."""

    def one(value: Any) -> str:
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    return ", ".join(f"({', '.join(one(value) for value in row)})" for row in rows)
