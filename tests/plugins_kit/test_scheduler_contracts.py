"""The built-in scheduler and calendar keep what the host relies on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pressroom.testing import CalendarContract, SchedulerContract
from pressroom_builtin.calendars.dates import DatesCalendar
from pressroom_builtin.schedulers.local import LocalScheduler


class TestLocal(SchedulerContract):
    plugin = LocalScheduler
    # reports are made in children, which call the press of their own
    here = ("deliver",)

    @pytest.fixture
    def config(self) -> dict[str, Any]:
        return {"workers": 1, "deliveries": 2}


class TestDates(CalendarContract):
    plugin = DatesCalendar
    opened = date(2026, 12, 23)
    shut = date(2026, 12, 25)

    @pytest.fixture
    def config(self) -> dict[str, Any]:
        return {"dates": ["2026-04-06", "12-25", "02-29"]}
