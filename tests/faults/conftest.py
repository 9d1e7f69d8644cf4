"""One mail server and one source of workers for all faults; a workspace for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pressroom import Run
from pressroom.press.worker import Worker
from pressroom.store import Store
from servers.mail_process import MailProcess
from servers.postgres_server import Cluster, cluster, find_programs
from servers.waiting import wait_until
from servers.worker_process import Workers
from workspaces.mailing import Workspace, schema

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailProcess]:
    """A mail server in a process of its own."""
    server = MailProcess(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


@pytest.fixture
def mail(mail_server: MailProcess) -> Iterator[MailProcess]:
    """The mail server, behaving well until a test says otherwise."""
    mail_server.misbehave()
    yield mail_server
    mail_server.misbehave()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema in it."""
    return schema(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def source_of_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Forks workers; they know the plugin `poison`."""
    started = Workers(Path(__file__).parent / "poison", _metadata(tmp_path_factory.mktemp("metadata")))
    yield started
    started.close()


@pytest.fixture
def workers(source_of_workers: Workers) -> Iterator[Workers]:
    """Starts workers that are killed after the test."""
    yield source_of_workers
    source_of_workers.kill_all()


def _metadata(folder: Path) -> Path:
    """What an installed plugin leaves behind."""
    info = folder / "poison-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pressroom]\npoison = poison_plugin\n")
    return folder


@pytest.fixture(scope="session")
def postgres_schema(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with the schema in it, to be copied."""
    create(postgres_url, "faults_schema")
    made = Store(beside(postgres_url, "faults_schema"), tmp_path_factory.mktemp("postgres"))
    made.upgrade()
    made.close()
    return "faults_schema"


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A PostgreSQL server with the schema in it, for one test to stop and start."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed (apt-get install postgresql)")
    with cluster(programs, durable=True) as running:
        made = Store(running.url, tmp_path)
        made.upgrade()
        made.close()
        yield running


def create(server: str, name: str, template: str = "template1") -> None:
    """Make a database as a copy of another."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())


def beside(server: str, name: str) -> str:
    """URL of another database of the same server."""
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture
def make_workspace(
    tmp_path: Path, mail: MailProcess, empty_store: Path, request: pytest.FixtureRequest
) -> Callable[..., Workspace]:
    """Makes workspaces on SQLite, or on PostgreSQL, see `Workspace`."""

    def make(store: str | None = "sqlite", **settings: Any) -> Workspace:
        folder = tmp_path / f"workspace-{next(_NUMBERS)}"
        if store is None:
            return Workspace(folder, mail.port, **settings)
        if store == "sqlite":
            return Workspace(folder, mail.port, empty_store, **settings)
        server, schema = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_schema")
        name = f"faults_{next(_NUMBERS)}"
        create(server, name, schema)
        return Workspace(folder, mail.port, **{"url": beside(server, name), **settings})

    return make


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a line of figures that people shall see though the test passes."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}")

    return show


@contextmanager
def healthy_worker(workspace: Workspace) -> Iterator[None]:
    """A worker in this process."""
    with workspace.host() as host:
        worker = Worker(host)
        worker.start()
        try:
            yield
        finally:
            worker.stop()


@pytest.fixture
def start_worker() -> Callable[[Workspace], AbstractContextManager[None]]:
    """See `healthy_worker`."""
    return healthy_worker


@pytest.fixture
def finish() -> Callable[..., list[Run]]:
    """Lets a healthy worker work until every run is final; gives the runs."""

    def work(workspace: Workspace, runs: int = 1) -> list[Run]:
        with workspace.host() as host:

            def ended() -> bool:
                found = host.ledger.list()
                return len(found) >= runs and all(run.state.final for run in found)

            with healthy_worker(workspace):
                wait_until(ended, "every run is final")
            return host.ledger.list()

    return work
