"""`easter`: days that move with Easter, on which nothing is sent."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import ClassVar, Literal

import pydantic

from pressroom import Calendar, CalendarConfig, PluginConfig

Day = Literal["good-friday", "easter", "easter-monday", "ascension", "whit-sunday", "whit-monday", "corpus-christi"]
AFTER: dict[Day, int] = {
    "good-friday": -2,
    "easter": 0,
    "easter-monday": 1,
    "ascension": 39,
    "whit-sunday": 49,
    "whit-monday": 50,
    "corpus-christi": 60,
}
"""Days after Easter Sunday."""


class EasterConfig(CalendarConfig):
    """`[calendars.NAME]` with `type = "easter"`."""

    days: list[Day] = pydantic.Field(
        ["good-friday", "easter", "easter-monday"], min_length=1, description="Days on which nothing is sent."
    )


class EasterCalendar(Calendar[EasterConfig]):
    """Western Easter, by the Gregorian computus."""

    name: ClassVar[str] = "easter"
    summary: ClassVar[str] = "Days that move with Easter"
    Config: ClassVar[type[PluginConfig]] = EasterConfig

    def closed(self, day: date) -> bool:
        """Whether the day is one of them."""
        after = day.toordinal() - easter(day.year).toordinal()
        return any(AFTER[name] == after for name in self.config.days)


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Easter Sunday, as Meeus, Jones and Butcher calculate it."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
