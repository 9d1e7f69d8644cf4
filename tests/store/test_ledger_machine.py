"""The ledger as a state machine: whatever several owners do in whatever order, nothing sent is sent again."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pressroom.channels import Outcome, Receipt
from pressroom.errors import Conflict, LeaseLost, UsageError
from pressroom.models.runs import DeliveryState as D, Run, RunState as R
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom.press.ledger_claims import Claim
from pressroom.press.ledger_messages import MessageClaim
from pressroom.press.ledger_states import RUN_TRANSITIONS
from pressroom.store import Store

OWNERS = st.sampled_from(["ann", "bob"])
EXPECTED = (LeaseLost, Conflict, UsageError)
DELIVERIES = [
    PlannedDelivery(channel="mail", recipient="a@x"),
    PlannedDelivery(channel="mail", recipient="b@x"),
    PlannedDelivery(channel="folder", recipient="archive", message=1),
]


class LedgerMachine(RuleBasedStateMachine):
    """Two owners, one run with two messages, a clock; the model keeps what each recipient really got."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "store.db")
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.store = Store("sqlite:///store.db", self.folder, lambda: self.now)
        self.ledger = Ledger(self.store)
        self.run = self.ledger.plan(
            "default", None, {}, kind="adhoc", key="k", planned_at=self.now, deliveries=DELIVERIES
        )
        self.claims: dict[str, Claim] = {}
        self.messages: dict[str, MessageClaim] = {}
        self.seen = self.run
        self.retried = False

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(owner=OWNERS)
    def claim(self, owner: str) -> None:
        taken = self.ledger.claim_run(self.run.id, owner, 60)
        if taken is not None:
            self.claims[owner] = taken

    @rule(owner=OWNERS, state=st.sampled_from(R))
    def advance(self, owner: str, state: R) -> None:
        with suppress(*EXPECTED, KeyError):
            self.claims[owner].advance(state)

    @rule(owner=OWNERS)
    def go_to_delivering(self, owner: str) -> None:
        for state in (R.composing, R.rendering, R.delivering):
            self.advance(owner, state)

    @rule(owner=OWNERS, which=st.sampled_from([("mail", 0, False), ("folder", 1, True)]))
    def claim_message(self, owner: str, which: tuple[str, int, bool]) -> None:
        channel, number, idempotent = which
        with suppress(*EXPECTED, KeyError):
            message = self.claims[owner].claim_message(channel, number, idempotent=idempotent)
            if message is not None:
                self.messages[owner] = message

    @rule(owner=OWNERS)
    def hand_over(self, owner: str) -> None:
        if owner not in self.messages:
            return
        message = self.messages[owner]
        with suppress(*EXPECTED):
            message.handing_over()
            for recipient in message.recipients:
                assert self.state_of(recipient.address) is D.handing_over

    @rule(owner=OWNERS, outcomes=st.lists(st.sampled_from(Outcome), min_size=2, max_size=2), again=st.booleans())
    def record(self, owner: str, outcomes: list[Outcome], again: bool) -> None:
        if owner not in self.messages:
            return
        message = self.messages.pop(owner)
        pairs = zip(message.recipients, outcomes, strict=False)
        receipts = [Receipt(recipient=recipient, outcome=outcome) for recipient, outcome in pairs]
        with suppress(*EXPECTED):
            message.record(receipts, self.now + timedelta(seconds=10) if again else None)

    @rule(owner=OWNERS, how=st.sampled_from(["finish", "fail", "postpone", "skip", "renew"]))
    def end(self, owner: str, how: str) -> None:
        with suppress(*EXPECTED, KeyError):
            arguments: dict[str, tuple[Any, ...]] = {"postpone": (self.now,), "skip": ("no",)}
            getattr(self.claims[owner], how)(*arguments.get(how, ()))

    @rule(ambiguous=st.booleans())
    def retry(self, ambiguous: bool) -> None:
        self.retried = True
        with suppress(*EXPECTED):
            self.ledger.retry(self.run.id, include_ambiguous=ambiguous)

    @rule()
    def recover(self) -> None:
        for run_id in self.ledger.expired():
            self.ledger.recover(run_id)

    @rule()
    def cancel(self) -> None:
        with suppress(*EXPECTED):
            self.ledger.cancel(self.run.id)

    @invariant()
    def final_states_are_left_by_a_retry_only(self) -> None:
        before, now = self.seen, self.ledger.get(self.run.id)
        for old, new in zip(before.deliveries, now.deliveries, strict=True):
            if old.state is D.sent:
                assert new == old
            if old.state.final and new.state != old.state:
                assert self.retried
                assert new.state is D.planned
            assert new.attempts >= old.attempts
        if before.state.final and now.state != before.state:
            assert self.retried
            assert now.state is R.planned
            assert now.state in RUN_TRANSITIONS[before.state]
        assert now.attempt >= before.attempt
        self.retried, self.seen = False, now

    @invariant()
    def a_run_that_is_over_leaves_nothing_to_do(self) -> None:
        run = self.ledger.get(self.run.id)
        if run.state.final:
            assert not self.ledger.due()
            open_ones = [delivery.state for delivery in run.deliveries if not delivery.state.final]
            assert open_ones == [] or (run.state is R.cancelled and set(open_ones) == {D.handing_over})
        assert (run.finished_at is not None) == run.state.final

    def state_of(self, address: str) -> D:
        run: Run = self.ledger.get(self.run.id)
        return next(delivery.state for delivery in run.deliveries if delivery.recipient == address)


def test_any_order_of_events(sqlite_template: Path) -> None:
    LedgerMachine.template = sqlite_template
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
