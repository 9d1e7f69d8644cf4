"""Reports as people define them: dashboards, formats, deliveries, a schedule, and how they look."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pydantic

from pressroom.locales import check_locale
from pressroom.models.values import Definition, Line, PluginUse, Prose, Uid, new_uid
from pressroom.timerange import AwareTime, TimeRange, check_zone


class ReportDashboard(Definition):
    """A dashboard in a report.

    Attributes:
        time_range: None for the dashboard's own.
        variables: chosen values by name; variables that are not named keep the dashboard's own.
    """

    uid: Uid
    time_range: TimeRange | None = None
    variables: dict[str, list[str]] = {}

    @pydantic.field_validator("variables", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: [chosen] if isinstance(chosen, str) else chosen for name, chosen in value.items()}


class Schedule(Definition):
    """When a report goes out; the meaning of each word is the reporting contract's.

    Attributes:
        frequency: `never` is sent by hand only.
        start: everything repeats from here: same minute, time of day, weekday, day of the month.
        end: inclusive.
        timezone: IANA zone of the wall-clock kinds.
        interval_amount, interval_frequency: of `custom`.
        day_of_month: 1 to 31, or `last`.
        cron: five fields, of `cron`.
        calendar: name of a calendar whose days are skipped or moved.
        catch_up: what happens to moments that passed while nothing ran.
    """

    frequency: Literal["once", "hourly", "daily", "weekly", "monthly", "last", "custom", "cron", "never"] = "never"
    start: AwareTime | None = None
    end: AwareTime | None = None
    timezone: str = "UTC"
    interval_amount: Annotated[int, pydantic.Field(ge=0, le=10_000)] = 0
    interval_frequency: Literal["", "hours", "days", "weeks", "months"] = ""
    day_of_month: str = ""
    workdays_only: bool = False
    cron: str = ""
    calendar: str = ""
    catch_up: Literal["once", "all", "skip"] = "once"

    @pydantic.field_validator("timezone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)

    @pydantic.field_validator("day_of_month", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and text not in ("", "last") and not (text.isdecimal() and 1 <= int(text) <= 31):
            raise ValueError("must be 1 to 31, or last")
        return text

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Schedule:
        if self.start and self.end and self.end < self.start:
            raise ValueError("end is before start")
        if self.frequency == "custom" and not (self.interval_amount and self.interval_frequency):
            raise ValueError("custom needs interval_amount (at least 1) and interval_frequency")
        if (self.frequency == "cron") != bool(self.cron):
            raise ValueError("cron needs frequency: cron and the five fields in cron")
        if self.cron:
            from pressroom.recurrence import CronMoments

            CronMoments(self.cron, self.timezone)
        return self


class RecipientSample(Definition):
    """Addresses that get what one recipient would get, and nobody else does: for trying a report out.

    Attributes:
        of: the recipient's address; empty for the first.
    """

    to: Annotated[list[str], pydantic.Field(min_length=1)]
    of: str = ""


class RecipientQuery(Definition):
    """Recipients that a source is asked for when the report runs: a row for each, who gets a message of their own.

    Attributes:
        source: name of an instance in `pressroom.toml`.
        query: in the source's language, with the macros and variables of the report's first dashboard.
        address: the column with the address of the channel's own kind; of a folder, which has no addresses, nothing.
        variables: what each gets to see: dashboards' variables by name, with the column that holds the value. The
            report is made once for all who have the same values.
        sample: sends a test instead.
    """

    source: Annotated[str, pydantic.Field(min_length=1)]
    query: Annotated[str, pydantic.Field(min_length=1)]
    address: Annotated[str, pydantic.Field(min_length=1)] = "address"
    variables: dict[str, str] = {}
    sample: RecipientSample | None = None


class Delivery(Definition):
    """One way out of a report.

    Attributes:
        channel: name of an instance in `pressroom.toml`.
        to, cc, bcc: addresses of the channel's own kind; a folder needs none.
        recipients: instead of them, a query that gives recipients, each with values of variables.
        together: one message for all instead of one each.
        options: the channel's own.
    """

    channel: str
    to: list[str] = []
    cc: list[str] = []
    bcc: list[str] = []
    recipients: RecipientQuery | None = None
    together: bool = False
    options: dict[str, Any] = {}

    @pydantic.model_validator(mode="after")
    def _either(self) -> Delivery:
        if self.recipients and (self.to or self.cc or self.bcc):
            raise ValueError("write to, cc and bcc, or recipients; add another delivery for the others")
        if self.recipients and self.together:
            raise ValueError("together needs to, cc or bcc: recipients of a query get a message each")
        return self


class Report(Definition):
    """A report.

    Attributes:
        name: for people; the subject where none is given.
        subject, filename: sandboxed templates over `report`, `run`, `range`, `variables`, `project`.
        state: `draft` may be incomplete and never runs; `paused` keeps its schedule but does not run.
        scale: 0.25 to 4.0, where 1.0 is 100 %.
        combine: several dashboards in one PDF rather than one each.
        theme: of pages and pictures; empty for the project's branding.
        locale: empty for the project's.
        priority: 0 to 9, higher is sooner among reports due at the same moment.
        notify: who is told of final failures; empty for the project's contact.
        condition: decides whether to send, such as `charts.rQ4zVd81.departures < 1000`; empty for always.
        extra: what an API's clients want back as they wrote it; nothing else reads it.
    """

    uid: Uid = pydantic.Field(default_factory=new_uid)
    name: Annotated[Line, pydantic.Field(min_length=1)]
    subject: Line = ""
    message: Prose = ""
    dashboards: list[ReportDashboard] = []
    schedule: Schedule = Schedule()
    formats: list[PluginUse] = [PluginUse(name="pdf")]
    deliveries: list[Delivery] = []
    reply_to: list[str] = []
    dashboard_links: bool = False
    orientation: Literal["portrait", "landscape"] = "landscape"
    layout: Literal["grid", "simple"] = "grid"
    scale: Annotated[float, pydantic.Field(ge=0.25, le=4.0)] = 1.0
    theme: Literal["", "light", "dark"] = ""
    combine: bool = False
    show_variables: bool = False
    password: str = ""
    filename: Line = ""
    state: Literal["draft", "scheduled", "paused"] = "scheduled"
    priority: Annotated[int, pydantic.Field(ge=0, le=9)] = 5
    locale: str = ""
    notify: list[str] = []
    condition: str = ""
    extra: dict[str, Any] = {}

    @pydantic.field_validator("locale")
    @classmethod
    def _known(cls, tag: str) -> str:
        return check_locale(tag) if tag else tag

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Report:
        if self.state != "draft" and not self.dashboards:
            raise ValueError("a report needs at least one dashboard (or state: draft)")
        return self


class FooterItem(Definition):
    """Something at the foot of a document's pages.

    Attributes:
        kind: `page` is the page's number, `space` pushes what is beside it apart.
        text: of `text`; of `date` its form, such as `dd/MM/yyyy`.
        size: height of the text or the logo in CSS pixels; 0 for the usual one.
        color: `#rgb` or `#rrggbb`; empty for the theme's.
    """

    kind: Literal["page", "date", "text", "logo", "space"]
    text: Line = ""
    size: Annotated[float, pydantic.Field(ge=0, le=64)] = 0.0
    bold: bool = False
    italic: bool = False
    color: Annotated[str, pydantic.Field(pattern=r"^(#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6})?$")] = ""


class BrandingSettings(Definition):
    """A project's branding and page header, in the reporting API's words.

    Attributes:
        report_logo, email_logo: URL, or `image:<name>` of an uploaded one; empty for none.
        footer_mode: `sent-by` signs mails with text and link.
        page_footer: of a document's pages, from left to right; empty for the page number.
        updated: when it was last saved; filled by the store.
    """

    report_logo: str = ""
    email_logo: str = ""
    footer_mode: Literal["sent-by", "none"] = "sent-by"
    footer_text: Line = "Pressroom"
    footer_link: str = "https://pressroom.example.org/"
    pdf_theme: Literal["light", "dark", "current"] = "light"
    image_theme: Literal["light", "dark", "current"] = "dark"
    header_enabled: bool = True
    title_enabled: bool = True
    time_range_enabled: bool = True
    page_footer: list[FooterItem] = []
    extra: dict[str, Any] = {}
    updated: date | None = None
