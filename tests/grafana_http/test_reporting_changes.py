"""Changes at the same time, changes that are refused half-way, and subjects that are templates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pressroom import DefinitionError, Host
from pressroom_builtin.grafana.service import Reporting
from servers.reporting_server import ADMIN, BODY, PROJECT, Reports
from workspaces.report_bodies import bodies, same


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=bodies("good0001", "empty001"), then=bodies("good0001", "empty001"))
def test_what_is_taken_comes_back_and_can_be_sent_again(
    reports: Reports, sent: dict[str, Any], then: dict[str, Any]
) -> None:
    number = reports.create(**sent)
    for body in (sent, then):
        assert reports.client.put(f"/api/reports/{number}", json=body).status_code == 200
        answer = reports.get(number)
        same(body, answer)
        assert reports.client.put(f"/api/reports/{number}", json=answer).status_code == 200
        assert {**reports.get(number), "updated": ""} == {**answer, "updated": ""}


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


def test_a_template_cannot_leave_the_sandbox(reports: Reports) -> None:
    file = reports.host.workspace.file.with_name("templates.toml")
    file.write_text("[grafana]\ntemplates = true\n" + reports.host.workspace.file.read_text(encoding="utf-8"))
    with Host.open(file, reports.host.plugins) as host:
        api = Reporting(host)
        for subject in ("{{ ''.__class__.__mro__ }}", "{{ report.__init__ }}", "{% if %}", "{{ x() }}"):
            with pytest.raises(DefinitionError, match="subject: "):
                api.create(ADMIN, PROJECT, {**BODY, "subject": subject})
        fields = {**BODY, "formats": ["csv"], "subject": "{{ report.name }}: {{ range.text }}"}
        before = len(reports.mail.received)
        assert api.test(ADMIN, PROJECT, fields).state == "succeeded"
        assert reports.mail.received[before].message["Subject"].startswith("Visits: ")
        number = api.create(ADMIN, PROJECT, fields).id
        assert api.report(ADMIN, PROJECT, number).subject == fields["subject"]
