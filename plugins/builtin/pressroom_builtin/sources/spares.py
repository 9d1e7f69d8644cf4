"""A database that is opened before it is asked for: opening one takes as long as many a query.

Each answers one query and is closed after it, so nothing that a query leaves behind (a random seed, a log, a
spilled sort) can meet the next one, which may be another project's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from pressroom_builtin.sources.duck import Database


@dataclass(frozen=True)
class _Spare:
    state: str
    process: int
    opening: Future[Database]


class Spares:
    """Gives databases, and has one ready from the second query on.

    Args:
        opened: opens one.
        state: a text that changes when the files do; a spare of another state is thrown away.
    """

    def __init__(self, opened: Callable[[], Database], state: Callable[[], str]) -> None:
        self._opened, self._state = opened, state
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pressroom-spare")
        self._lock = threading.Lock()
        self._spare: _Spare | None = None
        self._asked = False
        self._closed = False

    @contextmanager
    def database(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database for one query."""
        database = self._take() or self._opened()
        try:
            yield database.connection
        finally:
            database.close()
            self._prepare()

    def close(self) -> None:
        """Throw the spare away; databases that answer still are closed by who asks them."""
        with self._lock:
            self._closed, spare, self._spare = True, self._spare, None
        if spare is not None:
            self._discard(spare)
        self._worker.shutdown()

    def _take(self) -> Database | None:
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is None:
            return None
        if spare.process == os.getpid() and spare.state == self._state() and spare.opening.exception() is None:
            found = spare.opening.result()
            if found.whole:
                return found
        self._discard(spare)
        return None

    def _prepare(self) -> None:
        """Begin to open the next one; not after the first query, which may be the only one of its process."""
        with self._lock:
            first, self._asked = not self._asked, True
            if not (first or self._closed or self._spare):
                self._spare = _Spare(self._state(), os.getpid(), self._worker.submit(self._opened))

    @staticmethod
    def _discard(spare: _Spare) -> None:
        if spare.process != os.getpid():
            # its threads are the parent's: closing would wait for them for ever
            _FOREIGN.append(spare)
        elif spare.opening.exception() is None:
            spare.opening.result().close()


_FOREIGN: list[_Spare] = []
