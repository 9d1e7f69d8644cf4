"""How far a run is: each step's own share becomes a share of the whole, told to the caller and to the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pressroom.context import Progress
from pressroom.errors import PressroomError

COMPOSING, RENDERING, DELIVERING = (0.0, 0.6), (0.6, 0.9), (0.9, 1.0)
"""Share of a run that each step usually takes."""
EVERY_SECONDS = 1.0
"""The ledger hears of progress no more often: each word to it is a committed write."""


class Teller:
    """Tells progress to a caller at once, and to the ledger now and then.

    Args:
        caller: may be None.
        write: writes step and share into the ledger; its errors stop nothing, the lease is the heartbeat's.
    """

    def __init__(self, caller: Progress | None, write: Callable[[str, float], None]) -> None:
        self._caller = caller
        self._write = write
        self._lock = threading.Lock()
        self._written = time.monotonic()

    def part(self, span: tuple[float, float]) -> Progress:
        """What a step calls with its own share, 0 to 1."""
        start, end = span

        def tell(note: str, share: float) -> None:
            self._tell(note, start + (end - start) * min(1.0, max(0.0, share)))

        return tell

    def _tell(self, note: str, share: float) -> None:
        if self._caller is not None:
            self._caller(note, share)
        with self._lock:
            if time.monotonic() - self._written < EVERY_SECONDS:
                return
            self._written = time.monotonic()
        try:
            self._write(note, share)
        except PressroomError:
            return
