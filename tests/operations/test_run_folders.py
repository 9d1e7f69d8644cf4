"""A run never finds the documents of another one that had its number."""

from __future__ import annotations

from pathlib import Path

from pressroom import Host, Report, Run
from pressroom.models.runs import RunState
from pressroom.moments import utc_now
from pressroom.press.folders import owned, take
from pressroom.press.queries import run_folder

P = "nxog09md"


def send(host: Host, name: str) -> Run:
    """One run of a report with that file name, into the folder channel."""
    stored = host.store.project(P).reports.get("weekly")
    changes = {"name": name, "filename": name, "deliveries": [{"channel": "archive"}]}
    report = Report.model_validate({**stored.value.model_dump(mode="json"), **changes})
    run = host.press.plan(P, report, report_id=stored.id, kind="manual", key=name, planned_at=utc_now())
    return host.press.work(run.id)


def test_a_new_store_beside_old_files(workspace: Path) -> None:
    from pressroom_cli.main import main

    with Host.open(workspace) as host:
        old = send(host, "secret")
    for name in ("pressroom.db", "pressroom.db-wal", "pressroom.db-shm"):
        (workspace / name).unlink(missing_ok=True)
    assert main(["db", "upgrade"]) == 0
    assert main(["apply", "definitions.yaml"]) == 0
    with Host.open(workspace) as host:
        new = send(host, "public")
    assert (new.id, new.state) == (old.id, RunState.succeeded)
    assert all("public" in document["name"] for document in new.documents)
    assert owned(run_folder(workspace / "files", new.id), new)
    assert not owned(run_folder(workspace / "files", new.id), old)


def test_taking_a_folder_twice_keeps_what_is_in_it(host: Host, tmp_path: Path) -> None:
    run = send(host, "one")
    folder = tmp_path / "a" / "b"
    take(folder, run)
    (folder / "kept").write_text("x")
    take(folder, run)
    assert (folder / "kept").exists()
    (folder / "run.txt").write_bytes(b"\xff")
    take(folder, run)
    assert [path.name for path in folder.iterdir()] == ["run.txt"]
