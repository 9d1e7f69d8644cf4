"""Waiting for what another process does: looked at again and again, up to a limit that only a fault reaches."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(reached: Callable[[], object], what: str, seconds: float = 100, every: float = 0.02) -> None:
    """Return once it is so.

    Raises:
        AssertionError: it did not come to that.
    """
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, f"waited {seconds} seconds in vain until {what}"
        time.sleep(every)
