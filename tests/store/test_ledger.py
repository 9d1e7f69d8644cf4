"""The ledger as its callers see it: planning, claims, messages, retries, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from pressroom.channels import Outcome, Receipt, Recipient
from pressroom.errors import Conflict, LeaseLost, NotFound, UsageError
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.runs import DeliveryState as D, Run, RunState as R
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom.press.ledger_claims import Claim
from pressroom.press.ledger_messages import MessageClaim
from pressroom.press.ledger_states import outcome
from pressroom.renderers import Document
from pressroom.store import Store, Stored

BOTH = (PlannedDelivery(channel="mail", recipient="a@x"), PlannedDelivery(channel="mail", recipient="b@x"))
PDF = Document(name="r.pdf", media_type="application/pdf", path="r.pdf", size=3, format="pdf")


@pytest.fixture
def report(store: Store) -> Stored[Report]:
    value = Report.model_validate({"uid": "weekly", "name": "Weekly", "dashboards": [{"uid": "d"}], "priority": 7})
    return store.project("default").reports.save(value, "ann")


@pytest.fixture
def plan(ledger: Ledger, report: Stored[Report], clock: Any) -> Any:
    def make(key: str = "k", deliveries: Sequence[PlannedDelivery] = BOTH, **changed: Any) -> Run:
        fields: dict[str, Any] = {"kind": "manual", "planned_at": clock.now, "deliveries": deliveries} | changed
        return ledger.plan("default", fields.pop("report", report), {"name": "then"}, key=key, **fields)

    return make


def claim(ledger: Ledger, run: Run, owner: str = "me") -> Claim:
    taken = ledger.claim_run(run.id, owner, 60)
    assert taken is not None
    return taken


def delivering(ledger: Ledger, run: Run, owner: str = "me") -> Claim:
    taken = claim(ledger, run, owner)
    for state in (R.composing, R.rendering):
        taken.advance(state)
    taken.save_documents([PDF])
    taken.advance(R.delivering)
    return taken


def message(taken: Claim, **options: Any) -> MessageClaim:
    found = taken.claim_message("mail", 0, **options)
    assert found is not None
    return found


def says(recipient: Recipient, outcome: Outcome, **more: Any) -> Receipt:
    return Receipt(recipient=recipient, outcome=outcome, **more)


def states(run: Run) -> list[D]:
    return [delivery.state for delivery in run.deliveries]


def test_a_run_carries_what_it_was_planned_with(ledger: Ledger, plan: Any, store: Store, report: Any) -> None:
    run = plan()
    store.project("default").reports.delete("weekly")
    kept = ledger.get(run.id)
    assert (kept.project, kept.report, kept.title, kept.snapshot) == ("default", "weekly", "Weekly", {"name": "then"})
    assert (run.report_id, kept.report_id, kept.state, states(kept)) == (report.id, None, R.planned, [D.planned] * 2)
    assert store.project("default").runs.list(report="weekly") == [kept]


def test_the_same_key_is_the_same_run(ledger: Ledger, plan: Any) -> None:
    assert plan("k") == plan("k")
    assert len({plan("k").id, plan("other").id, plan("k", kind="test").id}) == 3
    first = plan("k", report=None)
    assert first == plan("k", report=None)
    assert first.report == ""
    assert len(ledger.list()) == 4


def test_exact_duplicates_of_a_recipient_count_once(plan: Any) -> None:
    copies = (*BOTH, BOTH[0], PlannedDelivery(channel="mail", recipient="a@x", role="cc"))
    assert [(d.recipient, d.role) for d in plan(deliveries=copies).deliveries] == [
        ("a@x", "to"),
        ("b@x", "to"),
        ("a@x", "cc"),
    ]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00", "\ud800"])
def test_odd_keys_are_refused(plan: Any, key: str) -> None:
    with pytest.raises(UsageError, match="1 to 200 characters"):
        plan(key)


@pytest.mark.parametrize("address", ["a\x00@x", "\ud800@x", "x" * 501])
def test_odd_recipients_are_refused(ledger: Ledger, plan: Any, address: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        plan(deliveries=[*BOTH, PlannedDelivery(channel="mail", recipient=address)])
    assert ledger.list() == []


def test_a_snapshot_is_json(ledger: Ledger, report: Any, clock: Any) -> None:
    with pytest.raises(UsageError, match="cannot be kept as JSON"):
        ledger.plan("default", report, {"x": float("nan")}, kind="manual", key="k", planned_at=clock.now)


def test_planning_for_what_is_not_there(ledger: Ledger, plan: Any, store: Store, report: Any, clock: Any) -> None:
    store.project("default").reports.delete("weekly")
    with pytest.raises(NotFound, match="was deleted meanwhile"):
        plan()
    with pytest.raises(NotFound, match="no project"):
        ledger.plan("nowhere", None, {}, kind="adhoc", key="k", planned_at=clock.now)
    with pytest.raises(NotFound, match="no run 99"):
        ledger.get(99)


def test_planning_inside_a_transaction(store: Store, ledger: Ledger, report: Any, clock: Any) -> None:
    with store.transaction() as tx:
        Ledger(tx).plan("default", report, {}, kind="scheduled", key="k", planned_at=clock.now)
        tx.rollback()
    assert ledger.list() == []


def test_projects_see_their_own_runs_only(store: Store, ledger: Ledger, plan: Any, clock: Any) -> None:
    store.projects.save(Project(uid="other"), "ann")
    theirs = ledger.plan("other", None, {}, kind="adhoc", key="k", planned_at=clock.now)
    mine = plan("k", report=None, kind="adhoc")
    assert mine.id != theirs.id
    assert store.project("default").runs.list() == [mine]
    with pytest.raises(NotFound):
        store.project("default").runs.get(theirs.id)


def test_what_is_due_comes_by_priority_and_age(ledger: Ledger, plan: Any, clock: Any) -> None:
    low = plan("low", report=None)
    late, early = plan("late"), plan("early", planned_at=clock.now - timedelta(hours=1))
    plan("tomorrow", planned_at=clock.now + timedelta(days=1))
    assert [offer.id for offer in ledger.due()] == [early.id, late.id, low.id]
    assert [offer.id for offer in ledger.due(limit=1)] == [early.id]
    claim(ledger, early)
    assert [offer.id for offer in ledger.due()] == [late.id, low.id]


def test_a_run_is_claimed_once_and_not_before_it_is_due(ledger: Ledger, plan: Any, clock: Any) -> None:
    run = plan(planned_at=clock.now + timedelta(minutes=5))
    assert ledger.claim_run(run.id, "me", 60) is None
    clock.pass_(300)
    taken = claim(ledger, run)
    assert (taken.run.attempt, taken.run.started_at) == (1, clock.now)
    assert ledger.claim_run(run.id, "you", 60) is None
    assert ledger.claim_run(999, "me", 60) is None


def test_the_whole_way(ledger: Ledger, plan: Any, clock: Any) -> None:
    taken = delivering(ledger, plan())
    taken.advance(step="sending\x00", progress=float("nan"))
    taken.warn("late", "late")
    (waiting,) = taken.pending()
    mail = message(taken)
    assert (waiting.channel, waiting.message, mail.attempts) == ("mail", 0, 1)
    assert taken.pending() == []
    mail.handing_over()
    assert states(ledger.get(taken.run.id)) == [D.handing_over] * 2
    first, second = mail.recipients
    mail.record([says(first, Outcome.sent, code=250, reference="<id>"), says(second, Outcome.sent)])
    run = taken.finish()
    assert (run.state, run.progress, run.finished_at, run.warnings) == (R.succeeded, 1.0, clock.now, ("late",))
    assert (run.deliveries[0].code, run.deliveries[0].reference, run.step) == (250, "<id>", "sending")
    assert [document["path"] for document in run.documents] == ["r.pdf"]
    with pytest.raises(LeaseLost):
        taken.renew()


def test_only_who_has_not_got_it_gets_it_later(ledger: Ledger, plan: Any, clock: Any) -> None:
    run = plan()
    mail = message(taken := delivering(ledger, run))
    mail.handing_over()
    first, second = mail.recipients
    retry_at = clock.now + timedelta(minutes=5)
    mail.record([says(first, Outcome.sent), says(second, Outcome.deferred, code=451, answer="later")], retry_at)
    waiting = taken.finish()
    assert (waiting.state, states(waiting)) == (R.delivering, [D.sent, D.planned])
    assert (waiting.deliveries[1].retry_at, waiting.deliveries[1].answer) == (retry_at, "later")
    assert ledger.due() == []
    clock.pass_(300)
    again = message(taken := claim(ledger, run))
    assert (again.key, again.recipients, again.attempts) == (mail.key, (second,), 2)
    again.record([says(second, Outcome.deferred)], None)
    assert states(taken.finish()) == [D.sent, D.refused]


def test_keys_differ_between_messages_and_runs(ledger: Ledger, plan: Any) -> None:
    two = (BOTH[0], PlannedDelivery(channel="mail", recipient="b@x", message=1))
    keys = []
    for name in ("one", "two"):
        taken = delivering(ledger, plan(name, deliveries=two))
        claims = [taken.claim_message(each.channel, each.message) for each in taken.pending()]
        keys += [each.key for each in claims if each]
    assert len(set(keys)) == 4


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize("by", ["claim", "recover"])
def test_what_a_dead_owner_leaves(
    ledger: Ledger, plan: Any, clock: Any, idempotent: bool, handed: bool, by: str
) -> None:
    run = plan()
    mail = message(dead := delivering(ledger, run), idempotent=idempotent)
    if handed:
        mail.handing_over()
    assert ledger.expired() == []
    assert ledger.recover(run.id) is None
    clock.pass_(60)
    assert ledger.expired() == [run.id]
    if by == "recover":
        assert ledger.recover(run.id) is not None
        assert ledger.expired() == []
    heir = claim(ledger, run, "heir")
    assert heir.run.documents
    expected = D.ambiguous if handed and not idempotent else D.planned
    assert states(heir.run) == [expected] * 2
    for write in (
        mail.handing_over,
        dead.renew,
        dead.finish,
        dead.fail,
        lambda: dead.warn("x"),
        lambda: dead.save_documents([]),
        lambda: dead.advance(step="x"),
        lambda: dead.postpone(clock.now),
        lambda: dead.skip("x"),
        lambda: dead.claim_message("mail", 0),
        lambda: mail.record([says(mail.recipients[0], Outcome.sent)]),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert ledger.get(run.id) == heir.run
    if expected is D.planned:
        heir.advance(R.delivering)
        assert message(heir).key == mail.key


def test_a_lease_holds_as_long_as_it_is_renewed(ledger: Ledger, plan: Any, clock: Any) -> None:
    run = plan()
    taken = claim(ledger, run)
    for _ in range(3):
        clock.pass_(50)
        taken.renew()
    assert ledger.claim_run(run.id, "you", 60) is None
    assert ledger.expired() == []


@pytest.mark.parametrize(("handed", "expected"), [(False, D.planned), (True, D.ambiguous)])
def test_a_channel_that_says_nothing(ledger: Ledger, plan: Any, clock: Any, handed: bool, expected: D) -> None:
    mail = message(delivering(ledger, plan()))
    if handed:
        mail.handing_over()
    stranger = says(Recipient(address="stranger@x"), Outcome.sent)
    mail.record([says(mail.recipients[0], Outcome.sent), stranger], clock.now + timedelta(seconds=9))
    assert states(ledger.get(1)) == [D.sent, expected]


def test_states_cannot_be_jumped(ledger: Ledger, plan: Any) -> None:
    taken = claim(ledger, plan())
    for state in (R.rendering, R.succeeded, R.cancelled):
        with pytest.raises(UsageError, match="is planned"):
            taken.advance(state)
    taken.advance(R.composing)
    with pytest.raises(UsageError, match="deliver or skip"):
        taken.finish()


def test_a_failed_run_and_its_retry(ledger: Ledger, plan: Any) -> None:
    run = plan()
    taken = claim(ledger, run)
    taken.advance(R.composing)
    failed = taken.fail("the source is gone")
    assert (failed.state, failed.errors, states(failed)) == (R.failed, ("the source is gone",), [D.skipped] * 2)
    again = ledger.retry(run.id)
    assert (again.state, again.errors, states(again)) == (R.planned, (), [D.planned] * 2)
    assert ledger.retry(run.id) == again


def test_a_run_that_failed_while_delivering(ledger: Ledger, plan: Any, clock: Any) -> None:
    mail = message(taken := delivering(ledger, plan()))
    first, second = mail.recipients
    mail.handing_over()
    mail.record([says(first, Outcome.sent), says(second, Outcome.deferred)], clock.now)
    run = taken.fail("time is up")
    assert (run.state, states(run)) == (R.partly_failed, [D.sent, D.refused])
    again = ledger.retry(run.id)
    assert (states(again), len(again.documents)) == ([D.sent, D.planned], 1)


def test_what_is_ambiguous_is_sent_again_on_request_only(ledger: Ledger, plan: Any) -> None:
    mail = message(taken := delivering(ledger, plan()))
    mail.handing_over()
    mail.record([says(each, Outcome.ambiguous) for each in mail.recipients])
    run = taken.finish()
    assert run.state is R.failed
    with pytest.raises(Conflict, match="on request only"):
        ledger.retry(run.id)
    assert states(ledger.retry(run.id, include_ambiguous=True)) == [D.planned] * 2


def test_what_was_skipped_on_purpose_stays_so(ledger: Ledger, plan: Any) -> None:
    mail = message(taken := delivering(ledger, plan()))
    mail.record([says(mail.recipients[0], Outcome.skipped), says(mail.recipients[1], Outcome.refused)])
    run = taken.finish()
    assert states(ledger.retry(run.id)) == [D.skipped, D.planned]


def test_a_condition_that_is_not_met(ledger: Ledger, plan: Any) -> None:
    taken = claim(ledger, plan())
    taken.advance(R.composing)
    taken.skip("the condition is not met")
    run = taken.finish()
    assert (run.state, states(run), run.warnings) == (R.skipped, [D.skipped] * 2, ("the condition is not met",))
    again = ledger.retry(run.id)
    assert (again.state, states(again), again.warnings) == (R.planned, [D.planned] * 2, ())


def test_a_condition_that_is_not_met_by_a_report_for_nobody(ledger: Ledger, plan: Any) -> None:
    taken = claim(ledger, plan(deliveries=()))
    taken.advance(R.composing)
    taken.skip("the condition is not met")
    assert taken.finish().state is R.skipped


def test_giving_a_run_back(ledger: Ledger, plan: Any, clock: Any) -> None:
    run = plan()
    taken = claim(ledger, run)
    taken.advance(R.composing)
    taken.postpone(clock.now + timedelta(minutes=1), "the source is down")
    assert (ledger.get(run.id).state, ledger.get(run.id).step, ledger.due()) == (R.planned, "the source is down", [])
    clock.pass_(60)
    assert claim(ledger, run).attempt == 2


def test_cancelling(ledger: Ledger, plan: Any) -> None:
    run = plan()
    mail = message(taken := delivering(ledger, run))
    cancelled = ledger.cancel(run.id)
    assert (cancelled.state, states(cancelled)) == (R.cancelled, [D.skipped] * 2)
    for write in (taken.renew, mail.handing_over, taken.finish):
        with pytest.raises(LeaseLost):
            write()
    for ask in (ledger.cancel, ledger.retry):
        with pytest.raises(Conflict, match="is cancelled"):
            ask(run.id)
        with pytest.raises(NotFound):
            ask(999)


@pytest.mark.parametrize("answers", [False, True])
def test_cancelling_during_the_hand_over(ledger: Ledger, plan: Any, clock: Any, answers: bool) -> None:
    run = plan()
    mail = message(delivering(ledger, run), idempotent=True)
    mail.handing_over()
    assert states(ledger.cancel(run.id)) == [D.handing_over] * 2
    if answers:
        mail.record([says(each, Outcome.sent) for each in mail.recipients])
    clock.pass_(60)
    assert ledger.expired() == [run.id]
    settled = ledger.recover(run.id)
    assert settled is not None
    assert (settled.state, states(settled)) == (R.cancelled, [D.sent if answers else D.ambiguous] * 2)
    assert ledger.due() == ledger.expired() == []


def test_a_run_without_deliveries(ledger: Ledger, plan: Any) -> None:
    taken = claim(ledger, plan("one", deliveries=(), kind="preview"))
    taken.advance(R.composing)
    assert taken.finish().state is R.succeeded
    taken = claim(ledger, plan("two", deliveries=(), kind="preview"))
    taken.fail("no")
    assert ledger.retry(taken.run.id).state is R.planned


def test_errors_of_a_report_that_went_out(ledger: Ledger, plan: Any) -> None:
    mail = message(taken := delivering(ledger, plan()))
    taken.note_errors("chart c: the query is wrong", "x" * 5000)
    mail.record([says(each, Outcome.sent) for each in mail.recipients])
    run = taken.finish()
    assert run.state is R.partly_failed
    assert len(run.errors[1]) == 2000
    with pytest.raises(Conflict, match="nobody is left"):
        ledger.retry(run.id)


@pytest.mark.parametrize(
    ("deliveries", "errors", "documents", "expected"),
    [
        ([], False, False, R.succeeded),
        ([], True, True, R.partly_failed),
        ([], True, False, R.failed),
        ([D.sent, D.skipped], False, True, R.succeeded),
        ([D.sent], True, True, R.partly_failed),
        ([D.sent, D.refused], False, True, R.partly_failed),
        ([D.sent, D.ambiguous], False, True, R.partly_failed),
        ([D.refused, D.skipped], False, True, R.failed),
        ([D.ambiguous], False, True, R.failed),
        ([D.skipped], True, True, R.failed),
        ([D.skipped], False, True, R.skipped),
    ],
)
def test_outcomes(deliveries: list[D], errors: bool, documents: bool, expected: R) -> None:
    assert outcome(deliveries, errors=errors, documents=documents) is expected


def test_runs_are_listed(ledger: Ledger, plan: Any, clock: Any) -> None:
    runs = [plan(str(n), planned_at=clock.now - timedelta(hours=n)) for n in range(4)]
    claim(ledger, runs[2]).fail()
    assert ledger.list() == [*runs[:2], ledger.get(runs[2].id), runs[3]]
    assert ledger.list(state=R.planned, limit=2, offset=1) == [runs[1], runs[3]]
    assert ledger.list(report="weekly", state=R.failed) == [ledger.get(runs[2].id)]
    assert ledger.list(report="other") == []


def test_no_transaction_stays_open(ledger: Ledger, plan: Any, store: Store) -> None:
    mail = message(taken := delivering(ledger, plan()))
    mail.handing_over()
    pool = store._engine.pool
    assert isinstance(pool, sa.QueuePool)
    assert pool.checkedout() == 0
    taken.renew()
