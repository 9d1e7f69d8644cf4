"""Requests that come twice, and the ledger's history, on both kinds of store."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pressroom import KeyReused, Once, Principal, Project, Report, RunState, Sent, UsageError, Wanted
from pressroom.models.runs import DeliveryState
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom.store import Store

ANN, BEN = (Principal.with_role(name, "editor") for name in ("ann", "ben"))
TO = [PlannedDelivery(channel="mail", recipient=name) for name in ("a@x", "b@x")]


def save(store: Store, uid: str) -> Any:
    value = Report.model_validate({"uid": uid, "name": uid, "dashboards": [{"uid": "d"}]})
    return store.project("default").reports.save(value, "ann")


def test_a_key_stands_for_one_request_of_one_caller_in_a_project(store: Store, ledger: Ledger, clock: Any) -> None:
    weekly, daily = save(store, "weekly"), save(store, "daily")
    store.projects.save(Project(uid="other", name="Other"), by="test")

    def plan(once: Once, report: Any = weekly, kind: Any = "manual", project: str = "default") -> int:
        return ledger.plan(project, report, {}, kind=kind, key=once, planned_at=clock.now, deliveries=TO).id

    asked = Once.of(ANN, "key", "send", "weekly")
    first = plan(asked)
    assert plan(asked) == plan(Once.of(ANN, "key", "send", "weekly"), kind="test", report=None) == first
    for report, words in ((weekly, ("send", "weekly", "to others")), (daily, ("send", "daily")), (None, ())):
        with pytest.raises(KeyReused, match="choose a new one"):
            plan(Once.of(ANN, "key", *words), report)
    others = [
        plan(Once.of(BEN, "key", "send", "weekly")),
        plan(Once.of(ANN, "Key", "send", "weekly")),
        plan(asked, None, project="other"),
        ledger.plan("default", weekly, {}, kind="manual", key=asked.key, planned_at=clock.now).id,
    ]
    assert len({first, *others}) == 5


@pytest.mark.parametrize("kinds", [("manual", "manual"), ("manual", "test")])
def test_of_two_requests_with_one_key_at_once_one_is_done(store: Store, clock: Any, kinds: Any) -> None:
    weekly, start, found = save(store, "weekly"), threading.Barrier(6), []

    def ask(number: int) -> None:
        once, kind = Once.of(ANN, "key", number % 2), kinds[number % 2]
        start.wait()
        try:
            ledger = Ledger(store)
            found.append(ledger.plan("default", weekly, {}, kind=kind, key=once, planned_at=clock.now).id)
        except KeyReused:
            found.append(None)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (run,) = {number for number in found if number is not None}
    assert sorted(number == run for number in found) == [False] * 3 + [True] * 3
    assert [each.id for each in Ledger(store).list()] == [run]


def test_a_retry_that_comes_twice_is_one(ledger: Ledger, clock: Any) -> None:
    run = ledger.plan("default", None, {}, kind="adhoc", key="k", planned_at=clock.now, deliveries=TO).id
    again, other = Once.of(ANN, "again", run, False), Once.of(ANN, "again", run, True)

    def fail() -> None:
        claim = ledger.claim_run(run, "me", 60)
        assert claim is not None
        assert claim.fail("broken").state is RunState.failed

    fail()
    assert not ledger.repeats(run, again)
    assert ledger.retry(run, once=again).state is RunState.planned
    fail()
    assert ledger.repeats(run, again)
    assert ledger.retry(run, once=again).state is RunState.failed
    with pytest.raises(KeyReused):
        ledger.retry(run, include_ambiguous=True, once=other)
    assert ledger.retry(run, once=Once.of(ANN, "more", run, False)).state is RunState.planned


@given(key=st.text(max_size=300))
def test_what_is_no_key_is_refused(key: str) -> None:
    good = 0 < len(key) <= 255 and all(" " <= letter <= "~" for letter in key)
    try:
        assert Once.of(ANN, key, 1).key == Once.of(ANN, key, 2).key
    except UsageError:
        assert not good
    else:
        assert good


def test_history_is_asked_by_report_state_and_time(store: Store, ledger: Ledger, clock: Any) -> None:
    weekly, daily = save(store, "weekly"), save(store, "daily")
    runs = [
        ledger.plan("default", report, {}, kind="manual", key=str(hour), planned_at=at, deliveries=TO).id
        for report in (weekly, daily, None)
        for hour in range(2)
        for at in [clock.now + timedelta(hours=hour)]
    ]
    ledger.cancel(runs[0])
    history = store.project("default").history

    def found(**asked: Any) -> list[int]:
        wanted = Wanted(**asked)
        entries = history.runs(wanted, 10)
        assert history.count_runs(wanted) == len(entries)
        return [entry.run.id for entry in entries]

    assert found() == [runs[5], runs[3], runs[1], runs[4], runs[2], runs[0]]
    assert found(report="weekly") == [runs[1], runs[0]]
    assert found(state=RunState.cancelled) == found(until=clock.now + timedelta(hours=1), report="weekly") == [runs[0]]
    assert found(since=clock.now + timedelta(hours=1), stored=True) == [runs[3], runs[1]]
    assert found(visible=[daily.id]) == found(report="daily") == [runs[3], runs[2]]
    assert found(visible=[]) == found(report="\0") == found(run=2**70) == []
    counts = {entry.run.id: entry.counts for entry in history.runs(Wanted(report="weekly"), 10)}
    assert counts == {runs[0]: {"skipped": 2}, runs[1]: {"planned": 2}}
    skipped = history.deliveries(Wanted(), Sent(state=DeliveryState.skipped), 10)
    assert [(each.delivery.recipient, each.report) for each in skipped] == [("b@x", "weekly"), ("a@x", "weekly")]
    assert history.count_deliveries(Wanted(run=runs[1]), Sent(recipient="a@x", channel="mail")) == 1
    assert history.deliveries(Wanted(), Sent(channel="fax"), 10) == []
