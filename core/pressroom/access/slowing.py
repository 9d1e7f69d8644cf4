"""Slowing down who guesses: failures per key and address, and a bounded memory of things known for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pressroom.errors import TooManyRequests

WINDOW = 60.0
FREE = 9
"""Failures in the window that cost nothing; the attempts after them go one by one."""
STEP = 1.0
"""Seconds between two such attempts."""
LONGEST = 10.0
"""Seconds that an attempt is made to wait; one that would have to wait longer is refused."""
REMEMBERED = 10_000
V = TypeVar("V")
Monotonic = Callable[[], float]


@dataclass
class _Record:
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=FREE))
    free_at: float = 0.0


class Slowing:
    """Counts failures of attempts by key and address, in this process.

    Args:
        now: seconds that only go forward; for tests.
    """

    def __init__(self, now: Monotonic = time.monotonic) -> None:
        self._now = now
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()
        self._lock = threading.Lock()

    def turn(self, key: str, address: str) -> float:
        """How many seconds to wait before this attempt, 0 for whoever has not failed often.

        Raises:
            TooManyRequests: too many are waiting already.
        """
        with self._lock:
            record = self._records.get((key, address))
            now = self._now()
            if record is None or len(record.failures) < FREE or record.failures[0] <= now - WINDOW:
                return 0.0
            wait = max(record.free_at, now) + STEP - now
            if wait > LONGEST:
                raise TooManyRequests("too many failed attempts; wait a while", retry_after=wait)
            record.free_at = now + wait
            return wait

    def failed(self, key: str, address: str) -> None:
        """Count a failure."""
        with self._lock:
            record = self._records.setdefault((key, address), _Record())
            record.failures.append(self._now())
            self._records.move_to_end((key, address))
            if len(self._records) > REMEMBERED:
                self._records.popitem(last=False)


class Memory(Generic[V]):
    """What is known for some seconds; the oldest are forgotten where there are too many.

    Args:
        seconds: how long.
        most: how many things.
        now: seconds that only go forward; for tests.
    """

    def __init__(self, seconds: float, most: int = REMEMBERED, now: Monotonic = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._now = now
        self._known: OrderedDict[bytes, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> V | None:
        """What is remembered under the key."""
        found = self._known.get(key)
        return found[1] if found is not None and self._now() < found[0] else None

    def put(self, key: bytes, value: V) -> None:
        """Remember it."""
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = (self._now() + self._seconds, value)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def full(self) -> bool:
        """Whether something that is still remembered would be forgotten for the next one."""
        with self._lock:
            oldest = next(iter(self._known.values()), None)
            return len(self._known) >= self._most and oldest is not None and self._now() < oldest[0]

    def clear(self) -> None:
        """Forget everything, where something was revoked."""
        with self._lock:
            self._known.clear()
