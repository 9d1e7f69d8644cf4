"""SQLite by the standard library: read-only, watched by an authorizer, a batch of rows at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from pressroom import ArrowStream, Context, QueryError, SourceError
from pressroom.macros import CompiledQuery
from pressroom_builtin.sources.rows import BATCH, check_names, frame

_STEPS = 20_000
_LONGEST_VALUE = 50_000_000
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A connection that can read this file and do nothing else.

    Raises:
        SourceError: there is no such file, or it is no database.
    """
    if not path.is_file():
        raise SourceError(f"no database at {path}; mend the url or put the file there")
    address = f"file:{quote(str(path))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None, timeout=10)
    # text that is no UTF-8 shall be shown, not stop the report
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.set_authorizer(_authorize)
    return connection


def version(path: Path) -> str:
    """SQLite's version, once the file was found to be a database."""
    connection = open_sqlite(path)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise _translated(error) from error
    finally:
        connection.close()
    return f"SQLite {sqlite3.sqlite_version}"


def run(connection: sqlite3.Connection, compiled: CompiledQuery, context: Context) -> Iterator[ArrowStream]:
    """Answer one SELECT in batches; the query is stopped where the context says so.

    Raises:
        QueryError: the query is wrong or not allowed.
        SourceError: the database is locked or damaged.
    """
    connection.set_progress_handler(lambda: context.cancelled() or None, _STEPS)
    try:
        cursor = connection.execute(compiled.sql, dict(compiled.params))
        if cursor.description is None:
            raise QueryError("a query is one SELECT; this one gives no columns")
        names = check_names([column[0] for column in cursor.description])
        rows = cursor.fetchmany(BATCH)
        yield frame(names, rows)
        while rows := cursor.fetchmany(BATCH):
            yield frame(names, rows)
    except (sqlite3.Error, sqlite3.Warning) as error:
        context.check()
        raise _translated(error) from error
    except OverflowError as error:
        raise QueryError(f"a number is too large for SQLite: {error}") from error


def _authorize(action: int, first: str | None, second: str | None, base: str | None, trigger: str | None) -> int:
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _translated(error: Exception) -> SourceError:
    text = str(error)
    if "not authorized" in text or "prohibited" in text:
        return QueryError(f"a query can only read this database's tables: {text}")
    if "one statement" in text:
        return QueryError("a query is one SELECT; here are several statements")
    if "locked" in text or "busy" in text:
        return SourceError(f"the database is in use: {text}", transient=True)
    if "not a database" in text or "malformed" in text or "unable to open" in text:
        return SourceError(text)
    return QueryError(text)
