"""`pressroom doctor` and `pressroom runs`: whether a clock ticks, what waits, where a run stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressroom import Host, Run, StoreError
from pressroom.models.runs import RunState
from pressroom.moments import utc_now
from pressroom.press.chores import Chores
from pressroom.press.vitals import vitals
from pressroom.store.heartbeats import Heartbeats
from pressroom_cli.vital_checks import check_clock, check_retention, check_runs

P = "nxog09md"
Plan = Callable[..., Run]


@pytest.fixture
def plan(host: Host) -> Plan:
    def call(key: str, ago: timedelta, **options: Any) -> Run:
        stored = host.store.project(P).reports.get("weekly")
        moment = utc_now() - ago
        options = {"kind": "manual", **options}
        return host.press.plan(P, stored.value, report_id=stored.id, key=key, planned_at=moment, **options)

    return call


def test_doctor_says_all_of_it(run: Any, host: Host) -> None:
    findings = {item["what"]: item for item in run("doctor", "--json").json["findings"]}
    assert findings["clock"]["message"] == check_clock(host)
    assert findings["runs"]["message"].startswith("0 wait, 0 worked on, 0 for later; the next report is due at ")
    assert findings["retention"]["message"] == check_retention(host)


def test_a_clock_that_ticks_is_seen_and_one_that_stopped_is_gone(host: Host) -> None:
    assert "no clock ticks" in check_clock(host)
    chores = Chores(host, "here:1")
    chores.turn(utc_now())
    assert "ticks in one process" in check_clock(host)
    Chores(host, "there:2").turn(utc_now())
    assert vitals(host).clocks == 2
    chores.end()
    assert [beat.process for beat in Heartbeats(host.store.sessions).list()] == ["there:2"]


def test_signs_of_life_are_written_every_few_seconds_only(host: Host) -> None:
    chores, start = Chores(host, "here:1"), datetime(2026, 11, 23, 9, tzinfo=UTC)
    written = []
    for second in (0, 1, 4, 5, 6, 11, 2):
        chores.turn(start + timedelta(seconds=second))
        written.append(Heartbeats(host.store.sessions).list()[0].at - start)
    # the last: a machine's clock that was set back
    assert [item.total_seconds() for item in written] == [0, 0, 0, 5, 5, 11, 2]


def test_a_silent_clock_is_wrong_once_something_waits_for_it(host: Host, plan: Plan) -> None:
    Heartbeats(host.store.sessions).beat("gone:1", utc_now() - timedelta(hours=2))
    check_clock(host)
    plan("soon", timedelta(minutes=1))
    check_clock(host)
    plan("late", timedelta(minutes=10))
    plan("later", timedelta(days=-1))
    with pytest.raises(StoreError, match=r"no clock has ticked since .*pressroom worker.*something waits since"):
        check_clock(host)
    assert "2 wait, the first for 10 min, 0 worked on, 1 for later" in check_runs(host)
    Heartbeats(host.store.sessions).beat("here:1", utc_now())
    check_clock(host)


def test_retention_is_told(host: Host, plan: Plan) -> None:
    host.press.work(plan("a", timedelta()).id)
    message = check_retention(host)
    assert message.startswith("1 runs since 20")
    assert "1 folders of runs (kept 30d)" in message


def test_a_run_says_how_far_it_is_and_what_it_took(run: Any, host: Host, plan: Plan) -> None:
    planned = plan("a", timedelta(hours=5, minutes=1))
    assert "not started yet, finished not yet" in run("runs", "show", planned.id).out
    claim = host.ledger.claim_run(planned.id, "somebody", 60)
    assert claim is not None
    claim.advance(RunState.composing, step="asking 2 of 7 queries", progress=0.42)
    shown = run("runs", "show", planned.id)
    assert "composing" in shown.out
    assert "started 5 h later" in shown.out
    assert "42 % asking 2 of 7 queries" in shown.out
    assert run("runs", "show", planned.id, "--json").json["progress"] == 0.42
    claim.postpone(utc_now())
    host.press.work(planned.id)
    done = run("runs", "show", planned.id, "--json").json
    assert set(done["timings"]) == {"composing", "rendering", "delivering"}
    assert all(0 <= seconds < 60 for seconds in done["timings"].values())
    assert "rendering 0." in run("runs", "show", planned.id).out


def test_runs_are_listed_by_kind_and_time(run: Any, plan: Plan) -> None:
    old, new = plan("old", timedelta(days=3)), plan("new", timedelta(), kind="test")

    def listed(*options: str) -> list[int]:
        return [item["id"] for item in run("runs", "list", "--json", *options).json]

    assert listed() == [new.id, old.id]
    assert listed("--kind", "test") == [new.id]
    assert listed("--since", "now-1d") == [new.id]
    assert listed("--kind", "manual", "--since", "now-7d", "--state", "planned") == [old.id]
    assert run("runs", "list", "--kind", "odd").code == 2
    assert run("runs", "list", "--since", "odd").code == 2
