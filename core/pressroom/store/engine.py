"""The database engine: how SQLite and PostgreSQL are opened, and their errors in Pressroom's words."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from pressroom.errors import Conflict, StoreError, UsageError

BUSY_SECONDS = 15
"""How long a writer waits for another one on SQLite."""
CONNECT_SECONDS = 10
UPGRADE = "run: pressroom db upgrade"


def parse_url(url: str, workspace: Path) -> sa.URL:
    """A store's URL, with a SQLite path made relative to the workspace.

    Raises:
        StoreError: no URL, or neither SQLite in a file nor PostgreSQL.
    """
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise StoreError(
            "[store] url cannot be read; write sqlite:///pressroom.db or postgresql+psycopg://user@host/database"
        ) from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:"):
            raise StoreError("[store] url names no file; write for example sqlite:///pressroom.db")
        return parsed.set(drivername="sqlite", database=str(workspace / str(parsed.database)))
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(
        f"[store] url begins with {parsed.drivername}://; the store is SQLite (sqlite:///pressroom.db) "
        "or PostgreSQL (postgresql+psycopg://user@host/database)"
    )


def make_engine(url: sa.URL, *, foreign_keys: bool = True) -> sa.Engine:
    """An engine for a URL from `parse_url`; nothing is opened yet.

    Writers on SQLite begin IMMEDIATE: a transaction that reads first and writes then would otherwise fail with
    "locked" at once, whatever the busy time-out. Connections are dropped, not shared, after a fork.

    Args:
        url: where.
        foreign_keys: False only for migrations, where re-creating a parent table would empty its children.
    """
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
        _set_up_sqlite(engine, foreign_keys)
    else:
        engine = sa.create_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
    reference = weakref.ref(engine)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)
    return engine


def reading(engine: sa.Engine) -> sa.Engine:
    """The same engine and pool for transactions that only read, each on one state of the data."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(pressroom_begin="BEGIN")
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _set_up_sqlite(engine: sa.Engine, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # the driver's own idea of when to begin loses updates
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("pressroom_begin", "BEGIN IMMEDIATE"))


@contextmanager
def store_errors(url: sa.URL) -> Iterator[None]:
    """Turn the database's errors into StoreError and Conflict; what a URL shows has no password.

    Raises:
        Conflict: another writer was first (a uid or a key that exists by now).
        UsageError: a value that no database keeps (a lone surrogate, NUL, a number that is not finite in JSON).
        StoreError: everything else.
    """
    try:
        yield
    except exc.IntegrityError as error:
        raise Conflict("somebody else changed the same thing meanwhile; look at it and try again") from error
    except exc.TimeoutError as error:
        raise StoreError(f"the store {show(url)} is busy: too many transactions at once; try again") from error
    except (UnicodeEncodeError, exc.DataError) as error:
        raise UsageError(f"a value cannot be stored: {_first_line(error)}") from error
    except exc.DBAPIError as error:
        raise StoreError(f"the store {show(url)} {_reason(_cause(error))}") from error


def show(url: sa.URL) -> str:
    """A URL without its password and without options, which may hold one too."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


_SQLITE_REASONS = {
    "SQLITE_FULL": "cannot be written: the disk is full; make room, nothing that was stored is lost",
    "SQLITE_BUSY": "is busy: another process has been writing for too long; try again",
    "SQLITE_LOCKED": "is busy: another process has been writing for too long; try again",
    "SQLITE_READONLY": "cannot be written: the file or its folder is read-only",
    "SQLITE_CANTOPEN": "cannot be opened: see that the folder exists and may be written",
    "SQLITE_NOTADB": "is not a SQLite database; restore it from a backup",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_IOERR": "cannot be read or written: the disk failed or is full",
}


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _cause(error: exc.DBAPIError) -> exc.DBAPIError:
    """The first failure, where SQLite has undone the transaction and then misses the savepoint to go back to."""
    earlier: BaseException | None = error
    while "no such savepoint" in str(error.orig) and (earlier := earlier and earlier.__context__):
        if isinstance(earlier, exc.DBAPIError):
            error = earlier
    return error


def _reason(error: exc.DBAPIError) -> str:
    original: Any = error.orig
    name = getattr(original, "sqlite_errorname", None) or ""
    for prefix, reason in _SQLITE_REASONS.items():
        if name.startswith(prefix):
            return reason
    text = str(original).strip()
    lines = text.splitlines() or [type(original).__name__]
    if "no such table" in text or "no such column" in text or getattr(original, "sqlstate", "") in ("42P01", "42703"):
        return f"lacks a table or column that this version needs; {UPGRADE}"
    if getattr(original, "sqlstate", "") == "53100":
        return "cannot be written: its server's disk is full; nothing that was stored is lost"
    if isinstance(error, exc.OperationalError) and getattr(original, "sqlstate", None) is None:
        return f"cannot be reached: {lines[0]}"
    return f"failed: {lines[0]}"
