"""The documentation's examples: mended they work, raw they are refused where they are not JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from servers.reporting_server import Reports

DASHBOARD = "good0001"
LISTED = """
{
"id": 2, "userId": 1, "orgId": 1,
"name": "Report 2",
"recipients": "example-report@example.org",
"replyTo": "",
"message": "Hi, \\nPlease find attached a PDF status report.\\nBest,",
"schedule": {
"startDate": "2022-10-02T00:00:00+02:00", "endDate": null, "frequency": "once", "intervalFrequency": "",
"intervalAmount": 0, "workdaysOnly": false, "dayOfMonth": "2", "timeZone": "Europe/Warsaw"
},
"options": {
"orientation": "landscape",
"layout": "grid",
},
"enableDashboardUrl": true,
"state": "scheduled",
"dashboards": [
{
"dashboard": {"id": 463, "uid": "good0001", "name": "Alerting with TestData"},
"timeRange": {"from": "", "to": ""},
"reportVariables": {"namefilter": "TestData"}
}
],
"formats": ["pdf", "csv"],
"created": "2022-09-19T11:44:42+02:00",
"updated": "2022-09-19T11:44:42+02:00"
}
"""
CREATE = """
{
"name": "Report 4",
"recipients": "texample-report@example.org",
"replyTo": "",
"message": "Hello, please, find the report attached",
"schedule": {
"startDate": "2022-10-02T10:00:00+02:00",
"endDate": "2022-11-02T20:00:00+02:00",
"frequency": "daily",
"intervalFrequency": "",
"intervalAmount": 0,
"workdaysOnly": true,
"timeZone": "Europe/Warsaw"
},
"options": {
"orientation": "landscape",
"layout": "grid"
},
"enableDashboardUrl": true,
"dashboards": [
{
"dashboard": {
"uid": "good0001",
},
"timeRange": {
"from": "2022-08-08T15:00:00+02:00",
"to": "2022-09-02T17:00:00+02:00"
},
"reportVariables": {
"variable1": "Value1"
}
}
],
"formats": [
"pdf",
"csv"
]
}
"""
UPDATE = """
{
"name": "Updated Report",
"recipients": "example-report@example.org",
"replyTo": "",
"message": "Hello, please, find the report attached",
"schedule": {
"frequency": "hourly",
"timeZone": "Africa/Cairo",
"workdaysOnly": true,
"startDate": "2022-10-10T10:00:00+02:00",
"endDate": "2022-11-20T19:00:00+02:00"
},
"options": {
"orientation": "landscape",
"layout": "grid",
},
"enableDashboardUrl": true,
"state": "scheduled",
"dashboards": [
{
"dashboard": {"id": 463, "uid": "good0001", "name": "Alerting with TestData"},
"timeRange": {"from": "2022-08-08T15:00:00+02:00", "to": "2022-09-02T17:00:00+02:00"},
"reportVariables": {"variable1": "Value1"}
}
],
"formats": ["pdf", "csv"]
}
"""
TEST = "{" + CREATE.lstrip()
EMAIL = '{"id":"3", "useEmailsFromReport": true}'
SETTINGS = """
{
"branding": {
"reportLogoUrl": "",
"emailLogoUrl": "",
"emailFooterMode": "sent-by",
"emailFooterText": "Example Labs",
"emailFooterLink": "https://example.org/"
}
}
"""


def mended(text: str) -> Any:
    """Without what makes it no JSON: commas at the end, a brace too many."""
    text = text.strip().removeprefix("{") if text.startswith("{{") else text
    for bracket in "}]":
        text = text.replace(f",\n{bracket}", f"\n{bracket}")
    return json.loads(text)


@pytest.mark.parametrize("text", [LISTED, CREATE, UPDATE])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_example_that_is_no_json_is_refused_and_mended_it_is_taken(reports: Reports, method: str, text: str) -> None:
    number = reports.create()
    before = reports.get(number)
    path = "/api/reports" if method == "POST" else f"/api/reports/{number}"
    answer = reports.client.request(method, path, content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["message"]
    assert reports.get(number) == before
    answer = reports.client.request(method, path, json=mended(text))
    assert answer.status_code == 200
    if method == "POST":
        assert answer.json() == {"id": answer.json()["id"], "message": "Report created"}
        number = answer.json()["id"]
    else:
        assert answer.json() == {"message": "Report updated"}
    found, sent = reports.get(number), mended(text)
    for key in ("name", "recipients", "replyTo", "message", "enableDashboardUrl", "formats"):
        assert found[key] == sent[key]
    assert {key: found["schedule"][key] for key in sent["schedule"]} == sent["schedule"]
    assert {key: found["options"][key] for key in sent["options"]} == sent["options"]
    for got, wanted in zip(found["dashboards"], sent["dashboards"], strict=True):
        assert (got["timeRange"], got["reportVariables"]) == (wanted["timeRange"], wanted["reportVariables"])
        assert got["dashboard"]["name"] == "Good"
    assert found["id"] == number
    assert found["orgId"] == reports.organisation


def test_the_example_of_a_test_mail(reports: Reports) -> None:
    raw = reports.client.post("/api/reports/test-email", content=TEST, headers={"Content-Type": "application/json"})
    assert raw.status_code == 400
    body = mended(TEST) | {"recipients": "example@example.org"}
    answer = reports.client.post("/api/reports/test-email", json=body)
    assert (answer.status_code, answer.json()) == (200, {"message": "Test email sent"})
    mails = [mail for mail in reports.mail.received if mail.recipients == ("example@example.org",)]
    assert [mail.message["Subject"] for mail in mails] == ["Report 4"]


def test_the_example_of_sending(reports: Reports) -> None:
    number = reports.create(recipients="sending@example.org")
    answer = reports.client.post("/api/reports/email", json=mended(EMAIL) | {"id": str(number)})
    assert (answer.status_code, answer.json()) == (200, {"message": "Report was sent"})
    assert sum(mail.recipients == ("sending@example.org",) for mail in reports.mail.received) == 1


def test_the_examples_of_settings(reports: Reports) -> None:
    before = reports.client.get("/api/reports/settings").json()
    answer = reports.client.post("/api/reports/settings", json=mended(SETTINGS))
    assert (answer.status_code, answer.json()) == (200, {"message": "Report settings saved"})
    assert reports.client.get("/api/reports/settings").json() == before | mended(SETTINGS)


def test_the_example_of_deletion(reports: Reports) -> None:
    number = reports.create()
    answer = reports.client.delete(f"/api/reports/{number}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Report config was removed"})
    for method in ("GET", "DELETE"):
        gone = reports.client.request(method, f"/api/reports/{number}")
        assert gone.status_code == 404
    assert reports.client.put(f"/api/reports/{number}", json=mended(CREATE)).status_code == 404


def test_the_documentation_s_report_is_taken(reports: Reports) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reporting-api.md").read_text(encoding="utf-8")
    body, refusal = (json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    body["dashboards"][0]["dashboard"]["uid"] = "vars0001"
    found = reports.created(**body)
    for key, value in body.items():
        if isinstance(value, dict):
            assert {name: found[key][name] for name in value} == value
        elif key != "dashboards":
            assert found[key] == value
    answer = reports.client.post("/api/reports/email", json={"id": found["id"], "emails": "no@example.org"})
    assert answer.json()["message"] == refusal["message"].replace("jane@example.org", "no@example.org")
    assert answer.json() | {"traceID": "", "message": ""} == refusal | {"traceID": "", "message": ""}
