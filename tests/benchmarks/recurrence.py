"""`next_after` from a start ten years back: ours beside dateutil's rrule and croniter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pressroom.models.reports import Schedule
from pressroom.recurrence import Recurrence

START = datetime(2016, 11, 21, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
ZONE = "Europe/Warsaw"
SECONDS = 1.0


def per_second(call: Callable[[datetime], object]) -> float:
    """Calls a second of CPU time, each from another moment."""
    done, before = 0, time.process_time()
    while (taken := time.process_time() - before) < SECONDS:
        for number in range(10 if done == 0 else 200):
            call(NOW + timedelta(minutes=done + number))
            if time.process_time() - before > 3 * SECONDS:
                break
        done += number + 1
    return done / taken


def ours(frequency: str) -> float:
    """Of this project."""
    schedule = Schedule.model_validate({"frequency": frequency, "start": START.isoformat(), "timezone": ZONE})
    return per_second(Recurrence(schedule, start=START).next_after)


def rrule(frequency: int) -> float:
    """Of dateutil, in the zone, as its users write it."""
    from dateutil import rrule as library

    rule = library.rrule(frequency, dtstart=START.astimezone(ZoneInfo(ZONE)))
    return per_second(rule.after)


def cron(expression: str) -> float:
    """Of croniter."""
    from croniter import croniter

    zone = ZoneInfo(ZONE)
    return per_second(lambda moment: croniter(expression, moment.astimezone(zone)).get_next(datetime))


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    from dateutil.rrule import DAILY, HOURLY, MONTHLY

    rows = [
        (f"next_after, {frequency}, start ten years back, a second (50,000)", f"{ours(frequency):,.0f}")
        for frequency in ("hourly", "daily", "weekly", "monthly")
    ]
    rows += [
        (f"  dateutil's rrule, {name}", f"{rrule(frequency):,.0f}")
        for name, frequency in (("hourly", HOURLY), ("daily", DAILY), ("monthly", MONTHLY))
    ]
    rows += [
        (f"  croniter, {name}", f"{cron(expression):,.0f}")
        for name, expression in (("hourly", "0 * * * *"), ("daily", "0 9 * * *"), ("monthly", "0 9 21 * *"))
    ]
    return rows


if __name__ == "__main__":
    for what, figure in main():
        print(f"{what:62} {figure}")
