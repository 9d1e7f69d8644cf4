"""Changes at the same time, changes that are refused half-way, and subjects that are templates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from servers.reporting_server import BODY, Reports, serving_reports


def test_two_puts_at_once_leave_one_of_them_whole(reports: Reports) -> None:
    number = reports.create()
    bodies = [
        {**BODY, "name": f"Name {n}", "message": f"Message {n}", "recipients": f"n{n}@example.org"} for n in range(12)
    ]
    with ThreadPoolExecutor(6) as pool:
        path = f"/api/reports/{number}"
        assert {
            answer.status_code for answer in pool.map(lambda body: reports.client.put(path, json=body), bodies)
        } == {200}
    found = reports.get(number)
    assert (found["name"], found["message"], found["recipients"]) in {
        (body["name"], body["message"], body["recipients"]) for body in bodies
    }


def test_a_put_that_is_refused_changes_nothing(reports: Reports) -> None:
    number = reports.create()
    before = reports.get(number)
    for wrong in ({"formats": ["doc"]}, {"recipients": "a@example.org, x"}, {"schedule": {"timeZone": "X"}}):
        assert reports.client.put(f"/api/reports/{number}", json=BODY | {"name": "New"} | wrong).status_code == 400
    assert reports.get(number) == before


def test_a_template_cannot_leave_the_sandbox(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("templates") / "w"
    with serving_reports(folder, "[grafana]\ntemplates = true\n") as reports:
        for subject in ("{{ ''.__class__.__mro__ }}", "{{ report.__init__ }}", "{% if %}", "{{ x() }}"):
            assert "subject: " in reports.refused(subject=subject)
        fields = {**BODY, "formats": ["csv"], "subject": "{{ report.name }}: {{ range.text }}"}
        assert reports.client.post("/api/reports/test-email", json=fields).is_success
        (mail,) = reports.mail.received
        assert mail.message["Subject"].startswith("Visits: ")
        found = reports.created(subject=fields["subject"])
        assert found["subject"] == fields["subject"]
