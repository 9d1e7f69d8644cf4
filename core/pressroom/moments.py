"""What time it is. Tests make it stand still, see `pressroom.testing.FrozenClock`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


read: Callable[[], datetime] = _system


def utc_now() -> datetime:
    """This moment, in UTC. In tests it is what `pressroom.testing.FrozenClock` says."""
    return read()
