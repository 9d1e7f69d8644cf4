"""What clients send: read leniently where the contract is, with every wrong field in one error.

An absent field, a null and the type's zero value mean the same: the field's default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
import pydantic
from pydantic.alias_generators import to_camel

from pressroom import DefinitionError, Problem
from pressroom.timerange import TimeRange, check_zone

FREQUENCIES = ("once", "hourly", "daily", "weekly", "monthly", "last", "custom", "never")
UNITS = ("hours", "days", "weeks", "months")
STATES = ("draft", "scheduled", "paused", "expired", "not scheduled")
M = TypeVar("M", bound=pydantic.BaseModel)
T = TypeVar("T")


@dataclass(frozen=True)
class Checks:
    """What a body is checked against.

    Attributes:
        admit: why an address may not be mailed to; empty where it may.
        dashboard: uid of a dashboard by uid and id; raises ValueError.
        formats: names of the report formats.
        cron: whether the report that is replaced has a cron expression, which this API can only keep.
    """

    admit: Callable[[str], str]
    dashboard: Callable[[str, int], str]
    formats: frozenset[str]
    cron: bool = False


def addresses(text: str) -> list[str]:
    """The addresses of a list with `,` or `;` between them, as they are used; blanks around them do not count."""
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


class Body(pydantic.BaseModel):
    """Base: unknown fields are ignored, nulls are absent."""

    model_config = pydantic.ConfigDict(
        extra="ignore", alias_generator=to_camel, validate_default=True, allow_inf_nan=False
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item for key, item in value.items() if item is not None}
        return value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    if value in ("", None) or isinstance(value, datetime):
        return value or None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be an RFC 3339 date-time with its offset, such as 2026-11-23T09:00:00+01:00")
    return moment


NumberText = Annotated[str, pydantic.BeforeValidator(_text)]
Moment = Annotated[datetime | None, pydantic.BeforeValidator(_moment)]


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value and value not in allowed:
        raise ValueError(f"{value!r} must be one of {', '.join(allowed)}")
    return value


class RangeBody(Body):
    """A time range; both ends or none."""

    start: NumberText = pydantic.Field(default="", alias="from")
    end: NumberText = pydantic.Field(default="", alias="to")

    @pydantic.model_validator(mode="after")
    def _whole(self) -> RangeBody:
        if bool(self.start.strip()) != bool(self.end.strip()):
            raise ValueError("needs both from and to, or neither")
        if self.start.strip():
            TimeRange(**{"from": self.start, "to": self.end})
        return self

    @property
    def definition(self) -> dict[str, str] | None:
        """As in a report's definition; None where it is empty."""
        return {"from": self.start, "to": self.end} if self.start.strip() else None

    @property
    def wire(self) -> dict[str, str]:
        """As in an answer."""
        return {"from": self.start, "to": self.end}


class ScheduleBody(Body):
    """A schedule; `frequency` is guessed where old clients leave it out."""

    start_date: Moment = None
    end_date: Moment = None
    frequency: str = ""
    interval_frequency: str = ""
    interval_amount: Annotated[int, pydantic.Field(ge=0, le=10_000)] = 0
    workdays_only: bool = False
    day_of_month: NumberText = ""
    time_zone: str = ""

    @pydantic.field_validator("frequency")
    @classmethod
    def _frequency(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        return _one_of(value, (*FREQUENCIES, "cron") if info.context.cron else FREQUENCIES)

    @pydantic.field_validator("interval_frequency")
    @classmethod
    def _unit(cls, value: str) -> str:
        return _one_of(value, UNITS)

    @pydantic.field_validator("day_of_month")
    @classmethod
    def _day(cls, value: str) -> str:
        if value in ("", "last") or (value.isascii() and value.isdecimal() and 1 <= int(value) <= 31):
            return value
        raise ValueError(f"{value!r} must be 1 to 31, or last")

    @pydantic.field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return check_zone(value) if value else value

    @pydantic.field_validator("end_date")
    @classmethod
    def _order(cls, value: datetime | None, info: pydantic.ValidationInfo[Checks]) -> datetime | None:
        start = info.data.get("start_date")
        if value and start and value < start:
            raise ValueError("lies before startDate")
        return value

    @property
    def meant(self) -> str:
        """The frequency, guessed from the other fields where it is absent."""
        if self.frequency:
            return self.frequency
        if self.interval_amount and self.interval_frequency:
            return "custom"
        return "daily" if self.workdays_only else "never"

    @property
    def complete(self) -> bool:
        """False for `custom` without its interval."""
        return self.meant != "custom" or bool(self.interval_amount and self.interval_frequency)


class OptionsBody(Body):
    """Layout of the pages."""

    orientation: str = ""
    layout: str = ""
    pdf_show_template_variables: bool = False
    pdf_combine_one_file: bool = False
    csv_encoding: str = ""
    time_range: RangeBody = RangeBody()

    @pydantic.field_validator("orientation")
    @classmethod
    def _orientation(cls, value: str) -> str:
        return _one_of(value, ("portrait", "landscape")) or "landscape"

    @pydantic.field_validator("layout")
    @classmethod
    def _layout(cls, value: str) -> str:
        return _one_of(value, ("grid", "simple")) or "grid"


class RefBody(Body):
    """A dashboard by uid, or by id for old clients; `uid` is empty where neither is given."""

    id: int = 0
    uid: str = ""

    @pydantic.field_validator("uid")
    @classmethod
    def _known(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        number = info.data.get("id", 0)
        known: str = info.context.dashboard(value, number) if value or number else ""
        return known


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

    @property
    def uid(self) -> str:
        """The dashboard's; empty where none is named."""
        return self.dashboard.uid if self.dashboard else ""


class ReportBody(Body):
    """A report to create or to replace. `state` is first, because drafts may be incomplete."""

    state: str = ""
    name: Annotated[str, pydantic.Field(max_length=500)] = ""
    subject: Annotated[str, pydantic.Field(max_length=400)] = ""
    recipients: str = ""
    reply_to: str = ""
    message: Annotated[str, pydantic.Field(max_length=100_000)] = ""
    dashboard_id: int = 0
    dashboard_uid: str = ""
    dashboards: list[DashboardBody] = []
    schedule: ScheduleBody = ScheduleBody.model_construct()
    options: OptionsBody = OptionsBody()
    enable_dashboard_url: bool = False
    enable_csv: bool = False
    formats: list[str] = []
    scale_factor: int = 0

    @pydantic.field_validator("state")
    @classmethod
    def _state(cls, value: str) -> str:
        return _one_of(value, STATES) or "scheduled"

    @pydantic.field_validator("name")
    @classmethod
    def _named(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        return _needed(value, bool(value.strip()), info, "a report needs a name")

    @pydantic.field_validator("recipients")
    @classmethod
    def _admitted(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        _check_addresses(value, info)
        return _needed(value, bool(addresses(value)), info, "needs at least one address")

    @pydantic.field_validator("reply_to")
    @classmethod
    def _answered(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        for address in addresses(value):
            if "@" not in address or any(character.isspace() for character in address.split("<")[-1]):
                raise ValueError(f"{address!r} is no mail address")
        return value

    @pydantic.field_validator("dashboard_uid")
    @classmethod
    def _legacy(cls, value: str, info: pydantic.ValidationInfo[Checks]) -> str:
        number = info.data.get("dashboard_id", 0)
        known: str = info.context.dashboard(value, number) if value or number else ""
        return known

    @pydantic.field_validator("dashboards")
    @classmethod
    def _shown(cls, value: list[DashboardBody], info: pydantic.ValidationInfo[Checks]) -> list[DashboardBody]:
        named = [item for item in value if item.uid]
        legacy = info.data.get("dashboard_uid", "")
        if legacy and not named:
            named = [DashboardBody.model_construct(dashboard=RefBody.model_construct(uid=legacy))]
        return _needed(named, bool(named), info, "needs at least one dashboard with its uid")

    @pydantic.field_validator("schedule")
    @classmethod
    def _complete(cls, value: ScheduleBody, info: pydantic.ValidationInfo[Checks]) -> ScheduleBody:
        return _needed(value, value.complete, info, "custom needs intervalAmount (at least 1) and intervalFrequency")

    @pydantic.field_validator("formats")
    @classmethod
    def _formats(cls, value: list[str], info: pydantic.ValidationInfo[Checks]) -> list[str]:
        for name in value:
            _one_of(name, (*sorted(info.context.formats), "pdf-tables", "pdf-tables-appendix"))
        return value

    @pydantic.field_validator("scale_factor")
    @classmethod
    def _scale(cls, value: int) -> int:
        if value and not 25 <= value <= 400:
            raise ValueError("must be between 25 and 400 (percent)")
        return value or 100


def _needed(value: T, there: bool, info: pydantic.ValidationInfo, message: str) -> T:
    if not there and info.data.get("state", "scheduled") != "draft":
        raise ValueError(f"{message} (or state draft)")
    return value


def _check_addresses(value: str, info: pydantic.ValidationInfo[Checks]) -> None:
    refusals = [refusal for address in addresses(value) if (refusal := info.context.admit(address))]
    if refusals:
        raise ValueError("; ".join(refusals))


def read(model: type[M], body: bytes | Mapping[str, Any], checks: Checks | None = None) -> M:
    """A request's body as its model.

    Args:
        body: JSON, or what it means.

    Raises:
        DefinitionError: no JSON object, or wrong fields; names every one.
    """
    if isinstance(body, bytes):
        try:
            body = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise DefinitionError([Problem(f"the body is not valid JSON: {error}")]) from error
    if not isinstance(body, Mapping):
        raise DefinitionError([Problem("the body must be a JSON object")])
    try:
        return model.model_validate(dict(body), context=checks)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise DefinitionError([Problem(_message(item["msg"]), _path(item["loc"])) for item in found]) from None


def _message(text: str) -> str:
    return text.removeprefix("Value error, ").replace("Input should be", "must be")


def _path(parts: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
