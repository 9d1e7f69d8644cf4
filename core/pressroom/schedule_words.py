"""A schedule as a sentence for people: `every Monday at 09:00, Europe/Warsaw`."""

from __future__ import annotations

from datetime import MINYEAR, datetime

from pressroom.locales import Locale
from pressroom.models.reports import Schedule
from pressroom.recurrence import HORIZON
from pressroom.timerange import zone_info

_UNITS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "last": "month"}


def sentence(schedule: Schedule, start: datetime, locale: str) -> str:
    """What a schedule does, in the locale.

    Args:
        start: what it repeats from; the schedule's own, else the moment of its creation.
        locale: BCP 47 tag; English words where the catalogue has none.
    """
    words = Locale.of(locale)
    if schedule.frequency == "never":
        return words.word("schedule_never")
    parts = [_when(schedule, start, words)]
    if schedule.workdays_only and schedule.frequency in ("hourly", "daily", "custom"):
        parts.append(words.word("schedule_workdays"))
    if schedule.calendar:
        parts.append(words.word("schedule_calendar", calendar=schedule.calendar))
    # beyond, it is some programs' "never"
    if schedule.end is not None and MINYEAR < schedule.end.year < HORIZON.year:
        parts.append(words.word("schedule_until", moment=words.moment(schedule.end, schedule.timezone)))
    return words.word("schedule_comma").join([*parts, schedule.timezone])


def _when(schedule: Schedule, start: datetime, words: Locale) -> str:
    zone = schedule.timezone
    wall = start.astimezone(zone_info(zone))
    told = {
        "time": words.pattern(start, zone, "time"),
        "weekday": words.weekday(wall.weekday()),
        "day": str(wall.day),
        "moment": words.moment(start, zone),
    }
    match schedule.frequency:
        case "once":
            return words.word("schedule_once", **told)
        case "cron":
            return words.word("schedule_cron", cron=schedule.cron)
    unit, count = _UNITS.get(schedule.frequency, ""), 1
    if schedule.frequency == "custom":
        unit, count = schedule.interval_frequency.removesuffix("s"), schedule.interval_amount
    elif unit == "month":
        told["day"] = schedule.day_of_month or told["day"]
        if schedule.frequency == "last" or told["day"] == "last":
            return words.word("every_month_end", **told)
    return words.word(f"every_{unit}" if count == 1 else f"every_{unit}s", **told, count=count)
