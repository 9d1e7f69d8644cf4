"""Threads for what takes long, apart from those that answer short questions."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pressroom import PressroomError, TooManyRequests

T = TypeVar("T")
RETRY_AFTER = 10.0
log = logging.getLogger("pressroom.grafana")


class Workroom:
    """Does work to its end, also where nobody waits for it any more.

    Args:
        name: of its threads.
        threads: how much is done at a time.
        most: how much may be done and wait; more is refused.
    """

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"pressroom-{name}")
        self._places = threading.BoundedSemaphore(most)

    async def do(self, work: Callable[[], T]) -> T:
        """Its answer; a caller that is cancelled leaves the work going on.

        Raises:
            TooManyRequests: too much is under way.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyRequests("too much is being made and sent already; come back later", retry_after=RETRY_AFTER)
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            future.add_done_callback(_told)
            raise


def _told(future: Future[Any]) -> None:
    """What failed when nobody waited for it any more is in the log at least."""
    error = None if future.cancelled() else future.exception()
    if isinstance(error, PressroomError):
        log.warning("what went on after its caller had left failed: %s", error.message)
    elif error is not None:
        log.error("what went on after its caller had left failed", exc_info=error)
