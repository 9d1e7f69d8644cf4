"""What the host relies on in a calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from pressroom.calendars import Calendar
from pressroom.models.reports import Schedule
from pressroom.recurrence import Recurrence
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once


class CalendarContract(ExtensionContract):
    """Subclass it as `class TestMine(CalendarContract)` and set `plugin`, an open and a closed day.

    Attributes:
        opened, shut: a day on which reports go out, and one on which they do not.
    """

    plugin: ClassVar[type[Calendar[Any]]]
    opened: ClassVar[date]
    shut: ClassVar[date]

    def test_open_and_closed_days(self, instance: Any) -> None:
        """As the subclass says."""
        assert instance.closed(self.opened) is False
        assert instance.closed(self.shut) is True

    def test_every_day_has_an_answer(self, instance: Any) -> None:
        """From the first day that there is to the last; the same one when asked again."""
        days = [date.min, date(1970, 1, 1), date(2024, 2, 29), date.max]
        days += [date(2026, 1, 1) + timedelta(days=number) for number in range(366)]
        answers = [instance.closed(day) for day in days]
        assert {type(answer) for answer in answers} == {bool}
        assert answers == [instance.closed(day) for day in days]
        assert not all(answers), "a calendar that is closed for ever sends nothing"

    def test_threads_do_not_disturb_each_other(self, instance: Any) -> None:
        """The clock and the server ask at the same time."""
        days = [self.opened + timedelta(days=number) for number in range(100)]
        alone = [instance.closed(day) for day in days]
        assert at_once(*[lambda: [instance.closed(day) for day in days]] * THREADS) == [alone] * THREADS

    @pytest.mark.parametrize("on_closed", ["skip", "move"])
    def test_schedules_keep_to_it(self, make: Callable[[], Any], config: dict[str, Any], on_closed: str) -> None:
        """A daily report does not go out on the closed day."""
        config["on_closed"] = on_closed
        start = datetime(self.shut.year, self.shut.month, self.shut.day, 9, tzinfo=UTC)
        schedule = Schedule(frequency="daily", start=start, timezone="UTC")
        recurrence = Recurrence(schedule, make(), start)
        found = recurrence.next_after(start - timedelta(seconds=1))
        assert found is not None
        assert found.date() != self.shut
