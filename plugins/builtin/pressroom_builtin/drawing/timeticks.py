"""Ticks of time axes: at round wall-clock times of the plot's zone, written in the reader's locale.

Positions stay moments, so an hour that the clocks repeat or skip takes its true place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pressroom.locales import Locale
from pressroom.timerange import from_ms, localize, to_ms, zone_info

_DAY = 86_400
_STEPS = (
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600,
    _DAY, 2 * _DAY, 4 * _DAY, 7 * _DAY, 14 * _DAY,
)  # fmt: skip
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
_MONTH = 30.44 * _DAY
_WIDTHS = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY, "M": _MONTH}


def time_ticks(
    start: int, end: int, most: int, *, zone: str, locale: Locale, bucket: str = ""
) -> list[tuple[int, str]]:
    """At most some `most` ticks between two epoch times in ms: the moment in ms, and its label.

    Args:
        bucket: width of the data's buckets, such as `1d`; ticks are not finer.
    """
    least = max((end - start) / 1000 / max(1, most), _width(bucket), 0.001)
    for step in _STEPS:
        if step >= least:
            return [(at, _label(at, zone, locale, step)) for at in _walls(start, end, zone, step)]
    for months in _MONTHS:
        if months * _MONTH >= least * 0.98:
            name = "year" if months >= 12 else "month"
            marks = _month_starts(start, end, zone, months)
            return [(at, locale.pattern(from_ms(at), zone, name)) for at in marks]
    return [(start, locale.pattern(from_ms(start), zone, "year"))]


def time_label(at: int, zone: str, locale: Locale, bucket: str) -> str:
    """The label of one bucket's start."""
    width = _width(bucket)
    if width >= 360 * _DAY:
        return locale.pattern(from_ms(at), zone, "year")
    if width >= 28 * _DAY:
        return locale.pattern(from_ms(at), zone, "month")
    return _label(at, zone, locale, int(width) or 60)


def _width(bucket: str) -> float:
    return float(int(bucket[:-1]) * _WIDTHS[bucket[-1]]) if bucket else 0.0


def _label(at: int, zone: str, locale: Locale, step: int) -> str:
    moment = from_ms(at)
    wall = moment.astimezone(zone_info(zone))
    if step >= _DAY or (wall.hour, wall.minute, wall.second) == (0, 0, 0):
        return locale.pattern(moment, zone, "day")
    return locale.pattern(moment, zone, "second" if step < 60 else "time")


def _walls(start: int, end: int, zone: str, step: int) -> Iterator[int]:
    """Multiples of the step on the zone's wall clock; weeks begin on Monday."""
    origin = datetime(1970, 1, 5)  # noqa: DTZ001 - a wall-clock time, and a Monday
    first = from_ms(start).astimezone(zone_info(zone)).replace(tzinfo=None)
    wall = origin + ((first - origin) // timedelta(seconds=step)) * timedelta(seconds=step)
    last = None
    while True:
        at = to_ms(localize(wall, zone))
        wall += timedelta(seconds=step)
        if at > end:
            return
        if at >= start and at != last:
            yield at
            last = at


def _month_starts(start: int, end: int, zone: str, months: int) -> Iterator[int]:
    first = from_ms(start).astimezone(zone_info(zone))
    number = (first.year * 12 + first.month - 1) // months * months
    while number < 12 * 9999:
        at = to_ms(localize(datetime(number // 12, number % 12 + 1, 1), zone))  # noqa: DTZ001 - a wall-clock time
        number += months
        if at > end:
            return
        if at >= start:
            yield at
