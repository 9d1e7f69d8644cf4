"""Parts of a report's body: time range, schedule, options."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pydantic

from pressroom.timerange import TimeRange, check_zone
from pressroom_builtin.grafana.reading import Body, Checks, Moment, NumberText, one_of

FREQUENCIES = ("once", "hourly", "daily", "weekly", "monthly", "last", "custom", "never")
UNITS = ("hours", "days", "weeks", "months")


class RangeBody(Body):
    """A time range; both ends or none."""

    start: NumberText = pydantic.Field(default="", alias="from")
    end: NumberText = pydantic.Field(default="", alias="to")

    @pydantic.model_validator(mode="after")
    def _whole(self) -> RangeBody:
        if bool(self.start.strip()) != bool(self.end.strip()):
            raise ValueError("needs both from and to, or neither")
        if self.start.strip():
            written = TimeRange(**{"from": self.start, "to": self.end})
            # a range that moves may be empty now only
            if "now" not in f"{self.start}{self.end}":
                written.resolve(now=datetime.now(UTC), zone="UTC")
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
        return one_of(value, (*FREQUENCIES, "cron") if info.context.cron else FREQUENCIES)

    @pydantic.field_validator("interval_frequency")
    @classmethod
    def _unit(cls, value: str) -> str:
        return one_of(value, UNITS)

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
    csv_encoding: Annotated[str, pydantic.Field(max_length=100)] = ""
    time_range: RangeBody = RangeBody()

    @pydantic.field_validator("orientation")
    @classmethod
    def _orientation(cls, value: str) -> str:
        return one_of(value, ("portrait", "landscape")) or "landscape"

    @pydantic.field_validator("layout")
    @classmethod
    def _layout(cls, value: str) -> str:
        return one_of(value, ("grid", "simple")) or "grid"
