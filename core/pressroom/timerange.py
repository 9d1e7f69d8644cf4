"""Time ranges and buckets: from `now-7d/d` to the edges that a query is cut at.

Everything inside is an aware datetime in UTC; a zone appears only where a range is resolved or cut.
Plugins find what they may use of `pressroom.zones` here as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pydantic

from pressroom.zones import (
    EPOCH,
    YEARS,
    OffsetPeriod,
    check_zone,
    from_ms,
    localize,
    offset_periods,
    sane,
    to_ms,
    wall_offsets,
    zone_info,
)

__all__ = [
    "BUCKETS_PER_COLUMN",
    "MAX_BUCKETS",
    "AwareTime",
    "OffsetPeriod",
    "TimeRange",
    "Window",
    "check_interval",
    "check_zone",
    "from_ms",
    "localize",
    "offset_periods",
    "resolve_moment",
    "to_ms",
    "wall_offsets",
    "zone_info",
]

MAX_BUCKETS = 100_000
"""A window with more buckets is refused."""
BUCKETS_PER_COLUMN = 30
"""Where no interval is asked for, at most this many buckets a grid column."""
_WIDTHS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_INTERVAL = re.compile(r"^([1-9][0-9]{0,5})([smhdwM])$")
_AUTOMATIC = ("1m", "5m", "15m", "1h", "1d", "1w", "1M")
_RELATIVE = re.compile(r"^now((?:[+-][0-9]{1,6}[smhdwMQy])*)(/[smhdwMQy])?$")
_TERM = re.compile(r"([+-])([0-9]{1,6})([smhdwMQy])")


def check_interval(text: str) -> str:
    """The interval, where it is one such as `15m`, `1d`, `1M`; ValueError otherwise."""
    if not _INTERVAL.match(text):
        raise ValueError(f"{text!r} is no interval; write a number and one of s m h d w M, such as 1h or 1d")
    return text


def resolve_moment(text: str, *, now: datetime, zone: str, end: bool = False) -> datetime:
    """The moment of one end of a range.

    Args:
        text: `now-7d/d`, epoch milliseconds, a date, or an ISO 8601 date-time; without an offset it is in `zone`.
        now: what `now` means.
        zone: IANA zone in which days, weeks, months begin.
        end: round `/d` up to the end of the unit rather than down to its start.

    Raises:
        ValueError: the text is none of these.
    """
    text = text.strip()
    try:
        relative = _RELATIVE.match(text)
        if relative:
            moment = _relative(relative.group(1), now, zone)
            return sane(_round(moment, relative.group(2)[1], zone, end) if relative.group(2) else moment)
        if re.fullmatch(r"-?[0-9]{9,16}", text):
            return from_ms(int(text))
        return sane(_absolute(text, zone))
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside of the years 1900 to 2300") from error


def rfc3339(moment: datetime, zone: str) -> str:
    """A moment with a zone's offset; in UTC where that has seconds, which RFC 3339 cannot say."""
    local = moment.astimezone(zone_info(zone))
    offset = local.utcoffset()
    return (moment if offset is None or offset % timedelta(minutes=1) else local).isoformat()


def _absolute(text: str, zone: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no moment; write a date, an ISO date-time, epoch milliseconds, or now-7d/d"
        ) from error
    return localize(parsed, zone) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _relative(terms: str, now: datetime, zone: str) -> datetime:
    """Now, moved term by term: by elapsed time for hours and less, on the calendar for days and more."""
    moment = now.astimezone(UTC)
    for sign, amount, unit in _TERM.findall(terms):
        count = int(amount) * (1 if sign == "+" else -1)
        if unit in "smh":
            moment += timedelta(seconds=count * _WIDTHS[unit])
        else:
            wall = moment.astimezone(zone_info(zone)).replace(tzinfo=None)
            moment = localize(_shift(wall, count, unit), zone)
        sane(moment)
    return moment


def _round(moment: datetime, unit: str, zone: str, up: bool) -> datetime:
    wall = moment.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0)
    floor = _floor(wall, unit)
    if unit in "smh":
        # by elapsed time: in the second pass of a fold the hour began in the second pass
        return moment - (wall - floor) + (timedelta(seconds=_WIDTHS[unit]) if up else timedelta())
    return localize(_shift(floor, 1, unit) if up else floor, zone)


def _shift(wall: datetime, count: int, unit: str) -> datetime:
    if unit in "smhdw":
        return wall + timedelta(seconds=count * _WIDTHS[unit])
    months = count * {"M": 1, "Q": 3, "y": 12}[unit] + wall.year * 12 + wall.month - 1
    year, month = divmod(months, 12)
    if not YEARS[0] <= year <= YEARS[1]:
        raise ValueError(f"{count}{unit} leads outside of the years 1900 to 2300")
    for day in (wall.day, 30, 29, 28):
        try:
            return wall.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _floor(wall: datetime, unit: str) -> datetime:
    if unit == "s":
        return wall.replace(microsecond=0)
    if unit == "m":
        return wall.replace(second=0, microsecond=0)
    if unit == "h":
        return wall.replace(minute=0, second=0, microsecond=0)
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "w":
        return day - timedelta(days=day.weekday())
    if unit == "M":
        return day.replace(day=1)
    if unit == "Q":
        return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
    return day.replace(day=1, month=1) if unit == "y" else day


class TimeRange(pydantic.BaseModel):
    """A range as written: `from` (inclusive) and `to` (exclusive), each absolute, in ms, or relative."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    start: str = pydantic.Field(alias="from")
    end: str = pydantic.Field(alias="to")

    @pydantic.field_validator("start", "end", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        return str(value) if isinstance(value, int) else value

    @pydantic.field_validator("start", "end")
    @classmethod
    def _readable(cls, value: str) -> str:
        resolve_moment(value, now=datetime(2000, 1, 1, tzinfo=UTC), zone="UTC")
        return value

    def resolve(self, *, now: datetime, zone: str) -> tuple[datetime, datetime]:
        """Both moments in UTC.

        Raises:
            ValueError: the end is not after the start.
        """
        start = resolve_moment(self.start, now=now, zone=zone)
        end = resolve_moment(self.end, now=now, zone=zone, end=True)
        if end <= start:
            raise ValueError(f"the range {self.start} to {self.end} is empty: {start} is not before {end}")
        return start, end


def _aware(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("must be a date-time such as 2026-11-23T09:00:00+01:00, not a number")
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise ValueError("needs an offset, such as 2026-11-23T09:00:00+01:00 or ...Z")
    return moment


AwareTime = Annotated[datetime, pydantic.BeforeValidator(_aware)]
"""A date-time that says its offset."""


@dataclass(frozen=True)
class Window:
    """A resolved time range, cut into buckets.

    Attributes:
        edges: [e0 ... en), aware UTC, ascending; bucket i is [edges[i], edges[i+1]).
        zone: IANA zone that days, weeks and months begin in.
        interval: width of a bucket, such as `1d`; empty for one bucket over the range.
    """

    edges: tuple[datetime, ...]
    zone: str = "UTC"
    interval: str = ""

    def __repr__(self) -> str:
        return f"Window({self.start.isoformat()}, {self.end.isoformat()}, {self.zone}, {self.interval or 'whole'})"

    @property
    def start(self) -> datetime:
        """e0."""
        return self.edges[0]

    @property
    def end(self) -> datetime:
        """en, exclusive."""
        return self.edges[-1]

    @property
    def buckets(self) -> tuple[datetime, ...]:
        """The start of every bucket."""
        return self.edges[:-1]

    def bucket_of(self, moment: datetime) -> datetime | None:
        """The start of the bucket that holds the moment; None outside of the window."""
        if not self.start <= moment < self.end:
            return None
        return self.edges[bisect_right(self.edges, moment) - 1]

    def whole(self) -> Window:
        """The same range as one bucket."""
        return Window((self.start, self.end), self.zone)

    @classmethod
    def single(cls, start: datetime, end: datetime, zone: str = "UTC") -> Window:
        """One bucket over [start, end)."""
        return cls((start.astimezone(UTC), end.astimezone(UTC)), zone)

    @classmethod
    def cut(cls, start: datetime, end: datetime, zone: str, interval: str) -> Window:
        """Buckets of an interval over [start, end).

        The first bucket is the one that holds `start` (so e0 may lie before it), the last one is whole.
        Days, weeks (from Monday) and months begin at the zone's midnight; hours and less count elapsed
        time from the zone's midnight offset, so every hour of a change of clocks is a bucket of its own.

        Raises:
            ValueError: no interval, or more than MAX_BUCKETS buckets.
        """
        edges: list[datetime] = []
        for edge in _edges(start, end, zone, check_interval(interval)):
            edges.append(edge)
            if len(edges) > MAX_BUCKETS + 1:
                raise ValueError(f"more than {MAX_BUCKETS} buckets of {interval}; ask for a longer interval")
        return cls(tuple(edges), zone, interval)

    @classmethod
    def fit(cls, start: datetime, end: datetime, zone: str, columns: int) -> Window:
        """Buckets of the smallest usual interval that gives at most 30 a grid column."""
        most = BUCKETS_PER_COLUMN * columns
        seconds = (end - start).total_seconds()
        for interval in _AUTOMATIC[:-1]:
            amount, unit = int(interval[:-1]), interval[-1]
            if seconds / (amount * _WIDTHS[unit]) <= most:
                window = cls.cut(start, end, zone, interval)
                # the first and the last bucket may reach beyond the range
                if len(window.buckets) <= most:
                    return window
        return cls.cut(start, end, zone, "1M")

    def offset_periods(self) -> tuple[OffsetPeriod, ...]:
        """The zone's offsets inside the window, ascending and without gaps."""
        return tuple(offset_periods(self.start, self.end, self.zone))


def _edges(start: datetime, end: datetime, zone: str, interval: str) -> Iterator[datetime]:
    matched = _INTERVAL.match(interval)
    assert matched is not None
    amount, unit = int(matched.group(1)), matched.group(2)
    if unit in "smh":
        yield from _elapsed_edges(start, end, zone, timedelta(seconds=amount * _WIDTHS[unit]))
        return
    wall = _floor(start.astimezone(zone_info(zone)).replace(tzinfo=None), unit)
    index, last = 0, None
    while True:
        edge = localize(_shift(wall, index * amount, unit), zone)
        index += 1
        if last is None or edge > last:
            yield edge
            last = edge
            if edge >= end:
                return


def _elapsed_edges(start: datetime, end: datetime, zone: str, width: timedelta) -> Iterator[datetime]:
    offset = start.astimezone(zone_info(zone)).utcoffset() or timedelta()
    local = start.astimezone(UTC) + offset - EPOCH
    edge = EPOCH + (local // width) * width - offset
    yield edge
    while edge < end:
        edge += width
        yield edge
