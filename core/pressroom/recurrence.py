"""When a schedule fires: the next moment after any other, in constant time, over changes of clocks.

The meaning of each frequency is the reporting API's (see the page on schedules): everything repeats from
the start, in the schedule's zone. Wall-clock kinds keep their local time: a time in a gap moves on by the
gap, a time that comes twice fires the first time only. Hours are elapsed hours. A kind is a small class
that counts its own candidates; workdays, calendar, start and end are the same for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MINYEAR, UTC, date, datetime, timedelta
from functools import cached_property
from typing import Protocol

from pressroom.models.reports import Report, Schedule
from pressroom.timerange import from_ms, localize, offset_periods, zone_info

HORIZON = datetime(2300, 1, 1, tzinfo=UTC)
"""Nothing fires after it; a schedule that can never fire ends here rather than in a loop."""
MOST_SKIPPED = 1000
"""Candidates in a row that workdays or a calendar may rule out before a schedule counts as ended."""
LONGEST_MOVE = 31
"""Days by which a calendar moves an occurrence at most."""
EVERY_HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


class Closures(Protocol):
    """What a schedule asks of a `pressroom.calendars.Calendar`."""

    @property
    def moves(self) -> bool:
        """True to send on the next workday instead, False to skip."""

    def closed(self, day: date) -> bool:
        """Whether nothing is sent on that day."""


class Candidates(ABC):
    """The moments of one kind of schedule, before workdays, calendar and end: an ascending list by index."""

    @abstractmethod
    def at(self, index: int) -> datetime | None:
        """The candidate of that index in UTC; None where that one does not exist (30 February)."""

    @abstractmethod
    def index_near(self, moment: datetime) -> int:
        """An index at or below that of the first candidate after the moment, by no more than a few; at least 0."""


class Once(Candidates):
    """One moment."""

    def __init__(self, start: datetime) -> None:
        self._start = start

    def at(self, index: int) -> datetime | None:
        """The start; then nothing, up to the horizon."""
        return self._start if index == 0 else HORIZON

    def index_near(self, moment: datetime) -> int:
        """Before or after it."""
        return 0


class Elapsed(Candidates):
    """Every so many elapsed hours."""

    def __init__(self, start: datetime, width: timedelta) -> None:
        self._start, self._width = start, width

    def at(self, index: int) -> datetime | None:
        """The start and so many widths."""
        return self._start + index * self._width

    def index_near(self, moment: datetime) -> int:
        """By division."""
        return max(0, (moment - self._start) // self._width)


class Days(Candidates):
    """Every so many days at the start's local time of day."""

    def __init__(self, start: datetime, zone: str, days: int) -> None:
        self._zone, self._days = zone, days
        self._wall = start.astimezone(zone_info(zone)).replace(tzinfo=None)

    def at(self, index: int) -> datetime | None:
        """The wall time so many days on."""
        return localize(self._wall + timedelta(days=index * self._days), self._zone)

    def index_near(self, moment: datetime) -> int:
        """By division; two days of room for gaps and for zones that skipped a day."""
        wall = moment.astimezone(zone_info(self._zone)).replace(tzinfo=None)
        return max(0, ((wall - self._wall) - timedelta(days=2)) // timedelta(days=self._days))


class Months(Candidates):
    """Every so many months on one day; months that lack the day are left out, `day` 0 is the last one."""

    def __init__(self, start: datetime, zone: str, months: int, day: int) -> None:
        self._zone, self._months, self._day = zone, months, day
        self._wall = start.astimezone(zone_info(zone)).replace(tzinfo=None)

    def at(self, index: int) -> datetime | None:
        """The day of the month so many months on."""
        year, month = divmod(self._wall.year * 12 + self._wall.month - 1 + index * self._months, 12)
        if year >= HORIZON.year:
            return HORIZON
        first = self._wall.replace(year=year, month=month + 1, day=1)
        length = ((first + timedelta(days=32)).replace(day=1) - first).days
        day = self._day or length
        return localize(first.replace(day=day), self._zone) if day <= length else None

    def index_near(self, moment: datetime) -> int:
        """By division; a month of room."""
        wall = moment.astimezone(zone_info(self._zone)).replace(tzinfo=None)
        months = (wall.year - self._wall.year) * 12 + wall.month - self._wall.month
        return max(0, (months - 1) // self._months)


class Recurrence:
    """A schedule's moments.

    Args:
        schedule: complete; `never` has no moments.
        calendar: its days are left out, or moved.
        start: where the schedule names none: the moment of its creation.

    Raises:
        ValueError: a cron expression that cannot be read; names what is wrong.
    """

    def __init__(self, schedule: Schedule, calendar: Closures | None = None, start: datetime | None = None) -> None:
        begins = schedule.start or start or datetime(1970, 1, 1, tzinfo=UTC)
        if begins.year == MINYEAR:
            # some programs' zero; a cycle of the calendar later there is room for the days before it
            begins = begins.replace(year=begins.year + 400)
        self.schedule = schedule
        self.start = min(begins, HORIZON).astimezone(UTC)
        self.end = min(schedule.end, HORIZON) if schedule.end else HORIZON
        self._calendar = calendar
        self._workdays = schedule.workdays_only and schedule.frequency in ("hourly", "daily", "custom")
        self._cron = CronMoments(schedule.cron, schedule.timezone) if schedule.frequency == "cron" else None

    @cached_property
    def _candidates(self) -> Candidates:
        schedule, start, zone = self.schedule, self.start, self.schedule.timezone
        day = start.astimezone(zone_info(zone)).day
        chosen = schedule.day_of_month
        match schedule.frequency, schedule.interval_frequency:
            case "hourly", _:
                return Elapsed(start, EVERY_HOUR)
            case "daily", _:
                return Days(start, zone, 1)
            case "weekly", _:
                return Days(start, zone, 7)
            case ("last", _):
                return Months(start, zone, 1, 0)
            case "monthly", _:
                return Months(start, zone, 1, 0 if chosen == "last" else int(chosen or day))
            case "custom", "hours":
                return Elapsed(start, schedule.interval_amount * EVERY_HOUR)
            case "custom", "days":
                return Days(start, zone, schedule.interval_amount)
            case "custom", "weeks":
                return Days(start, zone, 7 * schedule.interval_amount)
            case "custom", "months":
                return Months(start, zone, schedule.interval_amount, day)
        return Once(start)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first occurrence strictly after the moment; None where there is none up to the end.

        Args:
            moment: aware.
        """
        if self.schedule.frequency == "never":
            return None
        # nothing comes before the start, and there are moments so early that nothing can be worked out of them
        moment = max(moment, self.start - INSTANT).astimezone(UTC)
        if self._calendar is None:
            found = next(self._following(moment), None)
        else:
            found = self._next_open(moment, self._calendar)
        return found if found is not None and found <= self.end and found < HORIZON else None

    def sentence(self, locale: str) -> str:
        """The schedule in words: `every Monday at 09:00, Europe/Warsaw`; see `pressroom.schedule_words`."""
        from pressroom.schedule_words import sentence

        return sentence(self.schedule, self.start, locale)

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The occurrences in (start, end], ascending."""
        found = self.next_after(start)
        while found is not None and found <= end:
            yield found
            found = self.next_after(found)

    def upcoming(self, start: datetime, count: int) -> list[datetime]:
        """The first occurrences at or after a moment, ascending; fewer where the schedule ends."""
        found = self.next_after(max(start, self.start) - INSTANT)
        moments: list[datetime] = []
        while found is not None and len(moments) < count:
            moments.append(found)
            found = self.next_after(found)
        return moments

    def _following(self, moment: datetime) -> Iterator[datetime]:
        """Occurrences strictly after the moment, by workdays but not by the calendar."""
        skipped = 0
        for found in self._moments(moment):
            if found >= HORIZON or found > self.end or skipped > MOST_SKIPPED:
                return
            if self._workdays and self._local(found).isoweekday() > 5:
                skipped += 1
                continue
            skipped = 0
            yield found

    def _moments(self, moment: datetime) -> Iterator[datetime]:
        if self._cron is not None:
            yield from self._cron.after(max(moment, self.start - timedelta(seconds=1)))
            return
        candidates = self._candidates
        if isinstance(candidates, Elapsed) and self._workdays:
            yield from self._hours_of_workdays(candidates, moment)
            return
        index, last = candidates.index_near(moment), max(moment, self.start - INSTANT)
        while True:
            found = candidates.at(index)
            index += 1
            if found is not None and found > last:
                # a zone that skipped a day maps two wall times to one moment
                yield found
                last = found

    def _hours_of_workdays(self, candidates: Elapsed, moment: datetime) -> Iterator[datetime]:
        """Hours, jumping over each week-end at once."""
        first = max(moment, self.start - INSTANT)
        index = candidates.index_near(first)
        while (found := candidates.at(index)) is not None and found < HORIZON:
            day = self._local(found)
            if day.isoweekday() > 5:
                monday = datetime.combine(day + timedelta(days=8 - day.isoweekday()), datetime.min.time())
                index = max(index + 1, candidates.index_near(localize(monday, self.schedule.timezone)))
                continue
            index += 1
            if found > first:
                yield found

    def _next_open(self, moment: datetime, calendar: Closures) -> datetime | None:
        if not calendar.moves:
            for count, found in enumerate(self._following(moment)):
                if not calendar.closed(self._local(found)):
                    return found
                if count > MOST_SKIPPED:
                    return None
            return None
        best: datetime | None = None
        for found in self._following(moment - timedelta(days=LONGEST_MOVE + 1)):
            if best is not None and found > best:
                return best
            moved = self._moved(found, calendar)
            if moved is not None and moved > moment and (best is None or moved < best):
                best = moved
            if found > moment + timedelta(days=366):
                return best
        return best

    def _moved(self, found: datetime, calendar: Closures) -> datetime | None:
        day = self._local(found)
        if not calendar.closed(day):
            return found
        wall = found.astimezone(zone_info(self.schedule.timezone)).replace(tzinfo=None)
        for days in range(1, LONGEST_MOVE + 1):
            later = day + timedelta(days=days)
            if later.isoweekday() <= 5 and not calendar.closed(later):
                return localize(wall + timedelta(days=days), self.schedule.timezone)
        return None

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(zone_info(self.schedule.timezone)).date()


def first_moment(report: Report, now: datetime) -> datetime | None:
    """When a report runs first after it was made or its schedule was changed at `now`; None for never.

    Calendars are not looked at: the clock does that when the moment has come.
    """
    schedule = report.schedule
    if report.state != "scheduled":
        return None
    if schedule.frequency == "once":
        return min(max(schedule.start, now), HORIZON).astimezone(UTC) if schedule.start else now
    return Recurrence(schedule, start=now).next_after(now)


@dataclass(frozen=True)
class CronMoments:
    """The moments of a cron expression in a zone.

    Fixed hours are wall-clock times: each fires once, one in a gap moves on. Where the hour field begins
    with `*` every elapsed hour counts, also the one that comes twice.
    """

    expression: str
    zone: str

    def __post_init__(self) -> None:
        if len(self.expression.split()) != 5:
            raise ValueError(f"{self.expression!r} is no cron expression: it has five fields, such as 0 9 * * 1-5")
        self._naive(datetime(2000, 1, 1))  # noqa: DTZ001 - wall-clock time

    def _naive(self, wall: datetime) -> Iterator[datetime]:
        from cronsim import CronSim, CronSimError

        try:
            return iter(CronSim(self.expression, wall))
        except CronSimError as error:
            raise ValueError(f"{self.expression!r} is no cron expression: {error}") from error

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The moments strictly after the given one, ascending."""
        find: Callable[[datetime], Iterator[datetime]] = (
            self._elapsed if self.expression.split()[1].startswith("*") else self._fixed
        )
        yield from find(moment)

    def _fixed(self, moment: datetime) -> Iterator[datetime]:
        last = moment
        # two days of room: a gap moves a time on, and a zone may have skipped a day
        wall = moment.astimezone(zone_info(self.zone)).replace(tzinfo=None) - timedelta(days=2)
        for candidate in self._naive(wall):
            if candidate.year >= HORIZON.year:
                return
            found = localize(candidate, self.zone)
            if found > last:
                yield found
                last = found

    def _elapsed(self, moment: datetime) -> Iterator[datetime]:
        """Each stretch of one offset from UTC is matched by itself, so an hour that comes twice counts twice."""
        year = timedelta(days=366)
        begin = moment
        while begin < HORIZON:
            for period in offset_periods(begin, begin + year, self.zone):
                yield from self._stretch(from_ms(period.start), from_ms(period.end), period.offset, moment)
            begin += year

    def _stretch(self, start: datetime, end: datetime, offset_ms: int, after: datetime) -> Iterator[datetime]:
        offset = timedelta(milliseconds=offset_ms)
        wall = (start + offset).replace(tzinfo=None) - timedelta(minutes=1)
        for candidate in self._naive(wall):
            found = candidate.replace(tzinfo=UTC) - offset
            if found >= end or candidate.year >= HORIZON.year:
                return
            if found > after and found >= start:
                yield found
