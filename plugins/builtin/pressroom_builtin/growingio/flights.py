"""Work that others wait for, each for as long as they like: it goes on when they have left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Flights:
    """Runs equal work once, however many ask for it at the same time.

    Args:
        threads: how much runs at a time; the rest waits.
        name: of the threads.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._flying: dict[Hashable, Future[Any]] = {}

    def find(self, key: Hashable) -> Future[Any] | None:
        """The work of that key that is under way."""
        return self._flying.get(key)

    def start(self, key: Hashable, work: Callable[[], Any]) -> Future[Any]:
        """The work of that key that is under way, else this one."""
        with self._lock:
            found = self._flying.get(key)
            if found is not None:
                return found
            future = self._flying[key] = self._pool.submit(work)
        # outside of the lock: it is called at once where the work is done already
        future.add_done_callback(lambda _: self._landed(key))
        return future

    def _landed(self, key: Hashable) -> None:
        with self._lock:
            self._flying.pop(key, None)
