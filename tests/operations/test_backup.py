"""A backup brings everything back, from either database into either, and sends nothing twice."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from pressroom import Conflict, Host, StoreError, UsageError
from pressroom.models.runs import DeliveryState, RunState
from pressroom.moments import utc_now
from pressroom.press.folders import owned
from pressroom.press.queries import run_folder
from pressroom.store import Store, schema
from pressroom.store.backup import backup, kept_tables, opened
from pressroom.store.engine import make_engine
from pressroom.store.restore import restore

P = "nxog09md"
Fresh = Callable[[str], Store]


@pytest.fixture
def fresh(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fresh]:
    """Makes a new empty store in SQLite or PostgreSQL."""
    made: list[Store] = []

    def make(kind: str) -> Store:
        url = "sqlite:///fresh.db"
        if kind == "postgresql":
            server: str = request.getfixturevalue("postgres_url")
            name = f"backup_{uuid4().hex[:12]}"
            engine = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            engine.dispose()
            url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        folder = tmp_path / f"fresh{len(made)}"
        folder.mkdir()
        made.append(Store(url, folder))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def filled(host: Host) -> Host:
    """A workspace with a run that went out, a picture, and hostile text."""
    stored = host.store.project(P).reports.get("weekly")
    run = host.press.plan(P, stored.value, report_id=stored.id, kind="manual", key="k", planned_at=utc_now())
    assert host.press.work(run.id).state == RunState.succeeded
    host.store.project(P).images.save("logo", "image/png", bytes(range(256)), by="ann")
    host.store.audit.record("ann", "x", project=P, target="漢字 '\"\\ \u2028", detail={"n": None, "deep": [1.5, "\t"]})
    return host


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in kept_tables()
        }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgresql", marks=pytest.mark.postgres),
        pytest.param("postgresql", "sqlite", marks=pytest.mark.postgres),
    ],
)
def test_what_comes_back_is_what_went_in(filled: Host, fresh: Fresh, tmp_path: Path, first: str, second: str) -> None:
    source = filled.store
    if first == "postgresql":
        backup(filled.store, tmp_path / "start.zip")
        source = fresh("postgresql")
        restore(source, tmp_path / "start.zip", as_is=True)
    manifest = backup(source, tmp_path / "b.zip")
    assert manifest.source == first
    target = fresh(second)
    restore(target, tmp_path / "b.zip", as_is=True)
    assert content(target) == content(source)
    assert content(target)["images"][0]["data"] == bytes(range(256))
    report = target.project(P).reports.get("weekly")
    assert report == source.project(P).reports.get("weekly")
    again = target.project(P).reports.save(report.value.model_copy(update={"uid": "second"}), "test")
    assert again.id > report.id


def test_what_was_open_is_shown_and_not_sent_and_schedules_go_on_after_now(
    filled: Host, fresh: Fresh, tmp_path: Path
) -> None:
    stored = filled.store.project(P).reports.get("weekly")
    waiting = filled.press.plan(P, stored.value, report_id=stored.id, kind="manual", key="open", planned_at=utc_now())
    backup(filled.store, tmp_path / "b.zip")
    target = fresh("sqlite")
    target.clock = lambda: datetime(2027, 3, 1, 12, tzinfo=UTC)
    done = restore(target, tmp_path / "b.zip")
    assert done.ended == (waiting.id,)
    run = target.project(P).runs.get(waiting.id)
    assert run.state == RunState.failed
    assert {item.state for item in run.deliveries} == {DeliveryState.ambiguous}
    assert "it may have been sent since" in run.errors[-1]
    rows = {row["uid"]: row["next_run_at"] for row in content(target)["reports"]}
    assert rows["weekly"] == datetime(2027, 3, 8, 8, tzinfo=UTC)
    assert {item.state for item in target.project(P).runs.get(waiting.id - 1).deliveries} == {DeliveryState.sent}


def test_a_store_that_holds_something_is_lost_on_request_only(filled: Host, fresh: Fresh, tmp_path: Path) -> None:
    backup(filled.store, tmp_path / "b.zip")
    before = content(filled.store)
    with pytest.raises(Conflict, match="--force"):
        restore(filled.store, tmp_path / "b.zip")
    filled.store.project(P).reports.delete("weekly")
    restore(filled.store, tmp_path / "b.zip", force=True, as_is=True)
    assert content(filled.store) == before


def test_new_runs_never_find_the_documents_of_others(filled: Host, tmp_path: Path) -> None:
    backup(filled.store, tmp_path / "b.zip")
    stored = filled.store.project(P).reports.get("weekly")
    lost = filled.press.plan(P, stored.value, report_id=stored.id, kind="manual", key="later", planned_at=utc_now())
    filled.press.work(lost.id)
    restore(filled.store, tmp_path / "b.zip", newest_folder=lost.id, force=True)
    new = filled.press.plan(P, stored.value, report_id=stored.id, kind="manual", key="new", planned_at=utc_now())
    assert new.id == lost.id + 1
    assert not owned(run_folder(filled.workspace.files, lost.id), new)


def test_it_is_consistent_while_others_write(filled: Host, fresh: Fresh, tmp_path: Path) -> None:
    stored = filled.store.project(P).reports.get("weekly")
    stop, planned = threading.Event(), threading.Event()

    def write() -> None:
        with Host.open(filled.workspace.folder) as other:
            number = 0
            while not stop.is_set():
                number += 1
                other.press.plan(P, stored.value, report_id=stored.id, kind="manual", key=f"w{number}")
                planned.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert planned.wait(30)
        backup(filled.store, tmp_path / "b.zip")
    finally:
        stop.set()
        writer.join()
    target = fresh("sqlite")
    restore(target, tmp_path / "b.zip", as_is=True)
    runs = target.project(P).runs.list()
    assert len(runs) > 1
    assert {len(run.deliveries) for run in runs} == {3}


def test_a_backup_of_an_earlier_schema_is_raised(filled: Host, fresh: Fresh, tmp_path: Path) -> None:
    old = fresh("sqlite")
    schema.make_at(old.engine.url, "0001")
    engine = make_engine(old.engine.url)
    with engine.begin() as connection:
        definition = json.dumps({"name": "Old"})
        connection.exec_driver_sql(
            "INSERT INTO dashboards (project_id, uid, name, definition, creator, updater, created_at, updated_at) "
            f"VALUES (1, 'old', 'Old', '{definition}', 'a', 'b', '2026-01-01 00:00:00', '2026-01-02 00:00:00')"
        )
        tables = sa.MetaData()
        tables.reflect(connection)
        rows = {name: connection.execute(sa.select(table)).mappings().all() for name, table in tables.tables.items()}
    engine.dispose()
    archive = write_archive(tmp_path / "old.zip", {name: [dict(row) for row in found] for name, found in rows.items()})
    target = fresh("sqlite")
    restore(target, archive)
    kept = target.project("default").dashboards.get("old")
    assert (kept.value.name, kept.created_at) == ("Old", datetime(2026, 1, 1, tzinfo=UTC))
    assert target.revision() == schema.head()


def write_archive(file: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    import hashlib

    tables = {}
    with zipfile.ZipFile(file, "w") as archive:
        for name, found in rows.items():
            if name == "alembic_version":
                continue
            data = b"".join(json.dumps(row, default=str).encode() + b"\n" for row in found)
            archive.writestr(f"tables/{name}.jsonl", data)
            tables[name] = {"rows": len(found), "sha256": hashlib.sha256(data).hexdigest()}
        manifest = {
            "format": "pressroom-backup",
            "version": 1,
            "pressroom": "0",
            "schema": "0001",
            "created_at": "2026-01-01T00:00:00Z",
            "source": "sqlite",
            "tables": tables,
        }
        archive.writestr("manifest.json", json.dumps(manifest))
    return file


def test_what_is_damaged_is_refused_before_anything_is_lost(filled: Host, fresh: Fresh, tmp_path: Path) -> None:
    good = tmp_path / "b.zip"
    backup(filled.store, good)
    before = content(filled.store)
    data = good.read_bytes()
    with zipfile.ZipFile(good) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    wrong: dict[str, bytes] = {
        "cut": data[: len(data) // 2],
        "empty": b"",
        "text": b"not a zip",
        "flipped": data[:200] + bytes([data[200] ^ 0xFF]) + data[201:],
        "changed": zipped(
            {**entries, "tables/reports.jsonl": entries["tables/reports.jsonl"].replace(b"Weekly", b"W")}
        ),
        "short": zipped({name: value for name, value in entries.items() if name != "tables/runs.jsonl"}),
        "unnamed": zipped({name: value for name, value in entries.items() if name != "manifest.json"}),
        "newer": zipped(
            {**entries, "manifest.json": entries["manifest.json"].replace(b'"version": 1', b'"version": 2')}
        ),
    }
    for name, content_ in wrong.items():
        bad = tmp_path / f"{name}.zip"
        bad.write_bytes(content_)
        with pytest.raises(StoreError, match=name):
            restore(filled.store, bad, force=True)
    assert content(filled.store) == before


def zipped(entries: dict[str, bytes]) -> bytes:
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_the_file_is_its_owner_s_and_never_written_over(filled: Host, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup(filled.store, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="is there already"):
        backup(filled.store, file)
    with pytest.raises(OSError, match="nowhere"):
        backup(filled.store, tmp_path / "nowhere" / "b.zip")
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name or path.name.endswith("part")) == []


def test_the_commands(run: Any, filled: Host, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    made = run("backup", file, "--json").json
    assert made["rows"]["runs"] == 1
    assert made["schema"] == schema.head()
    with opened(file) as archive:
        assert [row["uid"] for row in archive.rows("reports")] == ["weekly"]
    refused = run("restore", file)
    assert refused.code == 1
    assert "--force" in refused.err
    assert run("restore", file, "--force", "--json").json["ended"] == []
    (filled.workspace.folder / "pressroom.db").unlink()
    for name in ("pressroom.db-wal", "pressroom.db-shm"):
        (filled.workspace.folder / name).unlink(missing_ok=True)
    assert run("restore", file).code == 0
    assert len(run("runs", "list", "--json").json) == 1
    with closing(sqlite3.connect(filled.workspace.folder / "pressroom.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert utc_now() - datetime.fromisoformat(made["created_at"]) < timedelta(hours=1)
