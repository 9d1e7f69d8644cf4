"""A worker: a clock and a scheduler in one process, until it is stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pressroom.press.clock import Clock
from pressroom.press.compose import utc_now

if TYPE_CHECKING:
    from pressroom.host import Host

GRACE_SECONDS = 30.0
"""What is running may take so long to finish when the worker is stopped."""


class Worker:
    """Plans what is due and works on it.

    Args:
        host: the workspace; its store's schema must be this version's.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._stopped = threading.Event()
        self.clock = Clock(host, host.scheduler, utc_now)
        self._thread = threading.Thread(target=self.clock.run, args=(self._stopped,), name="pressroom-clock")

    def start(self) -> None:
        """Begin; returns at once."""
        self._host.scheduler.start(self._host.press)
        self._thread.start()

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Plan nothing more, finish or hand back what is running."""
        self._stopped.set()
        self._thread.join()
        self._host.scheduler.stop(grace)
