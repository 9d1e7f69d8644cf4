"""Any other database through SQLAlchemy: streamed, with bound parameters, always rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pressroom import ArrowStream, Context, QueryError, SourceError
from pressroom.macros import CompiledQuery
from pressroom_builtin.sources.rows import BATCH, check_names, frame
from pressroom_builtin.sources.statements import one_select

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SESSION = ("SET time_zone = '+00:00'", "SET SESSION TRANSACTION READ ONLY")
_FIRST = {"mysql": _SESSION, "mariadb": _SESSION}
"""What makes a session read-only, with times in UTC, where a database has words for it."""


def make_engine(url: str) -> Engine:
    """An engine whose connections are checked before use.

    Raises:
        SourceError: the url is wrong, or its driver is not installed.
    """
    import sqlalchemy

    try:
        return sqlalchemy.create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=8)
    except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
        raise SourceError(f"the url cannot be used: {error}; is its driver installed?") from error


def version(engine: Engine) -> str:
    """The server's name and version."""
    import sqlalchemy

    try:
        with engine.connect() as connection:
            numbers = connection.dialect.server_version_info or ()
            return f"{engine.dialect.name} {'.'.join(str(number) for number in numbers)}".strip()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _translated(error) from error


def run(engine: Engine, compiled: CompiledQuery, context: Context) -> Iterator[ArrowStream]:
    """Answer one SELECT in batches; the connection is cut where the context says so.

    Raises:
        QueryError: the query is wrong or not allowed.
        SourceError: the database is down.
    """
    import sqlalchemy

    text = sqlalchemy.text(one_select(compiled.sql, engine.dialect.name))
    try:
        with engine.connect() as connection, context.on_cancel(lambda: _cut(connection)):
            for statement in _FIRST.get(engine.dialect.name, ()):
                connection.exec_driver_sql(statement)
            result = connection.execution_options(stream_results=True, max_row_buffer=BATCH).execute(
                text, dict(compiled.params)
            )
            names = check_names(list(result.keys()))
            yield frame(names, result.fetchmany(BATCH))
            while rows := result.fetchmany(BATCH):
                yield frame(names, rows)
            connection.rollback()
    except sqlalchemy.exc.SQLAlchemyError as error:
        context.check()
        raise _translated(error) from error


def _cut(connection: Connection) -> None:
    """Stop what runs: drivers offer no common way, but all give up when their connection is closed."""
    raw = connection.connection.driver_connection
    for name in ("interrupt", "cancel", "cancel_safe", "close"):
        stop = getattr(raw, name, None)
        if stop is not None:
            stop()
            return


def _translated(error: Exception) -> SourceError:
    import sqlalchemy

    said = str(getattr(error, "orig", None) or error).strip()
    if isinstance(error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError):
        return SourceError(said, transient=True)
    return QueryError(said)
