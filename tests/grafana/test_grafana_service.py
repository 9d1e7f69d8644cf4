"""The reporting API's answers, from the seed's examples and the contract's sentences."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pressroom import AccessDenied, DefinitionError, Host, NotFound, PluginUse, Principal, SourceError, UsageError
from pressroom.access import Grant
from pressroom.definitions import HostCatalogue, apply, check, export, load_text
from pressroom_builtin.grafana.service import Reporting
from servers.smtp import Faults, serving
from workspaces.visits import DEFINITIONS, make_workspace

PROJECT = "nxog09md"
ME = Principal.local_admin()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SEED: dict[str, Any] = {
    "name": "Report 4",
    "recipients": "texample-report@example.org",
    "replyTo": "",
    "message": "Hello, please, find the report attached",
    "schedule": {
        "startDate": "2022-10-02T10:00:00+02:00",
        "endDate": "2027-11-02T20:00:00+02:00",
        "frequency": "daily",
        "intervalFrequency": "",
        "intervalAmount": 0,
        "workdaysOnly": True,
        "timeZone": "Europe/Warsaw",
    },
    "options": {"orientation": "landscape", "layout": "grid"},
    "enableDashboardUrl": True,
    "dashboards": [
        {
            "dashboard": {"uid": "good0001"},
            "timeRange": {"from": "2022-08-08T15:00:00+02:00", "to": "2022-09-02T17:00:00+02:00"},
            "reportVariables": {"variable1": "Value1"},
        }
    ],
    "formats": ["pdf", "csv"],
}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    faults = Faults(recipients={"no@example.org": "550 no such user"})
    with serving(faults) as server, Host.open(make_workspace(tmp_path / "w", server.port)) as host:
        host.store.upgrade()
        apply(check(load_text(DEFINITIONS), HostCatalogue(host)), host.store, by="pressroom")
        host.server = server  # type: ignore[attr-defined]  # for the tests that look at mails
        yield host


@pytest.fixture
def api(host: Host) -> Reporting:
    return Reporting(host, now=lambda: NOW)


def body(**changes: Any) -> dict[str, Any]:
    return {**SEED, **changes}


def stored(api: Reporting, number: int) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(api.report(ME, PROJECT, number))
    return found


def created(api: Reporting, **changes: Any) -> dict[str, Any]:
    return stored(api, api.create(ME, PROJECT, body(**changes)).id)


def problems(api: Reporting, raw: Any) -> dict[str, str]:
    with pytest.raises(DefinitionError) as caught:
        api.create(ME, PROJECT, raw)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_the_seed_s_report_comes_back_as_it_was_sent(api: Reporting) -> None:
    done = api.create(ME, PROJECT, msgspec.json.encode(SEED))
    assert done.message == "Report created"
    found = stored(api, done.id)
    assert found["id"] == done.id
    for key in ("name", "recipients", "replyTo", "message", "enableDashboardUrl", "formats"):
        assert found[key] == SEED[key]
    assert found["schedule"] == {**SEED["schedule"], "dayOfMonth": ""}
    assert found["options"] == {
        **SEED["options"],
        "pdfShowTemplateVariables": False,
        "pdfCombineOneFile": False,
        "csvEncoding": "",
        "timeRange": {"from": "", "to": ""},
    }
    assert found["state"] == "scheduled"
    assert found["dashboards"][0]["dashboard"]["name"] == "Good"
    assert found["dashboards"][0]["dashboard"]["id"] > 0
    assert found["dashboards"][0]["timeRange"] == SEED["dashboards"][0]["timeRange"]
    assert found["dashboards"][0]["reportVariables"] == {"variable1": "Value1"}
    assert found["orgId"] == api.host.repositories.project(PROJECT).id
    assert found["scaleFactor"] == 100


def test_what_is_answered_can_be_sent_back_without_change(api: Reporting) -> None:
    first = created(api, recipients="a@example.org , b@example.org;c@example.org", subject="{{ not a template }}")
    assert api.update(ME, PROJECT, first["id"], first).message == "Report updated"
    again = stored(api, first["id"])
    assert {**again, "updated": ""} == {**first, "updated": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipients", "a@example.org,b@example.org"),
        ("recipients", " a@example.org ,  b@example.org "),
        ("recipients", "a@example.org;b@example.org"),
        ("replyTo", "x@example.org; y@example.org"),
        ("subject", "{{ report.name }} {% if"),
        ("subject", 'back\\slash "quoted" {{ it }}'),
        ("name", " 名 {{ x }} "),
        ("formats", ["csv", "pdf", "image"]),
        ("formats", ["pdf", "pdf-tables-appendix"]),
        ("formats", ["pdf-tables"]),
        ("state", "draft"),
        ("state", "paused"),
        ("state", "not scheduled"),
        ("scaleFactor", 150),
        ("enableCsv", True),
    ],
)
def test_fields_come_back_byte_for_byte(api: Reporting, field: str, value: Any) -> None:
    changes = {field: value, **({"formats": ["pdf", "csv"]} if field == "enableCsv" else {})}
    assert created(api, **changes)[field] == value


def test_text_and_list_variables_stay_what_they_were(api: Reporting) -> None:
    variables = {"one": "A", "list": ["A"], "two": ["A", "B"]}
    found = created(api, dashboards=[{"dashboard": {"uid": "good0001"}, "reportVariables": variables}])
    assert found["dashboards"][0]["reportVariables"] == variables
    assert found["dashboards"][0]["timeRange"] == {"from": "", "to": ""}


def test_absent_null_and_zero_mean_the_default(api: Reporting) -> None:
    least = {"name": "R", "recipients": "a@example.org", "dashboards": [{"dashboard": {"uid": "good0001"}}]}
    nothing = dict.fromkeys(("subject", "replyTo", "message", "schedule", "options", "formats", "state", "scaleFactor"))
    zeros = {"subject": "", "schedule": {}, "options": {}, "formats": [], "state": "", "scaleFactor": 0}
    answers = [stored(api, api.create(ME, PROJECT, {**least, **more}).id) for more in ({}, nothing, zeros)]
    for answer in answers:
        assert answer["formats"] == ["pdf"]
        assert answer["state"] == "scheduled"
        assert answer["schedule"]["timeZone"] == "UTC"
        assert answer["schedule"]["frequency"] == "never"
        assert answer["schedule"]["endDate"] is None
        assert datetime.fromisoformat(answer["schedule"]["startDate"]) == NOW
        assert (answer["options"]["orientation"], answer["options"]["layout"]) == ("landscape", "grid")
        assert answer["enableDashboardUrl"] is False


@pytest.mark.parametrize(
    ("schedule", "frequency"),
    [
        ({"intervalAmount": 2, "intervalFrequency": "weeks"}, "custom"),
        ({"workdaysOnly": "true"}, "daily"),
        ({"frequency": "monthly", "dayOfMonth": "last"}, "monthly"),
        ({"frequency": "monthly", "dayOfMonth": 15}, "monthly"),
        ({"frequency": "never"}, "never"),
    ],
)
def test_schedules_of_old_clients(api: Reporting, schedule: dict[str, Any], frequency: str) -> None:
    found = created(api, schedule=schedule)["schedule"]
    assert found["frequency"] == frequency
    assert found["workdaysOnly"] is (schedule.get("workdaysOnly") == "true")
    assert found["dayOfMonth"] == str(schedule.get("dayOfMonth", ""))


@pytest.mark.parametrize("text", ["2022-10-02T10:00:00.125Z", "2022-10-02T10:00:00-05:30", "2022-10-02T10:00:00Z"])
def test_dates_return_with_the_same_instant(api: Reporting, text: str) -> None:
    found = created(api, schedule={"frequency": "daily", "startDate": text})["schedule"]["startDate"]
    assert datetime.fromisoformat(found) == datetime.fromisoformat(text)


def test_after_its_end_a_report_is_expired(api: Reporting) -> None:
    ended = {"frequency": "daily", "startDate": "2022-01-01T00:00:00Z", "endDate": "2022-02-01T00:00:00Z"}
    assert created(api, schedule=ended)["state"] == "expired"
    assert created(api, schedule=ended, state="draft")["state"] == "draft"


def test_legacy_bodies_name_the_dashboard_at_the_top(api: Reporting) -> None:
    number = api.host.repositories.project(PROJECT).dashboards.get("good0001").id
    old = {"options": {"timeRange": {"from": "now-7d", "to": "now"}}, "dashboards": None}
    for named in ({"dashboardUid": "good0001"}, {"dashboardId": number}):
        found = created(api, **old, **named)
        assert found["dashboards"][0]["dashboard"] == {"id": number, "uid": "good0001", "name": "Good"}
        assert found["dashboards"][0]["timeRange"] == {"from": "now-7d", "to": "now"}
        assert found["options"]["timeRange"] == {"from": "now-7d", "to": "now"}


def test_every_wrong_field_is_named_at_once(api: Reporting) -> None:
    wrong = problems(
        api,
        {
            "recipients": "ops@example.org,evil@example.com,nonsense",
            "scaleFactor": 9000,
            "formats": ["pdf", "doc"],
            "dashboards": [{"dashboard": {"uid": "good001"}, "timeRange": {"from": "now-7d"}}],
            "schedule": {"timeZone": "Mars/Olympus", "frequency": "often", "startDate": "soon", "dayOfMonth": "32"},
            "options": {"orientation": "sideways", "layout": 5},
            "state": "asleep",
        },
    )
    assert wrong.keys() >= {
        "name",
        "recipients",
        "scaleFactor",
        "formats",
        "dashboards[0].dashboard.uid",
        "dashboards[0].timeRange",
        "schedule.timeZone",
        "schedule.frequency",
        "schedule.startDate",
        "schedule.dayOfMonth",
        "options.orientation",
        "options.layout",
        "state",
    }
    assert "evil@example.com" in wrong["recipients"]
    assert "nonsense" in wrong["recipients"]
    assert "did you mean 'good0001'" in wrong["dashboards[0].dashboard.uid"]


@pytest.mark.parametrize("raw", [b"", b"{{", b"[]", b'{"name": }', b"\xff\xfe", b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(api: Reporting, raw: bytes) -> None:
    assert problems(api, raw).keys() == {""}


def test_drafts_may_be_incomplete(api: Reporting) -> None:
    found = stored(api, api.create(ME, PROJECT, {"state": "draft", "schedule": {"frequency": "custom"}}).id)
    assert (found["state"], found["name"], found["recipients"]) == ("draft", "", "")
    assert found["schedule"]["frequency"] == "custom"


def test_a_dashboard_that_a_source_offers_may_be_reported(
    api: Reporting, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offered(_source: object, uid: str, _context: object) -> object | None:
        if uid == "away0001":
            raise SourceError("it is down")
        return object() if uid == "theirs01" else None

    monkeypatch.setattr(type(host.source("visits", PROJECT)), "dashboard", offered)
    for uid in ("theirs01", "away0001"):
        (shown,) = created(api, dashboards=[{"dashboard": {"uid": uid}}])["dashboards"]
        assert shown["dashboard"] == {"id": 0, "uid": uid, "name": uid}
    assert problems(api, body(dashboards=[{"dashboard": {"uid": "nothing1"}}])).keys() == {
        "dashboards[0].dashboard.uid",
    }


def test_a_replacement_keeps_what_this_api_cannot_say(api: Reporting, host: Host) -> None:
    number = api.number(ME, PROJECT, "weekly")
    before = stored(api, number)
    assert before["recipients"] == "ops@example.org,jane@example.org"
    text = export(host.store, PROJECT, uids=["weekly"])
    api.update(ME, PROJECT, number, {**before, "name": "Weekly"})
    assert export(host.store, PROJECT, uids=["weekly"]) == text
    api.update(ME, PROJECT, number, {**before, "recipients": "new@example.org"})
    report = host.repositories.project(PROJECT).reports.by_id(number).value
    assert [(item.channel, item.to) for item in report.deliveries] == [
        ("email", ["new@example.org"]),
        ("archive", []),
    ]
    assert report.formats == [PluginUse(name="csv", options={"delimiter": ";"})]


def test_a_template_that_was_written_elsewhere_stays_one(api: Reporting, host: Host) -> None:
    reports = host.repositories.project(PROJECT).reports
    template = "{{ report.name }}, {{ range.text }}"
    number = reports.save(reports.get("weekly").value.model_copy(update={"subject": template}), "ann").id
    before = stored(api, number)
    assert before["subject"] == template
    for name in ("Weekly", "Another"):
        api.update(ME, PROJECT, number, {**before, "name": name})
        assert reports.by_id(number).value.subject == template
    api.update(ME, PROJECT, number, {**before, "subject": "{{ mine }}"})
    assert reports.by_id(number).value.subject == '{{ "{{ mine }}" }}'
    api.update(ME, PROJECT, number, stored(api, number))
    assert reports.by_id(number).value.subject == '{{ "{{ mine }}" }}'
    api.update(ME, PROJECT, number, {**before, "subject": '{{ "{{ mine }}" }}'})
    assert stored(api, number)["subject"] == '{{ "{{ mine }}" }}'
    assert reports.by_id(number).value.subject != '{{ "{{ mine }}" }}'


def test_words_are_forgotten_once_the_definition_changes_elsewhere(api: Reporting, host: Host) -> None:
    number = created(api, recipients="a@example.org ;b@example.org")["id"]
    reports = host.repositories.project(PROJECT).reports
    report = reports.by_id(number).value
    report.deliveries[0].to = ["other@example.org"]
    reports.save(report, "ann")
    assert stored(api, number)["recipients"] == "other@example.org"


def test_lists_and_deletion(api: Reporting) -> None:
    one, two = created(api)["id"], created(api)["id"]
    assert {item.id for item in api.reports(ME, PROJECT)} >= {one, two}
    assert one in {item.id for item in api.of_dashboard(ME, PROJECT, "good0001")}
    assert api.of_dashboard(ME, PROJECT, "empty001") == []
    assert api.delete(ME, PROJECT, one).message == "Report config was removed"
    with pytest.raises(NotFound):
        api.report(ME, PROJECT, one)


def test_permissions_and_scopes(api: Reporting) -> None:
    one, two = created(api)["id"], created(api)["id"]
    for scope in (f"reports:id:{one}", f"reports:{one}"):
        single = Principal("t", frozenset({Grant("reports:read", scope), Grant("dashboards:read")}))
        assert [item.id for item in api.reports(single, PROJECT)] == [one]
        assert api.report(single, PROJECT, one).id == one
        with pytest.raises(AccessDenied, match=r"Permissions needed: reports:read$"):
            api.report(single, PROJECT, two)
    viewer = Principal.with_role("v", "viewer", PROJECT)
    for call in (
        lambda: api.create(viewer, PROJECT, SEED),
        lambda: api.update(viewer, PROJECT, one, SEED),
        lambda: api.delete(viewer, PROJECT, one),
        lambda: api.send(viewer, PROJECT, one, use_emails_from_report=True),
        lambda: api.test(viewer, PROJECT, SEED),
        lambda: api.save_settings(viewer, PROJECT, {}),
    ):
        with pytest.raises(AccessDenied):
            call()
    with pytest.raises(NotFound):
        api.reports(Principal.with_role("v", "viewer", "default"), PROJECT)


def test_sending_tells_what_happened_to_each(api: Reporting, host: Any) -> None:
    number = api.number(ME, PROJECT, "weekly")
    run = api.send(ME, PROJECT, number, use_emails_from_report=True)
    assert [(item.channel, str(item.state)) for item in run.deliveries] == [
        ("email", "sent"),
        ("email", "sent"),
        ("archive", "sent"),
    ]
    run = api.send(ME, PROJECT, number, emails="no@example.org; yes@example.org", use_emails_from_report=True)
    assert {item.recipient: (str(item.state), item.code) for item in run.deliveries} == {
        "no@example.org": ("refused", 550),
        "yes@example.org": ("sent", 250),
    }
    assert len(host.server.received) == 3
    with pytest.raises(UsageError, match="useEmailsFromReport"):
        api.send(ME, PROJECT, number)
    with pytest.raises(DefinitionError, match=r"evil@example\.com"):
        api.send(ME, PROJECT, number, emails="evil@example.com")


def test_the_same_key_sends_once(api: Reporting, host: Any) -> None:
    number = api.number(ME, PROJECT, "weekly")
    one = api.send(ME, PROJECT, number, emails="a@example.org", key="k")
    assert api.send(ME, PROJECT, number, emails="a@example.org", key="k").id == one.id
    assert len(host.server.received) == 1


def test_a_test_mail_is_not_stored_and_its_subject_is_literal(api: Reporting, host: Any) -> None:
    before = len(api.reports(ME, PROJECT))
    subject = 'Sums {{ 1 + 1 }} "quoted" \\ back'
    run = api.test(ME, PROJECT, body(subject=subject, formats=["csv"]))
    assert str(run.state) == "succeeded"
    assert (run.kind, run.report_id) == ("test", None)
    assert len(api.reports(ME, PROJECT)) == before
    (mail,) = host.server.received
    assert mail.message["Subject"] == subject


def test_settings_have_defaults_and_merge_field_by_field(api: Reporting) -> None:
    found = msgspec.to_builtins(api.settings(ME, PROJECT))
    assert found["branding"]["emailFooterMode"] == "sent-by"
    assert found["branding"]["emailFooterText"]
    assert (found["pdfTheme"], found["embeddedImageTheme"]) == ("light", "dark")
    assert found["pdfHeaderEnabled"] is found["pdfDashboardTitleEnabled"] is found["pdfTimeRangeEnabled"] is True
    assert api.save_settings(ME, PROJECT, {"branding": {"emailFooterText": "Us"}}).message == "Report settings saved"
    api.save_settings(ME, PROJECT, {"pdfTheme": "dark", "pdfHeaderEnabled": False, "footerItems": [{"type": "x"}]})
    again = msgspec.to_builtins(api.settings(ME, PROJECT))
    assert again["branding"] == {**found["branding"], "emailFooterText": "Us"}
    assert (again["pdfTheme"], again["pdfHeaderEnabled"], again["footerItems"]) == ("dark", False, [{"type": "x"}])
    with pytest.raises(DefinitionError, match=r"branding\.emailFooterText"):
        api.save_settings(ME, PROJECT, {"branding": {"emailFooterText": ""}})
    api.save_settings(ME, PROJECT, {"branding": {"emailFooterText": "", "emailFooterMode": "none"}})
    assert api.settings(ME, PROJECT).branding.email_footer_text == ""


def test_wrong_settings_are_named(api: Reporting) -> None:
    wrong = {"branding": {"emailFooterMode": "maybe", "reportLogoUrl": "file:///etc/passwd"}, "pdfTheme": "neon"}
    with pytest.raises(DefinitionError) as caught:
        api.save_settings(ME, PROJECT, wrong)
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"branding.emailFooterMode", "branding.reportLogoUrl", "pdfTheme"}
    with pytest.raises(DefinitionError, match=r"branding: must be a JSON object$"):
        api.save_settings(ME, PROJECT, {"branding": [1]})


def picture(kind: str = "PNG") -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_logo_is_uploaded_and_served(api: Reporting, kind: str) -> None:
    data = picture(kind)
    api.save_settings(ME, PROJECT, {}, {"reportLogo": data})
    url = api.settings(ME, PROJECT).branding.report_logo_url
    assert "/api/reports/images/" in url
    image = api.image(ME, PROJECT, url.rpartition("/")[2])
    assert (image.data, image.media_type) == (data, f"image/{kind.lower()}")
    api.save_settings(ME, PROJECT, {"branding": {"reportLogoUrl": url}})
    assert api.settings(ME, PROJECT).branding.report_logo_url == url


@pytest.mark.parametrize("data", [b"", b"<svg/>", picture()[:40], b"GIF89a", b"\0" * 16_000_001])
def test_what_is_no_picture_is_refused_and_nothing_saved(api: Reporting, data: bytes) -> None:
    with pytest.raises(DefinitionError, match="emailLogo"):
        api.save_settings(ME, PROJECT, {"pdfTheme": "dark"}, {"emailLogo": data})
    assert api.settings(ME, PROJECT).pdf_theme == "light"


def test_dashboards_are_rendered_without_a_report(api: Reporting, tmp_path: Path) -> None:
    chosen = [{"dashboard": {"uid": "good0001"}, "timeRange": {"from": "2016-05-02", "to": "2016-05-03"}}]
    made = api.render(ME, PROJECT, chosen, tmp_path, PluginUse(name="csv"), title="T")
    assert [item.name for item in made.documents] == ["T - Table.csv"]
    assert "上海" in (tmp_path / made.documents[0].path).read_text(encoding="utf-8")
    assert (
        api.render(ME, PROJECT, [{"dashboard": {"uid": "empty001"}}], tmp_path, PluginUse(name="csv")).documents == ()
    )
    with pytest.raises(DefinitionError, match="nothing"):
        api.render(ME, PROJECT, [{"dashboard": {"uid": "nothing"}}], tmp_path, PluginUse(name="pdf"))


def test_a_preview_takes_other_formats(api: Reporting, tmp_path: Path) -> None:
    number = api.number(ME, PROJECT, "weekly")
    made = api.preview(ME, PROJECT, number, tmp_path)
    assert ";" in (tmp_path / made.documents[0].path).read_text(encoding="utf-8")
    assert [item.format for item in api.preview(ME, PROJECT, number, tmp_path, formats=["image"]).documents] == [
        "image"
    ]


def test_every_change_and_sending_is_in_the_audit_log_and_no_refused_one(api: Reporting, tmp_path: Path) -> None:
    ann = Principal.with_role("ann", "admin", PROJECT)
    before = len(api.host.audit.list(PROJECT))
    number = api.create(ann, PROJECT, body(recipients="ops@example.org")).id
    api.update(ann, PROJECT, number, body(name="Renamed"))
    with pytest.raises(DefinitionError):
        api.update(ann, PROJECT, number, body(formats=["docx"]))
    with pytest.raises(DefinitionError):
        api.save_settings(ann, PROJECT, {"branding": {"emailFooterMode": "none"}}, {"reportLogo": b"no picture"})
    api.save_settings(ann, PROJECT, {"branding": {"emailFooterMode": "none"}})
    run = api.send(ann, PROJECT, number, emails="ops@example.org")
    uid = stored(api, number)["uid"]
    api.delete(ann, PROJECT, number)
    entries = api.host.audit.list(PROJECT)
    found = [(entry.actor, entry.action, entry.target) for entry in entries[: len(entries) - before]]
    assert found[::-1] == [
        ("ann", "reports:create", f"report {uid}"),
        ("ann", "reports:write", f"report {uid}"),
        ("ann", "reports.settings:write", "report settings"),
        ("ann", "reports:send", f"report {uid}"),
        ("ann", "reports:delete", f"report {uid}"),
    ]
    assert entries[1].detail == {"run": run.id}


def test_words_of_formats_and_encodings_become_options(api: Reporting) -> None:
    def formats(**changes: Any) -> Any:
        number = api.create(ME, PROJECT, body(**changes)).id
        report = api.host.repositories.project(PROJECT).reports.by_id(number).value
        return report.model_dump(mode="json")["formats"]

    assert formats(formats=["pdf-tables"]) == [{"pdf": {"tables": "separate"}}]
    assert formats(formats=["pdf", "pdf-tables-appendix"]) == [{"pdf": {"tables": "append"}}]
    assert formats(formats=["csv"], options={"csvEncoding": "gb18030"}) == [{"csv": {"encoding": "gb18030"}}]
    unknown = {"csv": {"encoding": "x-klingon", "fallback": "utf-8"}}
    assert formats(formats=["csv"], options={"csvEncoding": "x-klingon"}) == [unknown]


def test_an_encoding_that_nobody_knows_is_told_on_the_run(api: Reporting) -> None:
    options = {"csvEncoding": "x-klingon"}
    number = api.create(ME, PROJECT, body(formats=["csv"], options=options, recipients="ops@example.org")).id
    assert stored(api, number)["options"]["csvEncoding"] == "x-klingon"
    run = api.send(ME, PROJECT, number, use_emails_from_report=True)
    assert (run.state, [line for line in run.warnings if "x-klingon" in line]) == (
        "succeeded",
        ["Report 4 - Table.csv: Table: there is no encoding 'x-klingon'; the file is in utf-8"],
    )
