"""`/api/v1/runs` over a socket: sending once, what came of it, trying again."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from email import message_from_bytes
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from pressroom import Run
from servers.results_server import PROJECT, Running
from servers.smtp import Faults, MailServer

Work = Callable[[int], Run]
SEND = "/api/v1/reports/weekly/send"
OPS, JANE = "ops@example.org", "jane@example.org"


@pytest.fixture(autouse=True)
def healthy(mail: MailServer) -> None:
    mail.faults = Faults()
    mail.received.clear()


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_a_report_is_sent_once_however_often_it_is_asked_for(
    editor: httpx.Client, server: Running, worked: Work, mail: MailServer
) -> None:
    first = editor.post(SEND, headers=keyed('"a key"'))
    assert first.status_code == 202, first.text
    run = first.json()["id"]
    assert (first.json()["state"], first.headers["Location"]) == ("planned", f"/api/v1/runs/{run}")
    assert worked(run).state == "succeeded"
    again = editor.post(SEND, headers=keyed("a key"), json={})
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, run, "succeeded")
    worked(run)
    assert sorted(to for each in mail.received for to in each.recipients) == [JANE, OPS]
    for other in (
        editor.post(SEND, headers=keyed("a key"), json={"deliveries": [{"channel": "archive"}]}),
        editor.post(f"/api/v1/runs/{run}/retry", headers=keyed("x" * 256)),
    ):
        assert other.status_code in (400, 422)
    assert editor.post("/api/v1/reports/nothing1/send", headers=keyed("a key")).status_code == 404
    with server.signed_in(server.token("editor")) as somebody:
        assert somebody.post(SEND, headers=keyed("a key")).json()["id"] == run, "the same name is the same caller"
    with server.signed_in(server.token("admin")) as somebody:
        theirs = somebody.post(SEND, headers=keyed("a key")).json()["id"]
    without = editor.post(SEND).json()["id"]
    assert len({run, theirs, without}) == 3
    sent = [entry for entry in server.host.audit.list(PROJECT) if entry.detail.get("run") in (run, theirs, without)]
    assert len(sent) == 3
    for number in (theirs, without):
        assert editor.post(f"/api/v1/runs/{number}/cancel").json()["state"] == "cancelled"


def test_of_many_at_once_with_one_key_there_is_one_run(editor: httpx.Client, server: Running) -> None:
    start, found = threading.Barrier(6), []
    secret = server.token("editor")

    def ask() -> None:
        with server.signed_in(secret) as client:
            start.wait()
            found.append(client.post(SEND, headers=keyed("at once"), json={"deliveries": [{"channel": "archive"}]}))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in found} == {202}
    (run,) = {answer.json()["id"] for answer in found}
    assert editor.get(f"/api/v1/deliveries?run={run}").json()["total"] == 1
    assert editor.post(f"/api/v1/runs/{run}/cancel").status_code == 200


def test_one_may_send_to_others_by_any_channel(editor: httpx.Client, worked: Work, mail: MailServer) -> None:
    to = [{"channel": "email", "to": ["new@example.org"]}, {"channel": "archive"}]
    run = editor.post(SEND, json={"deliveries": to}).json()
    assert [(each["channel"], each["recipient"]) for each in run["deliveries"]] == [
        ("email", "new@example.org"),
        ("archive", run["deliveries"][1]["recipient"]),
    ]
    assert worked(run["id"]).state == "succeeded"
    assert [each.recipients for each in mail.received] == [("new@example.org",)]
    wrong = editor.post(SEND, json={"deliveries": [{"channel": "email", "to": [OPS, "x@else.where"]}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "deliveries[0].to[1]")
    editor.post("/api/v1/reports", json={"uid": "nobody", "name": "To nobody", "dashboards": [{"uid": "good0001"}]})
    editor.post("/api/v1/reports", json={"uid": "draft", "name": "Draft", "state": "draft"})
    for uid in ("nobody", "draft"):
        assert editor.post(f"/api/v1/reports/{uid}/send").status_code == 400
        assert editor.delete(f"/api/v1/reports/{uid}").status_code == 204


def test_what_came_of_a_run_and_its_documents(editor: httpx.Client, server: Running, worked: Work) -> None:
    run = editor.post(SEND).json()["id"]
    worked(run)
    found = editor.get(f"/api/v1/runs/{run}").json()
    assert (found["report"], found["kind"], found["state"], found["counts"]) == (
        "weekly",
        "manual",
        "succeeded",
        {"sent": 3},
    )
    assert {each["recipient"]: each["state"] for each in found["deliveries"]}[JANE] == "sent"
    (document,) = found["documents"]
    answer = editor.get(f"/api/v1/runs/{run}/documents/{document['number']}")
    assert answer.headers["Content-Type"] == document["media_type"] == "text/csv; charset=utf-8"
    assert quote(document["name"]) in answer.headers["Content-Disposition"]
    assert len(answer.content) == document["size"]
    assert answer.text.splitlines()[0].lstrip("\ufeff") == "city;visits"
    for number in (0, 2, 10**30):
        assert editor.get(f"/api/v1/runs/{run}/documents/{number}").status_code == 404
    path = server.host.press.document(server.host.ledger.get(run), 0).path
    shutil.rmtree(path.parents[len(path.relative_to(server.host.workspace.files).parts) - 3])
    assert editor.get(f"/api/v1/runs/{run}/documents/1").status_code == 410
    assert editor.get(f"/api/v1/runs/{run}").json()["documents"] == [document]
    for missing in (0, -1, 10**18, 10**30):
        assert editor.get(f"/api/v1/runs/{missing}").status_code == 404


def test_those_who_did_not_get_it_are_tried_again(
    editor: httpx.Client, worked: Work, mail: MailServer, server: Running
) -> None:
    mail.faults = Faults(recipients={JANE: "550 no such user"})
    run = editor.post(SEND).json()["id"]
    assert worked(run).state == "partly_failed"
    refused = editor.get(f"/api/v1/deliveries?run={run}&state=refused").json()["items"]
    assert [(each["recipient"], each["code"], each["report"]) for each in refused] == [(JANE, 550, "weekly")]
    assert (
        editor.get("/api/v1/deliveries", params={"recipient": JANE, "channel": "email", "run": run}).json()["total"]
        == 1
    )
    mail.faults = Faults()
    mail.received.clear()
    retried = editor.post(f"/api/v1/runs/{run}/retry", headers=keyed("again"))
    assert (retried.status_code, retried.json()["state"]) == (202, "planned")
    assert worked(run).state == "succeeded"
    assert [each.recipients for each in mail.received] == [(JANE,)]
    # its answer was lost, and it comes once more
    same = editor.post(f"/api/v1/runs/{run}/retry", headers=keyed("again"))
    assert (same.status_code, same.json()["state"]) == (202, "succeeded")
    assert editor.post(f"/api/v1/runs/{run}/retry", headers=keyed("more")).status_code == 409
    other = editor.post(f"/api/v1/runs/{run}/retry", headers=keyed("again"), json={"include_ambiguous": True})
    assert other.status_code == 422
    deeds = [entry for entry in server.host.audit.list(PROJECT) if entry.target == f"run {run}"]
    assert [entry.detail for entry in deeds] == [{"change": "retry"}]


def test_what_may_have_arrived_is_sent_again_on_request_only(
    editor: httpx.Client, worked: Work, mail: MailServer
) -> None:
    mail.faults = Faults(drop="content")
    run = editor.post(SEND, json={"deliveries": [{"channel": "email", "to": [OPS]}]}).json()["id"]
    worked(run)
    assert editor.get(f"/api/v1/runs/{run}").json()["counts"] == {"ambiguous": 1}
    mail.faults = Faults()
    refused = editor.post(f"/api/v1/runs/{run}/retry")
    assert (refused.status_code, "ambiguous" in refused.json()["detail"]) == (409, True)
    assert editor.post(f"/api/v1/runs/{run}/retry", json={"include_ambiguous": True}).status_code == 202
    assert worked(run).state == "succeeded"
    subjects = {message_from_bytes(each.content)["Message-ID"] for each in mail.received}
    assert len(mail.received) == 2
    assert len(subjects) == 1


def test_runs_are_found_by_report_state_kind_and_time(editor: httpx.Client, server: Running) -> None:
    run = editor.post(SEND).json()["id"]

    def found(**asked: Any) -> list[int]:
        answer = editor.get("/api/v1/runs", params=asked)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert run in found(report="weekly", state="planned", kind="manual", since="now-1h")
    assert found(report="other") == found(report="\0") == found(since="now+1h") == found(until="2020-01-01") == []
    assert run not in found(kind="scheduled")
    assert editor.post(f"/api/v1/runs/{run}/cancel").json()["counts"] == {"skipped": 3}
    assert editor.post(f"/api/v1/runs/{run}/cancel").status_code == 409
    assert run in found(state="cancelled")
    for wrong in ("state=lost", "kind=odd", "since=soon", "cursor=WzFd", "cursor=WyIyMDI2IiwxXQ", "limit=0"):
        assert editor.get(f"/api/v1/runs?{wrong}").status_code == 400, wrong
    for wrong in ("state=failed", "cursor=WzFd", "cursor=WyIyMDI2LTExLTIyVDAwOjAwKzAwOjAwIiwxXQ"):
        assert editor.get(f"/api/v1/deliveries?{wrong}").status_code == 400


def test_single_permissions_show_the_runs_of_single_reports(
    editor: httpx.Client, server: Running, allowed: Callable[..., httpx.Client]
) -> None:
    stored = server.host.store.project(PROJECT).reports.get("weekly")
    run = editor.post(SEND).json()["id"]
    lone = server.host.press.plan(PROJECT, stored.value, report_id=None, kind="adhoc", key="lone").id
    one = allowed(("reports:read", f"reports:id:{stored.id}"), ("dashboards:read", ""))
    another = allowed(("runs:read", "reports:id:999"), ("reports:read", "reports:id:998"), ("dashboards:read", ""))
    every = allowed(("runs:read", ""), ("dashboards:read", ""))
    for client, seen in ((one, {run}), (server.client, {run}), (another, set()), (every, {run, lone})):
        listed = {item["id"] for item in client.get("/api/v1/runs?limit=500").json()["items"]}
        assert listed & {run, lone} == seen
        shown = {each["run"] for each in client.get("/api/v1/deliveries?limit=500").json()["items"]}
        assert shown & {run, lone} == seen
        for number in (run, lone):
            assert (client.get(f"/api/v1/runs/{number}").status_code == 200) == (number in seen)
    for number in (run, lone):
        editor.post(f"/api/v1/runs/{number}/cancel")
