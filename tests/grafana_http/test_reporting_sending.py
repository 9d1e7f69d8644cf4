"""Sending over HTTP: through the ledger, waited for, once, and to the end whatever the client does."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from pressroom import Run, TooManyRequests, failpoints
from pressroom_builtin.grafana import door_routes
from pressroom_builtin.grafana.workroom import Workroom
from servers.reporting_server import BODY, PROJECT, Reports
from servers.waiting import wait_until

QUICK = {"formats": ["csv"]}


class Gate:
    """Holds whoever comes by a place until it is opened."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()

    def __call__(self, name: str) -> None:
        if name == self.place:
            self.reached.release()
            assert self.opened.wait(100)

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.reached.acquire(timeout=100)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before a message is handed over."""
    made = Gate("deliver.claimed")
    monkeypatch.setattr(failpoints, "visitor", made)
    yield made
    made.opened.set()


def mails_to(reports: Reports, address: str) -> int:
    return sum(address in mail.recipients for mail in reports.mail.received)


def runs(reports: Reports, number: int) -> list[Run]:
    uid = reports.get(number)["uid"]
    return reports.host.repositories.project(PROJECT).runs.list(report=uid)


def send(reports: Reports, number: int | str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    body = {"id": number, **(fields or {"useEmailsFromReport": True})}
    return reports.client.post("/api/reports/email", json=body, headers=headers or {})


def test_a_report_is_sent_to_its_own_addresses_or_to_others(reports: Reports) -> None:
    number = reports.create(recipients="one@example.org, two@example.org", **QUICK)
    for identity in (number, str(number)):
        assert send(reports, identity).json() == {"message": "Report was sent"}
    assert [mails_to(reports, f"{name}@example.org") for name in ("one", "two", "three")] == [2, 2, 0]
    assert send(reports, number, emails="three@example.org;four@example.org", useEmailsFromReport=True).is_success
    assert [mails_to(reports, f"{name}@example.org") for name in ("one", "two", "three", "four")] == [2, 2, 1, 1]
    states = [(run.kind, run.state, [item.state for item in run.deliveries]) for run in runs(reports, number)]
    assert states == [("manual", "succeeded", ["sent", "sent"])] * 3
    assert reports.get(number)["recipients"] == "one@example.org, two@example.org"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "id: is needed"),
        ({"id": "x", "emails": "a@example.org"}, "id: must be the id"),
        ({"id": True, "emails": "a@example.org"}, "id: "),
        ({"id": "{id}"}, "useEmailsFromReport"),
        ({"id": "{id}", "emails": " , "}, "useEmailsFromReport"),
        ({"id": "{id}", "emails": 5}, "emails: "),
        ({"id": "{id}", "emails": "a@example.org, nobody, b@example.com"}, "'nobody'"),
        ({"id": "{id}", "useEmailsFromReport": "perhaps"}, "useEmailsFromReport: "),
        ([], "JSON object"),
    ],
)
def test_what_cannot_be_sent_is_refused(reports: Reports, body: Any, named: str) -> None:
    content = json.dumps(body).replace("{id}", str(reports.create()))
    answer = reports.client.post("/api/reports/email", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_a_draft_without_recipients_or_dashboards_is_not_sent(reports: Reports) -> None:
    empty = reports.create(state="draft", recipients="", dashboards=[], name="")
    assert "recipients" in send(reports, empty).json()["message"]
    assert "dashboard" in send(reports, empty, emails="a@example.org").json()["message"]
    assert send(reports, 999_999).status_code == 404


def test_the_answer_says_who_did_not_get_it_and_why(reports: Reports) -> None:
    number = reports.create(recipients="good@example.org,no@example.org,later@example.org", **QUICK)
    answer = send(reports, number)
    assert answer.status_code == 500
    message = answer.json()["message"]
    assert "no@example.org: refused 550 no such user" in message
    assert "later@example.org: 451 come back later (tried again" in message
    assert message.startswith("the report was not sent to everybody; ")
    assert "good@example.org" not in message
    assert mails_to(reports, "good@example.org") == 1
    assert [item.state for item in runs(reports, number)[0].deliveries] == ["sent", "refused", "planned"]
    test = reports.client.post("/api/reports/test-email", json={**BODY, **QUICK, "recipients": "no@example.org"})
    assert test.status_code == 500
    assert test.json()["message"].startswith("the report was not sent; ")
    assert "550 no such user" in test.json()["message"]


def test_who_was_left_out_is_no_failure_but_named_where_nobody_got_it(reports: Reports) -> None:
    number = reports.create(recipients="away@example.org,here@example.org", **QUICK)
    uid = reports.get(number)["uid"]
    reports.host.repositories.project(PROJECT).unsubscriptions.add(uid, "away@example.org")
    assert send(reports, number).json() == {"message": "Report was sent"}
    answer = send(reports, number, emails="away@example.org")
    assert answer.is_success
    assert answer.json()["message"].startswith("nobody was to get it; away@example.org: unsubscribed on ")
    assert [mails_to(reports, f"{name}@example.org") for name in ("away", "here")] == [0, 1]


def test_a_run_that_is_cancelled_was_not_sent(reports: Reports, gate: Gate) -> None:
    number = reports.create(recipients="first@example.org,second@example.org", **QUICK)
    gate.place = "deliver.recorded"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, reports, number)
        gate.wait()
        reports.host.ledger.cancel(runs(reports, number)[0].id)
        gate.opened.set()
        said = answer.result()
    assert said.status_code == 500
    assert said.json()["message"] == "the report was not sent to everybody; second@example.org: cancelled"
    assert [mails_to(reports, f"{name}@example.org") for name in ("first", "second")] == [1, 0]


def test_the_same_key_sends_once(reports: Reports) -> None:
    number = reports.create(recipients="once@example.org", **QUICK)
    key = {"Idempotency-Key": '"8e03978e"'}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(reports, number, key), range(4)))
    assert {answer.text for answer in answers} == {'{"message":"Report was sent"}'}
    assert mails_to(reports, "once@example.org") == 1
    noted = len(reports.host.audit.list(PROJECT))
    assert send(reports, number, key).json() == {"message": "Report was sent"}
    assert len(reports.host.audit.list(PROJECT)) == noted
    other = send(reports, number, key, emails="a@example.org")
    assert other.status_code == 400
    assert "idempotency key" in other.json()["message"]
    body = {**BODY, **QUICK, "recipients": "test-once@example.org"}
    for _ in range(2):
        answer = reports.client.post("/api/reports/test-email", json=body, headers={"Idempotency-Key": "k2"})
        assert answer.json() == {"message": "Test email sent"}
    assert mails_to(reports, "test-once@example.org") == 1
    assert send(reports, number, {"Idempotency-Key": "x" * 300}).status_code == 400


def test_a_test_mail_keeps_nothing_but_its_run(reports: Reports) -> None:
    before = [item["id"] for item in reports.client.get("/api/reports").json()]
    body = {**BODY, **QUICK, "name": "Only a test", "recipients": "tester@example.org"}
    assert reports.client.post("/api/reports/test-email", json=body).json() == {"message": "Test email sent"}
    assert mails_to(reports, "tester@example.org") == 1
    assert [item["id"] for item in reports.client.get("/api/reports").json()] == before
    run = reports.host.ledger.list(limit=1)[0]
    assert (run.kind, run.title, run.report_id) == ("test", "Only a test", None)
    for wrong, named in (({"recipients": ""}, "recipients"), ({"dashboards": []}, "dashboards")):
        for state in ("scheduled", "draft"):
            answer = reports.client.post("/api/reports/test-email", json={**body, **wrong, "state": state})
            assert answer.status_code == 400
            assert named in answer.json()["message"]


def test_a_client_that_goes_away_does_not_stop_the_run(reports: Reports, gate: Gate) -> None:
    number = reports.create(recipients="gone@example.org", **QUICK)
    body = json.dumps({"id": number, "useEmailsFromReport": True}).encode()
    port = int(reports.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST /api/reports/email HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: {reports.client.headers['authorization']}\r\nContent-Type: application/json\r\n\r\n"
        connection.sendall(head.encode() + body)
        gate.wait()
    gate.opened.set()
    wait_until(lambda: runs(reports, number)[0].state.final, "the run is over")
    assert runs(reports, number)[0].state == "succeeded"
    assert mails_to(reports, "gone@example.org") == 1


def test_a_report_that_is_deleted_or_changed_meanwhile_is_sent_as_it_was(reports: Reports, gate: Gate) -> None:
    number = reports.create(recipients="last@example.org", **QUICK)
    uid = reports.get(number)["uid"]
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, reports, number)
        gate.wait()
        changed = {**BODY, "recipients": "changed@example.org"}
        assert reports.client.put(f"/api/reports/{number}", json=changed).is_success
        assert reports.client.delete(f"/api/reports/{number}").json() == {"message": "Report config was removed"}
        gate.opened.set()
        assert answer.result().json() == {"message": "Report was sent"}
    assert mails_to(reports, "last@example.org") == 1
    assert mails_to(reports, "changed@example.org") == 0
    (run,) = reports.host.repositories.project(PROJECT).runs.list(report=uid)
    assert (run.state, run.report_id) == ("succeeded", None)
    assert reports.client.get(f"/api/reports/{number}").status_code == 404


@contextmanager
def crowd(reports: Reports, number: int, size: int) -> Iterator[list[Any]]:
    with ThreadPoolExecutor(size) as pool:
        yield [pool.submit(send, reports, number) for _ in range(size)]


def test_long_sends_do_not_hold_up_short_answers(reports: Reports, gate: Gate) -> None:
    number = reports.create(recipients="slow@example.org", **QUICK)
    size = door_routes.SENDS + 2
    with crowd(reports, number, size) as waiting:
        gate.wait(door_routes.SENDS)
        assert reports.get(number)["id"] == number
        assert reports.client.get("/api/reports").is_success
        assert reports.create() > number
        assert not any(answer.done() for answer in waiting)
        gate.opened.set()
        assert all(answer.result().is_success for answer in waiting)
    assert mails_to(reports, "slow@example.org") == size


def test_more_than_can_be_waited_for_is_told_to_come_back() -> None:
    held, done = threading.Event(), []

    async def crowd() -> None:
        room = Workroom("few", threads=1, most=2)

        async def one(number: int) -> None:
            await room.do(lambda: done.append(held.wait(100) and number))

        first = [asyncio.create_task(one(number)) for number in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests) as caught:
            await one(2)
        assert caught.value.retry_after > 0
        # one that leaves is done all the same
        first[1].cancel()
        held.set()
        await first[0]
        await one(3)

    asyncio.run(crowd())
    assert done == [0, 1, 3]


def test_a_run_that_another_process_has_taken_is_waited_for(reports: Reports) -> None:
    number = reports.create(recipients="taken@example.org", **QUICK)
    plan = reports.host.press.plan
    taken = threading.Event()

    def planned(*arguments: Any, **options: Any) -> Run:
        run = plan(*arguments, **options)
        claim = reports.host.ledger.claim_run(run.id, "elsewhere", 0.5)
        assert claim is not None
        taken.set()
        return run

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reports.host.press, "plan", planned)
        answer = send(reports, number)
    assert taken.is_set()
    # its owner died: whoever waits takes it up when the lease has run out
    assert answer.json() == {"message": "Report was sent"}
    assert mails_to(reports, "taken@example.org") == 1
