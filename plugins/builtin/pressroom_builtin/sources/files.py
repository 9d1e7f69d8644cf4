"""The `files` source: SQL over CSV, TSV, Parquet, NDJSON and Excel files, by DuckDB.

Each query gets a database of its own, in memory, that can read the configured files and nothing else:
an editor of queries is not trusted with the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

import pydantic

from pressroom import ArrowStream, Context, Query, QueryError, Setup, Source, SourceError
from pressroom.macros import CompiledQuery, compile_query
from pressroom_builtin.sources.config import TimeConfig
from pressroom_builtin.sources.spares import Spares
from pressroom_builtin.sources.tables import find_table, revision

if TYPE_CHECKING:
    from pressroom_builtin.sources.duck import Database

TableName = Annotated[str, pydantic.Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]


class FilesConfig(TimeConfig):
    """`[sources.NAME] type = "files"`."""

    tables: dict[TableName, str] = pydantic.Field(
        min_length=1,
        description=(
            "Tables by name: a path or a pattern such as `data/2024-*.parquet`, relative to the workspace. "
            "Read are .csv, .tsv, .parquet, .ndjson, .jsonl (these also with .gz) and .xlsx, .xls, .ods."
        ),
    )
    memory: Annotated[str, pydantic.Field(pattern=r"^[0-9]+(\.[0-9]+)?\s?[KMG]i?B$")] = pydantic.Field(
        "512MB", description="Most memory that one query may take; larger sorts and groups fail."
    )
    threads: int = pydantic.Field(2, ge=1, le=256, description="Threads of one query.")


class FilesSource(Source[FilesConfig]):
    """SQL over files; stateless between queries, so a file that changes is seen by the next one."""

    name: ClassVar[str] = "files"
    summary: ClassVar[str] = "SQL over CSV, TSV, Parquet, NDJSON and Excel files"
    Config = FilesConfig
    requires: ClassVar[tuple[str, ...]] = ("duckdb", "nanoarrow")
    dialect = "duckdb"

    def __init__(self, config: FilesConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self.timezone, self.time_format = config.timezone, config.time_format
        self._databases = Spares(self._open, self.revision)

    def query(self, query: Query, context: Context) -> Iterator[ArrowStream]:
        """See `Source.query`."""
        import duckdb

        from pressroom_builtin.sources.duck import run

        compiled = self._compile(query)
        limited = context.within(timeout=self.config.timeout)
        limited.check()
        try:
            with self._databases.database() as connection:
                yield from run(connection, compiled, limited)
        except (duckdb.Error, RuntimeError) as error:
            # what goes wrong while rows come in is a RuntimeError of the stream
            limited.check()
            raise _translated(error) from error

    def fingerprint(self, query: Query) -> str:
        """The compiled query; variables that it does not use make no difference."""
        compiled = self._compile(query)
        return repr((self.setup.instance, compiled.sql, sorted(compiled.params.items()), query.max_rows))

    def revision(self) -> str:
        """Names, sizes and times of the files."""
        return repr([(name, revision(self.setup.path(path))) for name, path in sorted(self.config.tables.items())])

    def check(self) -> str:
        """Every table can be opened."""
        import duckdb

        try:
            self._open().close()
            return f"DuckDB {duckdb.__version__}, {len(self.config.tables)} tables"
        except duckdb.Error as error:
            raise _translated(error) from error

    def close(self) -> None:
        """Close what waits for the next query."""
        self._databases.close()

    def _open(self) -> Database:
        from pressroom_builtin.sources.duck import Database

        tables = [
            find_table(name, path, self.setup, f"sources.{self.setup.instance}.tables.{name}")
            for name, path in self.config.tables.items()
        ]
        return Database(tables, self.setup.scratch, memory=self.config.memory, threads=self.config.threads)

    def _compile(self, query: Query) -> CompiledQuery:
        return compile_query(query, "duckdb", timezone=self.config.timezone, time_format=self.config.time_format)


def _translated(error: Exception) -> SourceError:
    import duckdb

    text = re.sub(r"\s+", " ", str(error).split("\n\nLINE")[0]).strip()
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError(f"the query needs more memory than the source's `memory` allows: {text}")
    return QueryError(text)
