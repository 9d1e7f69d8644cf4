"""`pressroom reports next`, and what `show` and `list` say of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("workspace")
P = ("--project", "nxog09md")
WEEKLY = ["2027-03-22T09:00:00+01:00", "2027-03-29T09:00:00+02:00", "2027-04-05T09:00:00+02:00"]


@pytest.mark.parametrize(
    "after", ["2027-03-22T09:00:00+01:00", "2027-03-22T08:00:00Z", "2027-03-16", "2027-03-22T09:00:00"]
)
def test_moments_at_or_after_a_time_in_the_offsets_of_the_schedule_s_zone(run: Any, after: str) -> None:
    assert run("reports", "next", "weekly", *P, "-n", 3, "--from", after, "--json").json == WEEKLY
    assert run("reports", "next", "weekly", *P, "-n", 3, "--from", after).out.splitlines() == WEEKLY


def test_without_options_it_is_the_next_five_from_now(run: Any) -> None:
    listed = [datetime.fromisoformat(text) for text in run("reports", "next", "weekly", *P, "--json").json]
    assert len(listed) == 5
    assert datetime.now(UTC) <= listed[0]
    assert all(moment.strftime("%A %H:%M") == "Monday 09:00" for moment in listed)


def test_a_schedule_without_a_start_repeats_from_its_creation(run: Any, workspace: Path) -> None:
    (workspace / "more.yaml").write_text(
        "reports:\n  - {uid: hourly, name: H, state: draft, schedule: {frequency: hourly}}\n"
        "  - {uid: never, name: N, state: draft}\n"
        "  - {uid: done, name: D, state: draft,"
        " schedule: {frequency: daily, start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z'}}\n"
    )
    assert run("apply", "more.yaml").code == 0
    first, second = run("reports", "next", "hourly", "-n", 2, "--json").json
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) == timedelta(hours=1)
    assert "draft: it does not go out" in run("reports", "next", "hourly").err
    assert run("reports", "next", "never", "--json").json == []
    assert "by hand only" in run("reports", "next", "never").err
    assert run("reports", "next", "done", "--json").json == []
    assert "does not go out any more" in run("reports", "next", "done").err
    assert run("reports", "next", "done", "--from", "2020-01-01", "--json").json == [
        "2020-01-01T00:00:00+00:00",
        "2020-01-02T00:00:00+00:00",
    ]


def test_people_read_a_sentence(run: Any) -> None:
    assert "every Monday at 09:00, Europe/Warsaw" in run("reports", "show", "weekly", *P).out
    assert "every Monday at 09:00, Europe/Warsaw" in run("reports", "list", *P).out
    assert "every Monday" not in run("reports", "show", "weekly", *P, "--json").out


@pytest.mark.parametrize("wrong", ["tomorrow", "99999-01-01", "2027-13-01", ""])
def test_a_wrong_time_is_wrong_usage(run: Any, wrong: str) -> None:
    result = run("reports", "next", "weekly", *P, "--from", wrong)
    assert result.code == 2
    assert "--from" in result.err


def test_an_unknown_report_is_told(run: Any) -> None:
    assert run("reports", "next", "nothing", *P).code == 1
    assert run("reports", "next", "weekly", *P, "-n", 0).code == 2
