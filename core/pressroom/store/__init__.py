"""The store: definitions and the ledger's tables in SQLite or PostgreSQL.

    store = Store("sqlite:///pressroom.db", workspace)
    store.upgrade()
    store.project("default").reports.save(report, by="ann")
    with store.transaction() as tx:              # all of it, or nothing
        tx.project("default").dashboards.save_all(dashboards, by="ann")

Nobody outside sees a table: repositories take and give the value types of `pressroom.models`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from pressroom.moments import utc_now
from pressroom.store import schema
from pressroom.store.engine import make_engine, parse_url, show, store_errors
from pressroom.store.repositories import ProjectStore, Repositories
from pressroom.store.repository import Clock
from pressroom.store.schema import Upgrade
from pressroom.store.sessions import BoundSessions, EngineSessions
from pressroom.store.values import Image, Stored

__all__ = ["Image", "ProjectStore", "Repositories", "Store", "Stored", "Transaction", "Upgrade"]


_TRANSACTIONS = 0x50726575
"""Key of PostgreSQL's advisory lock around explicit transactions."""


class Transaction(Repositories):
    """The repositories inside one transaction; nobody else sees what they write until its block ends."""

    def __init__(self, session: Session, url: sa.URL, clock: Clock) -> None:
        bound = BoundSessions(session, url)
        super().__init__(bound, clock)
        self.check = bound.check
        self.cancelled = False

    def rollback(self) -> None:
        """Write nothing after all, when the block ends: a rehearsal."""
        self.cancelled = True


class Store(Repositories):
    """A workspace's database. Opened at first use; used from several threads; survives a fork.

    Args:
        url: `sqlite:///file` (relative to the workspace) or `postgresql+psycopg://...`.
        workspace: the folder.
        clock: gives the moment of a change; for tests.

    Raises:
        StoreError: the URL is wrong. Every method raises it where the database cannot be reached, and where
            its schema is not the one this version needs.
    """

    def __init__(self, url: str, workspace: Path, clock: Clock = utc_now) -> None:
        self._url = parse_url(url, workspace)
        self._engine = make_engine(self._url)
        self._lock = threading.Lock()
        self._checked = False
        super().__init__(EngineSessions(self._engine, self._check_once), clock)

    def __repr__(self) -> str:
        return f"Store({self.location!r})"

    @property
    def location(self) -> str:
        """Where it is, for people; without a password."""
        return show(self._url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a database server."""
        return Path(str(self._url.database)) if self._url.get_backend_name() == "sqlite" else None

    @property
    def engine(self) -> sa.Engine:
        """The database; for backups, which see rows rather than definitions."""
        return self._engine

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._engine.dispose()

    def upgrade(self) -> Upgrade:
        """Bring the schema to `head`; see `pressroom.store.schema.upgrade`."""
        self.close()
        return schema.upgrade(self._url)

    def revision(self) -> str:
        """The schema's revision; empty where there is no store yet."""
        return schema.revision(self._engine)

    def head(self) -> str:
        """The revision that this version needs."""
        return schema.head()

    def check(self) -> None:
        """See that the schema is the one this version needs; the first use of a store does it by itself.

        Raises:
            StoreError: the store is missing, older or newer; says what to do.
        """
        schema.check(self._engine)

    def _check_once(self) -> None:
        with self._lock:
            if not self._checked:
                self.check()
                self._checked = True

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything that is written through it is committed at the end of the block, or nothing.

        Keep it short and free of other work: on SQLite it holds up every other writer. Writing through the
        store itself inside the block waits for itself until it fails as busy.
        """
        self._check_once()
        with store_errors(self._url), Session(self._engine, expire_on_commit=False) as session:
            bound = Transaction(session, self._url, self.clock)
            with session.begin() as transaction:
                if self._engine.dialect.name == "postgresql":
                    # one at a time, as on SQLite, so that what a transaction reads is still true when it writes
                    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_TRANSACTIONS)))
                yield bound
                bound.check()
                if bound.cancelled:
                    transaction.rollback()
