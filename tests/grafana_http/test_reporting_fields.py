"""Every field of a report means something: from the body to the mail and what is attached to it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from pypdf import PdfReader

from servers.reporting_server import BODY, PROJECT, Reports

VARIABLES = [{"dashboard": {"uid": "vars0001"}}]


def sent(reports: Reports, **fields: Any) -> EmailMessage:
    """The mail that a test of such a report gives."""
    before = len(reports.mail.received)
    answer = reports.client.post("/api/reports/test-email", json={**BODY, **fields})
    assert answer.status_code == 200, answer.text
    return reports.mail.received[before].message


def attached(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in mail.iter_attachments() if part.get_filename()}


def pdf(mail: EmailMessage, name: str = "Visits.pdf") -> PdfReader:
    return PdfReader(io.BytesIO(attached(mail)[name]))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def csv(mail: EmailMessage, name: str = "Visits - Table.csv") -> str:
    content = attached(mail)[name]
    return content if isinstance(content, str) else content.decode()


def body_of(mail: EmailMessage, kind: str = "html") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


def test_name_subject_message_and_addresses(reports: Reports) -> None:
    fields = {
        "name": "周报 {{ not a template }}",
        "message": "First line\nand <b>second</b>",
        "recipients": "Ann <ann@example.org>",
        "replyTo": "desk@example.org; Boss <boss@example.org>",
        "formats": ["csv"],
    }
    mail = sent(reports, **fields)
    assert mail["Subject"] == fields["name"]
    assert mail["To"] == "Ann <ann@example.org>"
    assert mail["Reply-To"] == "desk@example.org, Boss <boss@example.org>"
    assert "First line" in body_of(mail, "plain")
    assert "and &lt;b&gt;second" in body_of(mail)
    assert sent(reports, **fields, subject="{{ 1 + 1 }} literally")["Subject"] == "{{ 1 + 1 }} literally"


def test_each_recipient_has_a_mail(reports: Reports) -> None:
    before = len(reports.mail.received)
    sent(reports, recipients="x1@example.org, x2@example.org;x1@example.org", formats=["csv"])
    assert [mail.recipients for mail in reports.mail.received[before:]] == [("x1@example.org",), ("x2@example.org",)]


@pytest.mark.parametrize(
    ("formats", "names"),
    [
        (None, ["Visits.pdf"]),
        (["csv", "pdf"], ["Visits - Table.csv", "Visits.pdf"]),
        (["pdf-tables"], ["Visits - tables.pdf", "Visits.pdf"]),
        (["pdf", "pdf-tables", "pdf-tables-appendix"], ["Visits - tables.pdf", "Visits.pdf"]),
        (["pdf-tables-appendix"], ["Visits.pdf"]),
    ],
)
def test_formats_are_attached(reports: Reports, formats: list[str] | None, names: list[str]) -> None:
    assert sorted(attached(sent(reports, formats=formats))) == names


def test_the_old_switch_adds_csv(reports: Reports) -> None:
    assert sorted(attached(sent(reports, enableCsv=True))) == ["Visits - Table.csv", "Visits.pdf"]


def test_an_image_is_in_the_body(reports: Reports) -> None:
    mail = sent(reports, formats=["image"])
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1
    assert f"cid:{str(pictures[0]['Content-ID']).strip('<>')}" in body_of(mail)


def test_orientation_layout_and_scale_change_the_pages(reports: Reports) -> None:
    def page(**fields: Any) -> tuple[bool, str]:
        first = pdf(sent(reports, **fields)).pages[0]
        return first.mediabox.width > first.mediabox.height, first.get_contents().get_data().hex()  # type: ignore[union-attr]

    grid, simple = page(), page(options={"layout": "simple"})
    portrait, large = page(options={"orientation": "portrait"}), page(scaleFactor=200)
    assert [found[0] for found in (grid, simple, portrait, large)] == [True, True, False, True]
    assert len({found[1] for found in (grid, simple, portrait, large)}) == 4


def test_dashboards_have_their_own_ranges_and_variables(reports: Reports) -> None:
    def rows(**shown: Any) -> list[str]:
        mail = sent(reports, dashboards=[{**VARIABLES[0], **shown}], formats=["csv"])
        return csv(mail, "Visits - Chosen.csv").split()[1:]

    assert rows() == ["北京,Chrome,3.0"]
    assert rows(reportVariables={"browser": "Firefox"}) == ["上海,Firefox,5.0"]
    assert rows(reportVariables={"browser": ["Firefox"], "city": ["北京"]}) == []
    assert rows(reportVariables={"city": "北京"}) == ["北京,Chrome,3.0"]
    assert rows(timeRange={"from": "2016-05-04", "to": "2016-05-05"}, reportVariables={"browser": "Safari"}) == [
        "北京,Safari,2.0"
    ]
    assert rows(timeRange={"from": "2015-01-01", "to": "2015-01-02"}) == []


def test_the_legacy_range_counts_where_a_dashboard_has_none(reports: Reports) -> None:
    whole = {"timeRange": {"from": "2015-01-01", "to": "2015-01-02"}}
    assert csv(sent(reports, formats=["csv"], options=whole)).split()[1:] == []
    own = [BODY["dashboards"][0] | {"timeRange": {"from": "2016-05-02", "to": "2016-05-06"}}]
    assert len(csv(sent(reports, formats=["csv"], options=whole, dashboards=own)).split()) > 1


def test_variables_are_shown_where_that_is_asked(reports: Reports) -> None:
    for shown in (True, False):
        options = {"pdfShowTemplateVariables": shown}
        assert ("City" in text_of(pdf(sent(reports, dashboards=VARIABLES, options=options)))) is shown


def test_several_dashboards_are_one_pdf_or_one_each(reports: Reports) -> None:
    two = [*BODY["dashboards"], *VARIABLES]
    assert sorted(attached(sent(reports, dashboards=two))) == ["Visits - Good.pdf", "Visits - Variables.pdf"]
    mail = sent(reports, dashboards=two, options={"pdfCombineOneFile": True})
    assert list(attached(mail)) == ["Visits.pdf"]
    assert all(title in text_of(pdf(mail)) for title in ("Good", "Variables"))


def test_csv_has_its_encoding(reports: Reports) -> None:
    mail = sent(reports, formats=["csv"], options={"csvEncoding": "gb18030"})
    (part,) = mail.iter_attachments()
    assert "北京" in part.get_payload(decode=True).decode("gb18030")


def test_links_to_dashboards_are_in_the_mail_where_asked(reports: Reports) -> None:
    address = f"https://reports.example.org/d/{PROJECT}/good0001"
    for linked in (True, False):
        assert (address in body_of(sent(reports, formats=["csv"], enableDashboardUrl=linked))) is linked


def test_a_schedule_and_a_state_decide_when_it_goes_out(reports: Reports) -> None:
    start, zone = "2026-03-02T09:30:00+01:00", "Europe/Warsaw"

    def next_run(state: str = "scheduled", **schedule: Any) -> datetime | None:
        number = reports.create(state=state, schedule={"startDate": start, "timeZone": zone, **schedule})
        report = reports.host.repositories.project(PROJECT).reports.by_id(number).value
        return reports.host.recurrence(report, PROJECT).next_after(datetime(2026, 6, 5, 12, tzinfo=UTC))

    # 5 June is a Friday; in June Warsaw is two hours before UTC
    assert next_run(frequency="once") is None
    assert next_run(frequency="hourly") == datetime(2026, 6, 5, 12, 30, tzinfo=UTC)
    assert next_run(frequency="daily") == datetime(2026, 6, 6, 7, 30, tzinfo=UTC)
    assert next_run(frequency="daily", workdaysOnly=True) == datetime(2026, 6, 8, 7, 30, tzinfo=UTC)
    assert next_run(frequency="weekly") == datetime(2026, 6, 8, 7, 30, tzinfo=UTC)
    assert next_run(frequency="monthly") == datetime(2026, 7, 2, 7, 30, tzinfo=UTC)
    assert next_run(frequency="monthly", dayOfMonth="20") == datetime(2026, 6, 20, 7, 30, tzinfo=UTC)
    assert next_run(frequency="last") == datetime(2026, 6, 30, 7, 30, tzinfo=UTC)
    custom = {"frequency": "custom", "intervalAmount": 3, "intervalFrequency": "weeks"}
    assert next_run(**custom) == datetime(2026, 6, 15, 7, 30, tzinfo=UTC)
    assert next_run(frequency="daily", endDate="2026-06-01T00:00:00Z") is None
    assert next_run(frequency="never") is None


def test_a_state_decides_whether_it_is_planned(reports: Reports) -> None:
    daily = {"frequency": "daily", "startDate": "2026-03-02T09:30:00Z"}
    planned = {
        state: reports.created(state=state, schedule=daily)["uid"]
        for state in ("scheduled", "draft", "paused", "not scheduled")
    }
    due = reports.host.repositories.project(PROJECT).reports
    states = {state: due.get(uid).value.state for state, uid in planned.items()}
    assert states == {"scheduled": "scheduled", "draft": "draft", "paused": "paused", "not scheduled": "paused"}


def test_what_is_rendered_without_a_report_takes_the_same_words(reports: Reports) -> None:
    chosen = [{**VARIABLES[0], "reportVariables": {"browser": "Firefox"}}]
    query = {"dashboards": json.dumps(chosen), "title": "Week 周"}
    answer = reports.client.get("/api/reports/render/csvs", params=query)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["Week 周 - Chosen.csv"]
        assert "Firefox,5" in archive.read(archive.namelist()[0]).decode()
    none = json.dumps([{"dashboard": {"uid": "empty001"}}])
    assert reports.client.get("/api/reports/render/csvs", params={"dashboards": none}).status_code == 204

    def pages(**more: str) -> PdfReader:
        found = reports.client.get("/api/reports/render/pdfs", params=query | more)
        assert found.status_code == 200
        return PdfReader(io.BytesIO(found.content))

    plain = pages()
    assert plain.metadata is not None
    assert plain.metadata.title == "Week 周"
    assert plain.pages[0].mediabox.width > plain.pages[0].mediabox.height
    upright = pages(orientation="portrait", layout="simple", scaleFactor="80")
    assert upright.pages[0].mediabox.width < upright.pages[0].mediabox.height
    many = [{"dashboard": {"uid": uid}} for uid in ("good0001", "vars0001")]
    assert len(pages(dashboards=json.dumps(many)).outline) == 2


def test_what_failed_in_a_rendering_is_said_beside_it(reports: Reports) -> None:
    query = {"dashboards": json.dumps([{"dashboard": {"uid": "YoX28w7R"}}])}
    answer = reports.client.get("/api/reports/render/pdfs", params=query)
    assert answer.status_code == 200
    (warning,) = json.loads(answer.headers["x-warnings"])
    assert "broken01" in warning
    good = {"dashboards": json.dumps(BODY["dashboards"])}
    assert "x-warnings" not in reports.client.get("/api/reports/render/pdfs", params=good).headers
