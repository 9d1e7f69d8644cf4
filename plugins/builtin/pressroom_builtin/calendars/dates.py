"""`dates`: days that are written down, once or for every year."""

from __future__ import annotations

import re
from datetime import date

import pydantic

from pressroom import Calendar, CalendarConfig

_EVERY_YEAR = re.compile(r"(\d{2})-(\d{2})")


class DatesConfig(CalendarConfig):
    """`[calendars.NAME]` with `type = "dates"`."""

    dates: list[str] = pydantic.Field(description='Days such as "2026-12-25", or "12-25" for every year.', min_length=1)

    @pydantic.field_validator("dates", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        # TOML has dates of its own
        return (
            [day.isoformat() if isinstance(day, date) else day for day in value] if isinstance(value, list) else value
        )

    @pydantic.field_validator("dates")
    @classmethod
    def _readable(cls, value: list[str]) -> list[str]:
        for day in value:
            try:
                # 2000 is a leap year, so 02-29 is a day
                date.fromisoformat(f"2000-{day}" if _EVERY_YEAR.fullmatch(day) else day)
            except ValueError:
                raise ValueError(f"{day!r} is no day; write 2026-12-25, or 12-25 for every year") from None
        return value


class DatesCalendar(Calendar[DatesConfig]):
    """A list of days on which nothing is sent."""

    name = "dates"
    summary = "Days that are written down"
    Config = DatesConfig

    def closed(self, day: date) -> bool:
        """Whether the list has the day, or its day of the year."""
        return day.isoformat() in self.config.dates or f"{day:%m-%d}" in self.config.dates
