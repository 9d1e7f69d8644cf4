"""`/api/v1/reports` over a socket: reports in the words of definitions, and when they go out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pressroom.definitions import export
from servers.results_server import PROJECT, Running

REPORT: dict[str, Any] = {
    "name": "By folder and mail",
    "subject": "{{ report.name }} 报告",
    "dashboards": [{"uid": "good0001", "time_range": {"from": "2016-05-02", "to": "2016-05-04"}}],
    "schedule": {
        "frequency": "monthly",
        "start": "2026-11-30T09:00:00+01:00",
        "timezone": "Europe/Warsaw",
        "day_of_month": "last",
        "catch_up": "all",
    },
    "formats": ["pdf", {"csv": {"delimiter": ";"}}],
    "deliveries": [{"channel": "archive"}, {"channel": "email", "to": ["ops@example.org"], "together": True}],
    "notify": ["boss@example.org"],
    "locale": "zh-CN",
    "password": "hush",
    "filename": "{{ report.name }}",
    "priority": 7,
}


def test_a_report_s_life(editor: httpx.Client, server: Running) -> None:
    made = editor.post("/api/v1/reports", json=REPORT)
    assert made.status_code == 201, made.text
    uid, definition = made.json()["uid"], made.json()["definition"]
    path = f"/api/v1/reports/{uid}"
    assert made.headers["Location"] == path
    assert made.headers["ETag"] == f'"{made.json()["revision"]}"'
    assert {key: value for key, value in definition.items() if key in REPORT} == REPORT
    # a body and a file of definitions mean the same
    text = export(server.host.store, PROJECT, sections=("reports",), uids=[uid])
    again = editor.put(path, json=definition)
    assert again.json()["revision"] == made.json()["revision"]
    assert export(server.host.store, PROJECT, sections=("reports",), uids=[uid]) == text
    changed = editor.put(path, json=REPORT | {"name": "Other", "state": "paused"})
    assert changed.json()["definition"]["state"] == "paused"
    assert editor.get(path).json()["definition"]["name"] == "Other"
    taken = editor.post("/api/v1/reports", json=REPORT | {"uid": uid})
    assert (taken.status_code, taken.json()["title"]) == (409, "Conflict")
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404
    deeds = [entry.action for entry in server.host.audit.list(PROJECT) if entry.target == f"report {uid}"]
    assert deeds == ["reports:delete", "reports:write", "reports:write", "reports:create"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nam": "x"}, "nam"),
        ({"name": ""}, "name"),
        ({"dashboards": []}, "dashboards"),
        ({"dashboards": [{"uid": "nowhere1"}]}, "dashboards[0].uid"),
        ({"dashboards": [{"uid": "good0001"}] * 10_000}, "dashboards"),
        ({"formats": ["pdf", {"csv": {"delimiter": 5}}]}, "formats[1].csv.delimiter"),
        ({"formats": ["fax"]}, "formats[0]"),
        ({"deliveries": [{"channel": "pigeon"}]}, "deliveries[0].channel"),
        ({"deliveries": [{"channel": "email", "to": ["ann@example.org", "x@elsewhere.org"]}]}, "deliveries[0].to[1]"),
        ({"deliveries": [{"channel": "email"}]}, "deliveries[0].to"),
        ({"schedule": {"frequency": "daily", "start": "2026-11-30"}}, "schedule.start"),
        ({"schedule": {"timezone": "Mars"}}, "schedule.timezone"),
        ({"schedule": {"calendar": "moon"}}, "schedule.calendar"),
        ({"locale": "tlh"}, "locale"),
        ({"subject": "{{ x"}, "subject"),
        ({"uid": "a b"}, "uid"),
        ({"priority": 10}, "priority"),
    ],
)
def test_each_mistake_is_told_with_its_field(editor: httpx.Client, wrong: dict[str, Any], field: str) -> None:
    answer = editor.post("/api/v1/reports", json=REPORT | wrong)
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]}, answer.text
    assert ".json" not in answer.text


def test_what_is_probably_not_meant_is_told_and_stored(editor: httpx.Client) -> None:
    odd = {"dashboards": [{"uid": "good0001", "variables": {"town": ["x"]}}], "deliveries": [], "name": "Odd"}
    made = editor.post("/api/v1/reports", json=odd).json()
    assert [warning["field"] for warning in made["warnings"]] == ["dashboards[0].variables.town"]
    assert (
        editor.put(f"/api/v1/reports/{made['uid']}", json=odd | {"uid": "other"}).json()["errors"][0]["field"] == "uid"
    )
    assert editor.delete(f"/api/v1/reports/{made['uid']}").status_code == 204


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b'{"name": NaN}', b'"x"', b'{"name": "\\ud800"}', b"[" * 10_000])
def test_bodies_that_are_no_definitions_are_refused(editor: httpx.Client, body: bytes) -> None:
    answer = editor.post("/api/v1/reports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


def test_of_two_changes_at_once_one_is_refused(editor: httpx.Client, server: Running) -> None:
    made = editor.post("/api/v1/reports", json=REPORT)
    path, start, found = f"/api/v1/reports/{made.json()['uid']}", threading.Barrier(4), []

    def change(number: int) -> None:
        with server.signed_in(server.token("editor")) as client:
            start.wait()
            body = REPORT | {"name": f"By {number}"}
            found.append(client.put(path, json=body, headers={"If-Match": made.headers["ETag"]}))

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in found) == [200, 412, 412, 412]
    won = next(answer for answer in found if answer.status_code == 200)
    assert editor.get(path).json() == won.json()
    assert editor.delete(path, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert editor.delete(path, headers={"If-Match": f'"x", {won.headers["ETag"]}'}).status_code == 204


def test_single_permissions_reach_single_reports(
    editor: httpx.Client, server: Running, allowed: Callable[..., httpx.Client]
) -> None:
    mine, other = (editor.post("/api/v1/reports", json=REPORT).json() for _ in range(2))
    scope = f"reports:id:{mine['id']}"
    reader = allowed(("reports:read", scope), ("dashboards:read", "dashboards:uid:good0001"))
    listed = reader.get("/api/v1/reports").json()
    assert ([item["uid"] for item in listed["items"]], listed["total"], listed["next"]) == ([mine["uid"]], 1, None)
    assert "password" not in listed["items"][0]["definition"]
    assert "password" in editor.get(f"/api/v1/reports/{mine['uid']}").json()["definition"]
    statuses = [reader.get(f"/api/v1/reports/{each['uid']}").status_code for each in (mine, other)]
    assert statuses == [200, 403]
    assert reader.put(f"/api/v1/reports/{mine['uid']}", json=REPORT).status_code == 403
    blind = allowed(("reports:read", ""), ("reports:create", ""), ("dashboards:read", "dashboards:uid:more0001"))
    hidden = blind.get(f"/api/v1/reports/{mine['uid']}")
    assert (hidden.status_code, "good0001" in hidden.json()["detail"]) == (403, True)
    assert blind.post("/api/v1/reports", json=REPORT).status_code == 403
    for each in (mine, other):
        assert editor.delete(f"/api/v1/reports/{each['uid']}").status_code == 204


def test_lists_are_turned_page_by_page(editor: httpx.Client) -> None:
    draft = {"name": "Draft", "state": "draft"}
    made = [editor.post("/api/v1/reports", json=draft).json()["uid"] for _ in range(5)]
    page = editor.get("/api/v1/reports?state=draft&limit=2")
    found = [item["uid"] for item in page.json()["items"]]
    assert page.json()["total"] == 5
    while "next" in page.links:
        assert page.json()["next"] in page.links["next"]["url"]
        page = editor.get(page.links["next"]["url"])
        found += [item["uid"] for item in page.json()["items"]]
    assert found == made
    assert page.json()["next"] is None
    other = editor.post("/api/v1/reports", json={"name": "Other", "dashboards": [{"uid": "more0001"}]}).json()["uid"]
    shown = editor.get("/api/v1/reports?dashboard=more0001").json()
    assert [item["uid"] for item in shown["items"]] == [other]
    assert editor.get("/api/v1/reports?dashboard=%00").json()["total"] == 0
    for wrong in ("limit=0", "limit=501", "limit=x", "cursor=x", "cursor=WyJhIl0", "cursor=Wy0xXQ", "state=sent"):
        assert editor.get(f"/api/v1/reports?{wrong}").status_code == 400, wrong
    for uid in (*made, other):
        editor.delete(f"/api/v1/reports/{uid}")


def test_the_next_moments_of_a_stored_report(editor: httpx.Client) -> None:
    found = editor.get("/api/v1/reports/weekly/next?count=2&from=2027-03-20T00:00:00Z").json()
    assert found["moments"] == ["2027-03-22T09:00:00+01:00", "2027-03-29T09:00:00+02:00"]
    assert found["sentence"] == "every Monday at 09:00, Europe/Warsaw"
    assert (found["timezone"], found["state"]) == ("Europe/Warsaw", "scheduled")
    assert editor.get("/api/v1/reports/weekly/next?count=0").status_code == 400
    assert editor.get("/api/v1/reports/weekly/next?from=yesterday").status_code == 400
    assert editor.get("/api/v1/reports/weekly/next?from=0001-01-01T00:00:00Z&count=1").status_code == 400


def test_the_next_moments_of_a_schedule_that_is_not_stored(editor: httpx.Client) -> None:
    schedule = {"frequency": "cron", "cron": "30 7 * * 1-5", "timezone": "Asia/Shanghai"}
    asked = {"schedule": schedule, "count": 3, "from": "2026-11-27T07:30:00+08:00", "locale": "zh-CN"}
    found = editor.post("/api/v1/schedules/next", json=asked).json()
    days = ("2026-11-27", "2026-11-30", "2026-12-01")
    assert found["moments"] == [f"{day}T07:30:00+08:00" for day in days]
    assert "30 7 * * 1-5" in found["sentence"]
    assert editor.post("/api/v1/schedules/next", json={"schedule": {}}).json()["moments"] == []
    odd = {"frequency": "weekly", "start": "2026-11-27T07:30:00+08:00", "workdays_only": True}
    noticed = editor.post("/api/v1/schedules/next", json={"schedule": odd}).json()
    assert [each["field"] for each in noticed["warnings"]] == ["schedule.workdays_only"]
    zero = {"frequency": "daily", "start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"}
    assert len(editor.post("/api/v1/schedules/next", json={"schedule": zero, "count": 7}).json()["moments"]) == 7
    wrong = editor.post("/api/v1/schedules/next", json={"schedule": {"frequency": "cron", "cron": "9 9"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "schedule")
    assert editor.post("/api/v1/schedules/next", json={"schedule": schedule, "n": 1}).status_code == 400
