"""What must not be taken: a clear error that names the field, nothing half written, nothing sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from servers.reporting_server import BODY, OTHER, PROJECT, Reports

JSON = {"Content-Type": "application/json"}


def state_of(reports: Reports) -> tuple[Any, ...]:
    stored = reports.host.repositories.project(PROJECT)
    return stored.reports.changes(), stored.branding.get(), len(stored.images.list()), len(reports.mail.received)


@pytest.fixture(autouse=True)
def _nothing_changes(reports: Reports) -> Iterator[None]:
    before = state_of(reports)
    yield
    assert state_of(reports) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{{", b"[]", b"null", b"1", b'{"name": }', b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 50_000, b"\0"],
)
@pytest.mark.parametrize("path", ["", "/test-email", "/email", "/settings"])
def test_broken_json_is_refused(reports: Reports, path: str, content: bytes) -> None:
    answer = reports.client.post(f"/api/reports{path}", content=content, headers=JSON)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["message"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": None}, "name: "),
        ({"name": 5}, "name: "),
        ({"name": "x" * 501}, "name: "),
        ({"name": "Report\r\nBcc: everybody@example.org"}, "name: must be one line"),
        ({"name": "Report\u2028next"}, "name: must be one line"),
        ({"subject": "S\nBcc: everybody@example.org"}, "subject: must be one line"),
        ({"subject": ["S"]}, "subject: "),
        ({"replyTo": "a@example.org\r\nBcc: everybody@example.org"}, "replyTo: must be one line"),
        ({"replyTo": "a@example.org, nobody"}, "replyTo: 'nobody'"),
        ({"recipients": "a@example.org\r\nBcc: b@example.org"}, "recipients: "),
        ({"recipients": "a@example.org,b@example.org c@example.org"}, "recipients: "),
        ({"recipients": ["a@example.org"]}, "recipients: "),
        ({"recipients": ""}, "recipients: "),
        ({"recipients": ",".join(f"n{index}@example.org" for index in range(20_000))}, "recipients: "),
        ({"message": "x" * 100_001}, "message: "),
        ({"state": "asleep"}, "state: "),
        ({"formats": ["pdf", "doc"]}, "formats: "),
        ({"formats": "pdf"}, "formats: "),
        ({"formats": [["pdf"]]}, "formats[0]: "),
        ({"scaleFactor": 10}, "scaleFactor: "),
        ({"scaleFactor": "big"}, "scaleFactor: "),
        ({"scaleFactor": 1e300}, "scaleFactor: "),
        ({"enableDashboardUrl": "perhaps"}, "enableDashboardUrl: "),
        ({"dashboards": []}, "dashboards: "),
        ({"dashboards": {}}, "dashboards: "),
        ({"dashboards": [{"dashboard": {"uid": "good001"}}]}, "dashboards[0].dashboard.uid: no dashboard 'good001'"),
        ({"dashboards": [{"dashboard": {"uid": "theirs01"}}]}, "dashboards[0].dashboard.uid: no dashboard 'theirs01'"),
        ({"dashboards": [{"dashboard": {"uid": "x" * 5000}}]}, "dashboards[0].dashboard.uid: "),
        ({"dashboards": [{"dashboard": {"id": 999_999}}]}, "dashboards[0].dashboard.uid: "),
        ({"dashboards": [{"dashboard": {"uid": "good0001"}}] * 10_000}, "dashboards: "),
        ({"dashboards": [{"dashboard": {"uid": f"no{n}"}} for n in range(10_000)]}, "dashboards"),
        ({"schedule": {"timeZone": "Mars/Olympus"}}, "schedule.timeZone: "),
        ({"schedule": {"timeZone": "../../etc/passwd"}}, "schedule.timeZone: "),
        ({"schedule": {"frequency": "often"}}, "schedule.frequency: "),
        ({"schedule": {"frequency": "cron"}}, "schedule.frequency: "),
        ({"schedule": {"frequency": "custom"}}, "schedule: custom needs"),
        ({"schedule": {"intervalAmount": -1}}, "schedule.intervalAmount: "),
        ({"schedule": {"intervalFrequency": "years"}}, "schedule.intervalFrequency: "),
        ({"schedule": {"dayOfMonth": "32"}}, "schedule.dayOfMonth: "),
        ({"schedule": {"startDate": "2022-01-01"}}, "schedule.startDate: "),
        ({"schedule": {"startDate": 1_600_000_000}}, "schedule.startDate: "),
        ({"schedule": "daily"}, "schedule: "),
        (
            {"schedule": {"startDate": "2030-01-02T00:00:00Z", "endDate": "2030-01-01T00:00:00Z"}},
            "schedule.endDate: lies before startDate",
        ),
        ({"schedule": {"frequency": "daily", "endDate": "2020-01-01T00:00:00Z"}}, "schedule: end is before start"),
        ({"options": {"orientation": "sideways"}}, "options.orientation: "),
        ({"options": {"layout": "heap"}}, "options.layout: "),
        ({"options": {"timeRange": {"from": "now-7d"}}}, "options.timeRange: "),
        ({"options": []}, "options: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_is_named(reports: Reports, fields: dict[str, Any], named: str) -> None:
    message = reports.refused(**fields)
    assert named in message
    assert len(message) < 20_000


@pytest.mark.parametrize(
    ("shown", "named"),
    [
        ({"timeRange": {"from": "yesterday", "to": "now"}}, "timeRange"),
        ({"timeRange": {"from": "2022-02-01", "to": "2022-01-01"}}, "timeRange"),
        ({"reportVariables": {"city": 5}}, "reportVariables: city"),
        ({"reportVariables": ["city"]}, "reportVariables"),
        ({"reportVariables": {"browser": ["Chrome", "Safari"]}}, "reportVariables: browser: takes one value"),
        ({"reportVariables": {"city": {"text": "x"}}}, "reportVariables: city"),
    ],
)
def test_a_wrong_part_of_a_dashboard_is_named(reports: Reports, shown: dict[str, Any], named: str) -> None:
    assert f"dashboards[0].{named}" in reports.refused(dashboards=[{"dashboard": {"uid": "vars0001"}, **shown}])


def test_a_body_of_50_megabytes_is_not_read(reports: Reports) -> None:
    for path in ("", "/email", "/test-email", "/settings"):
        answer = reports.client.post(f"/api/reports{path}", content=bytes(50_000_000), headers=JSON)
        assert answer.status_code == 413

    def pieces() -> Any:
        for _ in range(50):
            yield bytes(1_000_000)

    # the server may close before all of it is written
    with suppress(httpx.WriteError, httpx.ReadError):
        assert reports.client.post("/api/reports", content=pieces(), headers=JSON).status_code == 413


@pytest.mark.parametrize("text", ["abc", "1.5", "-1", "1e3", "²", "9" * 30, "%00", "1%2F2"])
def test_an_id_that_is_no_number_is_refused(reports: Reports, text: str) -> None:
    for method in ("GET", "DELETE", "PUT"):
        answer = reports.client.request(method, f"/api/reports/{text}", **({"json": BODY} if method == "PUT" else {}))
        assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/logo.png", "file:///etc/passwd", "gopher://x/", "//x/logo.png"]
)
def test_a_logo_must_be_at_a_public_address(reports: Reports, url: str) -> None:
    for field in ("reportLogoUrl", "emailLogoUrl"):
        answer = reports.client.post("/api/reports/settings", json={"branding": {field: url}})
        assert answer.status_code == 400
        assert f"branding.{field}" in answer.json()["message"]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"reportLogo": b"<svg/>"}, "reportLogo"),
        ({"emailLogo": b""}, "emailLogo"),
        ({"logo": b"x"}, "logo: "),
        ({"reportLogo": b"\x89PNG\r\n\x1a\n" + bytes(100)}, "reportLogo"),
        ({"settings": b"{"}, "JSON"),
        ({"settings": b'{"pdfTheme": "neon"}'}, "pdfTheme"),
    ],
)
def test_a_wrong_upload_is_refused(reports: Reports, files: dict[str, bytes], named: str) -> None:
    answer = reports.client.post("/api/reports/settings", files=files)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_a_form_that_is_broken_is_refused(reports: Reports) -> None:
    for content in (b"", b"nonsense", b"--x\r\nnonsense"):
        for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
            answer = reports.client.post("/api/reports/settings", content=content, headers={"Content-Type": kind})
            assert answer.status_code == 400


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, "dashboards"),
        ({"dashboards": "[]"}, "dashboards"),
        ({"dashboards": "{"}, "dashboards: is not valid JSON"),
        ({"dashboards": '{"uid": 1}'}, "dashboards: must be a JSON array"),
        ({"dashboards": '["good0001"]'}, "dashboards[0]"),
        ({"dashboards": '[{"dashboard": {"uid": "nothing"}}]'}, "dashboards[0].dashboard.uid"),
        ({"dashboards": '[{"dashboard": {"uid": "theirs01"}}]'}, "dashboards[0].dashboard.uid"),
        ({"orientation": "sideways"}, "orientation"),
        ({"layout": "heap"}, "layout"),
        ({"scaleFactor": "1e9"}, "scaleFactor"),
        ({"scaleFactor": "5"}, "scaleFactor"),
        ({"includeTables": "perhaps"}, "includeTables"),
        ({"title": "a\nb"}, "title"),
    ],
)
def test_what_cannot_be_rendered_is_refused(reports: Reports, query: dict[str, str], named: str) -> None:
    good = {"dashboards": json.dumps(BODY["dashboards"])} if query and "dashboards" not in query else {}
    answer = reports.client.get("/api/reports/render/pdfs", params=good | query)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_another_organisation_cannot_be_written_to(reports: Reports) -> None:
    number = reports.host.repositories.project(OTHER).reports.get("secret").id
    before = reports.host.repositories.project(OTHER).reports.get("secret")
    assert reports.client.put(f"/api/reports/{number}", json=BODY).status_code == 404
    assert reports.client.delete(f"/api/reports/{number}").status_code == 404
    assert reports.host.repositories.project(OTHER).reports.get("secret") == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PATCH", "/1", 405), ("POST", "/1", 405), ("GET", "/1/dashboards", 404), ("GET", "/render/pdfs/1", 404)],
)
def test_what_there_is_not_is_said_in_the_same_form(reports: Reports, method: str, path: str, status: int) -> None:
    answer = reports.client.request(method, f"/api/reports{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    body = answer.json()
    assert set(body) == {"message", "messageId", "statusCode", "traceID"}
    assert body["message"]
    assert body["traceID"] == answer.headers["x-request-id"]
