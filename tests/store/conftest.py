"""Stores to test on: a fresh one each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from pressroom.press.ledger import Ledger
from pressroom.store import Store

_NUMBERS = count(1)
_EMPTY = """
TRUNCATE dashboards, charts, segments, rules, reports, report_dashboards, branding, images, runs, deliveries, audit,
    unsubscriptions RESTART IDENTITY;
DELETE FROM projects WHERE id > 1;
SELECT setval('projects_id_seq', 1);
"""


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a database with the schema in it, to be emptied for each test."""
    url = _create(postgres_url, "store")
    made = Store(url, tmp_path_factory.mktemp("workspace"))
    made.upgrade()
    made.close()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    made = Store("sqlite:///store.db", folder)
    made.upgrade()
    made.close()
    return folder / "store.db"


def _create(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """URL of a database with nothing in it."""
    return _create(postgres_url, f"empty_{next(_NUMBERS)}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes fresh stores, and gives their URLs; each test runs on both kinds."""

    def sqlite() -> str:
        path = tmp_path / f"store-{next(_NUMBERS)}.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"

    def postgres() -> str:
        emptied: str = request.getfixturevalue("postgres_store")
        with psycopg.connect(emptied, autocommit=True) as connection:
            connection.execute(_EMPTY)
        return emptied

    return sqlite if request.param == "sqlite" else postgres


@pytest.fixture
def url(make_url: Callable[[], str]) -> str:
    """A fresh store's URL."""
    return make_url()


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The store's and the ledger's time."""
    return Clock()


@pytest.fixture
def store(url: str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A fresh store."""
    opened = Store(url, tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """The ledger of a fresh store."""
    return Ledger(store)
