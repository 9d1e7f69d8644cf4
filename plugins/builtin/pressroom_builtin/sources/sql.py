"""The `sql` source: SQLite, PostgreSQL, and every database that SQLAlchemy knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

import pydantic

from pressroom import ArrowStream, Context, Query, QueryError, Setup, Source, SourceError, StepError
from pressroom.macros import CompiledQuery, compile_query
from pressroom_builtin.sources.config import TimeConfig
from pressroom_builtin.sources.tables import revision

if TYPE_CHECKING:
    from sqlalchemy import Engine


class SqlConfig(TimeConfig):
    """`[sources.NAME] type = "sql"`."""

    url: pydantic.SecretStr = pydantic.Field(
        description=(
            "Address of the database: `sqlite:///shop.db` (relative to the workspace), "
            "`postgresql://user:password@host/name`, or any of SQLAlchemy's. "
            "Give it a user that may only read."
        )
    )

    @pydantic.field_validator("url")
    @classmethod
    def _address(cls, url: pydantic.SecretStr) -> pydantic.SecretStr:
        if "://" not in url.get_secret_value():
            raise ValueError("must be an address such as sqlite:///shop.db or postgresql://user@host/name")
        return url


class SqlSource(Source[SqlConfig]):
    """One database; PostgreSQL and SQLite are spoken to directly, others through SQLAlchemy."""

    name: ClassVar[str] = "sql"
    summary: ClassVar[str] = "SQL databases: SQLite, PostgreSQL, anything SQLAlchemy knows"
    Config = SqlConfig
    requires: ClassVar[tuple[str, ...]] = ("sqlalchemy", "adbc_driver_postgresql", "nanoarrow")

    def __init__(self, config: SqlConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._url = config.url.get_secret_value()
        self.timezone, self.time_format = config.timezone, config.time_format
        scheme = self._url.partition("://")[0].partition("+")[0].lower()
        self.dialect = "postgresql" if scheme in {"postgres", "postgresql"} else scheme
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def query(self, query: Query, context: Context) -> Iterator[ArrowStream]:
        """See `Source.query`."""
        limited = context.within(timeout=self.config.timeout)
        limited.check()
        try:
            yield from self._run(query, limited)
        except StepError as error:
            error.message = self._clean(error.message)
            error.args = (error.message,)
            raise

    def _run(self, query: Query, context: Context) -> Iterator[ArrowStream]:
        if self.dialect == "postgresql":
            from pressroom_builtin.sources import postgres

            self._compile(query)
            connection = postgres.open_postgres(self._libpq())
            try:
                yield from postgres.run(
                    connection, query, context, timezone=self.config.timezone, time_format=self.config.time_format
                )
            finally:
                connection.close()
        elif self.dialect == "sqlite":
            from pressroom_builtin.sources import sqlite

            compiled = self._compile(query)
            database = sqlite.open_sqlite(self._file())
            try:
                yield from sqlite.run(database, compiled, context)
            finally:
                database.close()
        else:
            from pressroom_builtin.sources import alchemy

            yield from alchemy.run(self._alchemy(), self._compile(query), context)

    def fingerprint(self, query: Query) -> str:
        """The compiled query; variables that it does not use make no difference."""
        try:
            compiled = self._compile(query)
        except QueryError:
            return super().fingerprint(query)
        return repr((self.setup.instance, compiled.sql, sorted(compiled.params.items()), query.max_rows))

    def revision(self) -> str:
        """Size and time of an SQLite file and of its log; empty for servers."""
        if self.dialect != "sqlite":
            return ""
        file = self._file()
        return repr([revision(path) for path in (file, file.with_name(f"{file.name}-wal"))])

    def check(self) -> str:
        """The server's version."""
        try:
            return self._version()
        except StepError as error:
            raise type(error)(self._clean(error.message), transient=error.transient) from None

    def close(self) -> None:
        """Close kept connections."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _version(self) -> str:
        if self.dialect == "postgresql":
            from pressroom_builtin.sources import postgres

            connection = postgres.open_postgres(self._libpq())
            try:
                return postgres.version(connection)
            finally:
                connection.close()
        if self.dialect == "sqlite":
            from pressroom_builtin.sources import sqlite

            return sqlite.version(self._file())
        from pressroom_builtin.sources import alchemy

        return alchemy.version(self._alchemy())

    def _compile(self, query: Query) -> CompiledQuery:
        return compile_query(query, self.dialect, timezone=self.config.timezone, time_format=self.config.time_format)

    def _libpq(self) -> str:
        # libpq knows no drivers: postgresql+psycopg://... is for SQLAlchemy
        return f"postgresql://{self._url.partition('://')[2]}"

    def _file(self) -> Path:
        path = unquote(self._url.partition("://")[2].partition("?")[0]).removeprefix("/")
        if not path:
            raise SourceError("the url names no file; write sqlite:///shop.db")
        return self.setup.path(path)

    def _alchemy(self) -> Engine:
        from pressroom_builtin.sources import alchemy

        with self._lock:
            if self._engine is None:
                self._engine = alchemy.make_engine(self._url)
            return self._engine

    def _clean(self, message: str) -> str:
        """The message without the password, whoever quoted it."""
        password = urlsplit(self._url).password
        for secret in {password, unquote(password)} if password else ():
            message = message.replace(secret, "***")
        return message.replace(self._url, self.setup.instance)
