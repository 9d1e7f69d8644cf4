"""What somebody who may write queries could try."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pressroom import QueryError, SourceError
from pressroom_builtin.sources.files import FilesSource
from pressroom_builtin.sources.sql import SqlConfig, SqlSource
from servers.shop_data import ROWS, run_sql, setup_in

FILES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('pressroom.toml')",
    "SELECT * FROM read_text('{folder}/pressroom.toml')",
    "SELECT * FROM read_text('{folder}/data/../pressroom.toml')",
    "SELECT * FROM read_csv('{folder}/data/beside.csv')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_metadata('{folder}/data/*')",
    "ATTACH '{folder}/data/new.db'",
    "COPY (SELECT 1 AS a) TO '{folder}/data/orders.parquet'",
    "COPY orders TO '{folder}/data/orders.parquet'",
    "EXPORT DATABASE '{folder}/data'",
    "SET lock_configuration = false",
    "SET enable_external_access = true",
    "RESET allowed_paths",
    "PRAGMA enable_external_access = true",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM 'https://example.org/a.csv'",
    "CREATE TABLE t AS SELECT 1",
    "CREATE OR REPLACE VIEW orders AS SELECT 1",
    "DROP VIEW orders",
    "PREPARE p AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "CHECKPOINT",
    "CALL pragma_version()",
    "SELECT * FROM query('COPY (SELECT 1) TO ''{folder}/data/orders.parquet''')",
    "SELECT 1; COPY (SELECT 1) TO '{folder}/data/orders.parquet'",
]
SQLITE = [
    "ATTACH '{folder}/other.db' AS other",
    "PRAGMA table_info(orders)",
    "PRAGMA writable_schema = 1",
    "SELECT * FROM pragma_database_list",
    "SELECT load_extension('/tmp/x.so')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('{folder}/x', 'x')",
    "VACUUM INTO '{folder}/copy.db'",
    "CREATE TEMP TABLE t (a)",
    "UPDATE orders SET id = 0",
    "INSERT INTO orders (id) VALUES (9) RETURNING id",
    "REPLACE INTO orders (id) VALUES (9)",
    "BEGIN EXCLUSIVE",
    "SELECT 1; DROP TABLE orders",
    "SELECT zeroblob(1000000000)",
    "DETACH main",
]
POSTGRES = [
    "SET TRANSACTION READ WRITE",
    "SELECT 1; SET TRANSACTION READ WRITE; DROP TABLE orders",
    "COMMIT",
    "ROLLBACK",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT set_config('role', 'none', true)",
    "SELECT U&\"set\\005fconfig\"('role', 'none', true)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT \"pg_read_file\"('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "SELECT pg_terminate_backend(1)",
    "COPY orders TO '/tmp/pressroom-stolen.csv'",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/pressroom-stolen.csv'",
    "SELECT 1) TO PROGRAM 'touch /tmp/pressroom-stolen.csv' --",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "CREATE TEMP TABLE t (a int)",
    "WITH x AS (INSERT INTO orders (id) VALUES (9) RETURNING id) SELECT * FROM x",
    "SELECT * INTO stolen FROM orders",
    "LOCK TABLE orders",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "CALL nothing()",
    "SET ROLE postgres",
    "LISTEN x",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT nextval('hostile_seq')",
]


def refuse(source: Any, ask: Any, text: str) -> None:
    with pytest.raises(QueryError):
        ask(source, text)


@pytest.mark.parametrize("text", FILES)
def test_duckdb_reads_its_tables_and_nothing_else(
    files_source: FilesSource, ask: Any, tmp_path: Path, text: str
) -> None:
    before = tree(tmp_path / "data")
    refuse(files_source, ask, text.replace("{folder}", str(tmp_path)))
    assert tree(tmp_path / "data") == before
    assert ask(files_source, "SELECT * FROM orders").rows == len(ROWS)


@pytest.mark.parametrize("text", SQLITE)
def test_sqlite_reads_its_tables_and_nothing_else(
    sqlite_source: SqlSource, ask: Any, tmp_path: Path, text: str
) -> None:
    before = (tmp_path / "shop.db").read_bytes()
    refuse(sqlite_source, ask, text.replace("{folder}", str(tmp_path)))
    assert (tmp_path / "shop.db").read_bytes() == before
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("text", POSTGRES)
def test_postgresql_reads_its_tables_and_nothing_else(postgres_source: SqlSource, ask: Any, text: str) -> None:
    refuse(postgres_source, ask, text)
    assert ask(postgres_source, "SELECT * FROM orders").rows == len(ROWS)
    assert not Path("/tmp/pressroom-stolen.csv").exists()


def test_an_ordinary_role_cannot_write_either(orders_url: str, ask: Any, tmp_path: Path) -> None:
    run_sql(orders_url, "CREATE ROLE writer LOGIN", "GRANT ALL ON ALL TABLES IN SCHEMA public TO writer")
    source = SqlSource(SqlConfig(url=orders_url.replace("postgres@", "writer@")), setup_in(tmp_path))
    assert ask(source, "SELECT id FROM orders").rows == len(ROWS)
    for text in ("SET TRANSACTION READ WRITE", "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x"):
        refuse(source, ask, text)
    assert ask(source, "SELECT id FROM orders").rows == len(ROWS)


@pytest.mark.parametrize(
    "url",
    ["postgresql://someone:hunter2@127.0.0.1:1/none", "postgresql://someone:hunter2@127.0.0.1:1/none?sslmode=odd"],
)
def test_no_message_shows_the_password(url: str, ask: Any, tmp_path: Path) -> None:
    source = SqlSource(SqlConfig(url=url), setup_in(tmp_path))
    for attempt in (lambda: ask(source, "SELECT 1"), source.check):
        with pytest.raises(SourceError) as caught:
            attempt()
        assert "hunter2" not in str(caught.value) + repr(caught.value) + repr(source.config)


def test_a_server_that_is_down_may_be_asked_again(ask: Any, tmp_path: Path) -> None:
    source = SqlSource(SqlConfig(url="postgresql://someone@127.0.0.1:1/none"), setup_in(tmp_path))
    with pytest.raises(SourceError) as caught:
        ask(source, "SELECT 1")
    assert caught.value.transient
    assert not isinstance(caught.value, QueryError)


def tree(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
