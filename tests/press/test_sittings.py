"""What one run's trouble means for the others of its process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pressroom import Cancellation, Handover, Host, Job, Message, Receipt, Recipient, Report, StoreError
from pressroom.models.dashboards import Dashboard
from pressroom.models.runs import RunState
from pressroom.press.ledger_claims import Claim
from pressroom.press.ledger_messages import MessageClaim

MakeReport = Callable[..., Report]


@pytest.fixture
def made(host: Host, make_report: MakeReport, dashboard: Dashboard) -> Callable[[str], int]:
    """Plans a report and makes it; gives the run's id."""

    def make(key: str) -> int:
        run = host.press.plan("default", make_report("a@e.org"), report_id=None, kind="adhoc", key=key)
        host.press.do(Job(run=run.id, step="make"), "maker")
        return run.id

    return make


def test_a_lost_lease_stops_one_run_and_no_other(host: Host, made: Callable[[str], int], script: Any) -> None:
    shared, take = Cancellation(), script.act
    lost, other = made("lost"), made("other")

    noticed = threading.Event()

    def slow(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        host.ledger.cancel(lost)
        assert noticed.wait(60)
        result: Sequence[Receipt] = take(message, recipients, handover)
        return result

    renew = Claim.renew

    def noticing(claim: Claim) -> None:
        try:
            renew(claim)
        except Exception:
            noticed.set()
            raise

    script.act = slow
    host.press._sittings._lease_seconds = 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Claim, "renew", noticing)
        host.press.do(Job(run=lost, step="deliver"), "sender", shared)
    assert not shared.is_set()
    script.act = take
    host.press.do(Job(run=other, step="deliver"), "sender", shared)
    assert host.ledger.get(other).state is RunState.succeeded


def test_work_that_is_cancelled_is_given_back(host: Host, made: Callable[[str], int], script: Any) -> None:
    run, stop = made("1"), Cancellation()
    stop.set()
    host.press.do(Job(run=run, step="deliver"), "sender", stop)
    assert host.ledger.get(run).state is RunState.delivering
    host.press.do(Job(run=run, step="deliver"), "sender")
    assert host.ledger.get(run).state is RunState.succeeded
    assert script.tries == [["a@e.org"]]


def test_a_store_that_fails_before_the_hand_over_refuses_nobody(
    host: Host, made: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made("1")

    def down(claim: MessageClaim) -> None:
        raise StoreError("the store is down")

    with monkeypatch.context() as patch:
        patch.setattr(MessageClaim, "handing_over", down)
        host.press.do(Job(run=run, step="deliver"), "sender")
    waiting = host.ledger.get(run)
    assert (waiting.state, waiting.deliveries[0].state, waiting.errors) == (RunState.delivering, "planned", ())
    assert "the store is down" in waiting.step


def test_what_is_known_is_written_down_once_the_store_is_back(
    host: Host, made: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failures, record = made("1"), [1, 2], MessageClaim.record

    def flaky(claim: MessageClaim, receipts: Sequence[Receipt], retry_at: Any = None) -> None:
        if failures:
            failures.pop()
            raise StoreError("the store is down")
        record(claim, receipts, retry_at)

    monkeypatch.setattr(MessageClaim, "record", flaky)
    host.press.do(Job(run=run, step="deliver"), "sender")
    assert host.ledger.get(run).state is RunState.succeeded
