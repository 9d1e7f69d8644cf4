"""A store in one file: every row as JSON lines in a zip archive, the same for SQLite and PostgreSQL.

    manifest.json            format, version, schema, moment, and of each table the rows and the sha256
    tables/<name>.jsonl      one object a row; moments as ISO 8601 in UTC, bytes as base64

What is written shows one state of the data, also while others write: of SQLite its online backup, of
PostgreSQL one transaction. Uploaded pictures are rows. Not in it: the folders of runs, which are made again
where they are needed, and the key that secrets are sealed with.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import sqlalchemy as sa

from pressroom.errors import StoreError, UsageError
from pressroom.models.ledger_tables import HeartbeatRow
from pressroom.models.tables import Base
from pressroom.store import Store
from pressroom.store.engine import make_engine, reading, store_errors

FORMAT = "pressroom-backup"
VERSION = 1
MANIFEST = "manifest.json"
ROWS = 500
"""Rows that are held in memory at a time."""


class TableSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says of a table."""

    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself.

    Attributes:
        schema: the store's revision.
        created_at: when the state was taken.
        source: `sqlite` or `postgresql`.
    """

    format: str
    version: int
    pressroom: str
    schema: str
    created_at: datetime
    source: str
    tables: dict[str, TableSummary]


def kept_tables() -> list[sa.Table]:
    """The tables of a backup, each after those that it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name != HeartbeatRow.__tablename__]


def backup(store: Store, file: Path) -> Manifest:
    """Write a store into a new file, which appears whole or not at all and only its owner may read.

    Raises:
        UsageError: the file is there already.
        StoreError: the store cannot be read, or has not this version's schema.
        OSError: the file cannot be written.
    """
    if file.exists():
        raise UsageError(f"{file} is there already; name another file, or remove it first")
    store.check()
    part = file.with_name(f".{file.name}.part")
    try:
        with _state(store, file.parent) as connection:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as target:
                manifest = _write(store, connection, target)
                target.flush()
                os.fsync(target.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return manifest


@contextmanager
def _state(store: Store, beside: Path) -> Iterator[sa.Connection]:
    """A connection that sees one state of the data for as long as it is open."""
    url = store.engine.url
    if url.get_backend_name() != "sqlite":
        with store_errors(url), reading(store.engine).connect() as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(dir=beside, prefix=".pressroom-backup-") as folder:
        # a copy, because reading for long would keep SQLite's log of changes from being tidied
        copy = Path(folder) / "copy.db"
        with (
            store_errors(url),
            closing(sqlite3.connect(str(url.database))) as source,
            closing(sqlite3.connect(copy)) as to,
        ):
            source.backup(to, pages=1000)
        engine = make_engine(url.set(database=str(copy)))
        try:
            with store_errors(engine.url), reading(engine).connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _write(store: Store, connection: sa.Connection, target: IO[bytes]) -> Manifest:
    from pressroom import __version__

    created_at = datetime.now(UTC)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = {table.name: _write_table(connection, table, archive) for table in kept_tables()}
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            pressroom=__version__,
            schema=store.head(),
            created_at=created_at,
            source=store.engine.url.get_backend_name(),
            tables=tables,
        )
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    return manifest


def _write_table(connection: sa.Connection, table: sa.Table, archive: zipfile.ZipFile) -> TableSummary:
    digest, rows = hashlib.sha256(), 0
    found = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS)
    with archive.open(entry(table.name), "w", force_zip64=True) as out:
        for row in connection.execute(found).mappings():
            line = msgspec.json.encode(dict(row)) + b"\n"
            digest.update(line)
            out.write(line)
            rows += 1
    return TableSummary(rows=rows, sha256=digest.hexdigest())


def entry(table: str) -> str:
    """The archive's entry with a table's rows."""
    return f"tables/{table}.jsonl"


@dataclass(frozen=True)
class Archive:
    """A backup that was opened and checked.

    Attributes:
        manifest: what it says of itself.
    """

    manifest: Manifest
    _zip: zipfile.ZipFile

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """A table's rows as they were written; none where the archive is older than the table."""
        if table in self.manifest.tables:
            with self._zip.open(entry(table)) as lines:
                for line in lines:
                    yield msgspec.json.decode(line, type=dict[str, Any])


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """A backup, read once from end to end before anybody relies on it.

    Raises:
        StoreError: it is none, is damaged, or was made by a newer Pressroom.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            for name, summary in manifest.tables.items():
                if _digest(archive, name) != summary.sha256:
                    raise StoreError(f"{file} is damaged: {entry(name)} is not what was written")
            yield Archive(manifest, archive)
    except (zipfile.BadZipFile, EOFError, KeyError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]  # zlib
        raise StoreError(f"{file} is no backup, or is damaged: {error}") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.DecodeError) as error:
        raise StoreError(f"{file} is no backup of a Pressroom store: its {MANIFEST} is missing or wrong") from error
    if manifest.format != FORMAT:
        raise StoreError(f"{file} is no backup of a Pressroom store")
    if manifest.version > VERSION:
        raise StoreError(f"{file} was made by a newer Pressroom ({manifest.pressroom}); restore it with that version")
    return manifest


def _digest(archive: zipfile.ZipFile, table: str) -> str:
    digest = hashlib.sha256()
    with archive.open(entry(table)) as lines:
        while block := lines.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
