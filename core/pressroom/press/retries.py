"""When what may pass later is tried again: soon at first, then less and less often, and not for ever."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pressroom.errors import PressroomError, StepError


@dataclass(frozen=True)
class Retries:
    """How often and when; `[retries]` of the settings.

    Attributes:
        waits: seconds before each further try.
        jitter: share by which a wait is drawn longer or shorter, so that a thousand do not come back at once.
    """

    waits: Sequence[float]
    jitter: float = 0.2

    def at(self, attempts: int, now: datetime) -> datetime | None:
        """The moment of the next try.

        Args:
            attempts: tries so far, at least 1.
            now: in UTC.

        Returns:
            None where it was tried often enough.
        """
        if attempts > len(self.waits):
            return None
        wait = self.waits[attempts - 1] * random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - no secret
        return now + timedelta(seconds=wait)


def may_pass(error: Exception) -> bool:
    """Whether the same call may succeed later: what says so of itself, and what nobody foresaw, as a full disk."""
    return not isinstance(error, PressroomError) or (isinstance(error, StepError) and error.transient)
