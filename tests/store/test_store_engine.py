"""The database under stress: odd URLs, full disks, killed processes, many writers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from pressroom.errors import StoreError
from pressroom.models.projects import Project
from pressroom.store import Store


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs some Python over a store."""
    head = "import os, sys\nfrom pathlib import Path\nfrom pressroom.store import Store\n"
    head += "from pressroom.models.projects import Project\nstore = Store(sys.argv[1], Path('/'))\n"
    command = [sys.executable, "-c", head + code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "cannot be read"),
        ("pressroom.db", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://root:hush@h/d", "begins with mysql://"),
        ("postgresql+asyncpg://u:hush@h/d", "begins with postgresql"),
    ],
)
def test_odd_urls(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        Store(url, tmp_path)
    assert "hush" not in str(caught.value)


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    store = Store("postgresql://ann:hush@127.0.0.1:1/d?sslpassword=hush", tmp_path)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.projects.list()
    for shown in (str(caught.value), repr(store), store.location):
        assert "hush" not in shown
        assert "127.0.0.1" in shown


def test_files_that_are_no_store(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is no database, but it is long enough to look at." * 100)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        Store("sqlite:///text.db", tmp_path).projects.list()
    with pytest.raises(StoreError, match="cannot be opened: see that the folder exists"):
        Store("sqlite:///nowhere/s.db", tmp_path).upgrade()
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store("sqlite:///folder.db", tmp_path).projects.list()


def test_sqlite_is_set_up(tmp_path: Path) -> None:
    store = Store("sqlite:///s.db", tmp_path)
    store.upgrade()
    with store._engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}
    store.close()


def fill_in_a_transaction(store: Store) -> None:
    with store.transaction() as tx:
        tx.projects.save(Project(uid="new"), "ann")
        with pytest.raises(StoreError, match="the disk is full"):
            tx.project("default").images.save("large", "image/png", b"x" * 1_000_000, "ann")
        # whoever goes on all the same must not write half of it
        with pytest.raises(StoreError, match="the disk is full"):
            tx.projects.save(Project(uid="new"), "ann")


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    store = Store("sqlite:///s.db", tmp_path)
    store.upgrade()

    @event.listens_for(store._engine, "connect")
    def _limit(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 100")

    store.close()
    images = store.project("default").images
    images.save("small", "image/png", b"x" * 1000, "ann")
    with pytest.raises(StoreError, match="the disk is full; make room"):
        images.save("large", "image/png", b"x" * 1_000_000, "ann")
    with pytest.raises(StoreError, match="the disk is full"):
        fill_in_a_transaction(store)
    assert [image.name for image in images.list()] == ["small"]
    assert store.projects.find("new") is None
    images.save("small", "image/png", b"y" * 1000, "ann")
    assert images.get("small").data == b"y" * 1000
    store.close()


def test_no_update_is_lost_between_processes(store: Store, url: str) -> None:
    code = """
for _ in range(30):
    with store.transaction() as tx:
        old = tx.projects.get("default").value
        tx.projects.save(Project(uid="default", name=str(int(old.name or 0) + 1)), "x")
"""
    with child(code, url) as first, child(code, url) as second:
        assert [process.wait(100) for process in (first, second)] == [0, 0]
    assert store.projects.get("default").value.name == "60"


def test_a_process_killed_in_a_transaction_leaves_nothing_of_it(store: Store, url: str) -> None:
    code = """
with store.transaction() as tx:
    for number in range(50):
        tx.projects.save(Project(uid=f"p{number}"), "x")
    print("written", flush=True)
    sys.stdin.read()
"""
    with child(code, url) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert [project.uid for project in store.projects.list()] == ["default"]
    store.projects.save(Project(uid="after"), "ann")
    if store._url.get_backend_name() == "sqlite":
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_fork_does_not_share_connections(store: Store) -> None:
    store.projects.list()
    pid = os.fork()
    if pid == 0:
        try:
            store.projects.save(Project(uid="child"), "ann")
            os._exit(0)
        except BaseException:
            os._exit(1)
    store.projects.save(Project(uid="parent"), "ann")
    assert os.waitpid(pid, 0)[1] == 0
    assert {project.uid for project in store.projects.list()} == {"default", "child", "parent"}


def test_a_reader_sees_one_state_and_does_not_wait(store: Store) -> None:
    with store.transaction() as tx:
        tx.projects.save(Project(uid="unseen"), "ann")
        assert [project.uid for project in store.projects.list()] == ["default"]
