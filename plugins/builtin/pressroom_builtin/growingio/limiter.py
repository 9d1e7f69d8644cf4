"""At most so many downloads in any second, for each client, over all processes that share a file."""

from __future__ import annotations

import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SPAN = 1.0
"""Seconds in which no more than the rate may begin, wherever they are laid."""
PATIENCE = 2.0
"""Seconds that a request waits for its turn; one that would wait longer is refused."""
SWEEP_AFTER = 500
_SCHEMA = "CREATE TABLE IF NOT EXISTS turns (client TEXT PRIMARY KEY, moments TEXT NOT NULL, latest REAL NOT NULL)"


@dataclass(frozen=True)
class Turn:
    """Whether and when a request may go on.

    Attributes:
        granted: False where it is refused.
        wait: seconds until its turn, or until one more would be heard.
        rate: allowed in a second.
        left: how many more could begin at once.
    """

    granted: bool
    wait: float
    rate: int
    left: int

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy`, and `Retry-After` where it is refused; whole seconds."""
        reset = math.ceil(self.wait) if self.wait else 1
        found = {
            "RateLimit-Policy": f'"downloads";q={self.rate};w={SPAN:g}',
            "RateLimit": f'"downloads";r={self.left};t={reset}',
        }
        return found if self.granted else found | {"Retry-After": str(max(1, reset))}


class Limiter:
    """Gives turns in the order of asking; moments of the last ones are kept in SQLite, apart from the store.

    Args:
        file: the database; made at first need, may be removed at any time.
        rate: turns in any second and client.
        clock: epoch seconds, the same in all processes; for tests.
    """

    def __init__(self, file: Path, rate: int, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._asked = 0

    def take(self, client: str) -> Turn:
        """The next turn of a client; what is granted is taken, whether it is used or not."""
        with self._lock:
            for again in (True, False):
                try:
                    return self._take(self._open(), client)
                except sqlite3.DatabaseError as error:
                    self._close()
                    if not again:
                        raise
                    # a broken file holds nothing that is worth more than a new one; a busy one does
                    if not isinstance(error, sqlite3.OperationalError):
                        self._file.unlink(missing_ok=True)
        raise AssertionError("the second try returns or raises")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _take(self, database: sqlite3.Connection, client: str) -> Turn:
        database.execute("BEGIN IMMEDIATE")
        try:
            turn, moments = self._decide(database, client)
            if turn.granted:
                database.execute(
                    "INSERT INTO turns VALUES (?, ?, ?) ON CONFLICT (client) DO UPDATE "
                    "SET moments = excluded.moments, latest = excluded.latest",
                    (client, json.dumps(moments), moments[-1]),
                )
            self._sweep(database)
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
        return turn

    def _decide(self, database: sqlite3.Connection, client: str) -> tuple[Turn, list[float]]:
        now = self._clock()
        row = database.execute("SELECT moments FROM turns WHERE client = ?", (client,)).fetchone()
        # a moment that lies too far ahead is of a clock that was set back since
        moments = [moment for moment in json.loads(row[0]) if moment <= now + PATIENCE + SPAN] if row else []
        moments = moments[-self._rate :]
        turn = now if len(moments) < self._rate else max(now, moments[0] + SPAN)
        if turn - now > PATIENCE:
            return Turn(False, turn - now - PATIENCE, self._rate, 0), moments
        moments = [*moments, turn][-self._rate :]
        left = self._rate - sum(moment + SPAN > now for moment in moments)
        return Turn(True, turn - now, self._rate, left), moments

    def _sweep(self, database: sqlite3.Connection) -> None:
        self._asked += 1
        if self._asked % SWEEP_AFTER == 0:
            database.execute("DELETE FROM turns WHERE latest < ?", (self._clock() - SPAN,))

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and not self._file.exists():
            self._close()
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=5)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(_SCHEMA)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
