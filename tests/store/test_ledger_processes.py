"""The ledger under real processes: many planners and claimers at once, owners killed in mid-hand-over."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.errors import LeaseLost
from pressroom.models.runs import DeliveryState, Run, RunState
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom.store import Store

HEAD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pressroom.models.runs import RunState
from pressroom.press.ledger import Ledger
from pressroom.store import Store
store = Store(sys.argv[1], Path("/"))
ledger, me = Ledger(store), sys.argv[2]
store.projects.list()
print("ready", flush=True)
sys.stdin.readline()
"""
PLAN_AND_CLAIM = """
for number in range(20):
    planned = ledger.plan("default", None, {}, kind="adhoc", key=str(number), planned_at=datetime.now(UTC))
    claim = ledger.claim_run(planned.id, me, 600)
    if claim is not None:
        print(planned.key, planned.id, claim.attempt)
"""
HAND_OVER = """
claim = ledger.claim_run(1, me, 600)
claim.advance(RunState.delivering)
claim.claim_message("mail", 0).handing_over()
print("handed", flush=True)
sys.stdin.readline()
"""


def start(code: str, url: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HEAD + code, url, name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def together(code: str, url: str, count: int) -> list[str]:
    """What several processes print that begin at the same moment."""
    with ExitStack() as stack:
        children = [stack.enter_context(start(code, url, f"p{number}")) for number in range(count)]
        for each in children:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in children:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        lines = [line for each in children for line in each.communicate()[0].splitlines()]
        assert [each.returncode for each in children] == [0] * count
    return lines


@pytest.fixture
def now_ledger(store: Store) -> Ledger:
    """A ledger on the real clock, as the children's are."""
    return Ledger(store, clock=lambda: datetime.now(UTC))


def plan(ledger: Ledger, key: str = "k") -> Run:
    to = [PlannedDelivery(channel="mail", recipient="a@x")]
    return ledger.plan("default", None, {}, kind="adhoc", key=key, planned_at=datetime.now(UTC), deliveries=to)


def test_a_moment_that_two_plan_and_claim_becomes_one_run_of_one(now_ledger: Ledger, url: str) -> None:
    lines = together(PLAN_AND_CLAIM, url, 2)
    assert sorted(lines) == sorted(f"{run.key} {run.id} 1" for run in now_ledger.list())
    assert len(lines) == 20


def test_an_owner_killed_during_the_hand_over(store: Store, now_ledger: Ledger, url: str) -> None:
    plan(now_ledger)
    with start(HAND_OVER, url, "doomed") as doomed:
        assert doomed.stdin is not None
        assert doomed.stdout is not None
        doomed.stdin.write("go\n")
        doomed.stdin.flush()
        assert [doomed.stdout.readline() for _ in range(2)] == ["ready\n", "handed\n"]
        doomed.kill()
    assert now_ledger.claim_run(1, "heir", 60) is None
    later = Ledger(store, clock=lambda: datetime.now(UTC) + timedelta(seconds=600))
    assert later.expired() == [1]
    heir = later.claim_run(1, "heir", 60)
    assert heir is not None
    assert heir.pending() == []
    run = heir.finish()
    assert (run.state, run.deliveries[0].state) == (RunState.failed, DeliveryState.ambiguous)


def test_a_lease_may_change_hands_between_two_stores(
    url: str, store: Store, now_ledger: Ledger, tmp_path: Path
) -> None:
    run = plan(now_ledger)
    first = now_ledger.claim_run(run.id, "first", 0)
    second_store = Store(url, tmp_path)
    second = Ledger(second_store).claim_run(run.id, "second", 60)
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLost):
        first.advance(RunState.composing)
    second.advance(RunState.composing)
    second_store.close()
