"""Time that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pressroom import moments

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class FrozenClock:
    """What the host takes for the present: the ledger, the clock of schedules, relative time ranges.

    Attributes:
        now: set it, or call `advance`; a Monday morning at first.
    """

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    @classmethod
    def installed(cls, set_attribute: Callable[[object, str, object], None]) -> FrozenClock:
        """One that the host asks, set by `monkeypatch.setattr`."""
        clock = cls()
        set_attribute(moments, "read", lambda: clock.now)
        return clock

    def advance(self, **amount: float) -> datetime:
        """Move on by `days`, `hours`, `minutes`, `seconds` ... and give the new moment."""
        self.now += timedelta(**amount)
        return self.now
