"""PostgreSQL by ADBC: rows as Arrow batches from a binary COPY, in a read-only transaction.

Values reach the query as settings of the transaction (`set_config` with bound parameters, read with
`current_setting`): ADBC streams only queries that have no parameters of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pressroom import ArrowStream, Context, Query, QueryError, SourceError, TimedOut
from pressroom.macros import CompiledQuery, TimeFormat, code_of, compile_query
from pressroom_builtin.sources.statements import one_select

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Connection, Cursor

_AS_IS = frozenset({"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name"})
_AS_IS |= {"time", "bytea"}
_DATES = frozenset({"date", "timestamp", "timestamptz"})
_NUMBERS = {"numeric": "float8", "money": "numeric::float8"}
_UNDEFINED = frozenset({"42883", "42846", "42804"})
_DOWN = ("08", "53", "57P", "58")
# what runs text as SQL, changes the session or other sessions, or reaches the server's files
_FORBIDDEN = re.compile(
    r"(?i)\b(set_config|(query|cursor|table|schema|database)_to_xml\w*|ts_stat|ts_rewrite|dblink\w*"
    r"|lo_(import|export|creat|create|unlink|put|from_bytea|open|truncate)|lowrite|pg_read_\w*file|pg_ls_\w+|pg_stat_file|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_rotate_logfile|pg_notify"
    r"|pg_(try_)?advisory\w+|nextval|setval|pg_logical\w+|pg_create\w+|pg_switch_wal)\b|\bU&\""
)


def open_postgres(url: str) -> Connection:
    """A connection.

    Raises:
        SourceError: the server is down or refuses us.
    """
    from adbc_driver_postgresql import dbapi

    try:
        return dbapi.connect(url, autocommit=True)
    except dbapi.Error as error:
        raise _translated(error) from error


def version(connection: Connection) -> str:
    """What the server says it is."""
    with connection.cursor() as cursor:
        row = _rows(cursor, "SELECT current_setting('server_version')")[0]
    return f"PostgreSQL {row[0]}"


def run(
    connection: Connection, query: Query, context: Context, *, timezone: str, time_format: TimeFormat
) -> Iterator[ArrowStream]:
    """Answer one SELECT in batches; the server is told to stop where the context says so.

    Raises:
        QueryError: the query is wrong or not allowed.
        SourceError: the connection broke.
        TimedOut: the query was stopped at the deadline.
    """
    import nanoarrow
    from adbc_driver_postgresql import dbapi

    with connection.cursor() as cursor:
        try:
            with context.on_cancel(cursor.adbc_cancel):
                _begin(cursor, context)
                sql = _prepare(cursor, query, timezone, time_format)
                cursor.execute(_readable(cursor, sql))
                with nanoarrow.ArrayStream(cursor.fetch_arrow()) as stream:
                    batches = iter(stream.iter_chunks())
                    first = next(batches, None)
                    yield first if first is not None else nanoarrow.c_array_stream([], schema=stream.schema)
                    yield from batches
        except (dbapi.Error, RuntimeError) as error:
            # what goes wrong while rows come in is a RuntimeError of the stream
            context.check()
            raise _translated(error) from error


def _begin(cursor: Cursor, context: Context) -> None:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    # any query ends the moment in which a transaction may still be made read-write
    superuser = _rows(cursor, "SELECT rolsuper::text, rolname::text FROM pg_roles WHERE rolname = current_user")
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    cursor.execute("SET LOCAL standard_conforming_strings = on")
    if context.remaining is not None:
        cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(context.remaining * 1000))}")
    if superuser and superuser[0][0] == "true":
        # what a superuser may do, such as reading the server's files, no query of a report needs
        cursor.execute("SET LOCAL ROLE pg_read_all_data")


def _prepare(cursor: Cursor, query: Query, timezone: str, time_format: TimeFormat) -> str:
    """The query as one SELECT without parameters; the values are the transaction's settings."""
    from adbc_driver_postgresql import dbapi

    formats: Sequence[Any] = ("auto", "number", "iso") if time_format == "auto" else (time_format,)
    first: dbapi.Error | None = None
    for candidate in formats:
        compiler = partial(compile_query, query, "postgresql", timezone=timezone, time_format=candidate)
        compiled = compiler()
        cursor.execute("SAVEPOINT pressroom")
        try:
            types = _types(cursor, _allowed(compiled.sql), compiled)
        except dbapi.Error as error:
            # `auto` tries how a time column may be read: each way fits other types
            if getattr(error, "sqlstate", None) not in _UNDEFINED or candidate == formats[-1]:
                raise first or error from None
            first = first or error
            cursor.execute("ROLLBACK TO SAVEPOINT pressroom")
            continue
        _bind(cursor, compiled)
        return _allowed(compiler(placeholder=partial(_setting, types)).sql)
    raise AssertionError("the last format returns or raises")


def _setting(types: Sequence[str], number: int) -> str:
    return f"current_setting('pressroom.p{number}')::{types[number - 1]}"


def _allowed(sql: str) -> str:
    text = one_select(sql, "postgresql")
    if found := _FORBIDDEN.search(code_of(text, "postgresql")):
        raise QueryError(f"{found[0]} is not allowed in a query")
    return text


def _bind(cursor: Cursor, compiled: CompiledQuery) -> None:
    """Hand the values over as settings of the transaction."""
    for number, value in enumerate(compiled.values, start=1):
        text = str(value)
        if "\0" in text:
            raise QueryError("a variable's value holds a NUL character, which PostgreSQL has no text for")
        _rows(cursor, f"SELECT set_config('pressroom.p{number}', $1, true)", (text,))


def _types(cursor: Cursor, sql: str, compiled: CompiledQuery) -> list[str]:
    """The types that the server gives the parameters; it says as well whether the query is right."""
    declared = ", ".join("bigint" if isinstance(value, int) else "unknown" for value in compiled.values)
    cursor.execute(f"PREPARE pressroom_query{f' ({declared})' if declared else ''} AS\n{sql}\n")
    rows = _rows(
        cursor,
        "SELECT array_to_string(parameter_types, '|')::text FROM pg_prepared_statements WHERE name = 'pressroom_query'",
    )
    cursor.execute("DEALLOCATE pressroom_query")
    return str(rows[0][0]).split("|") if rows and rows[0][0] else []


def _readable(cursor: Cursor, sql: str) -> str:
    """The query with those columns as text or float8 that Arrow readers do not know."""
    import nanoarrow

    inner = f"SELECT * FROM (\n{sql}\n) AS pressroom_query"  # noqa: S608 - checked to be one SELECT
    statement = cursor.adbc_statement
    statement.set_sql_query(sql)
    fields = list(nanoarrow.Schema(statement.execute_schema()).fields)
    names = [field.name or "" for field in fields]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise QueryError(f"two columns are called {repeated[0]}; name one of them otherwise with AS")
    columns = []
    for name, field in zip(names, fields, strict=True):
        kind = bytes(dict(field.metadata or {}).get(b"POSTGRESQL:type", b"")).decode()
        quoted = '"' + name.replace('"', '""') + '"'
        columns.append(_column(quoted, kind))
    return inner.replace("SELECT *", f"SELECT {', '.join(columns)}", 1)


def _column(quoted: str, kind: str) -> str:
    if kind in _DATES:
        # in Arrow an infinity overflows and becomes some date
        return f"CASE WHEN isfinite({quoted}) THEN {quoted} END AS {quoted}"
    cast = "" if kind in _AS_IS else _NUMBERS.get(kind, "text")
    return f"{quoted}::{cast} AS {quoted}" if cast else quoted


def _rows(cursor: Cursor, sql: str, parameters: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
    import polars as pl

    cursor.execute(sql, parameters)
    return pl.DataFrame(cursor.fetch_arrow()).rows()


def _translated(error: Exception) -> SourceError | TimedOut:
    text = str(error)
    state = str(getattr(error, "sqlstate", None) or "")
    said = re.search(r"(?:ERROR|FATAL):\s+(.*?)(?:\n\nQuery was|\. SQLSTATE|$)", text, re.DOTALL)
    message = re.sub(r"\s+", " ", said[1] if said else text.split("\n\nQuery was", maxsplit=1)[0]).strip()
    message = re.sub(r" LINE \d+: .*?(?=HINT:|DETAIL:|$)", " ", message).strip()
    if state == "57014" or "canceling statement" in text:
        return TimedOut("the query was stopped at its time limit")
    if state.startswith(_DOWN) or (not state and not said):
        return SourceError(message, transient=not state.startswith("58"))
    return SourceError(message) if state.startswith(("28", "3D")) else QueryError(message)
