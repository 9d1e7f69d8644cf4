"""A channel whose other side fails rests; nothing is lost and no try is counted meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pressroom import Host, Outcome, Receipt, Recipient, Report, Run
from pressroom.models.runs import DeliveryState, RunState
from pressroom.moments import utc_now
from pressroom.press.breakers import Breakers, unreachable
from servers.smtp import Faults, serving
from workspaces.visits import SETTINGS

P = "nxog09md"


class Hand:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def receipt(outcome: Outcome, code: int = 0) -> Receipt:
    return Receipt(recipient=Recipient(address="a@example.org"), outcome=outcome, code=code)


def test_it_rests_after_failures_in_a_row_and_one_tries_first() -> None:
    hand = Hand()
    breakers = Breakers(3, 60.0, hand)
    for failed in (True, True, False, True, True, None):
        assert breakers.wait("mail") == 0
        breakers.tell("mail", failed)
    assert breakers.states() == {"mail": False}
    breakers.tell("mail", True)
    assert breakers.states() == {"mail": True}
    assert breakers.wait("mail") == 60
    assert breakers.wait("other") == 0
    hand.now = 60
    assert breakers.wait("mail") == 0
    assert 0 < breakers.wait("mail") <= 1
    breakers.tell("mail", True)
    assert breakers.wait("mail") == 60
    hand.now = 120
    assert breakers.wait("mail") == 0
    breakers.tell("mail", False)
    assert [breakers.wait("mail"), breakers.wait("mail")] == [0, 0]


def test_a_try_that_tells_nothing_leaves_the_next_one_to_try() -> None:
    hand = Hand()
    breakers = Breakers(1, 60.0, hand)
    breakers.tell("mail", True)
    hand.now = 61
    assert breakers.wait("mail") == 0
    breakers.tell("mail", None)
    assert breakers.wait("mail") == 0


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.integers(0, 100)), max_size=60))
def test_it_never_rests_for_longer_than_it_says_and_never_for_good(history: list[tuple[bool | None, int]]) -> None:
    hand = Hand()
    breakers = Breakers(2, 60.0, hand)
    for failed, seconds in history:
        hand.now += seconds
        wait = breakers.wait("mail")
        assert 0 <= wait <= 60
        if not wait:
            breakers.tell("mail", failed)
    hand.now += 60
    assert breakers.wait("mail") == 0


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ([receipt(Outcome.deferred)], True),
        ([receipt(Outcome.ambiguous), receipt(Outcome.deferred, 421)], True),
        ([receipt(Outcome.deferred, 450)], False),
        ([receipt(Outcome.deferred), receipt(Outcome.sent, 250)], False),
        ([receipt(Outcome.refused, 550)], False),
        ([], False),
    ],
)
def test_what_counts_as_a_failure_of_the_other_side(receipts: list[Receipt], expected: bool) -> None:
    assert unreachable(receipts) is expected


def plan(host: Host, key: str, *addresses: str) -> Run:
    stored = host.store.project(P).reports.get("weekly")
    deliveries = [{"channel": "email", "to": list(addresses)}]
    report = Report.model_validate({**stored.value.model_dump(mode="json"), "deliveries": deliveries})
    planned = datetime(2026, 11, 16, 8, tzinfo=UTC)
    return host.press.plan(P, report, report_id=stored.id, kind="scheduled", key=key, planned_at=planned)


def test_runs_wait_for_a_server_that_is_down_and_go_out_when_it_is_back(workspace: Path) -> None:
    with serving(Faults(replies={"connect": "421 closed for today"})) as down:
        closed = SETTINGS.format(port=down.port)
        rests = "[retries]\nchannel_failures = 2\nchannel_rest_seconds = 1000\n"
        (workspace / "pressroom.toml").write_text(f"{closed}\n{rests}")
        with Host.open(workspace) as host:
            first = host.press.work(plan(host, "1", "a@example.org", "b@example.org", "c@example.org").id)
            tried = len(down.commands) + down.connections
            assert [item.attempts for item in first.deliveries] == [1, 1, 0]
            second = host.press.work(plan(host, "2", "d@example.org").id)
            assert len(down.commands) + down.connections == tried
            assert (second.state, second.step) == (
                RunState.delivering,
                "waits for a channel that rests, because its other side fails",
            )
            (waiting,) = second.deliveries
            assert (waiting.state, waiting.attempts) == (DeliveryState.planned, 0)
            assert host.press.breakers.states() == {"email": True}
            assert host.ledger.due() == []
            down.faults.replies = {}
            later = Host(host.workspace, host.plugins)
            later.store.clock = lambda: utc_now() + timedelta(hours=1)
            done = later.press.work(second.id)
            later.close()
        assert done.state == RunState.succeeded
        assert [mail.recipients for mail in down.received] == [("d@example.org",)]
