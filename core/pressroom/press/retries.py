"""When what may pass later is tried again: soon at first, then less and less often, and not for ever."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

WAITS = (60, 300, 900, 1800, 3600, 7200, 14400, 14400, 28800)
"""Seconds before each further try; some 20 hours in all, about as long as mail servers themselves keep trying."""
JITTER = 0.2
"""Share by which a wait is drawn longer or shorter, so that a thousand of them do not come back at once."""


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """The moment of the next try.

    Args:
        attempts: tries so far, at least 1.
        now: in UTC.

    Returns:
        None where it was tried often enough.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    return now + timedelta(seconds=wait)
