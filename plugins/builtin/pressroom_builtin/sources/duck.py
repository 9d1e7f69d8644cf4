"""A DuckDB that can read a few files and do nothing else, and its answers as Arrow batches."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom import ArrowStream, Context, QueryError
from pressroom.macros import CompiledQuery
from pressroom_builtin.sources.rows import check_names
from pressroom_builtin.sources.tables import Table

if TYPE_CHECKING:
    import duckdb

_SPILL = "10GB"
_UNSIGNED = "UHUGEINT"
"""Its upper half turns negative in Arrow; a column of it becomes a double, in lists it becomes text."""
_AS_TEXT = ("INTERVAL", "TIME WITH TIME ZONE", "BIT", "UUID", "UNION", "VARIANT", "BIGNUM", "VARINT", "GEOMETRY")
_ODD = (*_AS_TEXT, _UNSIGNED)


class Database:
    """A locked database with a folder of its own, for what sorts and groups cannot hold in memory.

    DuckDB makes the folder where it needs it. It is one query's alone, as the database is: a query can read the folder
    that it spills into.

    Args:
        tables: what can be read.
        scratch: where the folder will lie.
        memory, threads: what a query may take.
    """

    def __init__(self, tables: Sequence[Table], scratch: Path, *, memory: str, threads: int) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._files = [file for table in tables for file in table.files]
        self._spill = scratch / f"spill-{secrets.token_hex(8)}"
        self.connection = _open_locked(tables, self._spill, memory=memory, threads=threads)

    @property
    def whole(self) -> bool:
        """Whether its files are all there; what was made of a spreadsheet may be removed at any time."""
        return all(file.exists() for file in self._files)

    def close(self) -> None:
        """Close it, and remove what it spilled."""
        self.connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)


def _open_locked(tables: Sequence[Table], spill: Path, *, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in memory with a view for each table; nothing else can be read, nothing be changed.

    `allowed_paths` rather than `allowed_directories`: those would let a query read whatever lies beside
    the data, such as `pressroom.toml`.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})
    try:
        # it would be drawn into the standard output of whoever asks for two seconds
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET autoload_known_extensions = false")
        connection.execute(f"SET temp_directory = {_quoted(str(spill.resolve()))}")
        connection.execute(f"SET max_temp_directory_size = '{_SPILL}'")
        paths = sorted({str(file) for table in tables for file in table.files})
        connection.execute(f"SET allowed_paths = [{', '.join(_quoted(path) for path in paths)}]")
        connection.execute("SET enable_external_access = false")
        for table in tables:
            files = ", ".join(_quoted(str(file)) for file in table.files)
            # the names were checked against a pattern when the configuration was read
            connection.execute(f'CREATE VIEW "{table.name}" AS SELECT * FROM {table.reader}([{files}])')  # noqa: S608
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def run(connection: duckdb.DuckDBPyConnection, compiled: CompiledQuery, context: Context) -> Iterator[ArrowStream]:
    """Answer one SELECT in batches; it is interrupted where the context says so.

    Raises:
        QueryError: it is none, or more than one.
        duckdb.Error: what DuckDB says of it.
    """
    import nanoarrow

    _one_select(connection, compiled.sql)
    with context.on_cancel(connection.interrupt):
        relation = connection.sql(compiled.sql, params=dict(compiled.params))
        check_names(relation.columns)
        with nanoarrow.ArrayStream(_readable(relation)) as stream:
            batches = iter(stream.iter_chunks())
            first = next(batches, None)
            yield first if first is not None else nanoarrow.c_array_stream([], schema=stream.schema)
            yield from batches


def _one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"a query is one SELECT; here are {len(statements)} statements")
    # COPY could write even to the files that may be read
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError(f"a query is a SELECT; {statements[0].type.name} is not allowed")


def _readable(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The relation with those columns as text that Arrow readers do not know."""
    if not any(word in str(kind) for word in _ODD for kind in relation.types):
        return relation
    return relation.project(", ".join(map(_column, relation.columns, map(str, relation.types))))


def _column(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == _UNSIGNED:
        return f"CAST({quoted} AS DOUBLE) AS {quoted}"
    return f"CAST({quoted} AS VARCHAR) AS {quoted}" if any(word in kind for word in _ODD) else quoted


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
