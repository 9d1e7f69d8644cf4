"""Keeps a run's lease while it is worked on, and stops the work when the lease is gone or it is cancelled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pressroom.context import Cancellation
from pressroom.errors import LeaseLost

log = logging.getLogger("pressroom.heartbeat")


@contextmanager
def heartbeat(renew: Callable[[], object], every: float, limit: float, cancellation: Cancellation) -> Iterator[None]:
    """While the block runs, call `renew` every so many seconds; LeaseLost cancels the work.

    A store that does not answer for a moment is asked again at the next beat: the lease outlives several. After
    `limit` seconds it is not renewed any more: work that hangs, with nobody there to kill it, loses its run.
    """
    stopped = threading.Event()
    until = time.monotonic() + limit

    def beat() -> None:
        while not stopped.wait(every) and time.monotonic() < until:
            try:
                renew()
            except LeaseLost:
                cancellation.set()
                return
            except Exception as error:
                log.warning("a lease could not be renewed: %s", error)

    thread = threading.Thread(target=beat, name="pressroom-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
