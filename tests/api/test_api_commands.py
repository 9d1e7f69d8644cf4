"""The commands beside `/api/v1`: drafts, deliveries, and a run's documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

P = ("--project", "nxog09md")
DRAFT = """\
name: Draft
dashboards: [{uid: good0001}]
formats: [csv, {image: {}}]
schedule: {frequency: weekly, start: "2026-11-23T09:00:00+01:00", timezone: Europe/Warsaw, workdays_only: true}
"""


def test_a_draft_is_looked_at_before_it_is_stored(run: Any, workspace: Path) -> None:
    (workspace / "draft.yaml").write_text(DRAFT, encoding="utf-8")
    made = run("drafts", "preview", "draft.yaml", "--out", "out", "--format", "csv", *P, "--json").json
    (path,) = map(Path, made["documents"])
    assert path.read_text(encoding="utf-8-sig").startswith("city,")
    assert [item["uid"] for item in run("reports", "list", *P, "--json").json] == ["weekly"]
    (workspace / "draft.yaml").write_text(DRAFT.replace("good0001", "gone0001"), encoding="utf-8")
    wrong = run("drafts", "preview", "draft.yaml", "--out", "out", *P)
    assert (wrong.code, "dashboards[0].uid" in wrong.err) == (1, True)
    (workspace / "list.yaml").write_text("- 1\n", encoding="utf-8")
    assert run("drafts", "preview", "list.yaml", *P).code == 1


def test_the_moments_of_a_schedule_that_is_not_stored(run: Any, workspace: Path) -> None:
    (workspace / "draft.yaml").write_text(DRAFT, encoding="utf-8")
    (workspace / "schedule.json").write_text('{"frequency": "daily", "start": "2026-11-23T09:00:00Z"}')
    weekly = run("drafts", "next", "draft.yaml", "-n", 2, "--from", "2027-03-20", *P)
    assert weekly.out.split() == ["2027-03-22T09:00:00+01:00", "2027-03-29T09:00:00+02:00"]
    assert "every Monday at 09:00, Europe/Warsaw" in weekly.err
    assert "schedule.workdays_only" in weekly.err
    daily = run("drafts", "next", "schedule.json", "-n", 1, "--from", "2027-01-01", *P, "--json").json
    assert daily["moments"] == ["2027-01-01T09:00:00+00:00"]
    (workspace / "schedule.json").write_text('{"frequency": "daily", "timezone": "Mars"}')
    wrong = run("drafts", "next", "schedule.json", *P)
    assert (wrong.code, "schedule.timezone" in wrong.err) == (1, True)


def test_deliveries_and_documents_of_what_was_sent(run: Any, workspace: Path) -> None:
    assert run("reports", "send", "weekly", *P).code == 0
    (sent,) = run("runs", "list", "--json").json
    assert run("runs", "list", "--until", "now-1d", "--json").json == []
    everybody = run("deliveries", "list", *P, "--json").json
    assert [each["run"] for each in everybody] == [sent["id"]] * 3
    assert len(run("deliveries", "list", *P, "--limit", 2, "--json").json) == 2
    (jane,) = run("deliveries", "list", *P, "--recipient", "jane@example.org", "--json").json
    assert (jane["channel"], jane["state"]) == ("email", "sent")
    assert "no deliveries" in run("deliveries", "list", *P, "--state", "refused").err
    assert run("deliveries", "list", *P, "--state", "lost").code == 2
    (copy,) = run("runs", "documents", sent["id"], "--out", "copies", "--json").json
    assert Path(copy).read_text(encoding="utf-8-sig").startswith("city;")
    assert run("runs", "documents", 99).code == 1
