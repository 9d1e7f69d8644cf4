"""A worker: a clock and a scheduler in one process, until it is stopped."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from pressroom.errors import PressroomError
from pressroom.moments import utc_now
from pressroom.press.clock import Clock

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.press.press import Press
    from pressroom.schedulers import Job

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
        self._thread = threading.Thread(
            target=self.clock.run, args=(self._stopped, host.settings.ledger.tick_seconds), name="pressroom-clock"
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self._host.scheduler.start(_Told(self._host.press, self.clock))
        self._thread.start()

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Plan nothing more, finish or hand back what is running."""
        self._stopped.set()
        self.clock.wake()
        self._thread.join()
        self._host.scheduler.stop(grace)
        with suppress(PressroomError):
            self.clock.end()


class _Told:
    """The press, as a scheduler calls it; each end of a job wakes the clock, which offers what follows."""

    def __init__(self, press: Press, clock: Clock) -> None:
        self.do = press.do
        self.died = press.died
        self._clock = clock

    def done(self, job: Job) -> None:
        """See `Work.done`."""
        self._clock.wake()
