"""The reporting API's answers, field by field as the contract has them."""

from __future__ import annotations

from typing import Any

import msgspec


class Wire(msgspec.Struct, kw_only=True, rename="camel"):
    """Base: camel case outside, every field in every answer."""


class TimeRange(Wire):
    """Both empty where the dashboard's own range counts."""

    from_: str = msgspec.field(name="from", default="")
    to: str = ""


class DashboardRef(Wire):
    """Which dashboard; `id` and `name` are filled in answers."""

    id: int = 0
    uid: str = ""
    name: str = ""


class ReportDashboard(Wire):
    """A dashboard of a report; a variable is a text or a list of texts, as it came."""

    dashboard: DashboardRef
    time_range: TimeRange
    report_variables: dict[str, str | list[str]]


class Schedule(Wire):
    """When a report goes out; dates are RFC 3339, with the offset that they came with."""

    start_date: str | None
    end_date: str | None
    frequency: str
    interval_frequency: str
    interval_amount: int
    workdays_only: bool
    day_of_month: str
    time_zone: str


class Options(Wire):
    """How pages are laid out; `time_range` is the legacy one of the whole report."""

    orientation: str
    layout: str
    pdf_show_template_variables: bool
    pdf_combine_one_file: bool
    csv_encoding: str
    time_range: TimeRange


class Report(Wire):
    """A report."""

    id: int
    uid: str
    user_id: int
    org_id: int
    name: str
    subject: str
    recipients: str
    reply_to: str
    message: str
    schedule: Schedule
    options: Options
    enable_dashboard_url: bool
    enable_csv: bool
    state: str
    dashboards: list[ReportDashboard]
    formats: list[str]
    scale_factor: int
    created: str
    updated: str


class Created(Wire):
    """Answer of a creation."""

    id: int
    message: str


class Done(Wire):
    """Answer of everything that only says that it worked; clients compare the text."""

    message: str


class Branding(Wire):
    """Logos and the mail's footer."""

    report_logo_url: str
    email_logo_url: str
    email_footer_mode: str
    email_footer_text: str
    email_footer_link: str


class Settings(Wire):
    """A project's report settings; `footer_items` and `footer_font_family` are kept for the client only."""

    id: int
    user_id: int
    org_id: int
    branding: Branding
    pdf_theme: str
    embedded_image_theme: str
    pdf_header_enabled: bool
    pdf_dashboard_title_enabled: bool
    pdf_time_range_enabled: bool
    footer_items: list[dict[str, Any]]
    footer_font_family: str


class Refusal(Wire):
    """An error.

    Attributes:
        message: names every wrong field, or the permission that is needed.
        message_id: of the kind of error.
        trace_id: of the request; the server's log has it.
        title, access_error_id: where a permission is missing.
    """

    message: str
    message_id: str
    status_code: int
    trace_id: str = msgspec.field(name="traceID", default="")
    title: str | msgspec.UnsetType = msgspec.UNSET
    access_error_id: str | msgspec.UnsetType = msgspec.UNSET


CREATED = "Report created"
UPDATED = Done(message="Report updated")
DELETED = Done(message="Report config was removed")
SENT = Done(message="Report was sent")
TESTED = Done(message="Test email sent")
SAVED = Done(message="Report settings saved")
