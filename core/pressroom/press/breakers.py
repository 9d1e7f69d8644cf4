"""A circuit breaker for each channel: one whose other side fails again and again rests for a while.

A thousand reports that are due while the mail server is down would otherwise each wait for its time-out, and
use up their tries. Runs that need a resting channel wait without a try being counted; after the rest one of
them tries, and its luck decides for the others. Each process has breakers of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pressroom.channels import Outcome, Receipt

log = logging.getLogger("pressroom.channels")
UNAVAILABLE = (0, 421)
"""Codes that speak of the connection or the server as a whole, not of a message or a recipient."""


def unreachable(receipts: Sequence[Receipt]) -> bool:
    """Whether receipts say that the other side could not be talked to, rather than what it thinks of a message."""
    failed = (Outcome.deferred, Outcome.ambiguous)
    return bool(receipts) and all(it.outcome in failed and it.code in UNAVAILABLE for it in receipts)


@dataclass
class _State:
    failures: int = 0
    resting_until: float = 0.0
    trying: bool = False


class Breakers:
    """The breakers of one process.

    Args:
        failures: in a row, after which a channel rests.
        rest: for how many seconds.
        now: monotonic seconds.
    """

    def __init__(self, failures: int, rest: float, now: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._rest, self._now = failures, rest, now
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def wait(self, channel: str) -> float:
        """Seconds for which to leave the channel alone; 0 to use it, and then to call `tell` in any case."""
        with self._lock:
            state = self._states.setdefault(channel, _State())
            if state.failures < self._failures:
                return 0.0
            left = state.resting_until - self._now()
            if left > 0:
                return left
            if state.trying:
                return min(1.0, self._rest)
            state.trying = True
            return 0.0

    def tell(self, channel: str, failed: bool | None) -> None:
        """What became of a use of the channel.

        Args:
            failed: whether the other side could not be talked to; None where that did not become clear.
        """
        with self._lock:
            state = self._states.setdefault(channel, _State())
            state.trying = False
            if failed is None:
                return
            if not failed:
                if state.failures >= self._failures:
                    log.info("the channel %s works again", channel)
                state.failures = 0
                return
            state.failures += 1
            if state.failures >= self._failures:
                state.resting_until = self._now() + self._rest
                log.warning(
                    "the channel %s rests for %g seconds: it has failed %s times in a row",
                    channel,
                    self._rest,
                    state.failures,
                )

    def states(self) -> dict[str, bool]:
        """Whether each channel that was used rests."""
        with self._lock:
            return {name: state.failures >= self._failures for name, state in self._states.items()}
