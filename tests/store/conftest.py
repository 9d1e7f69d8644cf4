"""Stores to test on: a fresh one each test, on SQLite and on a PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
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
TRUNCATE dashboards, charts, segments, rules, reports, report_dashboards, branding, images, runs, deliveries, audit
    RESTART IDENTITY;
DELETE FROM projects WHERE id > 1;
SELECT setval('projects_id_seq', 1);
"""


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    return Path(found).parent if found else places[0].parent if places else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server's maintenance database; the server ends with the tests."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed")
    # the server refuses to run as root, and its account must reach the folder
    as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    folder = tmp_path_factory.mktemp("postgres")
    data, port = folder / "data", _free_port()
    if as_server:
        for parent in (folder, folder.parent, folder.parent.parent):
            parent.chmod(0o755)
        shutil.chown(folder, "postgres", "postgres")
    options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"

    def run(program: str, *arguments: str) -> None:
        command = [*as_server, str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run("initdb", "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
    run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
    yield f"postgresql://tests@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-m", "immediate", "stop")


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
    return server.replace("/postgres", f"/{name}")


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
