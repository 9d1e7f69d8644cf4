"""What becomes of every recipient, whatever the channel does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressroom import Conflict, DeliveryError, Handover, Host, Message, Outcome, Receipt, Recipient, Report, Run
from pressroom.models.runs import DeliveryState, RunState

pytestmark = pytest.mark.usefixtures("dashboard")
MakeReport = Callable[..., Report]


def send(host: Host, report: Report, key: str = "1") -> Run:
    run = host.press.plan("default", report, report_id=None, kind="adhoc", key=key)
    return host.press.work(run.id)


def states(run: Run) -> dict[str, str]:
    return {delivery.recipient: str(delivery.state) for delivery in run.deliveries}


def test_each_recipient_gets_a_message_of_their_own(host: Host, make_report: MakeReport, script: Any) -> None:
    run = send(host, make_report("a@example.org", "b@example.org"))
    assert run.state is RunState.succeeded
    assert script.tries == [["a@example.org"], ["b@example.org"]]
    assert script.messages[0].key != script.messages[1].key
    assert [document.name for document in script.messages[0].documents] == ["Weekly sales - By city.csv"]


def test_together_is_one_message_and_an_address_counts_once(host: Host, make_report: MakeReport, script: Any) -> None:
    report = make_report(
        deliveries=[
            {"channel": "script", "to": ["a@example.org"], "bcc": ["A@example.org", "b@e.org"], "together": True}
        ]
    )
    run = send(host, report)
    assert script.tries == [["a@example.org", "b@e.org"]]
    assert states(run) == {"a@example.org": "sent", "b@e.org": "sent"}


def test_the_same_key_sends_once(host: Host, make_report: MakeReport, script: Any) -> None:
    first = send(host, make_report("a@example.org"))
    again = send(host, make_report("a@example.org"))
    assert first.id == again.id
    assert len(script.tries) == 1


@pytest.mark.parametrize(
    ("channel", "hand_over", "transient", "expected"),
    [
        ("script", False, True, "planned"),
        ("script", False, False, "refused"),
        ("script", True, True, "ambiguous"),
        ("script", True, False, "ambiguous"),
        ("again", True, True, "planned"),
        ("again", True, False, "refused"),
    ],
)
def test_a_channel_that_raises(
    host: Host, make_report: MakeReport, script: Any, channel: str, hand_over: bool, transient: bool, expected: str
) -> None:
    def fail(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        if hand_over:
            handover()
        raise DeliveryError("the line is cut", transient=transient)

    script.act = fail
    run = send(host, make_report("a@example.org", channel=channel))
    assert states(run) == {"a@example.org": expected}
    assert run.deliveries[0].answer == "the line is cut"
    assert run.state.final is (expected != "planned")
    if expected == "planned":
        assert run.deliveries[0].retry_at is not None
        assert run.deliveries[0].retry_at - run.created_at > timedelta(seconds=30)


def test_a_channel_with_a_bug_loses_nothing(host: Host, make_report: MakeReport, script: Any) -> None:
    def crash(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        raise ZeroDivisionError("oops")

    script.act = crash
    run = send(host, make_report("a@example.org"))
    assert states(run) == {"a@example.org": "planned"}
    assert run.deliveries[0].answer == "ZeroDivisionError: oops"


def test_a_forgotten_recipient_is_ambiguous(host: Host, make_report: MakeReport, script: Any) -> None:
    def forget(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        handover()
        return [Receipt(recipient=recipients[0], outcome=Outcome.sent)]

    script.act = forget
    report = make_report(deliveries=[{"channel": "script", "to": ["a@e.org", "b@e.org"], "together": True}])
    run = send(host, report)
    assert states(run) == {"a@e.org": "sent", "b@e.org": "ambiguous"}
    assert run.state is RunState.partly_failed


def test_a_recipient_forbidden_meanwhile_is_refused_and_the_others_are_sent(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    script.forbidden.add("b@e.org")
    report = make_report(deliveries=[{"channel": "script", "to": ["a@e.org", "b@e.org"], "together": True}])
    run = send(host, report)
    assert states(run) == {"a@e.org": "sent", "b@e.org": "refused"}
    assert script.tries == [["a@e.org"]]


def test_a_retry_goes_to_those_who_have_not_got_it(host: Host, make_report: MakeReport, script: Any) -> None:
    take = script.act

    def refuse_b(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        if recipients[0].address == "b@e.org":
            return [Receipt(recipient=recipients[0], outcome=Outcome.refused, code=550, answer="no such user")]
        result: Sequence[Receipt] = take(message, recipients, handover)
        return result

    script.act = refuse_b
    run = send(host, make_report("a@e.org", "b@e.org"))
    assert (run.state, states(run)) == (RunState.partly_failed, {"a@e.org": "sent", "b@e.org": "refused"})
    script.act = take
    host.ledger.retry(run.id)
    again = host.press.work(run.id)
    assert states(again) == {"a@e.org": "sent", "b@e.org": "sent"}
    assert script.tries == [["a@e.org"], ["b@e.org"], ["b@e.org"]]
    assert script.messages[1].key == script.messages[2].key


def test_an_ambiguous_one_is_sent_again_only_on_request(host: Host, make_report: MakeReport, script: Any) -> None:
    take = script.act

    def cut(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        handover()
        raise DeliveryError("the line is cut", transient=True)

    script.act = cut
    run = send(host, make_report("a@e.org"))
    assert states(run) == {"a@e.org": "ambiguous"}
    script.act = take
    host.ledger.retry(run.id, include_ambiguous=True)
    assert states(host.press.work(run.id)) == {"a@e.org": "sent"}


def test_what_was_rendered_is_not_rendered_anew(
    host: Host, make_report: MakeReport, script: Any, asked: list[str]
) -> None:
    def defer(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        return [Receipt(recipient=recipients[0], outcome=Outcome.refused, answer="no")]

    board = host.store.project("default").dashboards.get("sales").value
    chart = board.charts[0].model_copy(update={"source": "counted", "query": "q"})
    host.store.project("default").dashboards.save(board.model_copy(update={"charts": [chart]}), "test")
    take, script.act = script.act, defer
    run = send(host, make_report("a@e.org"))
    script.act = take
    host.ledger.retry(run.id)
    assert host.press.work(run.id).state is RunState.succeeded
    assert asked == ["q"]


def test_a_run_that_is_held_elsewhere_is_left_alone(host: Host, make_report: MakeReport, script: Any) -> None:
    run = host.press.plan("default", make_report("a@e.org"), report_id=None, kind="adhoc", key="1")
    assert host.ledger.claim_run(run.id, "somebody else", 60) is not None
    assert not host.press.work(run.id).state.final
    assert script.tries == []


def test_a_cancelled_run_sends_nothing_more(host: Host, make_report: MakeReport, script: Any) -> None:
    take = script.act

    def cancel_first(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        receipts: Sequence[Receipt] = take(message, recipients, handover)
        host.ledger.cancel(host.ledger.list()[0].id)
        return receipts

    script.act = cancel_first
    run = send(host, make_report("a@e.org", "b@e.org"))
    assert run.state is RunState.cancelled
    assert states(run) == {"a@e.org": "sent", "b@e.org": "skipped"}
    assert script.tries == [["a@e.org"]]


def test_a_hand_over_after_the_lease_is_lost_sends_nothing(host: Host, make_report: MakeReport, script: Any) -> None:
    sent: list[str] = []

    def late(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        host.ledger.cancel(host.ledger.list()[0].id)
        handover()
        sent.append(recipients[0].address)
        return []

    script.act = late
    run = send(host, make_report("a@e.org"))
    assert sent == []
    assert run.deliveries[0].state is DeliveryState.skipped


def test_a_retry_hurries_a_run_that_waits_but_none_that_is_worked_on(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    def defer(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        return [Receipt(recipient=recipients[0], outcome=Outcome.deferred, code=451, answer="later")]

    take, script.act = script.act, defer
    run = send(host, make_report("a@e.org"))
    assert host.press.work(run.id).state is RunState.delivering
    script.act = take
    assert host.ledger.retry(run.id).deliveries[0].retry_at is None
    claim = host.ledger.claim_run(run.id, "somebody else", 60)
    assert claim is not None
    with pytest.raises(Conflict, match="being worked on"):
        host.ledger.retry(run.id)
    claim.postpone(datetime.now(UTC))
    assert states(host.press.work(run.id)) == {"a@e.org": "sent"}
    with pytest.raises(Conflict, match="only one that failed"):
        host.ledger.retry(run.id)
