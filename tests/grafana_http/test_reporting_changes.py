"""Changes at the same time, changes that are refused half-way, and subjects that are templates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pressroom import DefinitionError, Host
from pressroom_builtin.grafana.service import Reporting
from servers.reporting_server import ADMIN, BODY, PROJECT, Reports


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
