"""Where repositories get their sessions: one each call, or the one of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session

from pressroom.store.engine import reading, store_errors


class Sessions(Protocol):
    """Gives sessions; what is done in one is committed when its block ends, or not at all."""

    def read(self) -> AbstractContextManager[Session]:
        """A session that only reads, and sees one state of the data."""

    def write(self) -> AbstractContextManager[Session]:
        """A session that writes."""


class EngineSessions:
    """A transaction of its own for each call.

    Args:
        engine: of the store.
        check: called before each; raises where the schema does not fit.
    """

    def __init__(self, engine: sa.Engine, check: Callable[[], None]) -> None:
        self._check = check
        self._engine = engine
        self._reading = reading(engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Sessions.read`."""
        self._check()
        with store_errors(self._engine.url), Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """See `Sessions.write`."""
        self._check()
        with store_errors(self._engine.url), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session


class BoundSessions:
    """The one session of a transaction that somebody else commits."""

    def __init__(self, session: Session, url: sa.URL) -> None:
        self._session = session
        self._url = url

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Sessions.read`; sees what the transaction has written so far."""
        with store_errors(self._url):
            yield self._session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """See `Sessions.write`; errors of the database show here, not at the end of the transaction."""
        with store_errors(self._url):
            yield self._session
            self._session.flush()
