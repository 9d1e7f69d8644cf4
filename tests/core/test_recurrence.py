"""Schedules against an independent oracle (`whenever`), over every zone, and the plain rules."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
import whenever
from hypothesis import given, settings, strategies as st

from pressroom.models.reports import Report, ReportDashboard, Schedule
from pressroom.recurrence import HORIZON, Recurrence, first_moment

whenever.reset_tzpath(())
# both read the tzdata package, not the machine's own files
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
ODD = ["Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "America/Sao_Paulo", "Europe/Warsaw", "Asia/Kathmandu"]
zones = st.sampled_from(ODD) | st.sampled_from(ZONES)
starts = st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001 - wall-clock times
    lambda wall: wall.replace(microsecond=0)
)


def recurrence(**schedule: Any) -> Recurrence:
    return Recurrence(Schedule.model_validate(schedule))


def moment(wall: datetime, zone: str) -> datetime:
    """The oracle's moment of a wall-clock time."""
    plain = whenever.PlainDateTime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
    return plain.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


def wall_clock(start: datetime, zone: str) -> datetime:
    return whenever.Instant(start).to_tz(zone).to_plain().to_stdlib()


def distinct(moments: list[datetime]) -> list[datetime]:
    """Ascending without repetitions: in a zone that skipped a day two wall times are one moment."""
    kept: list[datetime] = []
    for each in moments:
        if not kept or each > kept[-1]:
            kept.append(each)
    return kept


def first(found: Recurrence, count: int) -> list[datetime]:
    return list(islice(found.between(found.start - timedelta(seconds=1), HORIZON), count))


@given(starts, zones, st.sampled_from([1, 3, 7, 14]), st.integers(0, 3000))
@settings(max_examples=300, deadline=None)
def test_days_are_the_oracles(wall: datetime, zone: str, days: int, skip: int) -> None:
    start = moment(wall, zone)
    found = recurrence(frequency="custom", interval_amount=days, interval_frequency="days", start=start, timezone=zone)
    local = wall_clock(start, zone)
    expected = distinct([moment(local + timedelta(days=days * (skip + count)), zone) for count in range(6)])
    after = expected[0] - timedelta(microseconds=1)
    assert list(islice(found.between(after, HORIZON), len(expected))) == expected


@given(starts, zones, st.sampled_from([1, 2, 5, 12]), st.integers(1, 31) | st.just("last"))
@settings(max_examples=300, deadline=None)
def test_months_are_the_oracles(wall: datetime, zone: str, months: int, day: int | str) -> None:
    start = moment(wall, zone)
    local = wall_clock(start, zone)
    if months == 1:
        found = recurrence(frequency="monthly", day_of_month=str(day), start=start, timezone=zone)
    else:
        found = recurrence(
            frequency="custom", interval_amount=months, interval_frequency="months", start=start, timezone=zone
        )
        day = local.day
    expected: list[datetime] = []
    for index in range(40 * 12 // months):
        year, month = divmod(local.year * 12 + local.month - 1 + index * months, 12)
        length = ((date(year, month + 1, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
        chosen = length if day == "last" else int(day)
        if chosen <= length:
            expected.append(moment(local.replace(year=year, month=month + 1, day=chosen), zone))
    expected = [each for each in distinct(expected) if each >= start][:10]
    assert first(found, len(expected)) == expected


@given(starts, zones, st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_hours_are_elapsed(wall: datetime, zone: str, hours: int) -> None:
    start = moment(wall, zone)
    found = recurrence(
        frequency="custom", interval_amount=hours, interval_frequency="hours", start=start, timezone=zone
    )
    assert first(found, 60) == [start + timedelta(hours=hours * index) for index in range(60)]


KINDS = st.fixed_dictionaries(
    {"frequency": st.sampled_from(["once", "hourly", "daily", "weekly", "monthly", "last"])},
    optional={"workdays_only": st.booleans()},
) | st.fixed_dictionaries(
    {
        "frequency": st.just("custom"),
        "interval_amount": st.integers(1, 20),
        "interval_frequency": st.sampled_from(["hours", "days", "weeks", "months"]),
        "workdays_only": st.booleans(),
    }
)
CRONS = st.sampled_from(
    ["0 9 * * 1-5", "30 2 * * *", "*/20 * * * *", "15 */6 * * *", "0 0 L * *", "0 12 29 2 *", "59 23 31 12 *"]
).map(lambda cron: {"frequency": "cron", "cron": cron})


@given(starts, zones, KINDS | CRONS, st.integers(0, 400 * 86400))
@settings(max_examples=300, deadline=None)
def test_seeking_equals_a_walk_from_the_start(wall: datetime, zone: str, kind: dict[str, Any], seconds: int) -> None:
    start = moment(wall, zone)
    found = recurrence(start=start, timezone=zone, **kind)
    walked = first(found, 50)
    assert walked == sorted(set(walked))
    assert all(each >= start for each in walked)
    if kind.get("workdays_only") and kind["frequency"] in ("hourly", "daily", "custom"):
        assert all(wall_clock(each, zone).isoweekday() <= 5 for each in walked)
    if not walked:
        return
    probe = start + timedelta(seconds=seconds)
    expected = next((each for each in walked if each > probe), None)
    if probe < walked[-1]:
        assert found.next_after(probe) == expected
    for each, following in pairwise(walked):
        assert found.next_after(each) == following
        assert found.next_after(following - timedelta(microseconds=1)) == following


@given(starts, zones, st.integers(0, 23), st.integers(0, 59))
@settings(max_examples=200, deadline=None)
def test_cron_at_a_fixed_hour_fires_once_a_day(wall: datetime, zone: str, hour: int, minute: int) -> None:
    start = moment(wall, zone)
    found = recurrence(frequency="cron", cron=f"{minute} {hour} * * *", start=start, timezone=zone)
    first_day = wall_clock(start, zone).replace(hour=hour, minute=minute, second=0) - timedelta(days=2)
    expected = distinct([moment(first_day + timedelta(days=index), zone) for index in range(12)])
    assert first(found, 5) == [each for each in expected if each >= start][:5]


def test_an_hour_that_comes_twice_fires_twice_by_the_hour_and_once_by_the_clock() -> None:
    start = "2026-10-25T00:30:00+02:00"
    hourly = recurrence(frequency="cron", cron="30 * * * *", start=start, timezone="Europe/Warsaw")
    assert [each.hour for each in first(hourly, 4)] == [22, 23, 0, 1]
    daily = recurrence(frequency="daily", start="2026-10-24T02:30:00+02:00", timezone="Europe/Warsaw")
    assert [each.isoformat() for each in first(daily, 3)] == [
        "2026-10-24T00:30:00+00:00",
        "2026-10-25T00:30:00+00:00",
        "2026-10-26T01:30:00+00:00",
    ]


def test_a_time_in_a_gap_moves_on_by_the_gap() -> None:
    for kind in ({"frequency": "daily"}, {"frequency": "cron", "cron": "30 2 * * *"}):
        found = recurrence(start="2026-03-28T02:30:00+01:00", timezone="Europe/Warsaw", **kind)
        assert [each.isoformat()[:16] for each in first(found, 3)] == [
            "2026-03-28T01:30",
            "2026-03-29T01:30",
            "2026-03-30T00:30",
        ]


@pytest.mark.parametrize(
    "schedule",
    [
        {"frequency": "never"},
        {"frequency": "custom", "interval_amount": 7, "interval_frequency": "days", "workdays_only": True},
        {"frequency": "custom", "interval_amount": 168, "interval_frequency": "hours", "workdays_only": True},
        {"frequency": "once", "end": "2026-11-21T09:00:00Z", "start": "2026-11-21T09:00:01Z", "timezone": "UTC"},
    ],
)
def test_a_schedule_that_can_never_fire_ends(schedule: dict[str, Any]) -> None:
    saturday = {"start": "2026-11-21T09:00:00Z"}
    if schedule["frequency"] == "once":
        with pytest.raises(ValueError, match="end is before start"):
            recurrence(**schedule)
        return
    assert recurrence(**saturday, **schedule).next_after(datetime(2000, 1, 1, tzinfo=UTC)) is None


def test_the_end_is_inclusive() -> None:
    found = recurrence(frequency="daily", start="2026-11-20T09:00:00Z", end="2026-11-22T09:00:00Z")
    assert [each.day for each in first(found, 10)] == [20, 21, 22]


@given(
    start=st.sampled_from(["0001-01-01T00:00:00+14:00", "0001-12-31T23:00:00-14:00", "9999-12-31T23:59:59-12:00"]),
    end=st.sampled_from([None, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]),
    zone=st.sampled_from(["UTC", "Pacific/Kiritimati", "America/Adak"]),
    frequency=st.sampled_from(["once", "hourly", "daily", "weekly", "monthly", "last", "cron"]),
)
def test_zeros_and_nevers_of_other_programs_are_moments_too(
    start: str, end: str | None, zone: str, frequency: str
) -> None:
    cron = "0 9 * * *" if frequency == "cron" else ""
    said = {"frequency": frequency, "start": start, "timezone": zone, "cron": cron} | ({"end": end} if end else {})
    try:
        schedule = Schedule.model_validate(said)
    except ValueError:
        assert end is not None
        return
    now = datetime(2026, 11, 22, tzinfo=UTC)
    found = Recurrence(schedule, start=now)
    over = start.startswith("9999") or (end or "9").startswith("0001") or frequency == "once"
    assert bool(found.upcoming(now, 2)) != over
    assert found.upcoming(datetime.min.replace(tzinfo=UTC), 1) or start.startswith("9999") or end is not None
    assert found.sentence("en")
    first_moment(Report(name="x", dashboards=[ReportDashboard(uid="d")], schedule=schedule), now)


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "0 0 30 2 *", "@daily", "0 0 0 * * *"])
def test_wrong_cron_expressions_are_told(cron: str) -> None:
    with pytest.raises(ValueError, match="cron"):
        recurrence(frequency="cron", cron=cron)


class Holidays:
    def __init__(self, *days: str, moves: bool) -> None:
        self.days = {date.fromisoformat(day) for day in days}
        self.moves = moves

    def closed(self, day: date) -> bool:
        return day in self.days


def test_a_calendar_skips_or_moves_to_the_next_workday() -> None:
    weekly = Schedule.model_validate({"frequency": "weekly", "start": "2026-12-18T09:00:00Z"})
    days = ("2026-12-25", "2026-12-28")
    skipping = Recurrence(weekly, Holidays(*days, moves=False))
    assert [f"{each:%m-%d}" for each in first(skipping, 3)] == ["12-18", "01-01", "01-08"]
    moving = Recurrence(weekly, Holidays(*days, moves=True))
    assert [f"{each:%m-%d}" for each in first(moving, 3)] == ["12-18", "12-29", "01-01"]
    daily = weekly.model_copy(update={"frequency": "daily"})
    onto_another = Recurrence(daily, Holidays(*days, moves=True))
    assert [f"{each:%m-%d}" for each in first(onto_another, 5)][-3:] == ["12-20", "12-21", "12-22"]
    around = list(onto_another.between(datetime(2026, 12, 24, 12, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC)))
    assert [f"{each:%m-%d}" for each in around] == ["12-26", "12-27", "12-29"]
    closed = Recurrence(daily, Closed())
    assert closed.next_after(datetime(2026, 12, 24, tzinfo=UTC)) is None


class Closed:
    moves = True

    def closed(self, day: date) -> bool:
        return True
