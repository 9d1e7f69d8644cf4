"""Brokers and databases for the tests of Celery's workers; see `workspaces.celery_site`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from pressroom.store import Store
from servers import brokers
from workspaces.celery_site import Site, open_site

_NUMBERS = count(1)
SALES = """
CREATE TABLE sales (city text, amount integer);
INSERT INTO sales VALUES ('Oslo', 20), ('Lima', 7), ('Oslo', 5);
"""


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    """A private RabbitMQ; skipped where it is not installed."""
    if reason := brokers.rabbitmq_missing():
        pytest.skip(reason)
    with brokers.running_rabbitmq() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A private Redis; skipped where it is not installed."""
    if reason := brokers.redis_missing():
        pytest.skip(reason)
    with brokers.running_redis() as url:
        yield url


@pytest.fixture(
    params=[
        pytest.param("rabbitmq", marks=pytest.mark.xdist_group("celery")),
        pytest.param("redis", marks=[pytest.mark.faults, pytest.mark.xdist_group("celery")]),
    ]
)
def broker(request: pytest.FixtureRequest) -> str:
    """A broker's URL; each test runs on both, on Redis among the faults only."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the schema and some sales in it, to be copied."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE celery_template")
    url = f"{postgres_url.rpartition('/')[0]}/celery_template"
    store = Store(url, tmp_path_factory.mktemp("template"))
    store.upgrade()
    store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SALES)
    return url


@pytest.fixture
def database(migrated: str, postgres_url: str) -> str:
    """A fresh copy of it."""
    name = f"celery_{next(_NUMBERS)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE celery_template".encode())
    return f"{migrated.rpartition('/')[0]}/{name}"


@pytest.fixture
def site(tmp_path: Path, broker: str, database: str) -> Iterator[Site]:
    """A site without workers."""
    with open_site(tmp_path, broker, database) as opened:
        yield opened
