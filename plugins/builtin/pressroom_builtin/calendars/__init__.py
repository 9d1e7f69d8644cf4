"""Built-in calendars: `dates` is a list of days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Calendar, hookimpl


@hookimpl
def register_calendars() -> Sequence[type[Calendar[Any]]]:
    """The calendars that come with Pressroom."""
    from pressroom_builtin.calendars.dates import DatesCalendar

    return [DatesCalendar]
