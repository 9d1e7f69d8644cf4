"""Ranges, buckets and offsets, against the `whenever` library's own time-zone arithmetic."""

from __future__ import annotations

import time
import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import whenever
from hypothesis import given, settings, strategies as st
from whenever import Instant, PlainDateTime, ZonedDateTime

from pressroom.timerange import TimeRange, Window, from_ms, localize, resolve_moment, to_ms, wall_offsets

# the same edition of the time-zone database as ours: the `tzdata` package
whenever.reset_tzpath(())
whenever.clear_tzcache()

HARD = [
    "UTC",
    "Europe/Warsaw",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Casablanca",
    "America/Asuncion",
    "Antarctica/Troll",
]
zones = st.sampled_from(HARD) | st.sampled_from(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}))
moments = st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2060-01-01")).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def in_zone(milliseconds: int, zone: str) -> ZonedDateTime:
    return Instant.from_timestamp(milliseconds, unit="millisecond").to_tz(zone)


def offset_ms(milliseconds: int, zone: str) -> int:
    return round(in_zone(milliseconds, zone).offset.total("seconds") * 1000)


@settings(deadline=None)
@given(zone=zones, start=moments, days=st.integers(1, 900), interval=st.sampled_from(["1d", "1w", "1M", "3d", "2M"]))
def test_days_weeks_and_months_begin_at_the_zones_midnight(
    zone: str, start: datetime, days: int, interval: str
) -> None:
    window = Window.cut(start, start + timedelta(days=days), zone, interval)
    assert window.edges[0] <= start < window.edges[1]
    assert window.edges[-2] < start + timedelta(days=days) <= window.edges[-1]
    assert all(one < other for one, other in pairwise(window.edges))
    for edge in window.edges:
        local = in_zone(to_ms(edge), zone)
        # where midnight does not exist, the day begins with its first moment
        assert local == local.start_of("day")
        skipped = local.hour != 0 or zone in {"Pacific/Apia", "Pacific/Kwajalein", "Kwajalein"}
        assert skipped or interval != "1w" or edge.astimezone(zoneinfo.ZoneInfo(zone)).weekday() == 0
        assert skipped or not interval.endswith("M") or local.day == 1


@settings(deadline=None)
@given(zone=zones, start=moments, hours=st.integers(1, 500), interval=st.sampled_from(["1h", "5m", "30s", "6h"]))
def test_hours_and_less_are_elapsed_time(zone: str, start: datetime, hours: int, interval: str) -> None:
    width = timedelta(seconds=int(interval[:-1]) * {"s": 1, "m": 60, "h": 3600}[interval[-1]])
    window = Window.cut(start, start + timedelta(hours=hours), zone, interval)
    assert window.edges[0] <= start < window.edges[1]
    assert {other - one for one, other in pairwise(window.edges)} == {width}
    local = to_ms(window.edges[0]) + offset_ms(to_ms(start), zone)
    assert local % (width // timedelta(milliseconds=1)) == 0


@settings(deadline=None)
@given(zone=zones, start=moments, days=st.integers(1, 4000), picks=st.lists(st.floats(0, 1), min_size=5, max_size=30))
def test_offset_periods_are_the_zones_offsets(zone: str, start: datetime, days: int, picks: list[float]) -> None:
    window = Window.single(start, start + timedelta(days=days), zone)
    periods = window.offset_periods()
    assert (periods[0].start, periods[-1].end) == (to_ms(window.start), to_ms(window.end))
    for one, other in pairwise(periods):
        assert one.end == other.start
        assert one.offset != other.offset
    marks = [period.start for period in periods] + [period.end - 1 for period in periods]
    marks += [round(periods[0].start + pick * (periods[-1].end - 1 - periods[0].start)) for pick in picks]
    for mark in marks:
        assert next(p.offset for p in periods if p.start <= mark < p.end) == offset_ms(mark, zone)


@settings(deadline=None)
@given(zone=zones, wall=st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2060-01-01")))
def test_wall_offsets_make_moments_as_whenever_does(zone: str, wall: datetime) -> None:
    wall = wall.replace(microsecond=wall.microsecond // 1000 * 1000)
    raw = to_ms(wall.replace(tzinfo=UTC))
    pairs = wall_offsets(from_ms(raw), from_ms(raw + 1), zone)
    offset = next(offset for begin, offset in reversed(pairs) if begin <= raw)
    plain = PlainDateTime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
    right = plain.assume_tz(zone).timestamp(unit="millisecond") + wall.microsecond // 1000
    assert raw - offset == to_ms(localize(wall, zone)) == right


def test_apias_missing_day_is_no_bucket() -> None:
    start, end = datetime(2011, 12, 28, 10, tzinfo=UTC), datetime(2012, 1, 1, 10, tzinfo=UTC)
    window = Window.cut(start, end, "Pacific/Apia", "1d")
    days = [edge.astimezone(zoneinfo.ZoneInfo("Pacific/Apia")).day for edge in window.buckets]
    assert days == [28, 29, 31, 1]


def test_two_centuries_of_offsets_are_cheap() -> None:
    window = Window.single(datetime(1901, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), "Europe/Warsaw")
    window.offset_periods()
    began = time.process_time()
    for _ in range(20):
        assert len(window.offset_periods()) > 150
    assert time.process_time() - began < 5


@pytest.mark.parametrize("columns", [1, 6, 12, 24])
@pytest.mark.parametrize("hours", [1, 5, 24, 24 * 7, 24 * 31, 24 * 400])
def test_fit_gives_at_most_thirty_buckets_a_column(columns: int, hours: int) -> None:
    start = datetime(2013, 1, 1, 0, 7, 13, tzinfo=UTC)
    window = Window.fit(start, start + timedelta(hours=hours), "Europe/Warsaw", columns)
    assert len(window.buckets) <= 30 * columns


@pytest.mark.parametrize(
    ("text", "zone", "end", "right"),
    [
        ("now", "UTC", False, "2013-11-03T06:30:00+00:00"),
        ("now-7d/d", "America/New_York", False, "2013-10-27T04:00:00+00:00"),
        ("now/d", "America/New_York", True, "2013-11-04T05:00:00+00:00"),
        ("now/h", "America/New_York", False, "2013-11-03T06:00:00+00:00"),
        ("now/h", "America/New_York", True, "2013-11-03T07:00:00+00:00"),
        ("now/w", "Europe/Warsaw", False, "2013-10-27T23:00:00+00:00"),
        ("now-1M/M", "UTC", False, "2013-10-01T00:00:00+00:00"),
        ("now/Q", "UTC", True, "2014-01-01T00:00:00+00:00"),
        ("now-1y/y", "UTC", False, "2012-01-01T00:00:00+00:00"),
        ("now+1d-6h", "UTC", False, "2013-11-04T00:30:00+00:00"),
        ("2013-01-01", "Asia/Shanghai", False, "2012-12-31T16:00:00+00:00"),
        ("1356998400000", "Asia/Shanghai", False, "2013-01-01T00:00:00+00:00"),
        ("2013-01-01T00:00:00+02:00", "UTC", False, "2012-12-31T22:00:00+00:00"),
        ("2013-03-10T02:30", "America/New_York", False, "2013-03-10T07:30:00+00:00"),
    ],
)
def test_moments(text: str, zone: str, end: bool, right: str) -> None:
    now = datetime(2013, 11, 3, 6, 30, tzinfo=UTC)
    assert resolve_moment(text, now=now, zone=zone, end=end) == datetime.fromisoformat(right)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "now-",
        "now-7x",
        "now-999999y",
        "now" + "+999999d" * 10,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-14:00",
        "99999999999999999",
        "9" * 16,
        "now-1d/d/d",
        "2013-13-01",
        "\x00",
    ],
)
def test_what_is_no_moment_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        resolve_moment(text, now=datetime(2013, 1, 1, tzinfo=UTC), zone="Europe/Warsaw")


@given(text=st.text(max_size=30) | st.from_regex(r"now([+-][0-9]{1,6}[smhdwMQy]){0,4}(/[smhdwMQy])?", fullmatch=True))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    try:
        moment = resolve_moment(text, now=datetime(2013, 1, 1, tzinfo=UTC), zone="Pacific/Apia", end=True)
    except ValueError:
        return
    assert moment.tzinfo is UTC


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="is empty"):
        TimeRange(**{"from": "now", "to": "now-1d"}).resolve(now=datetime(2013, 1, 1, tzinfo=UTC), zone="UTC")


def test_too_many_buckets_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="longer interval"):
        Window.cut(datetime(1950, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC), "UTC", "1s")
