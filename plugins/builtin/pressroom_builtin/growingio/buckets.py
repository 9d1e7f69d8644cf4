"""What `startTime`, `endTime` and `interval` mean: the buckets of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pressroom import UsageError, Window
from pressroom.timerange import MAX_BUCKETS, from_ms, to_ms

HOUR = 3_600_000
DAY = 86_400_000
LONGEST = 10**15
"""Of an interval, in ms: some 30,000 years."""
UNITS = {HOUR: "1h", DAY: "1d", 7 * DAY: "1w", 30 * DAY: "1M"}
"""Intervals that are calendar units; 30 days are a calendar month."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Asked:
    """What a client asks for, in ms.

    Attributes:
        start, end: both inclusive; both None for the chart's own range.
        interval: at least 1.
    """

    start: int | None = None
    end: int | None = None
    interval: int = DAY

    def check(self) -> None:
        """See that the three go together.

        Raises:
            UsageError: what is wrong, by the parameters' names.
        """
        if (self.start is None) != (self.end is None):
            there, missing = ("startTime", "endTime") if self.end is None else ("endTime", "startTime")
            raise UsageError(f"{there} without {missing}: give both, or neither for the chart's own range")
        if self.interval < 1:
            raise UsageError(f"interval is {self.interval}; it must be at least 1 millisecond")
        if self.interval > LONGEST:
            raise UsageError(f"interval is {self.interval}; it must be at most {LONGEST} milliseconds")
        for name, value in (("startTime", self.start), ("endTime", self.end)):
            if value is not None and value < 0:
                raise UsageError(f"{name} is {value}; it must be 0 or more, in ms since 1970")
            if value is not None:
                _moment(name, value)
        if self.start is not None and self.end is not None and self.end < self.start:
            raise UsageError(f"endTime {self.end} lies before startTime {self.start}")

    def range(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Both ends in ms, the second inclusive; `start` and `end` (exclusive) are the chart's own range."""
        if self.start is None or self.end is None:
            return to_ms(start), to_ms(end) - 1
        return self.start, self.end

    def window(self, start: datetime, end: datetime, zone: str) -> Window:
        """The buckets whose start lies between the start of the first one and the end, the last one whole.

        Raises:
            UsageError: too many buckets, or a range outside of what can be asked.
        """
        begin, until = self._ends(start, end)
        try:
            if self.interval in UNITS:
                return Window.cut(begin, until, zone, UNITS[self.interval])
            if self._covered(begin, until):
                return Window.single(begin, self._end(begin, until, zone), zone)
            width = timedelta(milliseconds=self.interval)
            return Window(tuple(begin + index * width for index in range(self._count(begin, until) + 1)), zone)
        except ValueError as error:
            raise UsageError(f"interval {self.interval}: {error}") from error

    def whole(self, start: datetime, end: datetime, zone: str) -> Window:
        """The same range as one bucket, without the edges between; raises as `window` does."""
        begin, until = self._ends(start, end)
        try:
            if self.interval in UNITS:
                unit = UNITS[self.interval]
                first, last = Window.cut(begin, begin + _MS, zone, unit), Window.cut(until - _MS, until, zone, unit)
                return Window.single(first.start, last.end, zone)
            if self._covered(begin, until):
                return Window.single(begin, self._end(begin, until, zone), zone)
            width = timedelta(milliseconds=self.interval)
            return Window.single(begin, begin + self._count(begin, until) * width, zone)
        except ValueError as error:
            raise UsageError(f"interval {self.interval}: {error}") from error

    def _ends(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """First moment and the one after the last, where there are not too many buckets between."""
        first, last = self.range(start, end)
        begin, until = _moment("startTime", first), _moment("endTime", last) + _MS
        if (last - first) // self.interval > MAX_BUCKETS:
            raise UsageError(
                f"interval {self.interval}: more than {MAX_BUCKETS} buckets; "
                "ask for a longer interval or a shorter range"
            )
        return begin, until

    def _covered(self, begin: datetime, until: datetime) -> bool:
        return self.interval >= (until - begin) // _MS - 1

    def _end(self, begin: datetime, until: datetime, zone: str) -> datetime:
        """Of the one bucket that covers the range: its last day is whole, as for the usual intervals."""
        if self.interval < DAY:
            return max(begin + timedelta(milliseconds=self.interval), until)
        return Window.cut(until - _MS, until, zone, "1d").end

    def _count(self, begin: datetime, until: datetime) -> int:
        """Buckets of a fixed width."""
        count = ((until - begin) // _MS - 1) // self.interval + 1
        if count > MAX_BUCKETS:
            raise ValueError(f"more than {MAX_BUCKETS} buckets; ask for a longer interval or a shorter range")
        return count


def _moment(name: str, value: int) -> datetime:
    try:
        return from_ms(value)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error
