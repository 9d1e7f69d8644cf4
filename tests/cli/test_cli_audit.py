"""The audit log from the command line: every change and every sending leaves who did what, when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pressroom import Host


def entries(run: Any, *arguments: str) -> list[tuple[str, str]]:
    return [(item["action"], item["target"]) for item in run("audit", "list", "--json", *arguments).json]


def test_applying_leaves_an_entry_for_each_change(run: Any, workspace: Path) -> None:
    applied = entries(run)
    assert ("dashboards:write", "dashboard good0001") in applied
    assert run("apply", "definitions.yaml").code == 0
    assert entries(run) == applied
    text = (workspace / "definitions.yaml").read_text()
    (workspace / "definitions.yaml").write_text(text.replace("name: Good", "name: Better", 1))
    assert run("apply", "definitions.yaml", "--dry-run").code == 0
    assert entries(run) == applied
    assert run("apply", "definitions.yaml").code == 0
    (newest, *_) = run("audit", "list", "--json", "--limit", "1").json
    assert (newest["actor"], newest["detail"]["change"], newest["detail"]["fields"]) == (
        "pressroom",
        "updated",
        ["name"],
    )


def test_the_log_of_one_project(run: Any, workspace: Path) -> None:
    project = run("projects", "list", "--json").json[-1]["uid"]
    assert entries(run, "--project", project)
    assert not entries(run, "--project", "default") or project == "default"
    missing = run("audit", "list", "--project", "nowhere")
    assert (missing.code, missing.out) == (1, "")
    assert "no project 'nowhere'" in missing.err


def test_who_sent_a_report_and_who_meddled_with_its_run(run: Any, workspace: Path, mail_server: Any) -> None:
    toml = (workspace / "pressroom.toml").read_text()
    (workspace / "pressroom.toml").write_text(toml.replace(f"port = {mail_server.port}", "port = 1"))
    assert run("reports", "send", "weekly", "--to", "a@example.org", "--project", "nxog09md").code == 1
    number = run("runs", "list", "--json").json[0]["id"]
    run("runs", "retry", number)
    assert run("runs", "cancel", number).code == 0
    assert run("runs", "cancel", number).code == 1
    found = run("audit", "list", "--json", "--limit", 3).json
    assert [(item["action"], item["target"], item["detail"]) for item in found] == [
        ("runs:write", f"run {number}", {"change": "cancel"}),
        ("runs:write", f"run {number}", {"change": "retry"}),
        ("reports:send", "report weekly", {"run": number}),
    ]
    assert f"run {number}" in run("audit", "list").out


def test_what_was_refused_is_not_told_as_done(run: Any, workspace: Path) -> None:
    with Host.open(workspace) as host:
        host.access.refused("crm", "dashboards:write", target="/api/v1/dashboards", address="192.0.2.7")
    line = run("audit", "list", "--limit", 1).out.splitlines()[1]
    assert line.split()[2:] == ["crm", "refused", "dashboards:write", "/api/v1/dashboards"]
