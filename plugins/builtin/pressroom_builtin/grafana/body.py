"""A report as clients send it."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import pydantic

from pressroom import TemplateError
from pressroom.templating import check_template
from pressroom_builtin.grafana.body_parts import OptionsBody, RangeBody, ScheduleBody
from pressroom_builtin.grafana.reading import Body, Checks, one_line, one_of

STATES = ("draft", "scheduled", "paused", "expired", "not scheduled")
MOST_DASHBOARDS = 100
LONGEST_LIST = 100_000
"""Characters of a list of addresses."""
MOST_REFUSALS = 20
T = TypeVar("T")


def addresses(text: str) -> list[str]:
    """The addresses of a list with `,` or `;` between them, as they are used; blanks around them do not count."""
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


class RefBody(Body):
    """A dashboard by uid, or by id for old clients; `uid` is empty where neither is given."""

    id: int = 0
    uid: str = ""

    @pydantic.field_validator("uid")
    @classmethod
    def _known(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        return _dashboard(value, info.data.get("id", 0), info)


class DashboardBody(Body):
    """A dashboard with its range and variables."""

    dashboard: RefBody | None = None
    time_range: RangeBody = RangeBody()
    report_variables: dict[str, str | list[str]] = {}

    @pydantic.field_validator("report_variables", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value or {}
        for name, chosen in value.items():
            if not all(isinstance(part, str) for part in (chosen if isinstance(chosen, list) else [chosen])):
                raise ValueError(f"{name}: must be a text or a list of texts")
        return value

    @pydantic.field_validator("report_variables")
    @classmethod
    def _single(
        cls, value: dict[str, str | list[str]], info: pydantic.ValidationInfo[Checks]
    ) -> dict[str, str | list[str]]:
        shown = info.data.get("dashboard")
        several = [name for name, chosen in value.items() if isinstance(chosen, list) and len(chosen) > 1]
        single = info.context.single(shown.uid) if several and shown and shown.uid else ()
        if wrong := [name for name in several if name in single]:
            raise ValueError(f"{', '.join(wrong)}: takes one value, not several")
        return value

    @property
    def uid(self) -> str:
        """The dashboard's; empty where none is named."""
        return self.dashboard.uid if self.dashboard else ""


class LegacyDashboard(DashboardBody):
    """One that an old client names at the top; the report's time range is its own."""


class ReportBody(Body):
    """A report to create or to replace. `state` is first, because drafts may be incomplete."""

    state: str = ""
    name: Annotated[str, pydantic.Field(max_length=500)] = ""
    subject: Annotated[str, pydantic.Field(max_length=400)] = ""
    recipients: Annotated[str, pydantic.Field(max_length=LONGEST_LIST)] = ""
    reply_to: Annotated[str, pydantic.Field(max_length=LONGEST_LIST)] = ""
    message: Annotated[str, pydantic.Field(max_length=100_000)] = ""
    dashboard_id: int = 0
    dashboard_uid: str = ""
    dashboards: Annotated[list[DashboardBody], pydantic.Field(max_length=MOST_DASHBOARDS)] = []
    schedule: ScheduleBody = ScheduleBody.model_construct()
    options: OptionsBody = OptionsBody()
    enable_dashboard_url: bool = False
    enable_csv: bool = False
    formats: Annotated[list[str], pydantic.Field(max_length=100)] = []
    scale_factor: int = 0

    @pydantic.field_validator("state")
    @classmethod
    def _state(cls, value: str) -> str:
        return one_of(value, STATES) or "scheduled"

    @pydantic.field_validator("name")
    @classmethod
    def _named(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        return _needed(one_line(value), bool(value.strip()), info, "a report needs a name")

    @pydantic.field_validator("subject")
    @classmethod
    def _readable(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        if info.context.templates:
            try:
                check_template(value)
            except TemplateError as error:
                raise ValueError(error.message) from error
        return one_line(value)

    @pydantic.field_validator("recipients")
    @classmethod
    def _admitted(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        _check_addresses(value, info)
        return _needed(value, bool(addresses(value)), info, "needs at least one address")

    @pydantic.field_validator("reply_to")
    @classmethod
    def _answered(cls, value: str) -> str:
        from pressroom_builtin.channels.email_address import mailbox

        for address in addresses(one_line(value)):
            mailbox(address)
        return value

    @pydantic.field_validator("dashboard_uid")
    @classmethod
    def _legacy(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        return _dashboard(value, info.data.get("dashboard_id", 0), info)

    @pydantic.field_validator("dashboards")
    @classmethod
    def _shown(cls, value: list[DashboardBody], info: pydantic.ValidationInfo[Checks]) -> list[DashboardBody]:
        named = [item for item in value if item.uid]
        legacy = info.data.get("dashboard_uid", "")
        if legacy and not named:
            named = [LegacyDashboard.model_construct(dashboard=RefBody.model_construct(uid=legacy))]
        return _needed(named, bool(named), info, "needs at least one dashboard with its uid")

    @pydantic.field_validator("schedule")
    @classmethod
    def _complete(cls, value: ScheduleBody, info: pydantic.ValidationInfo[Checks]) -> ScheduleBody:
        return _needed(value, value.complete, info, "custom needs intervalAmount (at least 1) and intervalFrequency")

    @pydantic.field_validator("formats")
    @classmethod
    def _formats(cls, value: list[str], info: pydantic.ValidationInfo[Checks]) -> list[str]:
        for name in value:
            one_of(name, (*sorted(info.context.formats), "pdf-tables", "pdf-tables-appendix"))
        return value

    @pydantic.field_validator("scale_factor")
    @classmethod
    def _scale(cls, value: int) -> int:
        if value and not 25 <= value <= 400:
            raise ValueError("must be between 25 and 400 (percent)")
        return value or 100


def _dashboard(uid: str, number: int, info: pydantic.ValidationInfo[Checks]) -> str:
    known: str = info.context.dashboard(uid, number) if uid or number else ""
    return known


def _needed(value: T, there: bool, info: pydantic.ValidationInfo, message: str) -> T:
    if not there and info.data.get("state", "scheduled") != "draft":
        raise ValueError(f"{message} (or state draft)")
    return value


def _check_addresses(value: str, info: pydantic.ValidationInfo[Checks]) -> None:
    refusals = [refusal for address in addresses(value) if (refusal := info.context.admit(address))]
    if refusals:
        more = len(refusals) - MOST_REFUSALS
        shown = dict.fromkeys([*refusals[:MOST_REFUSALS], *([f"and {more} more"] if more > 0 else [])])
        raise ValueError("; ".join(shown))
