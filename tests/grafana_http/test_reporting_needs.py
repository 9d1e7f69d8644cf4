"""What clients of the reporting API rely on beyond its description, a test a sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servers.reporting_client import Contract
from servers.reporting_server import ADMIN, BODY, OTHER, PROJECT, Reports

UNKNOWN = "admin of nxog09md does not belong to the organisation 'N'. Permissions needed: orgs:read"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_absent_field_means_its_default_and_so_do_null_and_zero(reports: Reports) -> None:
    names = ("subject", "replyTo", "message", "schedule", "options", "formats", "state", "scaleFactor")
    switches = ("enableDashboardUrl", "enableCsv")
    zeros = dict.fromkeys(names, "") | {"schedule": {}, "options": {}, "formats": [], "scaleFactor": 0}
    for more in ({}, dict.fromkeys(names + switches), zeros | dict.fromkeys(switches, False)):
        found = reports.created(**more)
        assert (found["formats"], found["state"], found["scaleFactor"]) == (["pdf"], "scheduled", 100)
        assert found["schedule"]["timeZone"] == "UTC"
        assert found["enableDashboardUrl"] is found["enableCsv"] is False
        assert found["options"] == {
            "orientation": "landscape",
            "layout": "grid",
            "pdfShowTemplateVariables": False,
            "pdfCombineOneFile": False,
            "csvEncoding": "",
            "timeRange": {"from": "", "to": ""},
        }


def test_put_is_a_full_replacement(reports: Reports) -> None:
    full = {"subject": "S", "replyTo": "b@example.org", "message": "M", "formats": ["csv"], "enableDashboardUrl": True}
    number = reports.create(**full, options={"orientation": "portrait", "pdfCombineOneFile": True}, scaleFactor=150)
    assert reports.client.put(f"/api/reports/{number}", json=BODY).status_code == 200
    assert {**reports.get(number), "updated": ""} == {**reports.created(), "id": number, "updated": ""} | {
        key: reports.get(number)[key] for key in ("uid", "created", "schedule")
    }


@pytest.mark.parametrize(
    "text",
    [
        "a@example.org,b@example.org",
        "a@example.org, b@example.org",
        " a@example.org;b@example.org ;",
        "a@example.org,,",
    ],
)
def test_recipients_return_byte_for_byte(reports: Reports, text: str) -> None:
    assert reports.created(recipients=text)["recipients"] == text


def test_a_bad_address_is_named_among_good_ones(reports: Reports) -> None:
    message = reports.refused(recipients="a@example.org,nonsense;b@example.org, elsewhere@example.com")
    assert "'nonsense'" in message
    assert "elsewhere@example.com" in message
    assert "a@example.org" not in message


def test_an_absent_start_is_now_and_an_absent_end_is_null(reports: Reports) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    number = reports.create(schedule={"frequency": "daily"})
    schedule = reports.get(number)["schedule"]
    assert before <= moment(schedule["startDate"]) <= datetime.now(UTC)
    assert schedule["endDate"] is None
    # and it does not move with every change
    reports.client.put(f"/api/reports/{number}", json=BODY | {"name": "Renamed", "schedule": {"frequency": "daily"}})
    assert reports.get(number)["schedule"] == schedule


def test_a_start_that_is_left_out_later_is_now(reports: Reports) -> None:
    number = reports.create(schedule={"frequency": "daily", "startDate": "2022-01-01T00:00:00Z"})
    reports.client.put(f"/api/reports/{number}", json=BODY | {"schedule": {"frequency": "daily"}})
    assert datetime.now(UTC) - moment(reports.get(number)["schedule"]["startDate"]) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    ["2022-10-02T10:00:00.125Z", "2022-10-02T10:00:00-05:30", "2022-10-02T10:00:00Z", "2031-01-01T00:00:00+14:00"],
)
def test_dates_return_with_the_same_instant(reports: Reports, text: str) -> None:
    schedule = reports.created(schedule={"frequency": "daily", "startDate": text, "endDate": text})["schedule"]
    assert moment(schedule["startDate"]) == moment(schedule["endDate"]) == moment(text)


def test_variables_are_texts_or_lists_and_stay_so(reports: Reports) -> None:
    variables = {"city": ["北京"], "browser": "Safari", "unknown": ["x", "y"], "none": []}
    chosen = [{"dashboard": {"uid": "vars0001"}, "reportVariables": variables}]
    assert reports.created(dashboards=chosen)["dashboards"][0]["reportVariables"] == variables


def test_objects_are_never_null(reports: Reports) -> None:
    for body in ({}, {"state": "draft", "dashboards": None, "recipients": ""}):
        found = reports.created(**body, schedule=None, options=None)
        assert isinstance(found["schedule"], dict)
        assert isinstance(found["options"], dict)
        for shown in found["dashboards"]:
            assert set(shown["dashboard"]) == {"id", "uid", "name"}
            assert shown["timeRange"] == {"from": "", "to": ""}


def test_ids_are_unique_over_all_organisations(reports: Reports) -> None:
    with reports.signed_in(reports.token("admin", OTHER)) as theirs:
        body = BODY | {"dashboards": [{"dashboard": {"uid": "theirs01"}}]}
        numbers = [reports.create(), theirs.post("/api/reports", json=body).json()["id"], reports.create()]
        assert len(set(numbers)) == 3
        for client, number in ((reports.client, numbers[1]), (theirs, numbers[0])):
            path = f"/api/reports/{number}"
            email = {"id": number, "useEmailsFromReport": True}
            for answer in (
                client.get(path),
                client.put(path, json=BODY if client is reports.client else body),
                client.delete(path),
                client.post("/api/reports/email", json=email),
            ):
                assert answer.status_code == 404
                assert answer.json()["message"] == f"no report with the id {number}"


def test_the_organisation_header_chooses_among_those_of_the_caller(reports: Reports) -> None:
    theirs = reports.host.repositories.project(OTHER).id
    reports.host.access.create_user(ADMIN, "everywhere", "a long password", role="admin", project="")
    with Contract(base_url=reports.url, auth=("everywhere", "a long password"), timeout=60) as everywhere:
        found = [
            everywhere.get("/api/reports", headers={"X-Grafana-Org-Id": str(number)} if number else {}).json()
            for number in (reports.organisation, theirs, 0)
        ]
        assert {item["orgId"] for item in found[0]} == {reports.organisation}
        assert {item["orgId"] for item in found[1]} == {theirs}
        assert "Secret" in {item["name"] for item in found[1]}
        assert found[2] == []
    for number in (theirs, 999_999, "first"):
        answer = reports.client.get("/api/reports", headers={"X-Grafana-Org-Id": str(number)})
        assert answer.status_code == 403
        assert answer.json()["message"].replace(str(number), "N") == UNKNOWN
    assert reports.client.get("/api/reports", headers={"X-Grafana-Org-Id": str(reports.organisation)}).is_success


def test_the_user_who_creates_a_report_is_named(reports: Reports) -> None:
    user = reports.host.access.create_user(ADMIN, "ann", "a long password", role="editor", project=PROJECT)
    with Contract(base_url=reports.url, auth=("ann", "a long password"), timeout=60) as ann:
        number = ann.post("/api/reports", json=BODY).json()["id"]
    assert reports.get(number)["userId"] == user.id
    reports.client.put(f"/api/reports/{number}", json=BODY)
    assert reports.get(number)["userId"] == user.id
    assert reports.created()["userId"] == 0


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("false", False), (True, True)])
def test_workdays_come_as_text_too(reports: Reports, said: Any, meant: bool) -> None:
    schedule = reports.created(schedule={"frequency": "daily", "workdaysOnly": said})["schedule"]
    assert schedule["workdaysOnly"] is meant


def test_the_day_of_the_month_wins_over_the_start(reports: Reports) -> None:
    start = "2022-10-02T10:00:00Z"
    number = reports.create(schedule={"frequency": "monthly", "startDate": start, "dayOfMonth": "15"})
    stored = reports.host.repositories.project(PROJECT).reports.by_id(number).value
    following = reports.host.recurrence(stored, PROJECT).next_after(datetime(2026, 11, 1, tzinfo=UTC))
    assert following == datetime(2026, 11, 15, 10, tzinfo=UTC)
    last = reports.created(schedule={"frequency": "monthly", "startDate": start, "dayOfMonth": "last"})["schedule"]
    assert (last["frequency"], last["dayOfMonth"]) == ("monthly", "last")


def test_unknown_variables_and_encodings_are_warnings_of_the_run(reports: Reports) -> None:
    chosen = [{"dashboard": {"uid": "vars0001"}, "reportVariables": {"planet": "Mars"}}]
    fields = {"dashboards": chosen, "formats": ["csv"], "options": {"csvEncoding": "klingon"}}
    found = reports.created(**fields)
    assert found["options"]["csvEncoding"] == "klingon"
    answer = reports.client.post("/api/reports/email", json={"id": found["id"], "useEmailsFromReport": True})
    assert answer.status_code == 200
    run = reports.host.repositories.project(PROJECT).runs.list(report=found["uid"])[0]
    assert any("planet" in text for text in run.warnings)
    assert any("klingon" in text for text in run.warnings)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["", "/email", "/test-email", "/settings"])
def test_a_body_that_does_not_say_that_it_is_json_is_refused(reports: Reports, path: str, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = reports.client.post(f"/api/reports{path}", content=json.dumps(BODY), headers=headers)
    assert answer.status_code == 400
    assert "application/json" in answer.json()["message"]
    kinds = ("application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json")
    for good in kinds if not path else ():
        answer = reports.client.post("/api/reports", content=json.dumps(BODY), headers={"Content-Type": good})
        assert answer.status_code == 200


def test_put_replaces_the_mails_of_a_report_only(reports: Reports) -> None:
    store = reports.host.repositories.project(PROJECT).reports
    number = store.get("weekly").id
    before = reports.get(number)
    reports.client.put(f"/api/reports/{number}", json=before | {"recipients": "new@example.org"})
    deliveries = store.by_id(number).value.deliveries
    assert [(item.channel, item.to) for item in deliveries] == [("email", ["new@example.org"]), ("archive", [])]
    assert {**reports.get(number), "updated": ""} == {**before, "recipients": "new@example.org", "updated": ""}


def test_legacy_bodies_name_the_dashboard_at_the_top(reports: Reports) -> None:
    number = reports.host.repositories.project(PROJECT).dashboards.get("good0001").id
    old = {"dashboards": None, "options": {"timeRange": {"from": "now-7d", "to": "now"}}}
    for named in ({"dashboardUid": "good0001"}, {"dashboardId": number}):
        (shown,) = reports.created(**old, **named)["dashboards"]
        assert shown["dashboard"] == {"id": number, "uid": "good0001", "name": "Good"}
        assert shown["timeRange"] == {"from": "now-7d", "to": "now"}
    listed = reports.created(options=old["options"])
    assert listed["options"]["timeRange"] == {"from": "now-7d", "to": "now"}
    assert listed["dashboards"][0]["timeRange"] == {"from": "", "to": ""}
    stored = reports.host.repositories.project(PROJECT).reports.by_id(listed["id"]).value
    assert stored.dashboards[0].time_range.start == "now-7d"


@pytest.mark.parametrize(
    ("schedule", "meant"),
    [
        ({"intervalAmount": 2, "intervalFrequency": "weeks"}, "custom"),
        ({"workdaysOnly": True}, "daily"),
        ({"timeZone": "Europe/Warsaw"}, "never"),
    ],
)
def test_a_schedule_without_frequency_is_guessed(reports: Reports, schedule: dict[str, Any], meant: str) -> None:
    assert reports.created(schedule=schedule)["schedule"]["frequency"] == meant


def test_of_several_wrong_fields_every_one_is_named(reports: Reports) -> None:
    message = reports.refused(
        name="",
        recipients="nobody",
        replyTo="nobody",
        scaleFactor=9000,
        formats=["pdf", "doc"],
        dashboards=[
            {"dashboard": {"uid": "good001"}},
            {"dashboard": {"uid": "good0001"}, "timeRange": {"from": "now"}},
        ],
        schedule={"timeZone": "Mars/Olympus", "frequency": "often", "startDate": "soon", "dayOfMonth": "32"},
        options={"orientation": "sideways", "layout": "heap"},
        state="asleep",
    )
    for field in (
        *("name", "recipients", "replyTo", "scaleFactor", "formats", "dashboards[0].dashboard.uid"),
        *("dashboards[1].timeRange", "schedule.timeZone", "schedule.frequency", "schedule.startDate"),
        *("schedule.dayOfMonth", "options.orientation", "options.layout", "state"),
    ):
        assert f"{field}: " in message


def test_a_state_ends_with_the_schedule(reports: Reports) -> None:
    ended = {"frequency": "daily", "startDate": "2022-01-01T00:00:00Z", "endDate": "2022-02-01T00:00:00Z"}
    found = reports.created(schedule=ended)
    assert found["state"] == "expired"
    assert found["id"] in {
        item["id"] for item in reports.client.get("/api/reports").json() if item["state"] == "expired"
    }
    later = found | {"schedule": ended | {"endDate": "2132-02-01T00:00:00Z"}}
    reports.client.put(f"/api/reports/{found['id']}", json=later)
    assert reports.get(found["id"])["state"] == "scheduled"
    for state in ("draft", "paused", "not scheduled"):
        assert reports.created(state=state)["state"] == state


def test_reports_are_found_by_their_dashboard(reports: Reports) -> None:
    both = reports.create(dashboards=[{"dashboard": {"uid": uid}} for uid in ("good0001", "empty001")])
    for uid, there in (("good0001", True), ("empty001", True), ("vars0001", False), ("nothing", False)):
        found = [item["id"] for item in reports.client.get(f"/api/reports/dashboards/{uid}").json()]
        assert (both in found) is there


def test_a_renamed_dashboard_is_named_so_in_every_list(reports: Reports) -> None:
    boards = reports.host.repositories.project(PROJECT).dashboards
    number = reports.create(dashboards=[{"dashboard": {"uid": "empty001"}}])
    for name in ("Renamed", "Empty"):
        board = boards.get("empty001").value.model_copy(update={"name": name})
        boards.save(board, "ann")
        (item,) = [each for each in reports.client.get("/api/reports").json() if each["id"] == number]
        assert item["dashboards"][0]["dashboard"]["name"] == name
        assert reports.get(number) == item
