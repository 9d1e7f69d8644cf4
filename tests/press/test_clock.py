"""The clock: each moment one run, whoever ticks, whatever was missed, whatever changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressroom import Host, Job, Report, Scheduler
from pressroom.models.projects import Project
from pressroom.models.runs import RunState
from pressroom.press import planner
from pressroom.press.clock import Clock, Tick
from pressroom.press.ledger_plan import new_run as new_run_as_it_is
from pressroom.store import Store
from servers.waiting import wait_until

MakeReport = Callable[..., Report]
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NINE - timedelta(days=30)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand(host: Host) -> Hand:
    """The time, for the store as well."""
    moved = Hand()
    host.close()
    host.__dict__["store"] = Store(host.settings.store.url.get_secret_value(), host.workspace.folder, moved)
    host.__dict__.pop("ledger", None)
    return moved


class Collecting(Scheduler[Any]):
    """Keeps what it is offered."""

    name = "collecting"

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def offer(self, job: Job) -> bool:
        self.jobs.append(job)
        return True

    def start(self, work: object) -> None:
        raise NotImplementedError

    def stop(self, grace: float) -> None:
        raise NotImplementedError


def save(host: Host, report: Report, project: str = "default") -> None:
    host.store.project(project).reports.save(report, "test")


def planned(host: Host) -> list[str]:
    return sorted(run.planned_at.strftime("%m-%d %H:%M") for run in host.ledger.list())


def daily(make_report: MakeReport, **more: Any) -> Report:
    schedule = {"frequency": "daily", "start": "2026-11-01T09:00:00Z", **more}
    return make_report("a@example.org", schedule=schedule)


def test_a_moment_becomes_one_run_however_often_it_ticks(host: Host, hand: Hand, make_report: MakeReport) -> None:
    save(host, daily(make_report))
    clock = Clock(host, None, hand)
    hand.now = NINE - timedelta(seconds=1)
    clock.tick()
    before = planned(host)
    assert "11-23 09:00" not in before
    hand.now = NINE
    assert clock.tick().planned == 1
    assert clock.tick() == Tick()
    assert planned(host) == [*before, "11-23 09:00"]
    run = host.ledger.list()[0]
    assert [delivery.recipient for delivery in run.deliveries] == ["a@example.org"]
    assert run.kind == "scheduled"


def save_many(host: Host, report: Report, count: int) -> None:
    with host.store.transaction() as transaction:
        for number in range(count):
            transaction.project("default").reports.save(report.model_copy(update={"uid": f"r{number}"}), "test")


def test_what_is_planned_is_offered_before_everything_is_planned(
    host: Host, hand: Hand, make_report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressroom.press.planner.BATCH", 2)
    save_many(host, daily(make_report), 24)
    hand.now = NINE
    scheduler = Collecting()
    clock = Clock(host, scheduler, hand)
    ticks = [clock.tick() for _ in range(4)]
    assert [(tick.planned, tick.more) for tick in ticks] == [(10, True), (10, True), (4, False), (0, False)]
    assert ticks[0].offered == 10


def test_a_clock_does_not_wait_between_the_portions_of_one_hour(
    host: Host, hand: Hand, make_report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressroom.press.planner.BATCH", 1)
    save_many(host, daily(make_report), 11)
    hand.now = NINE
    scheduler, stopped = Collecting(), threading.Event()
    clock = Clock(host, scheduler, hand)
    thread = threading.Thread(target=clock.run, args=(stopped, 3600))
    thread.start()
    wait_until(lambda: len({job.run for job in scheduler.jobs}) == 11, "all are offered")
    stopped.set()
    clock.wake()
    thread.join()


def test_years_of_missed_minutes_are_not_gone_through(host: Host, hand: Hand, make_report: MakeReport) -> None:
    hand.now = NINE - timedelta(days=365 * 20)
    save(host, make_report("a@example.org", schedule={"frequency": "cron", "cron": "* * * * *", "catch_up": "all"}))
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 100 + 6
    assert planned(host)[-1] == "11-23 09:00"


def test_many_clocks_make_one_run(host: Host, hand: Hand, make_report: MakeReport) -> None:
    for number in range(20):
        report = daily(make_report).model_copy(update={"uid": f"r{number}"})
        save(host, report)
    hand.now = NINE
    with ThreadPoolExecutor(4) as pool:
        ticks = list(pool.map(lambda _: Clock(host, None, hand).tick(), range(4)))
    assert sum(tick.planned for tick in ticks) == len(host.ledger.list()) == 20


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("once", ["11-26 09:00"]),
        ("all", ["11-23 09:00", "11-24 09:00", "11-25 09:00", "11-26 09:00"]),
        ("skip", []),
    ],
)
def test_what_was_missed_is_made_up_for(
    host: Host, hand: Hand, make_report: MakeReport, catch_up: str, expected: list[str]
) -> None:
    hand.now = NINE - timedelta(hours=1)
    save(host, daily(make_report, catch_up=catch_up))
    hand.now = NINE + timedelta(days=3, hours=5)
    Clock(host, None, hand).tick()
    assert planned(host) == expected
    hand.now = NINE + timedelta(days=4)
    Clock(host, None, hand).tick()
    assert planned(host) == [*expected, "11-27 09:00"]


def test_what_is_too_old_is_not_made_up_for_but_once_is(host: Host, hand: Hand, make_report: MakeReport) -> None:
    save(host, daily(make_report, end="2026-11-05T09:00:00Z", catch_up="all"))
    once = make_report("a@example.org", schedule={"frequency": "once", "start": "2026-11-03T09:00:00Z"})
    save(host, once.model_copy(update={"uid": "once"}))
    hand.now = NINE
    Clock(host, None, hand).tick()
    assert planned(host) == ["11-03 09:00"]


def test_moments_up_to_a_change_never_run(host: Host, hand: Hand, make_report: MakeReport) -> None:
    hand.now = NINE + timedelta(hours=2)
    save(host, daily(make_report))
    assert Clock(host, None, hand).tick().planned == 0
    hand.now = NINE + timedelta(days=1, hours=2)
    save(host, daily(make_report, timezone="Europe/Warsaw"))
    assert Clock(host, None, hand).tick().planned == 0
    assert planned(host) == []


def test_once_in_the_past_runs_now(host: Host, hand: Hand, make_report: MakeReport) -> None:
    report = make_report("a@example.org", schedule={"frequency": "once", "start": "2020-01-01T00:00:00Z"})
    save(host, report)
    Clock(host, None, hand).tick()
    assert planned(host) == [hand.now.strftime("%m-%d %H:%M")]
    hand.now += timedelta(days=1)
    assert Clock(host, None, hand).tick().planned == 0


@pytest.mark.parametrize("state", ["draft", "paused"])
def test_drafts_and_paused_reports_do_not_run(host: Host, hand: Hand, make_report: MakeReport, state: str) -> None:
    save(host, daily(make_report).model_copy(update={"state": state}))
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 0
    save(host, daily(make_report))
    hand.now = NINE + timedelta(days=1)
    assert Clock(host, None, hand).tick().planned == 1


def test_a_deleted_report_keeps_its_history(host: Host, hand: Hand, make_report: MakeReport) -> None:
    save(host, daily(make_report))
    hand.now = NINE
    Clock(host, None, hand).tick()
    host.store.project("default").reports.delete("weekly")
    hand.now = NINE + timedelta(days=2)
    assert Clock(host, None, hand).tick().planned == 0
    assert [run.report for run in host.ledger.list()] == ["weekly"]


def test_a_missing_channel_fails_the_run_rather_than_losing_it(
    host: Host, hand: Hand, make_report: MakeReport, dashboard: object
) -> None:
    report = daily(make_report)
    save(host, report.model_copy(update={"deliveries": [report.deliveries[0].model_copy(update={"channel": "gone"})]}))
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 1
    run = host.press.work(host.ledger.list()[0].id)
    assert run.state is RunState.failed
    assert "gone" in run.errors[0]


def test_a_report_whose_channel_was_missing_is_sent_to_all_once_it_is_there(
    host: Host, hand: Hand, make_report: MakeReport, dashboard: object, script: Any
) -> None:
    settings = dict(host.settings.channels)
    channel = host.settings.channels.pop("script")
    save(host, daily(make_report))
    hand.now = NINE
    Clock(host, None, hand).tick()
    run = host.press.work(host.ledger.list()[0].id)
    assert (run.state, [delivery.state for delivery in run.deliveries]) == (RunState.failed, ["skipped"])
    host.settings.channels["script"] = channel
    host.ledger.retry(run.id)
    again = host.press.work(run.id)
    assert (again.state, again.errors) == (RunState.succeeded, ())
    assert script.tries == [["a@example.org"]]
    assert settings == host.settings.channels


def test_a_broken_definition_is_shown_and_stops_no_other(
    host: Host, hand: Hand, make_report: MakeReport, dashboard: object
) -> None:
    save(host, daily(make_report).model_copy(update={"uid": "broken"}))
    save(host, daily(make_report))
    with host.store.sessions.write() as session:
        session.connection().exec_driver_sql("UPDATE reports SET definition = '{\"uid\": 1}' WHERE uid = 'broken'")
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 2
    runs = {run.report: run for run in host.ledger.list()}
    assert (runs["weekly"].state, runs["broken"].state) == (RunState.planned, RunState.failed)
    assert "report broken is not valid any more" in runs["broken"].errors[0]
    hand.now = NINE + timedelta(days=1)
    assert Clock(host, None, hand).tick().planned == 1
    save(host, daily(make_report).model_copy(update={"uid": "broken"}))
    hand.now = NINE + timedelta(days=2)
    assert Clock(host, None, hand).tick().planned == 2


def test_a_clock_that_is_set_back_plans_nothing_again(host: Host, hand: Hand, make_report: MakeReport) -> None:
    save(host, daily(make_report))
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 1
    for hours in (-30, -3, 0):
        hand.now = NINE + timedelta(hours=hours)
        assert Clock(host, None, hand).tick().planned == 0
    hand.now = NINE + timedelta(days=1)
    assert Clock(host, None, hand).tick().planned == 1
    assert planned(host) == ["11-23 09:00", "11-24 09:00"]


def test_a_dead_owners_run_is_offered_again(host: Host, hand: Hand, make_report: MakeReport, dashboard: object) -> None:
    scheduler = Collecting()
    run = host.press.plan(
        "default", make_report("a@example.org"), report_id=None, kind="adhoc", key="1", planned_at=hand.now
    )
    assert host.ledger.claim_run(run.id, "dead", 30) is not None
    Clock(host, scheduler, hand).tick()
    assert scheduler.jobs == []
    hand.now += timedelta(seconds=31)
    assert Clock(host, scheduler, hand).tick().recovered == 1
    assert [(job.run, job.step) for job in scheduler.jobs] == [(run.id, "make")]


def test_projects_take_turns_and_priority_comes_first(host: Host, hand: Hand, make_report: MakeReport) -> None:
    host.store.projects.save(Project(uid="other", name="Other"), "test")
    report = make_report(deliveries=[])
    plans = [("default", 5)] * 5 + [("other", 5)] * 2 + [("other", 9)]
    for number, (project, priority) in enumerate(plans):
        changed = report.model_copy(update={"uid": f"r{number}", "priority": priority})
        save(host, changed, project)
        stored = host.store.project(project).reports.get(f"r{number}")
        host.press.plan(project, changed, report_id=stored.id, kind="scheduled", key="1", planned_at=hand.now)
    scheduler = Collecting()
    Clock(host, scheduler, hand).tick()
    names = {run.id: (run.project, run.snapshot["priority"]) for run in host.ledger.list()}
    order = [names[job.run] for job in scheduler.jobs]
    assert order[0] == ("other", 9)
    assert [project for project, _ in order[1:5]] == ["default", "other", "default", "other"]


def test_many_reports_that_cannot_be_planned_keep_no_other_from_it(
    host: Host, hand: Hand, make_report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def new_run(project: int, report: int, uid: str, *rest: Any, **more: Any) -> Any:
        if broken and uid != "weekly":
            raise RuntimeError("a fault that nobody foresaw")
        return new_run_as_it_is(project, report, uid, *rest, **more)

    broken = True
    monkeypatch.setattr(planner, "new_run", new_run)
    monkeypatch.setattr(planner, "BATCH", 2)
    save_many(host, daily(make_report), 12)
    save(host, daily(make_report, start="2026-11-01T09:00:01Z"))
    hand.now = NINE + timedelta(seconds=1)
    clock = Clock(host, None, hand)
    assert [clock.tick().planned for _ in range(3)] == [0, 1, 0]
    broken = False
    hand.now += planner.AGAIN
    assert sum(clock.tick().planned for _ in range(3)) == 12
    assert planned(host) == ["11-23 09:00"] * 13


class Unreadable:
    """A calendar whose plugin has a fault."""

    moves = False

    def closed(self, day: object) -> bool:
        raise OSError(f"the list of holidays cannot be read for {day}")


def test_a_broken_calendar_or_channel_loses_no_run(
    host: Host, hand: Hand, make_report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_channel(name: str, project: str) -> Any:
        raise OSError(f"{name} of {project} has a fault")

    save(host, daily(make_report, calendar="holidays"))
    monkeypatch.setattr(host, "calendar", lambda *_: Unreadable())
    monkeypatch.setattr(host, "channel", no_channel)
    hand.now = NINE
    assert Clock(host, None, hand).tick().planned == 1
    (run,) = host.ledger.list()
    assert [delivery.recipient for delivery in run.deliveries] == ["a@example.org"]
    assert host.store.project("default").reports.get("weekly").value.state == "scheduled"
    hand.now += timedelta(days=1)
    assert Clock(host, None, hand).tick().planned == 1
