"""Where repositories get their sessions: one each call, or the one of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from pressroom.errors import StoreError
from pressroom.failpoints import failpoint
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
        with store_errors(self._engine.url), Session(self._engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
                failpoint("store.committing")
            failpoint("store.committed")


class BoundSessions:
    """The one session of a transaction that somebody else commits.

    Where the database itself fails, the transaction is over, even if somebody catches the error: SQLite undoes
    all of it on a full disk, and would commit one by one what came after.
    """

    def __init__(self, session: Session, url: sa.URL) -> None:
        self._session = session
        self._url = url
        self._failure: StoreError | None = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Sessions.read`; sees what the transaction has written so far."""
        with self._watched():
            yield self._session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """See `Sessions.write`; what a caller did wrong is undone alone, so that it may go on after it."""
        with self._watched():
            nested = self._session.begin_nested()
            try:
                yield self._session
                nested.commit()
            except OperationalError:
                raise
            except BaseException:
                nested.rollback()
                raise

    def check(self) -> None:
        """Raise again what ended the transaction, if anything did."""
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.check()
        try:
            with store_errors(self._url):
                yield
        except StoreError as error:
            self._failure = error
            raise
