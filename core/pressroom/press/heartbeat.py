"""Keeps a run's lease while it is worked on, and stops the work when the lease is gone or it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pressroom.context import Cancellation
from pressroom.errors import LeaseLost, PressroomError


@contextmanager
def heartbeat(renew: Callable[[], object], every: float, cancellation: Cancellation) -> Iterator[None]:
    """While the block runs, call `renew` every so many seconds; LeaseLost cancels the work.

    A store that does not answer for a moment is asked again at the next beat: the lease outlives several.
    """
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(every):
            try:
                renew()
            except LeaseLost:
                cancellation.set()
                return
            except PressroomError:
                continue

    thread = threading.Thread(target=beat, name="pressroom-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
