"""Time zones: moments, wall-clock times and offsets.

Time-zone data comes from the `tzdata` package, so that every machine cuts alike.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

zoneinfo.reset_tzpath(())

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (1900, 2300)
"""First and last year that can be reckoned with."""


@lru_cache(maxsize=1024)
def zone_info(name: str) -> zoneinfo.ZoneInfo:
    """The zone of an IANA name.

    Raises:
        ValueError: there is none.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone; write one such as Europe/Warsaw or UTC") from error


def check_zone(name: str) -> str:
    """The name, where it is an IANA zone; ValueError otherwise."""
    zone_info(name)
    return name


def from_ms(milliseconds: int) -> datetime:
    """A moment from epoch milliseconds; ValueError outside of the years 1900 to 2300."""
    try:
        return sane(EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError as error:
        raise ValueError(f"{milliseconds} is no moment in milliseconds between the years 1900 and 2300") from error


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware moment, exactly."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def sane(moment: datetime) -> datetime:
    """The moment, where it lies in YEARS; ValueError otherwise."""
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"{moment.isoformat()} lies outside of the years 1900 to 2300")
    return moment


def localize(wall: datetime, zone: str) -> datetime:
    """The UTC moment of a wall-clock time: in a gap it moves on by the gap, in a fold it is the first."""
    return wall.replace(tzinfo=zone_info(zone), fold=0).astimezone(UTC)


@dataclass(frozen=True)
class OffsetPeriod:
    """A stretch of a zone's time with one offset from UTC: [start, end) in epoch ms, offset in ms."""

    start: int
    end: int
    offset: int


def offset_periods(start: datetime, end: datetime, zone: str) -> Iterator[OffsetPeriod]:
    """The stretches of [start, end) with one offset each, ascending and without gaps."""
    changes = [
        change for year in range(start.year, end.year + 1) for change in _changes(zone, year) if start < change < end
    ]
    marks = [start, *changes, end]
    for begin, finish in pairwise(marks):
        if begin < finish:
            yield OffsetPeriod(to_ms(begin), to_ms(finish), _offset_ms(begin, zone))


def wall_offsets(start: datetime, end: datetime, zone: str) -> tuple[tuple[int, int], ...]:
    """How naive times of a zone become moments, for the walls met in [start, end).

    Returns:
        Pairs (from, offset), ascending: a wall-clock time of `from` ms or later (read as if it were UTC) is
        the moment `wall - offset`, up to the next pair. As with `localize`, a time in a gap moves on by
        the gap, one in a fold is the first.
    """
    # a day on both sides: a wall-clock time is up to 14 hours off its moment
    periods = list(offset_periods(start - timedelta(days=2), end + timedelta(days=2), zone))
    pairs = [(periods[0].start + periods[0].offset, periods[0].offset)]
    for before, after in pairwise(periods):
        pairs.append((after.start + max(before.offset, after.offset), after.offset))
    return tuple(pairs)


def _offset_ms(moment: datetime, zone: str) -> int:
    return (moment.astimezone(zone_info(zone)).utcoffset() or timedelta()) // timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[datetime, ...]:
    """The moments of a year at which a zone's offset changes, by bisection to the second."""
    here, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    changes: list[datetime] = []
    while here < end:
        there = min(here + timedelta(days=1), end)
        offset = _offset_ms(here, zone)
        if _offset_ms(there, zone) != offset:
            low, high = here, there
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset_ms(middle, zone) == offset else (low, middle)
            changes.append(high)
        here = there
    return tuple(changes)
